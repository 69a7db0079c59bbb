"""Sentence patterns: "[put|place] {parts} {into}" written small, and weighted tables of them.

[a|b|]   one of these, each as likely      {slot}   a text of the caller
@take    a verb in the form asked for      <is/are> what fits one or several
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Literal, TypeAlias

import numpy as np

Form = Literal["base", "ing", "done", "third"]
Node: TypeAlias = "str | tuple[str, str, str] | Alternatives"

_FORMS = {  # ing, done
    "put": ("putting", "put"),
    "set": ("setting", "set"),
    "get": ("getting", "got"),
    "drop": ("dropping", "dropped"),
    "pop": ("popping", "popped"),
    "slip": ("slipping", "slipped"),
    "slot": ("slotting", "slotted"),
    "plug": ("plugging", "plugged"),
    "fit": ("fitting", "fitted"),
    "grab": ("grabbing", "grabbed"),
    "ship": ("shipping", "shipped"),
    "run": ("running", "run"),
    "take": ("taking", "taken"),
    "bring": ("bringing", "brought"),
    "send": ("sending", "sent"),
    "stick": ("sticking", "stuck"),
    "lay": ("laying", "laid"),
    "find": ("finding", "found"),
    "drive": ("driving", "driven"),
    "go": ("going", "gone"),
    "make": ("making", "made"),
    "have": ("having", "had"),
    "let": ("letting", "let"),
    "keep": ("keeping", "kept"),
    "leave": ("leaving", "left"),
    "feed": ("feeding", "fed"),
    "give": ("giving", "given"),
    "transfer": ("transferring", "transferred"),
    "carry": ("carrying", "carried"),
    "ferry": ("ferrying", "ferried"),
    "tidy": ("tidying", "tidied"),
    "convey": ("conveying", "conveyed"),
    "tuck": ("tucking", "tucked"),
    "pack": ("packing", "packed"),
    "head": ("heading", "headed"),
    "see": ("seeing", "seen"),
    "thread": ("threading", "threaded"),
}


def inflected(verb: str, form: Form) -> str:
    """Return a form of a verb's base: "put", "putting" (ing), "put" (done: the participle), "puts" (third)."""
    if form == "base":
        return verb
    if form == "third":
        return verb[:-1] + "ies" if verb.endswith("ry") else verb + ("es" if verb.endswith(("s", "sh", "ch")) else "s")
    if verb in _FORMS:
        return _FORMS[verb][form == "done"]
    stem = verb.removesuffix("e")
    return stem + ("ed" if form == "done" else "ing")


def plural(noun: str) -> str:
    """Return the plural of a noun."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if re.search("[^aeiou]y$", noun) else noun + "s"


def listed(words: str) -> tuple[str, ...]:
    """Return what stands between bars: "a | b"."""
    return tuple(word.strip() for word in words.split("|"))


class Table:
    """Patterns, one a line, each with its weight in front; an indented line goes on with the one before."""

    def __init__(self, lines: str) -> None:
        rows = [line.split(None, 1) for line in re.sub(r"\n +", " ", lines).strip().splitlines()]
        self._patterns = [row[1].strip() if len(row) > 1 else "" for row in rows]
        self._sums = list(accumulate(float(row[0]) for row in rows))

    def draw(self, random: np.random.Generator) -> str:
        return self._patterns[bisect(self._sums, random.random() * self._sums[-1])]

    def say(
        self,
        random: np.random.Generator,
        slots: Mapping[str, str] | None = None,
        form: Form = "base",
        several: bool = False,
    ) -> str:
        return fill(self.draw(random), random, slots or {}, form, several)


class Alternatives:
    def __init__(self, options: list[list[Node]]) -> None:
        self.options = options


def fill(
    pattern: str, random: np.random.Generator, slots: Mapping[str, str], form: Form = "base", several: bool = False
) -> str:
    """Return a pattern in words. Raises KeyError for a slot that has no text."""
    words: list[str] = []
    _write(_parsed(pattern), random, slots, form, several, words)
    return re.sub(r" +(?=[,.;:?!])", "", re.sub(r"\s+", " ", "".join(words))).strip()


def _write(
    nodes: list[Node],
    random: np.random.Generator,
    slots: Mapping[str, str],
    form: Form,
    several: bool,
    words: list[str],
) -> None:
    for node in nodes:
        if isinstance(node, str):
            words.append(node)
        elif isinstance(node, Alternatives):
            _write(node.options[int(random.random() * len(node.options))], random, slots, form, several, words)
        else:
            kind, first, second = node
            if kind == "slot":
                words.append(slots[first])
            elif kind == "verb":
                words.append(inflected(first, form))
            else:
                words.append(second if several else first)


@cache
def _parsed(pattern: str) -> list[Node]:
    nodes, rest = _sequence(pattern, "")
    if rest:
        raise ValueError(f"{pattern!r}: {rest!r} is not closed")
    return nodes


def _sequence(text: str, ends: str) -> tuple[list[Node], str]:
    nodes: list[Node] = []
    while text and text[0] not in ends:
        found = re.match(r"\{(\w+)\}|@(\w+)|<([^/>]*)/([^>]*)>|[^\[\]|{@<]+|[|{@<]", text)
        if text[0] == "[":
            options, text = _options(text[1:])
            nodes.append(options)
            continue
        if found is None:
            raise ValueError(f"stray {text!r}")
        slot, verb, one, several = found.groups()
        if slot:
            nodes.append(("slot", slot, ""))
        elif verb:
            nodes.append(("verb", verb, ""))
        elif one is not None:
            nodes.append(("number", one, several))
        else:
            nodes.append(found.group())
        text = text[found.end() :]
    return nodes, text


def _options(text: str) -> tuple[Alternatives, str]:
    options = []
    while True:
        nodes, text = _sequence(text, "|]")
        options.append(nodes)
        if not text:
            raise ValueError("a bracket is not closed")
        closing, text = text[0], text[1:]
        if closing == "]":
            return Alternatives(options), text
