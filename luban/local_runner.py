"""Runs skills in this process: the controllers are ticked against gated devices while the clock is moved on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from luban.device import Arm, Gripper, MobileBase
from luban.errors import CommandRejected, LubanError, SkillError
from luban.observation import CameraView
from luban.skill import ArmController, BaseController, Seeing, SkillGoal, SkillResult, Status
from luban.step import Skill


@dataclass
class LocalRunner:
    """A SkillRunner without ROS. advance: moves the world and the gates on by so many seconds. look: takes an image
    with a camera, for controllers that see; at most one every camera_period_s.

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
    look: Callable[[str], CameraView] | None = None
    camera_period_s: float = 0.2

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
        looked_s = -inf
        while not stop.is_set():
            looked_s = self._show(controller, looked_s)
            action = controller.tick(self.arm.read(), self.gripper.read())
            if action.arm is not None:
                self.arm.send(action.arm)
            if action.gripper is not None:
                self.gripper.send(action.gripper)
            self.advance(self.arm_period_s)
            if action.status is not Status.RUNNING:
                return action.status is Status.SUCCEEDED, action.reason
        return False, "cancelled"

    def _show(self, controller: ArmController, looked_s: float) -> float:
        """Give a controller that wants it an image when one is due; return when the last one was taken."""
        now_s = self.arm.read().stamp_s
        if self.look is None or not isinstance(controller, Seeing) or not controller.camera:
            return looked_s
        if now_s < looked_s + self.camera_period_s - 1e-6:
            return looked_s
        controller.see(self.look(controller.camera))
        return now_s

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
