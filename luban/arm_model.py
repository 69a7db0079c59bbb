"""Kinematics and limits of an arm as its maker publishes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class ArmModel:
    """A serial arm in standard Denavit-Hartenberg convention.

    dh_a_m, dh_d_m, dh_alpha_rad: (joints,). mass_kg: (links,). center_of_mass_m: (links, 3) in each link's DH frame.
    base_yaw_rad: how the DH base is turned about z in the cell frame.
    """

    name: str
    joint_names: tuple[str, ...]
    dh_a_m: np.ndarray
    dh_d_m: np.ndarray
    dh_alpha_rad: np.ndarray
    base_yaw_rad: float
    mass_kg: np.ndarray
    center_of_mass_m: np.ndarray
    position_limit_rad: np.ndarray
    velocity_limit_rad_s: np.ndarray
    effort_limit_nm: np.ndarray

    def link_transforms(self, position_rad: np.ndarray) -> list[np.ndarray]:
        """Return the (4, 4) transform to the cell frame of every link's DH frame; the last is the flange."""
        transform, result = _turn(self.base_yaw_rad), []
        for q, rest in zip(position_rad, self._after_turn, strict=True):
            transform = transform @ _turn(q) @ rest
            result.append(transform)
        return result

    def flange_transform(self, position_rad: np.ndarray) -> np.ndarray:
        """Return the (4, 4) transform of the flange (tool0) to the cell frame at joint angles (joints,) [rad]."""
        return self.link_transforms(position_rad)[-1]

    def tool_position(self, position_rad: np.ndarray, tool_length_m: float) -> tuple[float, float, float]:
        """Return the point of the cell frame [m] that lies so far ahead of the flange.

        The same chain as `link_transforms`, walked from the tool inwards in plain numbers: the gate asks every period.
        """
        x, y, z = 0.0, 0.0, tool_length_m
        angles = np.asarray(position_rad).tolist()
        for q, (a, d, ca, sa) in zip(reversed(angles), reversed(self._dh_numbers), strict=True):
            x, y, z = x + a, ca * y - sa * z, sa * y + ca * z + d
            c, s = math.cos(q), math.sin(q)
            x, y = c * x - s * y, s * x + c * y
        c, s = math.cos(self.base_yaw_rad), math.sin(self.base_yaw_rad)
        return c * x - s * y, s * x + c * y, z

    @cached_property
    def _dh_numbers(self) -> list[tuple[float, float, float, float]]:
        """a, d, cos(alpha), sin(alpha) of each joint."""
        rows = zip(self.dh_a_m.tolist(), self.dh_d_m.tolist(), self.dh_alpha_rad.tolist(), strict=True)
        return [(a, d, math.cos(alpha), math.sin(alpha)) for a, d, alpha in rows]

    @cached_property
    def _after_turn(self) -> list[np.ndarray]:
        """The constant part Tz(d) Tx(a) Rx(alpha) of each joint's DH transform (Denavit & Hartenberg 1955)."""
        result = []
        for a, d, alpha in zip(self.dh_a_m, self.dh_d_m, self.dh_alpha_rad, strict=True):
            c, s = math.cos(alpha), math.sin(alpha)
            result.append(np.array([[1, 0, 0, a], [0, c, -s, 0], [0, s, c, d], [0, 0, 0, 1]]))
        return result


def _turn(angle_rad: float) -> np.ndarray:
    """(4, 4) rotation about z."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s, 0.0, 0.0], [s, c, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


# Universal Robots, "DH Parameters for calculations of kinematics and dynamics" (support article 45257),
# row UR5e; joint limits and torques: UR5e user manual, technical specification.
UR5E = ArmModel(
    name="ur5e",
    joint_names=(
        "shoulder_pan_joint",
        "shoulder_lift_joint",
        "elbow_joint",
        "wrist_1_joint",
        "wrist_2_joint",
        "wrist_3_joint",
    ),
    dh_a_m=np.array([0.0, -0.425, -0.3922, 0.0, 0.0, 0.0]),
    dh_d_m=np.array([0.1625, 0.0, 0.0, 0.1333, 0.0997, 0.0996]),
    dh_alpha_rad=np.array([np.pi / 2, 0.0, 0.0, np.pi / 2, -np.pi / 2, 0.0]),
    base_yaw_rad=np.pi,
    mass_kg=np.array([3.761, 8.058, 2.846, 1.37, 1.3, 0.365]),
    center_of_mass_m=np.array(
        [
            [0.0, -0.02561, 0.00193],
            [0.2125, 0.0, 0.11336],
            [0.15, 0.0, 0.0265],
            [0.0, -0.0018, 0.01634],
            [0.0, 0.0018, 0.01634],
            [0.0, 0.0, -0.001159],
        ]
    ),
    position_limit_rad=np.tile([-2 * np.pi, 2 * np.pi], (6, 1)),
    velocity_limit_rad_s=np.full(6, np.pi),
    effort_limit_nm=np.array([150.0, 150.0, 150.0, 28.0, 28.0, 28.0]),
)

ARM_MODELS = {UR5E.name: UR5E}
