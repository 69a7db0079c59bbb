"""Postures of the arm with the tool pointing straight down, all over the bench: where episodes begin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from luban.motion.chain import Chain, turn_between
from luban.motion.overhead import flat_pose, upright
from luban.profile import ArmConfig

COUNT = 1500
X_M, Y_M, Z_M = (0.36, 0.62), (-0.30, 0.30), (0.105, 0.20)
_TURN_RAD = 2.4  # how far the wrist turns from its middle position, either way
_NEAR_LIMIT_RAD = 0.3


@dataclass(frozen=True, eq=False)
class Stances:
    """position_rad: (k, joints); pose: (k, 4) of the tool, x, y, z [m] and yaw [rad]."""

    position_rad: np.ndarray
    pose: np.ndarray

    @classmethod
    @lru_cache
    def of(cls, arm: ArmConfig) -> Stances:
        """Always the same ones for an arm."""
        chain, draw = Chain.of(arm), np.random.default_rng(21)
        pose = np.column_stack([draw.uniform(*span, COUNT) for span in (X_M, Y_M, Z_M)] + [np.zeros(COUNT)])
        start = np.tile(arm.home_rad, (COUNT, 1)).astype(float)
        start[:, 0] += np.arctan2(pose[:, 1], pose[:, 0])
        pose[:, 3] = flat_pose(chain.tool(start))[:, 3] + draw.uniform(-_TURN_RAD, _TURN_RAD, COUNT)
        start[:, 5] -= pose[:, 3] - flat_pose(chain.tool(start))[:, 3]  # the wrist turns against the cell's z
        target = upright(pose)
        position = chain.inverse(start, target, steps=60)
        tool = chain.tool(position)
        off = np.linalg.norm(tool[:, :3, 3] - target[:, :3, 3], axis=1) + np.linalg.norm(
            turn_between(tool, target), axis=1
        )
        low, high = arm.arm_model().position_limit_rad.T
        inside = ((position > low + _NEAR_LIMIT_RAD) & (position < high - _NEAR_LIMIT_RAD)).all(axis=1)
        good = (off < 1e-4) & inside
        return cls(position[good], flat_pose(tool[good]))
