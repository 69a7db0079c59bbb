"""Whether an order would mean other parts if what is seen were a little different: then it is asked, not guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Drive, Order, Orders, PartRef
from luban.relation import ranked
from luban.resolution import Job, Problem, resolve
from luban.scene_view import SceneView, SeenPart
from policies.planner.scene_memory import Known

CLEAR_LEAD_M = 0.006  # by so much a part may seem to lie elsewhere
LIKELY = 0.15  # chance of a second shape or colour from which it counts
SURE = 0.5  # chance of being there at all from which a part counts without doubt


def doubtful(meaning: Orders, scene: SceneView, known: Iterable[Known], catalogue: Catalogue) -> tuple[SeenPart, ...]:
    """Return the parts between which an order that can be resolved is in doubt, empty where it is clear."""
    meaning = _particular(meaning)
    meant = _meant(meaning, scene, catalogue)
    for other in _other_scenes(scene, known):
        otherwise = _meant(meaning, other, catalogue)
        if otherwise != meant:
            among = _parts(meant) ^ _parts(otherwise) or _parts(meant)
            return tuple(part for part in scene.parts if part.id in among)
    return ()


def _particular(meaning: Orders) -> Orders:
    """Without what is said of any one: whichever it is will do."""

    def without_any(refs: Sequence[PartRef]) -> tuple[PartRef, ...]:
        return tuple(ref for ref in refs if ref.pick != "any" or ranked(ref.where))

    def particular(order: Order) -> Order:
        return order if isinstance(order, Drive) else replace(order, parts=without_any(order.parts))

    return replace(meaning, orders=tuple(particular(order) for order in meaning.orders))


def _meant(meaning: Orders, scene: SceneView, catalogue: Catalogue) -> frozenset[Job] | str:
    """The jobs of an order in a scene, or the kind of problem that it is."""
    try:
        return frozenset(resolve(meaning, scene, catalogue))
    except Problem as problem:
        return problem.kind


def _parts(meant: Collection[Job] | str) -> set[str]:
    return set() if isinstance(meant, str) else {job.part for job in meant if job.part}


def _other_scenes(scene: SceneView, known: Iterable[Known]) -> Iterator[SceneView]:
    """The scene with one thing about one part different."""
    by_id = {part.id: part for part in known}
    for index, part in enumerate(scene.parts):

        def with_instead(*instead: SeenPart, at: int = index) -> SceneView:
            return replace(scene, parts=(*scene.parts[:at], *instead, *scene.parts[at + 1 :]))

        for shift in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)):
            yield with_instead(replace(part, position_m=part.position_m + CLEAR_LEAD_M * np.array(shift)))
        if part.id not in by_id:
            continue
        seen = by_id[part.id]
        for shape in _seconds(seen.shapes, seen.shape):
            yield with_instead(replace(part, shape=shape))
        for color in _seconds(seen.colors, seen.color):
            yield with_instead(replace(part, color=color))
        if seen.chance < SURE:
            yield with_instead()


def _seconds(chances: dict[str, float], first: str) -> list[str]:
    return [name for name, chance in chances.items() if name != first and chance >= LIKELY]
