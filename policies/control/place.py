"""Put the held part down from above and let go."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.skill import SkillGoal
from policies.control.arm_skill import TOUCH_N, ArmSkill, Moves, Touched

SLOW_M = 0.045  # what lies in a container already may be met this far above the goal
RELEASE_M = 0.030  # how much further than the grip the pads open


class Place(ArmSkill):
    """approach above, descend until there or until the part touches ground, open, retreat, home."""

    def plan(self, goal: SkillGoal, position_rad: np.ndarray) -> Moves:
        if goal.pose is None:
            raise SkillError("place needs a pose to let go at; the goal has none")
        if not self.gripper.holding:
            raise SkillError("nothing in the gripper to place; pick a part first")
        target = goal.pose.matrix()
        above, above_rad = self.above(target, position_rad)
        return self._run(self.way_up(position_rad), target, above, above_rad)

    def _run(self, up: np.ndarray | None, target: np.ndarray, above: np.ndarray, above_rad: np.ndarray) -> Moves:
        self.carry()
        yield from self.rise("approach", up)
        yield from self.move_joints("approach", above_rad)
        try:
            yield from self.move_line("descend", target, touch_n=TOUCH_N, slow_m=SLOW_M)
        except Touched as touched:
            if self.height_m() > target[2, 3] + 0.05:
                yield from self.move_line("lift", above)
                raise SkillError(str(touched)) from touched
        yield from self.open_gripper("open", self.gripper.opening_m + RELEASE_M)
        yield from self.move_line("retreat", above)
        yield from self.go_home()
