"""What holds for every scene: mirrors, orders of listing, exceptions, counts, partitions."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luban.catalogue import Area
from luban.meaning import (
    Between,
    Corner,
    Extreme,
    FarFrom,
    Meaning,
    NextTo,
    Orders,
    PartRef,
    Put,
    Side,
    SideOf,
    Where,
)
from luban.resolution import Job, Problem, resolve
from luban.scene_view import SceneView, SeenPart
from tests.meanings import CATALOGUE, CORNERS, EXTREMES, MEANINGS, SIDES

# Symmetric about the origin, so that a mirror is exact; the squares of its sides have no rational ratio, so that no
# two distances are equal.
HALF_X_M, HALF_Y_M, CELLS = 0.12, 0.12 * 5**0.25, 24
HALF_M = np.array([HALF_X_M, HALF_Y_M])
PLANT = replace(CATALOGUE, parts_area=Area((-HALF_X_M, HALF_X_M), (-HALF_Y_M, HALF_Y_M)))
PLACES = {name: np.array(place.position_m) for name, place in {**PLANT.containers, **PLANT.fixtures}.items()}
PLACES["tote"] = np.array([0.10, -0.78, -0.15])  # on the vehicle at its dock
SHAPES, COLORS = ("gear", "bolt", "shaft"), ("red", "blue")
CELL = st.lists(st.integers(0, CELLS - 1), min_size=8, max_size=8, unique=True)
STORED = st.sampled_from([(None, None)] * 4 + [("red_bin", None), (None, "housing")])
LAW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def scenes(draw: st.DrawFn, stored: bool = False, fewest: int = 0) -> SceneView:
    """Up to eight parts, no two in one row or column."""
    cells = list(zip(draw(CELL), draw(CELL), strict=True))[: draw(st.integers(fewest, 8))]
    parts = []
    for name, cell in zip("abcdefgh", cells, strict=False):
        at = (np.array(cell) + 0.5 - CELLS / 2) / (CELLS / 2) * HALF_M
        shape, color = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(COLORS))
        place = draw(STORED) if stored else (None, None)
        parts.append(SeenPart(name, shape, color, np.array([*at, 0.01]), *place))
    return SceneView(tuple(parts), PLACES)


SIMPLE = st.builds(PartRef, st.sampled_from((None, *SHAPES)), st.sampled_from((None, *COLORS)))
LANDMARKS = st.sampled_from(sorted(PLACES)) | st.builds(PartRef, where=EXTREMES)
PLACED = st.one_of(EXTREMES, CORNERS, st.builds(SideOf, SIDES, st.sampled_from(sorted(PLACES))))
WHERES = st.one_of(
    PLACED,
    st.builds(NextTo, LANDMARKS),
    st.builds(FarFrom, LANDMARKS),
    st.builds(SideOf, SIDES, LANDMARKS),
    st.builds(Between, LANDMARKS, LANDMARKS),
)
# What MEANINGS describe is seldom there; these often are.
LIKELY = st.builds(
    PartRef,
    st.sampled_from((None, *SHAPES)),
    pick=st.sampled_from(["one", "any", "count", "whichever"]),
    count=st.integers(1, 2),
    where=st.none() | WHERES,
    without=st.lists(SIMPLE, max_size=1).map(tuple),
    others=st.booleans(),
)
PUTS = st.builds(Put, st.lists(LIKELY, min_size=1, max_size=2).map(tuple), st.sampled_from(["red_bin", "tote"]))
ORDERS = st.builds(Orders, st.lists(PUTS, min_size=1, max_size=2).map(tuple)) | MEANINGS.filter(
    lambda meaning: isinstance(meaning, Orders)
)


def outcome(meaning: Meaning, scene: SceneView) -> tuple[str, list[Any]]:
    """("jobs", jobs) or the kind of problem with the ids of its parts, in order."""
    assert isinstance(meaning, Orders)
    try:
        return "jobs", list(resolve(meaning, scene, PLANT))
    except Problem as problem:
        return problem.kind, [part.id for part in problem.parts]


def put(ref: PartRef, place: str = "red_bin") -> Orders:
    return Orders((Put((ref,), place),))


def meant(ref: PartRef, scene: SceneView) -> list[str]:
    """Ids of the parts that a description means, in order; none when there is a problem."""
    kind, jobs = outcome(put(ref), scene)
    return [job.part for job in jobs] if kind == "jobs" else []


def every(where: Where | None = None, **more: Any) -> PartRef:
    return PartRef(pick="whichever", where=where, **more)


def swapped(value: Any, sides: dict[str, str]) -> Any:
    """The same meaning with sides renamed."""
    if isinstance(value, tuple):
        return tuple(swapped(item, sides) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: swapped(getattr(value, field.name), sides) for field in fields(value)})
    return sides.get(value, value) if isinstance(value, str) else value


def mirrored(scene: SceneView, axis: int) -> SceneView:
    sign = np.where(np.arange(3) == axis, -1.0, 1.0)
    parts = tuple(replace(part, position_m=part.position_m * sign) for part in scene.parts)
    return SceneView(parts, {name: at * sign for name, at in scene.places.items()})


@LAW
@given(ORDERS, scenes(stored=True, fewest=3), st.randoms(use_true_random=False))
def test_the_order_in_which_parts_are_listed_does_not_matter(meaning: Meaning, scene: SceneView, shuffler: Any) -> None:
    parts = list(scene.parts)
    shuffler.shuffle(parts)
    assert outcome(meaning, SceneView(tuple(parts), PLACES)) == outcome(meaning, scene)


@LAW
@given(ORDERS, scenes(stored=True, fewest=3))
def test_left_is_right_in_the_mirror(meaning: Meaning, scene: SceneView) -> None:
    kind, found = outcome(meaning, scene)
    twin = outcome(swapped(meaning, {"left": "right", "right": "left"}), mirrored(scene, axis=1))
    assert (twin[0], sorted(twin[1], key=str)) == (kind, sorted(found, key=str))


@LAW
@given(st.builds(PartRef, pick=st.sampled_from(["one", "all", "count"]), where=PLACED, count=st.just(2)), scenes())
def test_near_is_far_from_the_other_side(ref: PartRef, scene: SceneView) -> None:
    kind, found = outcome(put(ref), scene)
    twin = outcome(put(swapped(ref, {"near": "far", "far": "near"})), mirrored(scene, axis=0))
    assert (twin[0], sorted(twin[1], key=str)) == (kind, sorted(found, key=str))


@LAW
@given(SIMPLE, scenes(stored=True), st.integers(1, 3), st.booleans())
def test_a_number_is_kept_or_asked_about(ref: PartRef, scene: SceneView, count: int, said: bool) -> None:
    fitting = [part for part in scene.parts if ref.shape in (None, part.shape) and ref.color in (None, part.color)]
    ids = sorted(part.id for part in ([part for part in fitting if part.loose] or fitting))
    wanted = count if said else 1
    kind, found = outcome(put(replace(ref, pick="count", count=count) if said else ref), scene)
    if not ids:
        assert kind == "absent" and found == [part.id for part in by_x(scene) if part.loose]
    elif len(ids) == wanted:
        assert kind == "jobs" and sorted(job.part for job in found) == ids
    else:
        assert kind == ("ambiguous" if len(ids) > wanted else "fewer") and sorted(found) == ids


def by_x(scene: SceneView) -> list[SeenPart]:
    return sorted(scene.parts, key=lambda part: part.position_m[0])


@LAW
@given(SIMPLE, st.lists(SIMPLE, max_size=3), scenes())
def test_all_except_is_all_minus_the_exceptions(ref: PartRef, exceptions: list[PartRef], scene: SceneView) -> None:
    kept = meant(replace(ref, pick="whichever", without=tuple(exceptions)), scene)
    left_out = {name for other in exceptions for name in meant(replace(other, pick="whichever"), scene)}
    assert kept == [name for name in meant(replace(ref, pick="whichever"), scene) if name not in left_out]


@LAW
@given(SIMPLE, scenes())
def test_all_is_whichever_when_there_are_any(ref: PartRef, scene: SceneView) -> None:
    whichever = outcome(put(replace(ref, pick="whichever")), scene)
    every_one = outcome(put(replace(ref, pick="all")), scene)
    assert every_one == whichever if whichever[1] else (every_one[0] == "absent" and whichever[0] == "jobs")


@LAW
@given(scenes(fewest=1), st.sampled_from([("left", "right"), ("near", "far")]))
def test_ranks_from_two_sides_are_one_row(scene: SceneView, sides: tuple[Side, Side]) -> None:
    ranks = range(1, len(scene.parts) + 1)
    first, last = ([meant(PartRef(where=Extreme(side, rank)), scene) for rank in ranks] for side in sides)
    assert first == last[::-1] and sorted(chain(*first)) == sorted(part.id for part in scene.parts)
    assert outcome(put(PartRef(where=Extreme(sides[0], len(scene.parts) + 1))), scene)[0] == "fewer"


@LAW
@given(scenes(fewest=2), st.sampled_from([("left", "right"), ("near", "far")]))
def test_the_rest_lie_on_one_side_or_the_other(scene: SceneView, sides: tuple[Side, Side]) -> None:
    landmark = PartRef(where=Extreme("left", 2))
    (name,) = meant(landmark, scene)
    one, other = (set(meant(every(SideOf(side, landmark)), scene)) for side in sides)
    assert not one & other and one | other | {name} == {part.id for part in scene.parts}


@LAW
@given(scenes(fewest=2))
def test_corners_do_not_overlap(scene: SceneView) -> None:
    corners = [meant(every(Corner(depth, side)), scene) for depth in ("near", "far") for side in ("left", "right")]
    assert sorted(chain(*corners)) == sorted(meant(every(Corner()), scene))


@LAW
@given(scenes(fewest=3), st.sampled_from(sorted(PLACES)))
def test_next_to_and_far_from_count_from_two_ends(scene: SceneView, place: str) -> None:
    number = len(scene.parts)
    near, far = (meant(PartRef(pick="count", count=number, where=where(place)), scene) for where in (NextTo, FarFrom))
    assert near == far[::-1] and len(near) == number
    assert meant(PartRef(pick="count", count=2, where=NextTo(place)), scene) == near[:2]


@LAW
@given(scenes(fewest=3))
def test_between_has_no_direction_and_leaves_the_ends_out(scene: SceneView) -> None:
    ends = PartRef(where=Extreme("left")), PartRef(where=Extreme("right"))
    between = meant(every(Between(*ends)), scene)
    assert between == meant(every(Between(*ends[::-1])), scene)
    assert not set(between) & {name for end in ends for name in meant(end, scene)}
    along = {name for name in meant(every(SideOf("right", ends[0])), scene)}
    assert set(between) <= along


@LAW
@given(SIMPLE, scenes(fewest=1))
def test_the_others_are_the_rest(ref: PartRef, scene: SceneView) -> None:
    orders = (Put((replace(ref, pick="whichever"),), "red_bin"), Put((every(others=True),), "gray_tray"))
    for said in (orders, orders[::-1]):
        kind, jobs = outcome(Orders(said), scene)
        assert kind == "jobs" and sorted(job.part for job in jobs) == sorted(part.id for part in scene.parts)
        assert {job.part for job in jobs if job.place == "red_bin"} == set(meant(orders[0].parts[0], scene))


@LAW
@given(ORDERS, st.sampled_from(COLORS), scenes(fewest=3))
def test_what_is_spared_is_never_moved(meaning: Orders, color: str, scene: SceneView) -> None:
    kind, jobs = outcome(replace(meaning, spared=(*meaning.spared, PartRef(color=color))), scene)
    assert kind != "jobs" or not {scene.part(job.part).color for job in jobs if job.part} & {color}


@LAW
@given(ORDERS, scenes(stored=True, fewest=3))
def test_no_part_has_two_places_and_no_place_that_was_not_said(meaning: Orders, scene: SceneView) -> None:
    kind, jobs = outcome(meaning, scene)
    if kind == "jobs":
        parts = [job.part for job in jobs if job.part]
        assert len(parts) == len(set(parts)) and set(parts) <= {part.id for part in scene.parts}
        assert {job.place for job in jobs} <= {
            getattr(order, field) for order in meaning.orders for field in ("container", "fixture", "station")
            if hasattr(order, field)
        }  # fmt: skip


@pytest.mark.parametrize("side", ["left", "right", "near", "far", "middle"])
def test_a_single_part_is_the_outermost_on_every_side(side: Any) -> None:
    scene = SceneView((SeenPart("a", "gear", "red", np.zeros(3)),), PLACES)
    assert outcome(put(PartRef("gear", where=Extreme(side))), scene) == ("jobs", [Job("put", "red_bin", "a")])
