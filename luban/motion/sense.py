"""What n arms with grippers have measured at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.state import ArmState, GripperState


@dataclass(frozen=True, eq=False)
class ArmSense:
    """position_rad, velocity_rad_s: (n, joints). wrench: (n, 6) on the tool at the wrist sensor, in the tool frame
    [N, N·m]. opening_m, grip_n: (n,). holding: (n,) bool."""

    position_rad: np.ndarray
    velocity_rad_s: np.ndarray
    wrench: np.ndarray
    opening_m: np.ndarray
    grip_n: np.ndarray
    holding: np.ndarray

    @classmethod
    def of(cls, arm: ArmState, gripper: GripperState) -> ArmSense:
        """One robot's states as a row."""
        return cls(
            arm.position_rad[None], arm.velocity_rad_s[None], arm.wrench[None],
            np.array([gripper.opening_m]), np.array([gripper.force_n]), np.array([gripper.holding]),
        )  # fmt: skip
