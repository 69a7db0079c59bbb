"""XML elements that remember their line; the only XML that launch files need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from luban.errors import LaunchFileError


@dataclass(frozen=True, eq=False)
class Element:
    """One tag of a file; `line` counts from 1."""

    file: Path
    line: int
    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)

    def children_named(self, tag: str) -> Iterator[Element]:
        return (child for child in self.children if child.tag == tag)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where."""

    file: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


def parse(file: Path) -> Element:
    """Return the root element of a file.

    Raises:
        LaunchFileError: unreadable, not XML, or text or a document type where only elements belong.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise LaunchFileError(f"cannot read launch file {file}: {error.strerror or error}") from error
    builder = _Builder(file)
    try:
        builder.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise LaunchFileError(str(Fault(file, error.lineno, f"not XML: {expat.ErrorString(error.code)}"))) from error
    return builder.roots[0]


class _Builder:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.roots: list[Element] = []
        self._open: list[Element] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = lambda _: self._open.pop()
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(self.file, self.parser.CurrentLineNumber, tag, dict(attributes))
        (self._open[-1].children if self._open else self.roots).append(element)
        self._open.append(element)

    def _text(self, text: str) -> None:
        if text.strip():
            self._refuse(f"text {text.strip()!r} between elements; values belong into attributes")

    def _doctype(self, *_: object) -> None:
        # Entities could read files or grow without bound; no launch file needs them.
        self._refuse("a document type is not allowed in a launch file")

    def _refuse(self, sentence: str) -> None:
        raise LaunchFileError(str(Fault(self.file, self.parser.CurrentLineNumber, sentence)))
