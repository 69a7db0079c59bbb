"""The expert answers through the interface of every teacher."""

from __future__ import annotations

import numpy as np
import pytest

from luban.profile import Profile
from luban.step import Skill, StepRecord
from policies.planner.expert_teacher import ExpertTeacher
from policies.planner.teacher import TeacherError, TeacherQuestion
from sim.expert import Expert
from tests.sim.cell_model import VIEW, Cell

PARTS = [("g", "gear", "red", 0.44, 0.14), ("n", "nut", "blue", 0.57, 0.10)]


def expert(cell: Cell) -> ExpertTeacher:
    return ExpertTeacher(Expert(cell.catalogue, cell.truth, cell.free_spot), cell.observation)


def question(profile: Profile, text: str, image: np.ndarray = VIEW.color, **more: object) -> TeacherQuestion:
    return TeacherQuestion(image, text, "en", profile.catalogue, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "last"), [("put the red gear into the blue bin", "done"), ("bring coffee", "refuse")])
def test_a_task_from_question_to_question(profile, text, last) -> None:
    cell = Cell(profile.catalogue, PARTS)
    teacher, history, skills = expert(cell), [], []
    while not skills or skills[-1] not in ("done", "ask", "refuse"):
        answer = teacher.answer(question(profile, text, history=tuple(history)))
        skills.append(answer.step.skill.value)
        assert answer.skill_probabilities == {answer.step.skill: 1.0} and answer.source == "expert"
        if answer.step.skill.moves:
            history.append(StepRecord(answer.step, cell.carry_out(answer.step)))
    assert skills == (["pick", "place", "done"] if last == "done" else [last])


def test_points_are_pixels_of_the_questions_image(profile) -> None:
    cell = Cell(profile.catalogue, PARTS)
    text = "pick up the red gear and put it into the red bin"
    whole = expert(cell).answer(question(profile, text)).step
    half = expert(cell).answer(question(profile, text, np.zeros((240, 320, 3), np.uint8))).step
    gear = VIEW.project(cell.parts["g"].pose.position_m)
    assert whole.skill is Skill.PICK and (whole.point.u, whole.point.v) == (gear.u, gear.v)
    assert (half.point.u, half.point.v) == (gear.u / 2, gear.v / 2)


@pytest.mark.parametrize("wrong", [{"image": np.zeros((224, 224, 3), np.uint8)}, {"camera": "wrist"}])
def test_another_image_is_refused(profile, wrong) -> None:
    with pytest.raises(TeacherError, match="the expert's question"):
        expert(Cell(profile.catalogue, PARTS)).answer(question(profile, "pick the red gear", **wrong))
