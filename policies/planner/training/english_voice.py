"""One speaker saying one thing: randomness, manner, and what was named so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from policies.planner.training.english_template import Form, Table, fill

T = TypeVar("T")


@dataclass
class Voice:
    """terse: a telegram, no articles. shapes: those named so far, so that "the blue one" has one reading.

    barred: what is spoken of is forbidden, where "every" would not mean each.
    """

    random: np.random.Generator
    terse: bool = False
    barred: bool = False
    shapes: list[str | None] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def one(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def favoured(self, options: Sequence[str], first: float) -> str:
        """The first with that chance, else one of the others."""
        return options[0] if len(options) == 1 or self.chance(first) else self.one(options[1:])

    def say(self, pattern: str | Table, form: Form = "base", several: bool = False, /, **slots: str) -> str:
        text = pattern.draw(self.random) if isinstance(pattern, Table) else pattern
        return fill(text, self.random, slots, form, several)

    def fresh(self) -> Voice:
        """The same manner, nothing named yet."""
        return Voice(self.random, self.terse)

    def barring(self) -> Voice:
        """The same, speaking of what is forbidden."""
        return Voice(self.random, self.terse, True, self.shapes)
