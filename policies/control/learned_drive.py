"""Drives with a learned policy: it bends what pursuit wants along a path; the classical controller is frame and
fallback."""

from __future__ import annotations

import numpy as np

from luban.motion import driving
from luban.profile import Profile
from luban.skill import BaseAction, SkillGoal
from luban.state import BaseState, LidarScan
from policies.control.drive import DriveBaseline
from policies.control.pilot import Pilot
from policies.control.policy import Policy

PATIENCE_S = 4.0  # standing this long on a path, for a person say, ends the policy's turn
STEP_M = 0.1  # of progress


class LearnedDrive(DriveBaseline):
    """BaseController for `drive`. Route, localisation, docking and giving up are the classical controller's; while it
    follows a path the policy slows down, speeds up and swerves at driving.RATE_HZ. Hands over for the rest of a drive
    when an observation is not as in training or nothing moves; `reason` says why.

    policy: made for `driving.contract(profile.base)`.
    """

    def __init__(self, profile: Profile, policy: Policy) -> None:
        super().__init__(profile)
        ticks = round(profile.base.rate_hz / driving.RATE_HZ)
        self._pilot = Pilot(policy, len(driving.ACTIONS), np.inf, PATIENCE_S, ticks)
        self._period_s = 1.0 / profile.base.rate_hz
        self._eyes: driving.DriveEyes | None = None
        self._steered_s = -np.inf

    @property
    def reason(self) -> str:
        """Why the policy no longer decides, or empty."""
        return self._pilot.reason

    def start(self, goal: SkillGoal, base: BaseState, scan: LidarScan) -> None:
        self._pilot.start()
        self._driven_m, self._steered_s = 0.0, -np.inf
        super().start(goal, base, scan)

    def tick(self, base: BaseState, scan: LidarScan) -> BaseAction:
        self._base_state, self._scan = base, scan
        return super().tick(base, scan)

    def _steer(self, pose: np.ndarray) -> np.ndarray:
        base, wanted = self._base_state, super()._steer(pose)[None]
        if base.stamp_s - self._steered_s > 1.5 * self._period_s:  # on a path again, after a turn, say
            self._begin()
        self._steered_s = base.stamp_s
        self._driven_m += abs(base.linear_m_s) * self._period_s
        action = self._pilot.action(
            lambda: self._observe(pose, wanted), 0.0, self._driven_m / STEP_M, self._period_s
        )  # fmt: skip
        assert self._eyes is not None
        self._eyes.action[:] = action
        return np.asarray(driving.bent(wanted, action, self._paths, pose)[0])

    def _begin(self) -> None:
        beams = len(self._scan.ranges_m)
        if self._eyes is None or self._eyes.beams != beams:
            self._eyes = driving.DriveEyes(1, beams)
        self._eyes.forget(np.array([0]))

    def _observe(self, pose: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        base, scan = self._base_state, self._scan
        assert self._eyes is not None
        angles = scan.angle_min_rad + scan.angle_increment_rad * np.arange(len(scan.ranges_m))
        points = driving.scan_points(np.asarray(scan.ranges_m)[None], angles)
        self._eyes.see(points, np.array([[base.x_m, base.y_m, base.yaw_rad]]))
        velocity = np.array([[base.linear_m_s, base.angular_rad_s]])
        return self._eyes.observe(self._paths, pose, velocity, wanted)
