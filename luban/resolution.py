"""From descriptions to parts: every order of an instruction is resolved against the scene before anything moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Drive, Extreme, Insert, NextTo, Orders, PartRef, Put, SideOf
from luban.scene_view import SceneView, SeenPart

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

    def __init__(self, kind: str, ref: PartRef, parts: tuple[SeenPart, ...] = (), place: str = "") -> None:
        super().__init__(kind, ref)
        self.kind, self.ref, self.parts, self.place = kind, ref, parts, place


def resolve(meaning: Orders, scene: SceneView, catalogue: Catalogue) -> tuple[Job, ...]:
    """Return the jobs of an instruction in order. Raises Problem when a part is absent, ambiguous or asked twice."""
    spared: set[str] = set()
    for ref in meaning.spared:
        spared |= {part.id for part in _group(ref, scene, set())}
    jobs: list[Job] = []
    target: dict[str, str] = {}
    for order in meaning.orders:
        if isinstance(order, Drive):
            jobs.append(Job("drive", order.station))
            continue
        place = order.container if isinstance(order, Put) else order.fixture
        for ref in order.parts:
            for part in _chosen(ref, scene, spared, place):
                if target.setdefault(part.id, place) != place:
                    raise Problem("conflict", ref, (part,), place)
                job = Job("put" if isinstance(order, Put) else "insert", place, part.id)
                if isinstance(order, Insert) and part.shape != INSERTABLE:
                    raise Problem("unfit", ref, (part,), place)
                if job not in jobs:
                    jobs.append(job)
    _check_bores(jobs, scene)
    return tuple(jobs)


def _check_bores(jobs: list[Job], scene: SceneView) -> None:
    """A bore takes one shaft."""
    for fixture in {job.place for job in jobs if job.kind == "insert"}:
        inside = {part.id for part in scene.parts if part.fixture == fixture}
        wanted = {job.part for job in jobs if job.kind == "insert" and job.place == fixture}
        if len(inside | wanted) > 1:
            parts = tuple(scene.part(name) for name in sorted(inside | wanted))
            raise Problem("full", PartRef(shape=INSERTABLE), parts, fixture)


def _chosen(ref: PartRef, scene: SceneView, spared: set[str], place: str) -> tuple[SeenPart, ...]:
    """The parts that a description means. Raises Problem."""
    group = _group(ref, scene, spared)
    if not group:
        raise Problem("absent", ref, tuple(_loose(scene)), place)
    wanted = ref.count if ref.pick == "count" else 1
    if isinstance(ref.where, Extreme):
        return _outermost(ref, group, wanted, place)
    if isinstance(ref.where, NextTo) and ref.pick == "one":
        at = _anchor(ref.where.landmark, scene)
        group = tuple(part for part in group if not np.array_equal(part.position_m, at))
        return tuple(sorted(group, key=lambda part: float(np.linalg.norm((part.position_m - at)[:2]))))[:1]
    if ref.pick == "all":
        return group
    if ref.pick == "any":
        return group[:1]
    if len(group) < wanted:
        raise Problem("fewer", ref, group, place)
    if len(group) > wanted:
        raise Problem("ambiguous", ref, group, place)
    return group


def _group(ref: PartRef, scene: SceneView, spared: set[str]) -> tuple[SeenPart, ...]:
    """All parts that fit shape, colour, exceptions and side, nearest first; loose parts win over stored ones."""
    without = {part.id for other in ref.without for part in _group_of(other, scene)}
    fitting = [
        part
        for part in sorted(scene.parts, key=lambda part: (_x(part), part.id))
        if (ref.shape in (None, part.shape)) and (ref.color in (None, part.color)) and part.id not in without | spared
    ]
    if ref.inside:
        fitting = [part for part in fitting if part.container == ref.inside]
    else:
        fitting = [part for part in fitting if part.loose] or (
            [] if ref.pick == "all" and not (ref.shape or ref.color) else fitting
        )
    if isinstance(ref.where, SideOf):
        at = _anchor(ref.where.landmark, scene)
        sign = 1.0 if ref.where.side == "left" else -1.0
        fitting = [part for part in fitting if sign * (part.position_m[1] - at[1]) > 1e-6]
    return tuple(fitting)


def _group_of(ref: PartRef, scene: SceneView) -> tuple[SeenPart, ...]:
    """The parts of an exception: the one that a side picks, else every part that fits."""
    group = _group(ref, scene, set())
    if isinstance(ref.where, Extreme) and group:
        return _outermost(ref, group, ref.count, "")
    return group


def _outermost(ref: PartRef, group: tuple[SeenPart, ...], wanted: int, place: str) -> tuple[SeenPart, ...]:
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


def _anchor(landmark: PartRef | str, scene: SceneView) -> np.ndarray:
    if isinstance(landmark, PartRef):
        return _chosen(landmark, scene, set(), "")[0].position_m
    if landmark not in scene.places:
        raise Problem("absent", PartRef(), tuple(_loose(scene)), landmark)
    return scene.places[landmark]


def _loose(scene: SceneView) -> list[SeenPart]:
    return [part for part in scene.parts if part.loose]


def _x(part: SeenPart) -> float:
    return float(part.position_m[0])


def _y(part: SeenPart) -> float:
    return float(part.position_m[1])
