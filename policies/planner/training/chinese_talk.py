"""One speaker while one instruction is said: choices, patterns of words, and what has been named so far.

A pattern is text with choices: `[请^3|麻烦你|]把{parts}放进{place}`. `^3` = three times as likely; choices may hold
choices. Slots in braces are filled in last, so that what they say is never read as a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_WEIGHT, _PLAIN = re.compile(r"\^([0-9.]+)"), re.compile(r"[^\[\]|^]+")
Piece = str | tuple[tuple[float, tuple["Piece", ...]], ...]


class Talk:
    """slip: what the speaker is going to get wrong at first and correct: "", "part" or "place"."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.last_shape: str | None = None  # what "the blue one" would be short for; "" = nothing certain
        self.alone = True  # whether nothing but one order is said
        self.slip = ""

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def one(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def weighted(self, options: Mapping[T, float]) -> T:
        left = self.random.random() * sum(options.values())
        for option, weight in options.items():
            left -= weight
            if left < 0:
                return option
        return option

    def say(self, pattern: str, **slots: str) -> str:
        return self._spoken(_parsed(pattern)).format_map(slots)

    def _spoken(self, pieces: tuple[Piece, ...]) -> str:
        words = []
        for piece in pieces:
            if isinstance(piece, str):
                words.append(piece)
                continue
            left = self.random.random() * sum(weight for weight, _ in piece)
            chosen: tuple[Piece, ...] = ()
            for weight, chosen in piece:  # noqa: B007
                left -= weight
                if left < 0:
                    break
            words.append(self._spoken(chosen))
        return "".join(words)


@cache
def _parsed(pattern: str) -> tuple[Piece, ...]:
    pieces, _, at = _sequence(pattern, 0)
    assert at == len(pattern), f"unbalanced: {pattern[at:]}"
    return pieces


def _sequence(pattern: str, at: int) -> tuple[tuple[Piece, ...], float, int]:
    """Read up to the end of a choice: its pieces, its weight and where it ends."""
    pieces: list[Piece] = []
    weight = 1.0
    while at < len(pattern) and pattern[at] not in "|]":
        if pattern[at] == "[":
            options = []
            while pattern[at] != "]":
                option, share, at = _sequence(pattern, at + 1)
                options.append((share, option))
            pieces.append(tuple(options))
            at += 1
        elif weighed := _WEIGHT.match(pattern, at):
            weight, at = float(weighed[1]), weighed.end()
        else:
            end = _PLAIN.match(pattern, at).end()  # type: ignore[union-attr]
            pieces.append(pattern[at:end])
            at = end
    return tuple(pieces), weight, at
