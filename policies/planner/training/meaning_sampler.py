"""Draws what people in a plant may ask for: meanings, before there are any words for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_args

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import (
    Between,
    Corner,
    Danger,
    Doubt,
    Drive,
    Extreme,
    FarFrom,
    Insert,
    Meaning,
    NextTo,
    NotUnderstood,
    Order,
    Orders,
    OutOfScope,
    PartRef,
    Put,
    Side,
    SideOf,
    Unsafe,
    Where,
)
from luban.resolution import INSERTABLE

T = TypeVar("T")

_KINDS = {"orders": 0.76, "doubt": 0.1, "unsafe": 0.08, "out_of_scope": 0.06}
_ORDERS = {1: 0.62, 2: 0.25, 3: 0.1, 4: 0.03}
_SORTED = 0.03
_LAST_DRIVE = 0.6  # of parts that are put on the vehicle: it is then sent somewhere
_PICKS = {"one": 0.68, "all": 0.17, "count": 0.07, "any": 0.05, "whichever": 0.03}
_LOOKS = {"both": 0.56, "shape": 0.27, "color": 0.13, "none": 0.04}
_WHERES = {Extreme: 0.5, NextTo: 0.14, SideOf: 0.14, Corner: 0.08, FarFrom: 0.06, Between: 0.08}
_WHERE, _INSIDE, _WITHOUT, _OTHERS, _SPARED = 0.2, 0.05, 0.18, 0.05, 0.05  # shares that say so, where it makes sense
_DOUBTS = {"place": 0.35, "target": 0.2, "part": 0.12, "nothing": 0.12, "negated": 0.09, "words": 0.08, "empty": 0.04}


class MeaningSampler:
    """Plausible meanings over a catalogue: each may be drawn, the plain ones often. All have a program.

    Of what is excepted or spared no number is said: it is every part that fits.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._totes = [name for name, container in catalogue.containers.items() if container.on == "agv"]

    def draw(self, random: np.random.Generator) -> Meaning:
        kind = _drawn(random, _KINDS)
        if kind == "unsafe":
            return Unsafe(_one(random, get_args(Danger)))
        if kind == "out_of_scope":
            return OutOfScope()
        if kind == "doubt":
            assert set(_DOUBTS) == set(get_args(Doubt))
            return NotUnderstood(_drawn(random, _DOUBTS))  # type: ignore[arg-type]
        return self._orders(random)

    def _orders(self, random: np.random.Generator) -> Orders:
        if random.random() < _SORTED:
            return Orders(_joined(self._sorting(random)))
        orders: list[Order] = []
        named: list[PartRef] = []
        for _ in range(_drawn(random, _ORDERS)):
            orders += self._order(random, named, orders)
        spared: tuple[PartRef, ...] = ()
        if random.random() < _SPARED and any(not isinstance(order, Drive) for order in orders):
            ref = self._plain(random)
            if ref not in named:
                spared = (ref,)
        return Orders(_joined(orders), spared)

    def _sorting(self, random: np.random.Generator) -> list[Order]:
        """Everything of one kind into one container, of another into another."""
        kinds = [PartRef(color=color, pick="all") for color in self.catalogue.colors]
        if random.random() < 0.4:
            kinds = [PartRef(shape, pick="all") for shape in self.catalogue.shapes]
        containers = list(self.catalogue.containers)
        count = min(len(kinds), len(containers), _drawn(random, {2: 0.75, 3: 0.25}))
        chosen = random.permutation(len(kinds))[:count], random.permutation(len(containers))[:count]
        if kinds[0].color and random.random() < 0.4:  # by the colours that containers bear
            named = [(ref, name) for ref in kinds for name in containers if str(ref.color) in name]
            if len(named) > 1:
                return [Put((ref,), name) for ref, name in named]
        return [Put((kinds[i],), containers[j]) for i, j in zip(*chosen, strict=True)]

    def _order(self, random: np.random.Generator, named: list[PartRef], before: Sequence[Order]) -> list[Order]:
        """Draw one order, or two that belong together: load the vehicle and send it."""
        chance = random.random()
        stations = list(self.catalogue.stations)
        if chance < 0.08 and not (before and isinstance(before[-1], Drive)):
            return [Drive(_one(random, stations))]
        if chance < 0.2 and self.catalogue.fixtures:
            fixture = _one(random, list(self.catalogue.fixtures))
            ref = PartRef(INSERTABLE) if random.random() < 0.95 else self._looks(random, "one")
            if ref.color is None and random.random() < 0.5:
                ref = replace(ref, color=_one(random, list(self.catalogue.colors)))
            if random.random() < 0.12:
                ref = replace(ref, where=self._where(random, ref))
            named.append(ref)
            return [Insert((ref,), fixture)]
        refs: list[PartRef] = []
        for _ in range(_drawn(random, {1: 0.78, 2: 0.18, 3: 0.04})):
            ref = self._reference(random, first=not named and not refs)
            if ref not in refs and ref not in named:
                refs.append(ref)
        refs = refs or [self._plain(random)]
        named += refs
        container = _one(random, list(self.catalogue.containers))
        put = Put(tuple(refs), container)
        inside = {ref.inside for ref in refs}
        if container in inside:
            put = Put(tuple(replace(ref, inside=None) for ref in refs), container)
        if container in self._totes and random.random() < _LAST_DRIVE:
            return [put, Drive(_one(random, [name for name in stations if name != self.catalogue.loading_station]))]
        return [put]

    def _reference(self, random: np.random.Generator, first: bool) -> PartRef:
        if random.random() < (0.03 if first else 2 * _OTHERS):
            chance = random.random()
            if chance < 0.6:
                return PartRef(pick="all", others=True)
            return replace(self._plain(random), pick="all" if chance < 0.8 else "one", others=True)
        pick: Any = _drawn(random, _PICKS)
        ref = self._looks(random, pick)
        if pick == "count":
            ref = replace(ref, pick=pick, count=int(min(9, 2 + random.geometric(0.6) - 1)))
        else:
            ref = replace(ref, pick=pick)
        if ref == PartRef(pick="all") and not first:
            return replace(ref, others=True)  # "the bolt and everything": everything else
        if pick == "one" and (random.random() < _WHERE or ref == PartRef()):
            ref = replace(ref, where=self._where(random, ref))
        elif pick != "one" and random.random() < 0.1:
            ref = replace(ref, where=self._where(random, ref, many=True))
        emptied = ref == PartRef(pick="all") and random.random() < 0.3
        if emptied or random.random() < _INSIDE:
            ref = replace(ref, inside=_one(random, list(self.catalogue.containers)))
        if pick == "all" and random.random() < _WITHOUT:
            ref = replace(ref, without=self._exceptions(random, ref))
        return ref

    def _exceptions(self, random: np.random.Generator, ref: PartRef) -> tuple[PartRef, ...]:
        exceptions: list[PartRef] = []
        for _ in range(_drawn(random, {1: 0.85, 2: 0.15})):
            other = self._plain(random)
            if ref.shape and random.random() < 0.8:
                other = PartRef(ref.shape, _one(random, [name for name in self.catalogue.colors if name != ref.color]))
            elif ref.color:
                other = PartRef(_one(random, [name for name in self.catalogue.shapes if name != ref.shape]), ref.color)
            elif random.random() < 0.2:
                other = PartRef(color=_one(random, list(self.catalogue.colors)))
            if random.random() < 0.1:
                other = replace(other, where=Extreme(_one(random, get_args(Side))))
            if other not in exceptions:
                exceptions.append(other)
        return tuple(exceptions)

    def _where(self, random: np.random.Generator, ref: PartRef, many: bool = False) -> Where:
        kinds = {kind: share for kind, share in _WHERES.items() if not (many and kind in (NextTo, FarFrom, Extreme))}
        kind = _drawn(random, kinds)
        side: Any = _one(random, get_args(Side))
        if kind is Extreme:
            chance = random.random()
            if chance < 0.1:
                return Extreme("middle")
            return Extreme(side, 1 if chance < 0.8 else int(_one(random, [2, 2, 2, 3])))
        if kind is Corner:
            depth: Any = _one(random, ["near", "far", None])
            flank: Any = _one(random, ["left", "right"] if depth is None else ["left", "right", "left", "right", None])
            return Corner(depth, flank) if random.random() < 0.9 else Corner()
        if kind is Between:
            first, second = self._landmark(random, ref), self._landmark(random, ref)
            return Between(first, second) if first != second else Extreme(side)
        if kind is SideOf:
            return SideOf(side, self._landmark(random, ref))
        return NextTo(self._landmark(random, ref)) if kind is NextTo else FarFrom(self._landmark(random, ref))

    def _landmark(self, random: np.random.Generator, ref: PartRef) -> PartRef | str:
        if random.random() < 0.3:
            return _one(random, [*self.catalogue.containers, *self.catalogue.fixtures])
        other = self._plain(random)
        return other if (other.shape, other.color) != (ref.shape, ref.color) else self._landmark(random, ref)

    def _plain(self, random: np.random.Generator) -> PartRef:
        """Draw a reference that says shape, colour or both and nothing more."""
        shape, color = _one(random, list(self.catalogue.shapes)), _one(random, list(self.catalogue.colors))
        chance = random.random()
        return PartRef(shape, color) if chance < 0.6 else PartRef(shape) if chance < 0.9 else PartRef(color=color)

    def _looks(self, random: np.random.Generator, pick: str) -> PartRef:
        looks = _drawn(random, _LOOKS)
        if pick == "all" and looks == "both":
            looks = _one(random, ["both", "shape", "color"])
        ref = PartRef()
        if looks in ("both", "shape"):
            ref = replace(ref, shape=_one(random, list(self.catalogue.shapes)))
        if looks in ("both", "color"):
            ref = replace(ref, color=_one(random, list(self.catalogue.colors)))
        return ref


def _joined(orders: Sequence[Order]) -> tuple[Order, ...]:
    """Puts into the same container that follow each other are one."""
    joined: list[Order] = []
    for order in orders:
        last = joined[-1] if joined else None
        if isinstance(order, Put) and isinstance(last, Put) and order.container == last.container:
            joined[-1] = Put((*last.parts, *(ref for ref in order.parts if ref not in last.parts)), last.container)
        elif order != last:
            joined.append(order)
    return tuple(joined)


def _one(random: np.random.Generator, options: Sequence[T]) -> T:
    return options[int(random.integers(len(options)))]


def _drawn(random: np.random.Generator, shares: dict[T, float]) -> T:
    chances = np.array(list(shares.values()))
    return list(shares)[int(random.choice(len(chances), p=chances / chances.sum()))]
