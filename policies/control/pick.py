"""Grip a part from above and bring it home."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.skill import SkillGoal
from policies.control.arm_skill import ArmSkill, Guard, Moves

GUARD = Guard(way_m=0.016, speed_m_s=0.018)  # bare fingers on steel are hard
CLEARANCE_M = 0.024  # how much wider than the part the pads open


class Pick(ArmSkill):
    """approach above, descend with an eye on contact, close, lift, retreat home with the part.

    Fails when something is touched on the way down, and when nothing is held in the end; the arm is home again then.
    """

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        if goal.pose is None:
            raise SkillError("pick needs a pose to grip at; the goal has none")
        if self.gripper.holding:
            raise SkillError("the gripper holds something already; place it first")
        if goal.width_m > self.profile.gripper.stroke_m - 0.006:
            most = 1000 * (self.profile.gripper.stroke_m - 0.006)
            raise SkillError(f"the part is {1000 * goal.width_m:.0f} mm wide; the gripper takes at most {most:.0f} mm")
        self._goal, target = goal, goal.pose.matrix()
        above, above_rad = self.above(target, position_rad)
        return self.homeward(self._run(goal, self.way_up(position_rad), target, above, above_rad))

    def _run(
        self, goal: SkillGoal, up: np.ndarray | None, target: np.ndarray, above: np.ndarray, above_rad: np.ndarray
    ) -> Moves:
        self.aim_gripper(goal.width_m + CLEARANCE_M)
        yield from self.rise("approach", up)
        yield from self.move_joints("approach", above_rad)
        yield from self.open_gripper("approach", goal.width_m + CLEARANCE_M)
        yield from self._grip(target, above)
        yield from self.go_home()
        if not self.gripper.holding:
            raise SkillError("nothing in the gripper")

    def _grip(self, target: np.ndarray, above: np.ndarray) -> Moves:
        """From `above` down to the part and back up with it."""
        yield from self.move_line("descend", target, guard=GUARD)
        held = yield from self.close_gripper()
        yield from self.move_line("lift", above)
        if not held:
            raise SkillError("nothing in the gripper")
