"""How well a reader reads sentences whose meaning is known, and how far its confidence can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from luban.meaning import Between, Meaning, Orders, OutOfScope, Unsafe
from luban.program import ProgramCodec, unquoted
from policies.evaluation import wilson
from policies.planner.reader import Reader


@dataclass(frozen=True)
class Read:
    """One sentence that was read. exact: the same meaning; alike: or another that is answered alike, with a question
    or a refusal."""

    language: str
    text: str
    meant: Meaning
    read: Meaning
    confidence: float

    @property
    def exact(self) -> bool:
        return _settled(unquoted(self.read)) == _settled(unquoted(self.meant))

    @property
    def alike(self) -> bool:
        return self.exact or (_answer(self.read) == _answer(self.meant) != "orders")


def phrases(path: Path) -> list[tuple[str, str, list[str]]]:
    """Read a file of phrases: language, text and program of each line."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(line["lang"], line["text"], line["program"].split()) for line in lines]


def read_all(reader: Reader, codec: ProgramCodec, said: Iterable[tuple[str, str, Sequence[str]]]) -> list[Read]:
    found = []
    for language, text, program in said:
        reading = reader.read(text)
        found.append(Read(language, text, codec.meaning_of(program), reading.meaning, reading.confidence))
    return found


def summary(found: Sequence[Read]) -> str:
    """One line a language: exact and alike with 95 % intervals."""
    lines = []
    for language in sorted({read.language for read in found}):
        mine = [read for read in found if read.language == language]
        parts = []
        for name in ("exact", "alike"):
            count = sum(getattr(read, name) for read in mine)
            low, high = wilson(count, len(mine))
            parts.append(
                f"{name} {count}/{len(mine)} = {100 * count / len(mine):.1f} [{100 * low:.1f}, {100 * high:.1f}] %"
            )
        lines.append(f"{language}: {', '.join(parts)}")
    return "\n".join(lines)


def calibration(found: Sequence[Read]) -> tuple[float, float]:
    """Fit slope and offset of a logistic curve from log chances to being right (Platt 1999), from a reader whose
    calibration is (1, 0)."""
    chance = np.clip([read.confidence for read in found], 1e-9, 1 - 1e-9)
    x = np.log(chance / (1 - chance))  # what the identity calibration made of the log chance
    right = np.array([read.alike for read in found], float)
    slope, offset = 1.0, 0.0
    for _ in range(100):  # Newton's method with a little shrinkage
        p = 1 / (1 + np.exp(-(slope * x + offset)))
        w = p * (1 - p) + 1e-6
        gradient = np.array([((right - p) * x).sum() - 1e-2 * slope, (right - p).sum()])
        hessian = np.array([[(w * x * x).sum() + 1e-2, (w * x).sum()], [(w * x).sum(), w.sum()]])
        slope, offset = np.array([slope, offset]) + np.linalg.solve(hessian, gradient)
    return float(slope), float(offset)


def _settled(value: Any) -> Any:
    """A meaning with the two ends of every "between" in one order: which is named first makes no difference."""
    if isinstance(value, tuple):
        return tuple(_settled(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {field.name: _settled(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Between):
        parts = dict(zip(parts, sorted(parts.values(), key=repr), strict=True))
    return type(value)(**parts)


def _answer(meaning: Meaning) -> str:
    return "orders" if isinstance(meaning, Orders) else "refuse" if isinstance(meaning, Unsafe | OutOfScope) else "ask"
