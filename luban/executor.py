"""The executor: from an instruction to its outcome, one looked-at, checked and logged skill at a time."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from luban.errors import LubanError, SkillError, StepRejected
from luban.event_log import EventLog
from luban.observation import Observation
from luban.planner import Perception, Planner
from luban.profile import TaskBudget
from luban.skill import SkillGoal, SkillResult, SkillRunner
from luban.step import Skill, Step, StepRecord
from luban.step_check import StepCheck
from luban.task import check_instruction


class Outcome(StrEnum):
    DONE = "done"
    ASKED = "asked"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class TaskResult:
    """How a task ended. steps: skills that moved something; seconds: robot time."""

    outcome: Outcome
    message: str
    steps: int
    seconds: float


_SPOKEN = {Skill.DONE: Outcome.DONE, Skill.ASK: Outcome.ASKED, Skill.REFUSE: Outcome.REFUSED}

_SENTENCES = {
    "done": {"en": "Done.", "zh": "完成。"},
    "gave_up": {
        "en": "I could not {step}: {reason}. What should I do?",
        "zh": "我没能完成这一步（{step}）：{reason}。请告诉我怎么办？",
    },
}


@dataclass
class Executor:
    """Runs one task at a time: observe, ask the planner, check, run the skill, look again.

    observe: takes a fresh look. clock: robot time [s]. listener: told of every step and its phase:
    planned, running, succeeded, failed.
    A failed step is tried again from a fresh look, `budget.tries` times in a row; then the person is asked.
    """

    planner: Planner
    perception: Perception
    observe: Callable[[], Observation]
    runner: SkillRunner
    check: StepCheck
    log: EventLog
    budget: TaskBudget
    clock: Callable[[], float]
    listener: Callable[[Step, str], None] = lambda step, phase: None
    _stop: threading.Event = field(default_factory=threading.Event)
    _busy: threading.Lock = field(default_factory=threading.Lock)
    _reason: str = ""

    def run(self, instruction: str, language: str) -> TaskResult:
        """Carry out an instruction.

        Raises:
            LubanError: the instruction is empty or too long, another task runs, or a decision cannot be logged.
        """
        instruction = check_instruction(instruction)
        if not self._busy.acquire(blocking=False):
            raise LubanError("a task is running; wait for it or cancel it, then send the next")
        try:
            self._stop.clear()
            return _TaskRun(self, instruction, language).run()
        finally:
            self._busy.release()

    def stop(self, reason: str = "stopped by request") -> None:
        """End the running task: the skill in progress is cancelled, no further one starts. Callable from anywhere."""
        self._reason = reason
        self._stop.set()


@dataclass
class _TaskRun:
    """The state of one task while it runs."""

    executor: Executor
    instruction: str
    language: str
    history: list[StepRecord] = field(default_factory=list)
    moved: int = 0
    failures: int = 0
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    def run(self) -> TaskResult:
        executor = self.executor
        self.start_s = executor.clock()
        self._log("task_started", instruction=self.instruction, language=self.language)
        try:
            while (ended := self._turn()) is None:
                pass
        except BaseException as error:
            self._log("task_broken", error=f"{type(error).__name__}: {error}")
            raise
        outcome, message = ended
        result = TaskResult(outcome, message, self.moved, executor.clock() - self.start_s)
        self._log("task_ended", outcome=result.outcome, message=message, steps=result.steps, seconds=result.seconds)
        return result

    def _turn(self) -> tuple[Outcome, str] | None:
        """One look and one decision; returns how the task ended, or None to go on."""
        executor = self.executor
        if executor._stop.is_set():
            return Outcome.STOPPED, executor._reason
        if over := self._over_budget():
            return Outcome.FAILED, over
        observation = replace(seen := executor.observe(), held=self._held(seen))
        step = executor.planner.next_step(observation, self.instruction, self.language, tuple(self.history))
        self._log("decision", **_described(step))
        executor.listener(step, "planned")
        if step.skill in _SPOKEN:
            return _SPOKEN[step.skill], step.sentence or self._say("done")
        try:
            goal = self._checked_goal(step, observation)
        except (StepRejected, SkillError) as error:
            self._log("rejected", reason=str(error), **_described(step))
            return self._after(step, SkillResult(False, str(error)))
        self.moved += 1
        executor.listener(step, "running")
        result = executor.runner.run(goal, executor._stop)
        self._log("skill_ended", succeeded=result.succeeded, reason=result.reason, seconds=result.seconds)
        return self._after(step, result)

    def _checked_goal(self, step: Step, observation: Observation) -> SkillGoal:
        executor = self.executor
        executor.check.step(step, observation)
        if step.skill is Skill.DRIVE:
            return SkillGoal(Skill.DRIVE, station=step.station, label=step.label)
        goal = executor.perception.locate(observation, step)
        executor.check.goal(goal, observation)
        return goal

    def _after(self, step: Step, result: SkillResult) -> tuple[Outcome, str] | None:
        self.history.append(StepRecord(step, result.succeeded, result.reason))
        self.executor.listener(step, "succeeded" if result.succeeded else "failed")
        if self.executor._stop.is_set():
            return Outcome.STOPPED, self.executor._reason
        self.failures = 0 if result.succeeded else self.failures + 1
        if self.failures >= self.executor.budget.tries:
            return Outcome.ASKED, self._say("gave_up", step=str(step), reason=result.reason)
        return None

    def _held(self, observation: Observation) -> str | None:
        """The label of the last part picked, as long as the gripper feels one."""
        picked = [record.step.label for record in self.history if record.succeeded and record.step.skill is Skill.PICK]
        return (picked[-1] if picked else "part") if observation.gripper.holding else None

    def _over_budget(self) -> str:
        budget, spent_s = self.executor.budget, self.executor.clock() - self.start_s
        if len(self.history) >= budget.steps:
            return f"given up after {budget.steps} steps"
        if spent_s >= budget.seconds:
            return f"given up after {spent_s:.0f} s, {budget.seconds:.0f} s allowed"
        return ""

    def _say(self, key: str, **values: str) -> str:
        return _SENTENCES[key]["zh" if self.language == "zh" else "en"].format(**values)

    def _log(self, kind: str, **payload: object) -> None:
        self.executor.log.append(kind, task=self.id, **payload)


def _described(step: Step) -> dict[str, object]:
    """A step as the event log keeps it."""
    described: dict[str, object] = {"skill": step.skill.value}
    if step.point is not None:
        described["point"] = [round(step.point.u, 1), round(step.point.v, 1)]
        described["confidence"] = step.point.confidence
    for key in ("station", "sentence", "label"):
        if value := getattr(step, key):
            described[key] = value
    return described
