"""Place by feel: the place law looks for the surface with the force of the touch, and a policy adds to it."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.motion.chain import Chain
from luban.motion.overhead import flat_pose
from luban.motion.placing import ACTIONS, LOWER, OBSERVATIONS, OPEN, RETREAT, PlaceLaw
from luban.policy_contract import PolicyContract
from luban.profile import ArmConfig, Profile
from policies.control.arm_skill import Moves
from policies.control.kinematics import ArmKinematics
from policies.control.pilot import Pilot
from policies.control.place import EARLY_M, Place
from policies.control.policy import Policy

TIMEOUT_S = 10.0
PATIENCE_S = 1.5  # without a millimetre gained, the classical law goes on alone
DOWN = -0.999  # of the tool's axis: the law knows no other way to let go
ROW = np.array([0])
_PHASES = {LOWER: "descend", OPEN: "open", RETREAT: "retreat"}


def place_contract(arm: ArmConfig) -> PolicyContract:
    return PolicyContract.for_arm("place", arm, OBSERVATIONS, ACTIONS)


class LearnedPlace(Place):
    """As Place; from above the goal until the tool is up again the law decides. policy None: the law alone."""

    def __init__(self, profile: Profile, kinematics: ArmKinematics, policy: Policy | None = None) -> None:
        super().__init__(profile, kinematics)
        self._law = PlaceLaw(Chain.of(profile.arm), 1)
        self._pilot = Pilot(policy, len(ACTIONS), profile.arm.limits.force_n, PATIENCE_S)

    def _put_down(self, target: np.ndarray, above: np.ndarray) -> Moves:
        if target[2, 2] > DOWN:
            yield from super()._put_down(target, above)
            return
        law = self._law
        law.begin(ROW, self._sense(), flat_pose(target[None]), np.array([above[2, 3] - target[2, 3]]))
        self._pilot.start()
        while not law.done[0]:
            self._refuse_vain()
            lowering = law.phase[0] == LOWER
            sense = self._sense()
            action = self._pilot.added(law, sense, law.rest[0, :3], self._progress(), self._step_s)
            position_rad, velocity_rad_s, aim_m = law.command(sense, action, self._step_s)
            if law.phase[0] != LOWER:
                if lowering and self.height_m() > target[2, 3] + EARLY_M:
                    above_mm = 1000 * (self.height_m() - target[2, 3])
                    raise SkillError(f"touched something {above_mm:.0f} mm above the goal")
                self._carrying = False
                self._opening_m = float(np.clip(aim_m[0], 0.0, self.profile.gripper.stroke_m))
            phase = self._pilot.said(_PHASES[int(law.phase[0])])
            yield self.joint_action(phase, position_rad[0], velocity_rad_s[0])

    def _refuse_vain(self) -> None:
        law = self._law
        if law.failed[0] and law.phase[0] == OPEN:
            raise SkillError(f"the gripper did not open within {law.tuning.stuck_s:.0f} s; what blocks it?")
        if law.failed[0]:
            raise SkillError(f"no ground within {1000 * law.tuning.deepest_m:.0f} mm below the goal")
        if law.elapsed_s[0] > TIMEOUT_S:
            raise SkillError(f"the part was not put down within {TIMEOUT_S:.0f} s")

    def _progress(self) -> float:
        """In millimetres; the phases follow each other."""
        height_mm = 1000 * (self.height_m() - float(self._law.goal[0, 2]))
        progress = {LOWER: -height_mm, OPEN: 1000.0 + 1000 * self.gripper.opening_m, RETREAT: 2000.0 + height_mm}
        return progress[int(self._law.phase[0])]
