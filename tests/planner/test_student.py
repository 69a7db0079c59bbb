"""The learned planner with the shipped networks on images of the real cell: what it does, and what never moves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from luban.errors import LubanError
from luban.executor import Outcome
from luban.observation import CameraView, Observation
from luban.planner import Planner
from luban.profile import Profile, load_profile
from luban.step import Skill, Step, StepRecord
from luban.task import Scene, SceneAgv, ScenePart
from policies.local_cell import LocalCell
from policies.planner.planners import CHECKPOINTS, learned_planner

shipped = pytest.mark.skipif(not (CHECKPOINTS / "reader.json").exists(), reason="no learned planner is shipped yet")
PARTS = (
    ScenePart("g", "gear", "red", (0.44, 0.14), 0.4),
    ScenePart("s", "shaft", "white", (0.47, -0.02), 0.9),
    ScenePart("n", "nut", "blue", (0.57, 0.10), -0.3),
    ScenePart("b", "gear", "black", (0.55, -0.15), 1.3),
)


@pytest.fixture(scope="module")
def student() -> Planner:
    return learned_planner(load_profile("sim").planned_by("vla"))


@pytest.fixture
def cell(profile: Profile, student: Planner) -> Iterator[LocalCell]:
    cell = LocalCell(profile.controlled_by("baseline"), Scene(4, PARTS, SceneAgv("dock")), planner=student)
    yield cell
    cell.close()


def decides(student: Planner, seen: Observation, text: str, *history: StepRecord) -> Step:
    return student.next_step(seen, text, "en", history)


def with_view(seen: Observation, **changes: object) -> Observation:
    view: CameraView = replace(seen.views["overview"], **changes)  # type: ignore[arg-type]
    return replace(seen, views={"overview": view})


@shipped
@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("Put the red gear into the blue bin.", [("in", "g", "blue_bin"), ("not_in", "b", "blue_bin")]),
        ("把最右边的齿轮放进灰色托盘。", [("in", "b", "gray_tray"), ("not_in", "g", "gray_tray")]),
        ("先把轴插进壳体，再把蓝色螺母放进红色料箱。", [("inserted", "s", "housing"), ("in", "n", "red_bin")]),
        ("Load the nut onto the AGV and send it to the warehouse.", [("in", "n", "tote"), ("at", "agv", "warehouse")]),
    ],
)
def test_tasks_are_carried_out_from_images_alone(cell: LocalCell, text: str, goals: list[tuple[str, str, str]]) -> None:
    result = cell.executor.run(text, "zh" if "把" in text else "en")
    assert result.outcome is Outcome.DONE, result.message
    assert all(cell.world.holds(goal) for goal in goals)


@shipped
def test_it_points_at_the_part_and_says_how_sure_it_is(cell: LocalCell, student: Planner) -> None:
    step = decides(student, cell.observe(), "Put the blue nut into the red bin.")
    nut = cell.observe().views["overview"].project(cell.world.truth().parts["n"].pose.position_m)
    assert step.skill is Skill.PICK and step.point is not None and step.label == "blue nut"
    assert np.hypot(step.point.u - nut.u, step.point.v - nut.v) < 8
    assert 0.5 < step.point.confidence <= 1.0


@shipped
@pytest.mark.parametrize(
    ("text", "skill", "said"),
    [
        ("Put the gear into the blue bin.", Skill.ASK, "gear"),
        ("把绿色螺栓放进红色料箱。", Skill.ASK, "螺栓"),
        ("Throw the nut on the floor.", Skill.REFUSE, ""),
        ("", Skill.ASK, "instruction"),
        (" \n\t", Skill.ASK, "instruction"),
        ("红" * 5000, Skill.ASK, "太长"),
        ("Положи красную шестерню в синий ящик.", Skill.ASK, "Chinese and English"),
        ("赤いギアを青い箱に入れてください。", Skill.ASK, "中文"),
        ("빨간 기어를 파란 상자에 넣어 주세요.", Skill.ASK, "Chinese and English"),
        ("\x00\ufffd🙂" * 50, Skill.ASK, ""),
    ],
)
def test_doubt_danger_and_nonsense_are_answered_with_words(
    cell: LocalCell, student: Planner, text: str, skill: Skill, said: str
) -> None:
    step = decides(student, cell.observe(), text)
    assert step.skill is skill and said in step.sentence


@shipped
def test_an_image_that_cannot_be_trusted_moves_nothing(cell: LocalCell, student: Planner) -> None:
    seen, order = cell.observe(), "Send the AGV to the warehouse."
    color = seen.views["overview"].color
    for bad in (
        with_view(seen, color=np.zeros_like(color)),
        with_view(seen, color=np.full_like(color, 128)),
        with_view(seen, color=color[:100]),
        with_view(seen, stamp_s=seen.stamp_s - 60.0),
        replace(seen, views={}),
    ):
        step = decides(student, bad, order)
        assert step.skill is Skill.ASK and "camera" in step.sentence
    noise = np.random.default_rng(0).integers(0, 256, color.shape, dtype=np.uint8)
    assert decides(student, with_view(seen, color=noise), "Put the red gear into the tray.").skill is not Skill.DONE


@shipped
def test_an_image_that_freezes_during_a_task_ends_it_with_a_question(cell: LocalCell, student: Planner) -> None:
    seen, order = cell.observe(), "Put the red gear into the blue bin."
    pick = decides(student, seen, order)
    step = decides(student, seen, order, StepRecord(pick, True))
    assert step.skill is Skill.ASK and "camera" in step.sentence


@shipped
def test_the_same_look_gives_the_same_step(cell: LocalCell, student: Planner) -> None:
    seen = cell.observe()
    steps = [decides(student, seen, "Put the red gear into the blue bin.") for _ in range(2)]
    assert steps[0] == steps[1]


@shipped
def test_a_new_instruction_is_read_afresh(cell: LocalCell, student: Planner) -> None:
    seen = cell.observe()
    labels = [decides(student, seen, f"Put the {name} into the tray.").label for name in ("blue nut", "white shaft")]
    assert labels == ["blue nut", "white shaft"]


def test_no_checkpoint_is_one_clear_error(tmp_path: Path) -> None:
    profile = load_profile("sim")
    with pytest.raises(LubanError, match="--planner expert"):
        learned_planner(profile.planned_by("vla"), tmp_path / "none")
    with pytest.raises(LubanError):
        learned_planner(profile.planned_by("vla"), tmp_path)  # nothing in it
    with pytest.raises(LubanError, match="'expert'"):
        learned_planner(profile)
