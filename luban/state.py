"""Robot states and commands: SI units, monotonic stamps, joint names, and a deadline on every command."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class ArmState:
    """What the arm measured at `stamp_s`.

    position_rad, velocity_rad_s, effort_nm: (joints,) in the order of `joint_names`.
    wrench: (6,) force [N] and torque [N·m] on the tool at the wrist sensor, in the tool frame, tool weight removed.
    """

    stamp_s: float
    joint_names: tuple[str, ...]
    position_rad: np.ndarray
    velocity_rad_s: np.ndarray
    effort_nm: np.ndarray
    wrench: np.ndarray


@dataclass(frozen=True, eq=False)
class ArmCommand:
    """Joint target, valid until `valid_until_s` on the clock of the arm's states; silence stops the arm.

    position_rad: (joints,) [rad]; velocity_rad_s: (joints,) feed-forward [rad/s].
    """

    stamp_s: float
    valid_until_s: float
    joint_names: tuple[str, ...]
    position_rad: np.ndarray
    velocity_rad_s: np.ndarray


@dataclass(frozen=True)
class GripperState:
    """opening_m: distance between the pads; force_n: grip force; holding: pads stopped by an object."""

    stamp_s: float
    opening_m: float
    force_n: float
    holding: bool


@dataclass(frozen=True)
class GripperCommand:
    stamp_s: float
    valid_until_s: float
    opening_m: float
    force_n: float = 40.0


@dataclass(frozen=True)
class BaseState:
    """Pose of the mobile base as its own odometry believes it, in the cell frame, and body velocities."""

    stamp_s: float
    x_m: float
    y_m: float
    yaw_rad: float
    linear_m_s: float
    angular_rad_s: float


@dataclass(frozen=True)
class BaseCommand:
    stamp_s: float
    valid_until_s: float
    linear_m_s: float
    angular_rad_s: float


@dataclass(frozen=True, eq=False)
class LidarScan:
    """ranges_m: (beams,) [m], counter-clockwise from `angle_min_rad` in the base frame; inf = nothing seen."""

    stamp_s: float
    angle_min_rad: float
    angle_increment_rad: float
    range_max_m: float
    ranges_m: np.ndarray
