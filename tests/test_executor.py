"""The executor on the real stack, in one process, with planners that say what a test needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from luban.errors import LubanError, TaskFileError
from luban.executor import Outcome
from luban.observation import Observation
from luban.profile import Profile, TaskBudget
from luban.step import ImagePoint, Skill, Step, StepRecord
from luban.task import Scene
from policies.local_cell import LocalCell

Decide = Callable[[Observation, Sequence[StepRecord]], Step]


class Scripted:
    """A planner that asks a function."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.seen: list[Observation] = []

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step:
        self.seen.append(observation)
        return self.decide(observation, history)


@pytest.fixture
def cell(profile: Profile, scene: Scene) -> Iterator[LocalCell]:
    cell = LocalCell(profile, scene)
    yield cell
    cell.close()


def point_at(cell: LocalCell, part: str) -> ImagePoint:
    return cell.world.render("overview").project(cell.world.truth().parts[part].pose.position_m)


def kinds(cell: LocalCell) -> list[str]:
    events: list[str] = []
    cell.executor.log._listener = lambda event: events.append(event.kind)
    return events


def still(cell: LocalCell) -> np.ndarray:
    return cell.cell.arm.read().position_rad


def test_a_task_is_done_and_every_decision_is_logged(cell: LocalCell) -> None:
    events, phases = kinds(cell), []
    cell.executor.listener = lambda step, phase: phases.append((step.skill, phase))
    result = cell.executor.run("Put the red gear into the blue bin.", "en")
    assert result.outcome is Outcome.DONE
    assert cell.world.holds(("in", "g", "blue_bin"))
    assert events == ["task_started", *["decision", "skill_ended"] * 2, "decision", "task_ended"]
    assert [phase for skill, phase in phases if skill is Skill.PICK] == ["planned", "running", "succeeded"]


@pytest.mark.parametrize(
    ("text", "outcome"), [("Put the bolt into the blue bin.", Outcome.ASKED), ("把零件扔到地上。", Outcome.REFUSED)]
)
def test_asking_and_refusing_move_nothing(cell: LocalCell, text: str, outcome: Outcome) -> None:
    before = still(cell)
    result = cell.executor.run(text, "zh" if "把" in text else "en")
    assert result.outcome is outcome and result.steps == 0 and result.message
    assert np.array_equal(still(cell), before)


@pytest.mark.parametrize(
    "step",
    [
        Step(Skill.DRIVE, station="mars"),
        Step(Skill.PICK, point=ImagePoint(-5, 10)),
        Step(Skill.PICK, point=ImagePoint(9999, 10)),
        Step(Skill.PICK, point=ImagePoint(300, 300, confidence=0.1)),
        Step(Skill.PICK, point=ImagePoint(300, 300, confidence=float("nan"))),
        Step(Skill.PICK, point=ImagePoint(300, 5, camera="periscope")),
        Step(Skill.PICK, point=ImagePoint(600, 10)),  # the floor: nothing to grip
        Step(Skill.PLACE, point=ImagePoint(100, 180)),  # with an empty gripper
    ],
    ids=lambda step: str(step.point or step.station),
)
def test_what_cannot_be_is_vetoed_without_motion_and_the_person_is_asked(cell: LocalCell, step: Step) -> None:
    cell.executor.planner = Scripted(lambda observation, history: step)
    events, before = kinds(cell), still(cell)
    result = cell.executor.run("do it", "en")
    assert result.outcome is Outcome.ASKED and result.steps == 0
    assert events.count("rejected") == cell.executor.budget.tries
    assert np.array_equal(still(cell), before)


def test_a_failed_step_is_tried_again_from_a_fresh_look(cell: LocalCell) -> None:
    def decide(observation: Observation, history: Sequence[StepRecord]) -> Step:
        if not history:
            return Step(Skill.PICK, point=ImagePoint(600, 10))  # nothing is there
        if not history[-1].succeeded:
            return Step(Skill.PICK, point=point_at(cell, "n"), label="blue nut")
        return Step(Skill.DONE, sentence="done")

    planner = cell.executor.planner = Scripted(decide)
    result = cell.executor.run("pick it up", "en")
    assert result.outcome is Outcome.DONE
    assert [observation.held for observation in planner.seen] == [None, None, "blue nut"]
    assert planner.seen[1] is not planner.seen[0]


def test_budgets_end_a_task(cell: LocalCell) -> None:
    there_and_back = [Step(Skill.PICK, point=point_at(cell, "n")), Step(Skill.PLACE, point=ImagePoint(100, 180))]
    cell.executor.planner = Scripted(lambda observation, history: there_and_back[observation.gripper.holding])
    cell.executor.budget = TaskBudget(steps=1, seconds=600, tries=3)
    result = cell.executor.run("again and again", "en")
    assert result.outcome is Outcome.FAILED and "1 steps" in result.message
    cell.executor.budget = TaskBudget(steps=50, seconds=0.5, tries=3)
    result = cell.executor.run("again and again", "en")
    assert result.outcome is Outcome.FAILED and "0 s allowed" in result.message


def test_a_stop_ends_the_skill_in_progress(cell: LocalCell) -> None:
    cell.executor.listener = lambda step, phase: (
        cell.executor.stop("the person said stop") if phase == "planned" else None
    )
    result = cell.executor.run("Put the red gear into the blue bin.", "en")
    assert result.outcome is Outcome.STOPPED and result.message == "the person said stop"
    at_rest = still(cell)
    cell.cell.advance(0.5)
    assert np.abs(still(cell) - at_rest).max() < 5e-3
    assert cell.world.truth().held is None


def test_a_second_task_at_the_same_time_is_refused(cell: LocalCell) -> None:
    refused: list[str] = []

    def second(step: Step, phase: str) -> None:
        def send() -> None:
            try:
                cell.executor.run("Put the nut into the red bin.", "en")
            except LubanError as error:
                refused.append(str(error))

        thread = threading.Thread(target=send)
        thread.start()
        thread.join()

    cell.executor.listener = second
    assert cell.executor.run("throw the parts on the floor", "en").outcome is Outcome.REFUSED
    assert refused and "a task is running" in refused[0]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_000])
def test_instructions_that_are_none_are_refused(cell: LocalCell, text: str) -> None:
    with pytest.raises(TaskFileError):
        cell.executor.run(text, "en")


def test_a_target_out_of_reach_is_vetoed(cell: LocalCell) -> None:
    locate = cell.executor.perception.locate

    class Farsighted:
        def locate(self, observation: Observation, step: Step) -> object:
            goal = locate(observation, step)
            assert goal.pose is not None
            return replace(goal, pose=replace(goal.pose, position_m=np.array([0.84, 0.7, 0.1])))

    cell.executor.perception = Farsighted()  # type: ignore[assignment]
    result = cell.executor.run("Put the red gear into the blue bin.", "en")
    assert result.outcome is Outcome.ASKED and "the arm reaches" in result.message and result.steps == 0
