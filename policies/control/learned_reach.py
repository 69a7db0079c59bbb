"""Bring the tool to a pose past what is known to stand around: the reaching law, with or without a policy."""

from __future__ import annotations

import numpy as np

from luban.errors import SkillError
from luban.motion.clearance import Boxes
from luban.motion.reaching import ACTIONS, OBSERVATIONS, ReachLaw
from luban.motion.surroundings import cell_boxes, joined
from luban.policy_contract import PolicyContract
from luban.profile import ArmConfig, Profile
from policies.control.arm_skill import Moves
from policies.control.kinematics import ArmKinematics
from policies.control.pilot import Pilot, phase_said
from policies.control.policy import Policy
from policies.control.reach import Reach

PATIENCE_S = 0.8  # without getting nearer, the classical law goes on alone
TIMEOUT_S = 10.0
ARRIVED_RAD = 0.002
PROGRESS_S = 0.05  # of the way's time counts as a noticeable step
ROW = np.array([0])


def reach_contract(arm: ArmConfig) -> PolicyContract:
    return PolicyContract.for_arm("reach", arm, OBSERVATIONS, ACTIONS)


class LearnedReach(Reach):
    """As Reach, but clear of bench, containers, fixtures and what `surround` was told about.

    A joint move as in Reach takes over, and the phase says why, where the outlines do not hold: with a part in the
    gripper, or from or to a posture nearer to something known than the law keeps.
    """

    def __init__(self, profile: Profile, kinematics: ArmKinematics, policy: Policy | None = None) -> None:
        super().__init__(profile, kinematics)
        self._cell = cell_boxes(profile.catalogue)
        self._seen = Boxes.none(1, 0)
        self._pilot = Pilot(policy, profile.arm.limits.force_n, PATIENCE_S) if policy else None

    def surround(self, boxes: Boxes) -> None:
        """What else stands around the arm, (1, b), from now on; for instance what a camera has seen."""
        self._seen = boxes

    def _run(self, target_rad: np.ndarray) -> Moves:
        law = self._law = ReachLaw(self.profile.arm, 1, self._cell.yaw_rad.shape[1] + self._seen.yaw_rad.shape[1])
        boxes = joined(self._cell, self._seen)
        reason = self._unfit(law, boxes, target_rad)
        if reason:
            yield from self._classical(reason, target_rad)
            return
        law.begin(ROW, self.position_rad[None], target_rad[None], boxes, self.kinematics.position_limit_rad[None])
        if self._pilot:
            self._pilot.start()
        elapsed_s = 0.0
        while np.abs(law.position_rad[0] - target_rad).max() > ARRIVED_RAD:
            elapsed_s += self._step_s
            if elapsed_s > TIMEOUT_S:
                left = float(law.to_go_s(law.position_rad)[0])
                raise SkillError(f"no way round was found in {TIMEOUT_S:.0f} s: {left:.1f} s of it are left")
            position_rad, velocity_rad_s = law.command(self._action_of_policy(), self._step_s)
            yield self.joint_action(self._phase(), position_rad[0], velocity_rad_s[0])
        yield from self.settle(target_rad)

    def _unfit(self, law: ReachLaw, boxes: Boxes, target_rad: np.ndarray) -> str:
        """Why the law must not be used, or nothing."""
        if self.gripper.holding:
            return "a part is held"
        ends, keep_m = np.stack([self.position_rad, target_rad]), law.tuning.damper.keep_m
        room_m = law.space.room(ends, boxes)
        for name, clear_m in zip(("start", "goal"), room_m, strict=True):
            if clear_m < keep_m:
                return f"the {name} is {1000 * clear_m:.0f} mm from something, {1000 * keep_m:.0f} required"
        return ""

    def _action_of_policy(self) -> np.ndarray:
        if self._pilot is None:
            return np.zeros((1, len(ACTIONS)))
        law, force_n = self._law, float(np.linalg.norm(self._force()))
        progress = -float(law.to_go_s(law.position_rad)[0]) / PROGRESS_S
        sense = self._sense()
        return self._pilot.action(lambda: law.observe(sense), force_n, progress, self._step_s)

    def _phase(self) -> str:
        return phase_said("reach", self._pilot)
