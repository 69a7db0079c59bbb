"""The way of an arm through the air past what is known to stand around: the reaching law, with or without a policy."""

from __future__ import annotations

from collections import deque

import numpy as np

from luban.errors import SkillError
from luban.motion.clearance import Boxes
from luban.motion.reaching import ACTIONS, OBSERVATIONS, ReachLaw
from luban.motion.sense import ArmSense
from luban.motion.surroundings import cell_boxes, joined
from luban.policy_contract import PolicyContract
from luban.profile import ArmConfig, Profile
from policies.control.arm_skill import JERK_S
from policies.control.pilot import Pilot
from policies.control.policy import Policy
from policies.control.transit import Transit

PATIENCE_S = 0.8  # without getting nearer, the classical law goes on alone
TIMEOUT_S = 10.0
ARRIVED_RAD = 0.002
PROGRESS_S = 0.05  # of the way's time counts as a noticeable step
ROW = np.array([0])


def reach_contract(arm: ArmConfig) -> PolicyContract:
    return PolicyContract.for_arm("reach", arm, OBSERVATIONS, ACTIONS)


class ReachTransit(Transit):
    """Keeps clear of bench, containers, fixtures and what `surround` was told about. policy None: the law alone.

    It declines where the outlines do not hold: with a part in the gripper, or from or to a posture nearer to something
    known than the law keeps.
    """

    def __init__(self, profile: Profile, policy: Policy | None = None) -> None:
        self._arm = profile.arm
        self._pilot = Pilot(policy, len(ACTIONS), profile.arm.limits.force_n, PATIENCE_S)
        self._cell = cell_boxes(profile.catalogue)
        # The mean of the last commands rises in acceleration no quicker than in this time, and keeps every limit.
        self._recent: deque[np.ndarray] = deque(maxlen=round(JERK_S * profile.arm.rate_hz))
        self.surround(Boxes.none(1, 0))

    def surround(self, boxes: Boxes) -> None:
        """What else stands around the arm, (1, b), from now on; for instance what a camera has seen."""
        self._boxes = joined(self._cell, boxes)
        self.law = ReachLaw(self._arm, 1, self._boxes.yaw_rad.shape[1])

    def begin(self, position_rad: np.ndarray, goal_rad: np.ndarray, holding: bool) -> str:
        reason = "a part is held" if holding else self._tight(np.stack([position_rad, goal_rad]))
        if not reason:
            range_rad = self.law.chain.arm.position_limit_rad[None]
            self.law.begin(ROW, position_rad[None], goal_rad[None], self._boxes, range_rad)
            self._goal_rad, self._elapsed_s = goal_rad, 0.0
            self._recent.extend([position_rad] * (self._recent.maxlen or 0))
            self._sent_rad = np.asarray(position_rad)
            self._pilot.start()
        return reason

    @property
    def arrived(self) -> bool:
        left_rad = np.abs(np.stack([self._recent[0], self._sent_rad]) - self._goal_rad)
        return float(left_rad.max()) < ARRIVED_RAD

    def command(self, sense: ArmSense, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        self._elapsed_s += step_s
        if self._elapsed_s > TIMEOUT_S:
            left = float(self.law.to_go_s(self.law.position_rad)[0])
            raise SkillError(f"no way round was found in {TIMEOUT_S:.0f} s: {left:.1f} s of it are left")
        action = self._pilot.added(self.law, sense, 0.0, self._progress(), step_s)
        self._recent.append(self.law.command(action, step_s)[0][0])
        # What was gained in late ticks is not made good in short ones: the mean would be too quick for the joints.
        velocity_rad_s = (np.mean(self._recent, axis=0) - self._sent_rad) / step_s
        excess = float(np.max(np.abs(velocity_rad_s) / self._arm.limits.velocity_rad_s))
        velocity_rad_s /= max(1.0, excess * (1.0 + 1e-9))
        self._sent_rad = self._sent_rad + step_s * velocity_rad_s
        return self._sent_rad, velocity_rad_s

    def said(self, phase: str) -> str:
        return self._pilot.said(phase)

    def _tight(self, ends_rad: np.ndarray) -> str:
        """Which of the ends (2, joints) is nearer to something than the law keeps, or nothing."""
        keep_m = self.law.tuning.damper.keep_m
        room_m = self.law.space.room(ends_rad, self._boxes.of(np.zeros(2, dtype=int)))
        for name, clear_m in zip(("start", "goal"), room_m, strict=True):
            if clear_m < keep_m:
                return f"the {name} is {1000 * clear_m:.0f} mm from something, {1000 * keep_m:.0f} required"
        return ""

    def _progress(self) -> float:
        return -float(self.law.to_go_s(self.law.position_rad)[0]) / PROGRESS_S
