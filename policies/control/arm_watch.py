"""Watches an arm at work: unusable states, too much force, an arm that does not follow, a part that slips."""

from __future__ import annotations

import numpy as np

from luban.profile import Profile
from luban.state import ArmState, GripperState

LAG_RAD = 0.25  # an arm that is this far behind its command does not follow
FORCE_SHARE = 0.7  # of the profile's force limit: fail here, before the gate stops the arm for good
FORCE_SAMPLES = 3  # one or two samples are the knock of a guarded contact
SLIPPED_S = 0.15  # the pads must report an empty grip for this long before it is believed


class ArmWatch:
    """Each question answers with the reason to fail, or an empty string. `reset` before a new skill."""

    def __init__(self, profile: Profile) -> None:
        self._names = profile.arm.arm_model().joint_names
        self._force_limit_n = FORCE_SHARE * profile.arm.limits.force_n
        self.reset()

    def reset(self) -> None:
        self._forced, self._empty_since_s = 0, np.inf

    def fault(self, arm: ArmState | None, gripper: GripperState | None) -> str:
        """What makes a measured state unusable: nothing may be commanded on such a state."""
        if arm is None or gripper is None:
            return f"no state of the {'arm' if arm is None else 'gripper'} has arrived"
        if arm.joint_names != self._names:
            return f"the arm reports the joints {list(arm.joint_names)}, required {list(self._names)}"
        for what, values, size in (
            ("stamps", [arm.stamp_s, gripper.stamp_s], 2),
            ("position", arm.position_rad, len(self._names)),
            ("wrench", arm.wrench, 6),
            ("gripper opening", [gripper.opening_m], 1),
        ):
            if np.shape(values) != (size,) or not np.isfinite(values).all():
                return f"the measured {what} should be {size} finite numbers: {np.asarray(values).tolist()}"
        return ""

    def lag(self, arm: ArmState, commanded_rad: np.ndarray, patient: bool) -> str:
        """patient: a lag that a waiting motion can still make up is no reason yet."""
        lag_rad = np.abs(commanded_rad - arm.position_rad)
        joint = int(np.argmax(lag_rad))
        if patient and lag_rad[joint] <= LAG_RAD:
            return ""
        return f"the arm does not follow: {self._names[joint]} is {lag_rad[joint]:.2f} rad behind its command"

    def force(self, arm: ArmState) -> str:
        force_n = float(np.linalg.norm(arm.wrench[:3]))
        self._forced = self._forced + 1 if force_n > self._force_limit_n else 0
        if self._forced < FORCE_SAMPLES:
            return ""
        return f"the force at the wrist is {force_n:.0f} N, above {self._force_limit_n:.0f} N"

    def slip(self, arm: ArmState, gripper: GripperState, carrying: bool) -> str:
        if not carrying or gripper.holding:
            self._empty_since_s = np.inf
            return ""
        self._empty_since_s = min(self._empty_since_s, arm.stamp_s)
        return "the part slipped out of the gripper" if arm.stamp_s - self._empty_since_s > SLIPPED_S else ""
