"""Which parts a description means, on scenes made by hand: every relation, count, exception and order."""

from __future__ import annotations

import numpy as np
import pytest

from luban.meaning import (
    Between,
    Corner,
    Drive,
    Extreme,
    FarFrom,
    Insert,
    NextTo,
    Orders,
    PartRef,
    Put,
    SideOf,
    Where,
)
from luban.profile import load_profile
from luban.replies import Replies
from luban.resolution import Job, Problem, resolve
from luban.scene_view import SceneView, SeenPart

CATALOGUE = load_profile("sim").catalogue
PLACES = {name: np.array(place.position_m) for name, place in CATALOGUE.containers.items()}
PLACES |= {name: np.array(place.position_m) for name, place in CATALOGUE.fixtures.items()}
GEAR, BOLT, NUT = PartRef("gear"), PartRef("bolt"), PartRef("nut")


def scene(*parts: str) -> SceneView:
    """`scene("a red gear .4 .2", "s white shaft .5 .1 housing")`: id, colour, shape, x, y [m], where it is stored."""
    seen = []
    for line in parts:
        name, color, shape, x, y, *place = line.split()
        container = place[0] if place and place[0] in CATALOGUE.containers else None
        fixture = place[0] if place and place[0] in CATALOGUE.fixtures else None
        seen.append(SeenPart(name, shape, color, np.array([float(x), float(y), 0.01]), container, fixture))
    return SceneView(tuple(seen), PLACES)


def found(ref: PartRef, view: SceneView) -> str:
    """Ids of the parts that are put away, in order, or the kind of problem."""
    try:
        return "".join(job.part for job in resolve(Orders((Put((ref,), "red_bin"),)), view, CATALOGUE))
    except Problem as problem:
        return problem.kind


# Seen from the arm, left = +y and far = +x:   a . b      x = 0.60
#                                              . m .      x = 0.50
#                                              c . d n    x = 0.40
GRID = scene(
    "a red gear .60 .20",
    "b blue gear .60 -.10",
    "c black gear .40 .20",
    "d red gear .40 -.10",
    "m green bolt .50 .05",
    "n green nut .40 -.22",
)


@pytest.mark.parametrize(
    ("where", "gears"),
    [
        (SideOf("left", BOLT), "ac"),
        (SideOf("right", BOLT), "bd"),
        (SideOf("near", BOLT), "cd"),
        (SideOf("far", BOLT), "ab"),
        (SideOf("right", NUT), "absent"),
        (SideOf("near", "blue_bin"), "cd"),
        (Between("blue_bin", "red_bin"), "abcd"),
        (Between(NUT, PartRef("gear", "black")), "d"),
        (Corner(), "abcd"),
        (Corner("far"), "ab"),
        (Corner(side="left"), "ac"),
        (Corner("near", "right"), "d"),
    ],
)
def test_all_gears_at_a_place(where: Where, gears: str) -> None:
    assert "".join(sorted(found(PartRef("gear", pick="all", where=where), GRID))) == "".join(sorted(gears))


@pytest.mark.parametrize(
    ("ref", "parts"),
    [
        (PartRef("bolt", where=Between(PartRef("gear", "red", where=Extreme("left")), NUT)), "m"),
        (PartRef("bolt", where=Between(PartRef("gear", "black"), PartRef("gear", "blue"))), "m"),
        (PartRef("bolt", where=Between(PartRef("gear", "blue"), PartRef("gear", "black"))), "m"),
        (PartRef("gear", where=Between(BOLT, PartRef("gear", "red"))), "ambiguous"),
        (PartRef("gear", where=Corner("far", "left")), "a"),
        (PartRef("gear", where=Corner("far")), "ambiguous"),
        (PartRef("bolt", where=Corner()), "absent"),
        (PartRef(where=Corner("near", "right")), "n"),
        (PartRef(where=Corner("near", "right"), pick="count", count=2), "nd"),
        (PartRef(where=Corner("near", "right"), pick="count", count=3), "fewer"),
        (PartRef("gear", where=Extreme("left"), pick="all"), "ambiguous"),
        (PartRef("gear", where=NextTo(NUT)), "d"),
        (PartRef("gear", where=NextTo(NUT), pick="count", count=2), "db"),
        (PartRef("gear", where=NextTo(NUT), pick="count", count=5), "fewer"),
        (PartRef("gear", where=NextTo(NUT), pick="all"), "ambiguous"),
        (PartRef("gear", where=FarFrom(NUT)), "a"),
        (PartRef("gear", where=FarFrom("red_bin")), "c"),
        (PartRef("gear", where=NextTo("green_bin")), "absent"),
        (PartRef("bolt", where=NextTo(BOLT)), "absent"),
        (PartRef("gear", where=NextTo(PartRef("gear", pick="all"))), "ambiguous"),
        (PartRef("gear", where=NextTo(PartRef("shaft"))), "absent"),
        (PartRef("gear", where=Extreme("near", 2)), "d"),
        (PartRef("gear", where=Extreme("far", 5)), "fewer"),
        (PartRef(where=Extreme("middle"), pick="count", count=2), "bm"),
        (PartRef(where=Extreme("middle"), pick="count", count=8), "fewer"),
        (PartRef("gear", pick="all", without=(PartRef("gear", where=NextTo(NUT)),)), "cab"),
        (PartRef("gear", pick="all", without=(PartRef(color="red"), PartRef(color="blue"))), "c"),
        (PartRef("shaft", pick="all"), "absent"),
        (PartRef("shaft", pick="whichever"), ""),
        (PartRef("gear", pick="whichever"), "cdab"),
    ],
)
def test_a_description_means(ref: PartRef, parts: str) -> None:
    assert found(ref, GRID) == parts


def test_stored_parts_are_meant_only_when_no_loose_one_fits() -> None:
    view = scene("a red gear .5 .1", "b blue gear .24 .41 gray_tray", "n green nut .24 .40 gray_tray")
    assert found(PartRef("gear"), view) == "a"
    assert found(PartRef("nut"), view) == "n"
    assert found(PartRef(pick="all"), view) == "a"
    assert found(PartRef("gear", inside="gray_tray"), view) == "b"


def test_the_others_are_those_that_no_other_order_names() -> None:
    rest = Put((PartRef(pick="all", others=True),), "gray_tray")
    one = Put((PartRef("gear", pick="any"),), "red_bin")
    for orders in ((one, rest), (rest, one)):
        jobs = resolve(Orders(orders, spared=(NUT,)), GRID, CATALOGUE)
        assert {job.part for job in jobs if job.place == "gray_tray"} == set("abdm")
        assert {job.part for job in jobs if job.place == "red_bin"} == {"c"}


def test_sorting_by_colour_is_several_orders() -> None:
    colors = {"red": "red_bin", "blue": "blue_bin", "yellow": "blue_bin"}
    orders = [Put((PartRef(color=color, pick="whichever"),), place) for color, place in colors.items()]
    orders.append(Put((PartRef(pick="whichever", others=True),), "gray_tray"))
    jobs = resolve(Orders((*orders, Drive("warehouse"))), GRID, CATALOGUE)
    assert jobs[-1] == Job("drive", "warehouse")
    assert {job.part: job.place for job in jobs[:-1]} == {
        "a": "red_bin", "d": "red_bin", "b": "blue_bin", "c": "gray_tray", "m": "gray_tray", "n": "gray_tray",
    }  # fmt: skip


def test_jobs_keep_the_order_of_the_orders() -> None:
    view = scene("s white shaft .5 .1", "n green nut .4 .0")
    orders = (Drive("dock"), Insert((PartRef("shaft"),), "housing"), Put((NUT,), "tote"), Drive("warehouse"))
    assert resolve(Orders(orders), view, CATALOGUE) == (
        Job("drive", "dock"), Job("insert", "housing", "s"), Job("put", "tote", "n"), Job("drive", "warehouse"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("orders", "kind"),
    [
        ((Put((PartRef("gear", pick="all"),), "red_bin"), Put((PartRef("gear", "blue"),), "blue_bin")), "conflict"),
        ((Insert((NUT,), "housing"),), "unfit"),
        ((Insert((PartRef("shaft"),), "housing"),), "full"),
    ],
)
def test_what_cannot_all_be_true_is_a_problem(orders, kind: str) -> None:
    view = scene("b blue gear .5 .1", "n green nut .4 .0", "s white shaft .4 .2", "t red shaft .27 -.35 housing")
    with pytest.raises(Problem) as caught:
        resolve(Orders(orders), view, CATALOGUE)
    assert caught.value.kind == kind


def test_only_the_leftmost_is_spared() -> None:
    spared = PartRef("gear", where=Extreme("left"))
    view = scene("a red gear .5 .2", "b blue gear .5 .0")
    jobs = resolve(Orders((Put((PartRef("gear", pick="all"),), "red_bin"),), (spared,)), view, CATALOGUE)
    assert [job.part for job in jobs] == ["b"]


def test_a_question_does_not_deny_what_is_seen_elsewhere() -> None:
    with pytest.raises(Problem) as caught:
        resolve(Orders((Put((PartRef("bolt", where=Corner()),), "red_bin"),)), GRID, CATALOGUE)
    assert Replies(CATALOGUE, "en").problem(caught.value).startswith("I see no bolt there. I see a black gear")
    assert Replies(CATALOGUE, "zh").problem(caught.value).startswith("那里没有看到螺栓。")
