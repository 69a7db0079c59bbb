"""Runs skills in this process: the controllers are ticked against gated devices while the clock is moved on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from luban.device import Arm, Gripper, MobileBase
from luban.errors import CommandRejected, LubanError, SkillError
from luban.skill import ArmController, BaseController, SkillGoal, SkillResult, Status
from luban.step import Skill


@dataclass
class LocalRunner:
    """A SkillRunner without ROS. advance: moves the world and the gates on by so many seconds.

    A skill that was cancelled or refused simply goes silent: the gates then stop the robot.
    """

    arm: Arm
    gripper: Gripper
    base: MobileBase
    arm_controllers: Mapping[Skill, ArmController]
    base_controller: BaseController
    advance: Callable[[float], None]
    arm_period_s: float
    base_period_s: float
    settle_s: float = 0.5

    def run(self, goal: SkillGoal, stop: threading.Event) -> SkillResult:
        start_s = self.arm.read().stamp_s
        try:
            succeeded, reason = (self._drive if goal.skill is Skill.DRIVE else self._manipulate)(goal, stop)
        except (SkillError, CommandRejected) as error:
            succeeded, reason = False, str(error)
        if not succeeded:
            self.advance(self.settle_s)  # silence: the gates brake, and the next look is at a cell at rest
        return SkillResult(succeeded, reason, self.arm.read().stamp_s - start_s)

    def _manipulate(self, goal: SkillGoal, stop: threading.Event) -> tuple[bool, str]:
        try:
            controller = self.arm_controllers[goal.skill]
        except KeyError:
            raise LubanError(f"no controller for the skill {goal.skill}") from None
        controller.start(goal, self.arm.read(), self.gripper.read())
        while not stop.is_set():
            action = controller.tick(self.arm.read(), self.gripper.read())
            if action.arm is not None:
                self.arm.send(action.arm)
            if action.gripper is not None:
                self.gripper.send(action.gripper)
            self.advance(self.arm_period_s)
            if action.status is not Status.RUNNING:
                return action.status is Status.SUCCEEDED, action.reason
        return False, "cancelled"

    def _drive(self, goal: SkillGoal, stop: threading.Event) -> tuple[bool, str]:
        self.base_controller.start(goal, self.base.read(), self.base.scan())
        while not stop.is_set():
            action = self.base_controller.tick(self.base.read(), self.base.scan())
            if action.base is not None:
                self.base.send(action.base)
            self.advance(self.base_period_s)
            if action.status is not Status.RUNNING:
                return action.status is Status.SUCCEEDED, action.reason
        return False, "cancelled"
