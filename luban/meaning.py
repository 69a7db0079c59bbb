"""What an instruction means: orders, or why there are none.

Frozen values that need no scene. Whoever reads an instruction makes them; `luban.resolution` finds the parts. What is
not fully understood is `NotUnderstood`, never a guess: then nothing moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "near", "far", "middle"]


@dataclass(frozen=True)
class Extreme:
    """The outermost of several; rank 2 = the second from that side."""

    side: Side
    rank: int = 1


@dataclass(frozen=True)
class NextTo:
    """The one closest to a landmark: a part, or the name of a container or fixture."""

    landmark: PartRef | str


@dataclass(frozen=True)
class SideOf:
    """Those on one side of a landmark."""

    side: Side
    landmark: PartRef | str


@dataclass(frozen=True)
class PartRef:
    """A description of parts. None = not said. pick: how many are meant; count: how many if said in numbers.

    others: minus all parts that the instruction has named before. inside: only parts in that container.
    """

    shape: str | None = None
    color: str | None = None
    pick: Literal["one", "all", "count", "any"] = "one"
    count: int = 1
    where: Extreme | NextTo | SideOf | None = None
    inside: str | None = None
    without: tuple[PartRef, ...] = ()
    others: bool = False

    @property
    def universal(self) -> bool:
        return self.pick == "all"


@dataclass(frozen=True)
class Put:
    parts: tuple[PartRef, ...]
    container: str


@dataclass(frozen=True)
class Insert:
    parts: tuple[PartRef, ...]
    fixture: str


@dataclass(frozen=True)
class Drive:
    station: str


Order = Put | Insert | Drive


@dataclass(frozen=True)
class Orders:
    """What to do, in order. spared: parts that must stay where they are."""

    orders: tuple[Order, ...]
    spared: tuple[PartRef, ...] = ()


@dataclass(frozen=True)
class Unsafe:
    """Something that must not be done; kind: throw, floor, harm, person or limits."""

    kind: str


@dataclass(frozen=True)
class OutOfScope:
    """Nothing that this cell can do."""

    words: str = ""


@dataclass(frozen=True)
class NotUnderstood:
    """Not clear enough to act on. kind: empty, words, place, part, target, nothing, negated; words: which."""

    kind: str
    words: str = ""


Meaning = Orders | Unsafe | OutOfScope | NotUnderstood
