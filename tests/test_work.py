"""What is next, from a meaning and what is where now: for every planner."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from luban.free_spot import free_spot
from luban.meaning import Drive, Meaning, Orders, OutOfScope, PartRef, Put
from luban.profile import load_profile
from luban.replies import Replies
from luban.scene_view import SceneView, SeenPart
from luban.state import BaseState
from luban.step import Skill, Step, StepRecord
from luban.vehicle import floor_frame, station_of
from luban.work import Situation, Work
from sim.expert import Expert
from tests.sim.cell_model import VIEW, Cell

CATALOGUE = load_profile("sim").catalogue
PLACES = {
    name: np.array(place.position_m) for name, place in (*CATALOGUE.containers.items(), *CATALOGUE.fixtures.items())
}
GEAR = SeenPart("a", "gear", "red", np.array([0.40, 0.20, 0.01]))
BOLT = SeenPart("b", "bolt", "blue", np.array([0.50, -0.10, 0.01]), container="tote")


def put(shape: str, container: str) -> Put:
    return Put((PartRef(shape),), container)


def situation(*parts: SeenPart, station: str = "dock", held: str | None = None) -> Situation:
    return Situation(SceneView(parts, PLACES), held, station, lambda name: PLACES[name])


def work(meaning: Meaning, *parts: SeenPart) -> Work:
    return Work(meaning, SceneView(parts, PLACES), CATALOGUE, Replies(CATALOGUE, "en"))


def test_a_part_that_is_gone_is_asked_about_by_name() -> None:
    task = work(Orders((put("gear", "red_bin"),)), GEAR, BOLT)
    step = task.next_step(situation(BOLT), VIEW, ())
    assert step.skill is Skill.ASK and "red gear" in step.sentence


def test_a_part_on_the_vehicle_is_fetched_and_the_drive_before_it_need_not_hold_for_ever() -> None:
    task = work(Orders((Drive("warehouse"), put("bolt", "red_bin"))), BOLT)
    steps = [task.next_step(situation(BOLT, station=station), VIEW, ()) for station in ("dock", "warehouse", "dock")]
    assert [str(step) for step in steps] == ["drive warehouse", "drive dock", "pick blue bolt"]
    done = task.next_step(situation(replace(BOLT, container="red_bin")), VIEW, ())
    assert done.skill is Skill.DONE


def test_only_failures_since_the_last_success_count() -> None:
    task = work(Orders((put("gear", "red_bin"),)), GEAR)
    pick = task.next_step(situation(GEAR), VIEW, ())
    failed, well = StepRecord(pick, False, "it slipped"), StepRecord(pick, True)
    assert task.next_step(situation(GEAR), VIEW, (failed, failed, well, failed)).skill is Skill.PICK
    asked = task.next_step(situation(GEAR), VIEW, (well, failed, failed, failed))
    assert asked.skill is Skill.ASK and "it slipped" in asked.sentence


def test_words_that_are_due_at_once() -> None:
    assert work(OutOfScope(), GEAR).answer == Step(
        Skill.REFUSE, sentence=Replies(CATALOGUE, "en").refusal(OutOfScope())
    )
    assert work(Orders((put("gear", "red_bin"),)), GEAR).answer is None


def test_the_expert_carries_out_a_meaning_that_it_is_given() -> None:
    cell = Cell(CATALOGUE, [("a", "gear", "red", 0.40, 0.20)])
    expert = Expert(
        CATALOGUE, cell.truth, cell.free_spot, read=lambda text, catalogue: Orders((put("gear", "gray_tray"),))
    )
    history: list[StepRecord] = []
    while (step := expert.next_step(cell.observation(), "words that no grammar knows", "en", history)).skill.moves:
        history.append(StepRecord(step, cell.carry_out(step)))
    assert step.skill is Skill.DONE and cell.holds("in", "a", "gray_tray")


@pytest.mark.parametrize("count", [0, 1, 4, 8])
def test_a_free_spot_is_inside_and_apart_from_what_lies_there(count: int) -> None:
    container = CATALOGUE.containers["blue_bin"]
    frame = floor_frame(container, BaseState(0, 0, 0, 0, 0, 0), CATALOGUE.floor_z_m)
    lying: list[np.ndarray] = []
    for _ in range(count + 1):
        spot = free_spot(frame, container.inner_size_m, lying)
        assert (np.abs(spot - container.position_m)[:2] <= np.array(container.inner_size_m[:2]) / 2 - 0.05 + 1e-9).all()
        assert all(np.linalg.norm(spot - other) > 0.02 for other in lying)
        lying.append(spot)


@pytest.mark.parametrize("name", sorted(CATALOGUE.stations))
def test_the_vehicle_is_at_a_station_when_it_stands_there(name: str) -> None:
    station = CATALOGUE.stations[name]
    base = BaseState(0.0, station.x_m + 0.05, station.y_m, station.yaw_rad + 2 * np.pi + 0.1, 0.0, 0.0)
    assert station_of(base, CATALOGUE) == name
    for away in ({"x_m": station.x_m + 0.2}, {"yaw_rad": station.yaw_rad + 0.3}, {"linear_m_s": 0.1}):
        assert station_of(replace(base, **away), CATALOGUE) is None


def test_what_stands_on_the_vehicle_turns_with_it() -> None:
    tote = CATALOGUE.containers["tote"]
    base = BaseState(0.0, 1.0, 2.0, np.pi / 2, 0.0, 0.0)
    frame = floor_frame(replace(tote, position_m=(0.1, 0.0, 0.6)), base, CATALOGUE.floor_z_m)
    np.testing.assert_allclose(frame[:3, 3], [1.0, 2.1, 0.6 + CATALOGUE.floor_z_m], atol=1e-12)
    np.testing.assert_allclose(frame[:3, 0], [0.0, 1.0, 0.0], atol=1e-12)
