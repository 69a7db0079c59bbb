"""From descriptions to parts: every order of an instruction is resolved against the scene before anything moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from luban.catalogue import Catalogue
from sim.instruction import Drive, Extreme, Insert, NextTo, Orders, PartRef, Put, SideOf
from sim.truth import PartTruth, Truth

INSERTABLE = "shaft"  # the only shape whose outline fits a round bore lengthwise


@dataclass(frozen=True)
class Job:
    """One thing that must become true: a part in a place, or the vehicle at a station."""

    kind: Literal["put", "insert", "drive"]
    place: str
    part: str = ""


class Problem(Exception):
    """Why an order cannot be carried out as said. kind: absent, ambiguous, fewer, conflict, full or unfit.

    ref: what was looked for; parts: the candidates (ambiguous, fewer) or all that is there (absent).
    """

    def __init__(self, kind: str, ref: PartRef, parts: tuple[PartTruth, ...] = (), place: str = "") -> None:
        super().__init__(kind, ref)
        self.kind, self.ref, self.parts, self.place = kind, ref, parts, place


def resolve(meaning: Orders, truth: Truth, catalogue: Catalogue) -> tuple[Job, ...]:
    """Return the jobs of an instruction in order. Raises Problem when a part is absent, ambiguous or asked twice."""
    spared: set[str] = set()
    for ref in meaning.spared:
        spared |= {part.id for part in _group(ref, truth, set())}
    jobs: list[Job] = []
    target: dict[str, str] = {}
    for order in meaning.orders:
        if isinstance(order, Drive):
            jobs.append(Job("drive", order.station))
            continue
        place = order.container if isinstance(order, Put) else order.fixture
        for ref in order.parts:
            for part in _chosen(ref, truth, spared, place):
                if target.setdefault(part.id, place) != place:
                    raise Problem("conflict", ref, (part,), place)
                job = Job("put" if isinstance(order, Put) else "insert", place, part.id)
                if isinstance(order, Insert) and part.shape != INSERTABLE:
                    raise Problem("unfit", ref, (part,), place)
                if job not in jobs:
                    jobs.append(job)
    _check_bores(jobs, truth)
    return tuple(jobs)


def _check_bores(jobs: list[Job], truth: Truth) -> None:
    """A bore takes one shaft."""
    for fixture in {job.place for job in jobs if job.kind == "insert"}:
        inside = {part.id for part in truth.parts.values() if part.fixture == fixture}
        wanted = {job.part for job in jobs if job.kind == "insert" and job.place == fixture}
        if len(inside | wanted) > 1:
            parts = tuple(truth.parts[name] for name in sorted(inside | wanted))
            raise Problem("full", PartRef(shape=INSERTABLE), parts, fixture)


def _chosen(ref: PartRef, truth: Truth, spared: set[str], place: str) -> tuple[PartTruth, ...]:
    """The parts that a description means. Raises Problem."""
    group = _group(ref, truth, spared)
    if not group:
        raise Problem("absent", ref, tuple(_loose(truth)), place)
    wanted = ref.count if ref.pick == "count" else 1
    if isinstance(ref.where, Extreme):
        return _outermost(ref, group, wanted, place)
    if isinstance(ref.where, NextTo) and ref.pick == "one":
        at = _anchor(ref.where.landmark, truth)
        group = tuple(part for part in group if not np.array_equal(part.pose.position_m, at))
        return tuple(sorted(group, key=lambda part: float(np.linalg.norm((part.pose.position_m - at)[:2]))))[:1]
    if ref.pick == "all":
        return group
    if ref.pick == "any":
        return group[:1]
    if len(group) < wanted:
        raise Problem("fewer", ref, group, place)
    if len(group) > wanted:
        raise Problem("ambiguous", ref, group, place)
    return group


def _group(ref: PartRef, truth: Truth, spared: set[str]) -> tuple[PartTruth, ...]:
    """All parts that fit shape, colour, exceptions and side, nearest first; loose parts win over stored ones."""
    without = {part.id for other in ref.without for part in _group_of(other, truth)}
    fitting = [
        part
        for part in sorted(truth.parts.values(), key=lambda part: (_x(part), part.id))
        if (ref.shape in (None, part.shape)) and (ref.color in (None, part.color)) and part.id not in without | spared
    ]
    if ref.inside:
        fitting = [part for part in fitting if part.container == ref.inside]
    else:
        fitting = [part for part in fitting if not (part.container or part.fixture)] or (
            [] if ref.pick == "all" and not (ref.shape or ref.color) else fitting
        )
    if isinstance(ref.where, SideOf):
        at = _anchor(ref.where.landmark, truth)
        sign = 1.0 if ref.where.side == "left" else -1.0
        fitting = [part for part in fitting if sign * (part.pose.position_m[1] - at[1]) > 1e-6]
    return tuple(fitting)


def _group_of(ref: PartRef, truth: Truth) -> tuple[PartTruth, ...]:
    """The parts of an exception: the one that a side picks, else every part that fits."""
    group = _group(ref, truth, set())
    if isinstance(ref.where, Extreme) and group:
        return _outermost(ref, group, ref.count, "")
    return group


def _outermost(ref: PartRef, group: tuple[PartTruth, ...], wanted: int, place: str) -> tuple[PartTruth, ...]:
    assert isinstance(ref.where, Extreme)
    side, rank = ref.where.side, ref.where.rank
    if ref.pick == "all":
        raise Problem("ambiguous", ref, group, place)
    if len(group) < max(wanted, rank):
        raise Problem("fewer", ref, group, place)
    if side == "middle":
        if len(group) % 2 == 0:
            raise Problem("ambiguous", ref, group, place)
        return (sorted(group, key=_y)[len(group) // 2],)
    order = sorted(group, key=_y if side in ("left", "right") else _x, reverse=side in ("left", "far"))
    return tuple(order[rank - 1 : rank - 1 + wanted])


def _anchor(landmark: PartRef | str, truth: Truth) -> np.ndarray:
    if isinstance(landmark, PartRef):
        return _chosen(landmark, truth, set(), "")[0].pose.position_m
    places = {**truth.containers, **truth.fixtures}
    if landmark not in places:
        raise Problem("absent", PartRef(), tuple(_loose(truth)), landmark)
    return places[landmark].position_m


def _loose(truth: Truth) -> list[PartTruth]:
    return [part for part in truth.parts.values() if not (part.container or part.fixture)]


def _x(part: PartTruth) -> float:
    return float(part.pose.position_m[0])


def _y(part: PartTruth) -> float:
    return float(part.pose.position_m[1])
