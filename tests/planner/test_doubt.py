"""An order is in doubt when a little difference in what is seen would mean other parts."""

from __future__ import annotations

import numpy as np
import pytest

from luban.meaning import Extreme, NextTo, Orders, PartRef, Put
from luban.profile import load_profile
from luban.scene_view import SceneView, SeenPart
from policies.planner.doubt import CLEAR_LEAD_M, doubtful
from policies.planner.scene_memory import Known

CATALOGUE = load_profile("sim").catalogue


def known(name: str, shape: str, color: str, y_m: float, sure: float = 0.97, chance: float = 0.95) -> Known:
    other_shape, other_color = ("nut", "green") if shape != "nut" else ("gear", "green")
    return Known(
        name,
        np.array([0.5, y_m, 0.01]),
        {shape: sure, other_shape: 1 - sure},
        {color: sure, other_color: 1 - sure},
        chance,
    )


def unrecognised(name: str, y_m: float) -> Known:
    shapes, colors = (dict.fromkeys(names, 1 / len(names)) for names in (CATALOGUE.shapes, CATALOGUE.colors))
    return Known(name, np.array([0.5, y_m, 0.01]), shapes, colors, 0.7)


def doubts(ref: PartRef, *parts: Known) -> set[str]:
    scene = SceneView(tuple(SeenPart(p.id, p.shape, p.color, p.position_m({})) for p in parts), {})
    return {part.id for part in doubtful(Orders((Put((ref,), "red_bin"),)), scene, parts, CATALOGUE)}


LEFTMOST = PartRef("gear", where=Extreme("left"))


def test_a_clear_lead_is_clear_and_a_near_tie_is_not() -> None:
    for lead_m, expected in ((2.5 * CLEAR_LEAD_M, set()), (0.5 * CLEAR_LEAD_M, {"a", "b"})):
        assert doubts(LEFTMOST, known("a", "gear", "red", 0.1 + lead_m), known("b", "gear", "blue", 0.1)) == expected


def test_near_ties_matter_only_where_places_do() -> None:
    parts = known("a", "gear", "red", 0.1), known("b", "gear", "blue", 0.1001)
    for ref in (PartRef("gear", "red"), PartRef("gear", pick="all"), PartRef("gear", pick="any")):
        assert doubts(ref, *parts) == set()


def test_a_relation_that_two_parts_fulfil_nearly_alike() -> None:
    parts = [known("a", "gear", "red", 0.1), known("b", "gear", "blue", -0.101), known("n", "nut", "white", 0.0)]
    assert doubts(PartRef("gear", where=NextTo(PartRef("nut"))), *parts) == {"a", "b"}


@pytest.mark.parametrize(("sure", "expected"), [(0.97, set()), (0.8, {"b"})])
def test_a_shape_or_colour_that_may_be_another(sure: float, expected: set[str]) -> None:
    parts = known("a", "gear", "green", 0.1), known("b", "gear", "red", -0.1, sure)
    assert doubts(PartRef("gear", "green", pick="all"), *parts) == expected
    assert doubts(PartRef("gear", pick="all"), parts[0]) == set()


def test_what_may_not_be_there_at_all() -> None:
    ghost = known("b", "gear", "red", -0.1, chance=0.4)
    assert doubts(PartRef("gear", pick="all"), known("a", "gear", "green", 0.1), ghost) == {"b"}
    assert doubts(PartRef("gear", "green"), known("a", "gear", "green", 0.1), ghost) == set()


def test_what_was_not_recognised_counts_where_it_may_well_be_meant() -> None:
    gear = known("a", "gear", "red", 0.0)
    assert doubts(LEFTMOST, gear, unrecognised("b", 0.2)) == {"a", "b"}
    assert doubts(LEFTMOST, gear, unrecognised("b", -0.2)) == set()
    assert doubts(PartRef("gear", "red"), gear, unrecognised("b", 0.2)) == set()
