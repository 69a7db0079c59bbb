"""From descriptions to parts: every order of an instruction is resolved against the scene before anything moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Drive, Extreme, Insert, Orders, PartRef
from luban.relation import admits, landmarks, priority, ranked, superlative
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
    finder = _Finder(scene, catalogue)
    spared = {part.id for ref in meaning.spared if not ref.others for part in finder.excepted(ref)}
    named = _named(meaning, finder, spared)
    spared |= {part.id for ref in meaning.spared if ref.others for part in finder.excepted(ref)} - named
    jobs: list[Job] = []
    target: dict[str, str] = {}
    for order in meaning.orders:
        if isinstance(order, Drive):
            jobs.append(Job("drive", order.station))
            continue
        place = order.fixture if isinstance(order, Insert) else order.container
        for ref in order.parts:
            for part in finder.chosen(ref, spared | named if ref.others else spared, place):
                if target.setdefault(part.id, place) != place:
                    raise Problem("conflict", ref, (part,), place)
                if isinstance(order, Insert) and part.shape != INSERTABLE:
                    raise Problem("unfit", ref, (part,), place)
                job = Job("insert" if isinstance(order, Insert) else "put", place, part.id)
                if job not in jobs:
                    jobs.append(job)
    _check_bores(jobs, scene)
    return tuple(jobs)


def _named(meaning: Orders, finder: _Finder, spared: set[str]) -> set[str]:
    """What "the others" leaves out."""
    refs = [ref for order in meaning.orders if not isinstance(order, Drive) for ref in order.parts]
    if not any(ref.others for ref in (*refs, *meaning.spared)):
        return set()
    return {part.id for ref in refs if not ref.others for part in finder.chosen(ref, spared)}


def _check_bores(jobs: list[Job], scene: SceneView) -> None:
    """A bore takes one shaft."""
    for fixture in {job.place for job in jobs if job.kind == "insert"}:
        inside = {part.id for part in scene.parts if part.fixture == fixture}
        wanted = {job.part for job in jobs if job.kind == "insert" and job.place == fixture}
        if len(inside | wanted) > 1:
            parts = tuple(scene.part(name) for name in sorted(inside | wanted))
            raise Problem("full", PartRef(shape=INSERTABLE), parts, fixture)


class _Finder:
    """Finds what descriptions mean in one scene. The order in which a scene lists its parts does not matter."""

    def __init__(self, scene: SceneView, catalogue: Catalogue) -> None:
        self._parts = tuple(sorted(scene.parts, key=lambda part: (float(part.position_m[0]), part.id)))
        self._loose = tuple(part for part in self._parts if part.loose)
        self._places, self._area = scene.places, catalogue.parts_area

    def chosen(self, ref: PartRef, apart: Collection[str] = (), place: str = "") -> tuple[SeenPart, ...]:
        """The parts that a description means, without those `apart`. Raises Problem."""
        group = self._fitting(ref, apart)
        if not group and ref.pick == "whichever":
            return ()
        if not group:
            raise Problem("absent", ref, self._loose, place)
        if superlative(ref.where) or (ranked(ref.where) and not ref.universal):
            return _foremost(ref, group, place)
        if ref.universal:
            return group
        if ref.pick == "any":
            return group[:1]
        if len(group) != _wanted(ref):
            raise Problem("fewer" if len(group) < _wanted(ref) else "ambiguous", ref, group, place)
        return group

    def excepted(self, ref: PartRef) -> tuple[SeenPart, ...]:
        """The parts of an exception: those that a superlative picks, else every part that fits."""
        group = self._fitting(ref, ())
        return _foremost(ref, group, "") if superlative(ref.where) and group else group

    def _fitting(self, ref: PartRef, apart: Collection[str]) -> tuple[SeenPart, ...]:
        """All parts that fit, those that come first in front; loose parts win over stored ones."""
        anchors = [self._landmark(landmark) for landmark in landmarks(ref.where)]
        anchors_m = [position_m for position_m, _ in anchors]
        aside = {part.id for other in ref.without for part in self.excepted(other)} | {part for _, part in anchors}
        fitting = [
            part
            for part in self._parts
            if ref.shape in (None, part.shape)
            and ref.color in (None, part.color)
            and part.id not in aside
            and part.id not in apart
        ]
        if ref.inside:
            fitting = [part for part in fitting if part.container == ref.inside]
        else:
            everything = ref.universal and not (ref.shape or ref.color)
            fitting = [part for part in fitting if part.loose] or ([] if everything else fitting)
        fitting = [part for part in fitting if admits(ref.where, part.position_m, anchors_m, self._area)]
        fitting.sort(key=lambda part: priority(ref.where, part.position_m, anchors_m, self._area))
        return tuple(fitting)

    def _landmark(self, landmark: PartRef | str) -> tuple[np.ndarray, str]:
        """Position (3,) [m] of a landmark and its id, empty if it is a place. Raises Problem."""
        if isinstance(landmark, PartRef):
            found = self.chosen(landmark)
            if len(found) != 1:
                raise Problem("ambiguous" if found else "absent", landmark, found or self._loose)
            return found[0].position_m, found[0].id
        if landmark not in self._places:
            raise Problem("absent", PartRef(), self._loose, landmark)
        return self._places[landmark], ""


def _wanted(ref: PartRef) -> int:
    return ref.count if ref.pick == "count" else 1


def _foremost(ref: PartRef, group: tuple[SeenPart, ...], place: str) -> tuple[SeenPart, ...]:
    """Those of a sorted group that come first. Raises Problem."""
    wanted, first = _wanted(ref), 0
    middle = isinstance(ref.where, Extreme) and ref.where.side == "middle"
    if isinstance(ref.where, Extreme):
        first = max(len(group) - wanted, 0) // 2 if middle else ref.where.rank - 1
    if len(group) < first + wanted:
        raise Problem("fewer", ref, group, place)
    if (ref.universal and len(group) > 1) or (middle and (len(group) - wanted) % 2):
        raise Problem("ambiguous", ref, group, place)
    return group[first : first + wanted]
