"""Bring the tool to a pose through free space."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.skill import SkillGoal
from policies.control.arm_skill import ArmSkill, Moves


class Reach(ArmSkill):
    """Move through the air to `goal.pose`; without a pose, to the home posture. The gripper keeps what it does."""

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        home = self.kinematics.home_rad
        target_rad = home if goal.pose is None else self.kinematics.inverse(goal.pose.matrix(), position_rad)
        if self.gripper.holding:
            self.carry()
        return self._run(target_rad)

    def _run(self, target_rad: np.ndarray) -> Moves:
        yield from self.move_joints("reach", target_rad)
        arrived = yield from self.wait("settle", lambda: self._distance_rad(target_rad) < 0.005, 0.5)
        if not arrived:
            raise SkillError(f"the arm stopped {self._distance_rad(target_rad):.3f} rad short; required 0.005 rad")

    def _distance_rad(self, target_rad: np.ndarray) -> float:
        return float(np.abs(self.arm.position_rad - target_rad).max())
