"""What an instruction means: orders, or why there are none.

Frozen values that need no scene. Whoever reads an instruction makes them; `luban.resolution` finds the parts. What is
not fully understood is `NotUnderstood`, never a guess: then nothing moves. Sides are those of the cell frame: left is
larger y, near is smaller x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "near", "far"]
Pick = Literal["one", "all", "count", "any", "whichever"]
Danger = Literal["throw", "floor", "harm", "person", "limits"]
Doubt = Literal["empty", "words", "place", "part", "target", "nothing", "negated"]


@dataclass(frozen=True)
class Extreme:
    """The outermost of several; rank 2 = the second from that side. Without a rank: the middle from left to right."""

    side: Side | Literal["middle"]
    rank: int = 1


@dataclass(frozen=True)
class NextTo:
    """The one closest to a landmark: a part, or the name of a container or fixture."""

    landmark: PartRef | str


@dataclass(frozen=True)
class FarFrom:
    """The one farthest from a landmark."""

    landmark: PartRef | str


@dataclass(frozen=True)
class SideOf:
    """Those on one side of a landmark; near = in front of it, far = behind it."""

    side: Side
    landmark: PartRef | str


@dataclass(frozen=True)
class Between:
    """Those between two landmarks."""

    first: PartRef | str
    second: PartRef | str


@dataclass(frozen=True)
class Corner:
    """Those in a corner of the area where parts lie; a side that is not said may be either."""

    depth: Literal["near", "far"] | None = None
    side: Literal["left", "right"] | None = None


Where = Extreme | NextTo | FarFrom | SideOf | Between | Corner


@dataclass(frozen=True)
class PartRef:
    """A description of parts. None = not said.

    pick: how many are meant; whichever = all, if there are any at all. count: how many if said in numbers.
    others: minus all parts that are named elsewhere in the instruction. inside: only parts in that container.
    """

    shape: str | None = None
    color: str | None = None
    pick: Pick = "one"
    count: int = 1
    where: Where | None = None
    inside: str | None = None
    without: tuple[PartRef, ...] = ()
    others: bool = False

    @property
    def universal(self) -> bool:
        return self.pick in ("all", "whichever")


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
    """Something that must not be done."""

    kind: Danger


@dataclass(frozen=True)
class OutOfScope:
    """Nothing that this cell can do."""

    words: str = ""


@dataclass(frozen=True)
class NotUnderstood:
    """Not clear enough to act on; words: which of the person's."""

    kind: Doubt
    words: str = ""


Meaning = Orders | Unsafe | OutOfScope | NotUnderstood
