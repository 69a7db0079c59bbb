"""The two interfaces that turn an observation into a goal: planner (what) and perception (where)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from luban.observation import Observation
from luban.skill import SkillGoal
from luban.step import Step, StepRecord


class Planner(Protocol):
    """Decides the next step from what is seen, asked once per skill."""

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step: ...


class Perception(Protocol):
    """Grounds the image point of a step. Raises SkillError when nothing graspable or usable is there."""

    def locate(self, observation: Observation, step: Step) -> SkillGoal: ...
