"""Put the held part down from above and let go."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.skill import SkillGoal
from policies.control.arm_skill import ArmSkill, Guard, Moves, Touched

GUARD = Guard(way_m=0.025, speed_m_s=0.05)
EARLY_M = 0.040  # how far above the goal the part may be let go when it stands on something
RELEASE_M = 0.030  # how much further than the grip the pads open
FREE_M = 0.015  # how much is enough to leave


class Place(ArmSkill):
    """approach above, descend until there or until the part touches ground, open, retreat, home."""

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        if goal.pose is None:
            raise SkillError("place needs a pose to let go at; the goal has none")
        if not self.gripper.holding:
            raise SkillError("nothing in the gripper to place; pick a part first")
        target = goal.pose.matrix()
        above, above_rad = self.above(target, position_rad)
        return self.homeward(self._run(self.way_up(position_rad), target, above, above_rad))

    def _run(self, up: np.ndarray | None, target: np.ndarray, above: np.ndarray, above_rad: np.ndarray) -> Moves:
        self.carry()
        yield from self.rise("approach", up)
        yield from self.move_joints("approach", above_rad)
        yield from self._put_down(target, above)
        yield from self.go_home()

    def _put_down(self, target: np.ndarray, above: np.ndarray) -> Moves:
        """From `above` down, let go, and back up."""
        yield from self._lower(target)
        grip_m = self.gripper.opening_m
        yield from self.open_gripper("open", grip_m + RELEASE_M, grip_m + FREE_M)
        yield from self.move_line("retreat", above)

    def _lower(self, target: np.ndarray) -> Moves:
        """Down to the goal; ground that comes a little early is as good."""
        try:
            yield from self.move_line("descend", target, guard=GUARD)
        except Touched:
            if self.height_m() > target[2, 3] + EARLY_M:
                raise
