"""Parts between the pads: how they come to rest there, and where that puts them in the cell."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from luban.motion.chain import Chain
from luban.motion.overhead import upright
from luban.profile import Profile
from luban.randomization import PlaceRandomization
from sim.any_part import NAMES, AnyPart
from sim.arm_batch import ArmBatch
from sim.grip_choice import TIP_CLEARANCE_M
from sim.gripper import PAD_TIP_M
from sim.parts import SHAPES
from sim.stances import Stances

GRIPS = 10  # ways in which each shape may lie between the pads
SETTLE_TICKS = 60


def settled_grips(
    arms: ArmBatch, chain: Chain, coordinates: slice, posture: np.ndarray, in_tool: np.ndarray, opening_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Close every gripper of a batch on its part and return the parts in the tools' frames (n, 4, 4), and the pads'
    openings (n,) [m], once all is at rest.

    coordinates: of the parts' free joints. posture: (n, joints) of the arms. in_tool, opening_m: where to begin.
    """
    rows = np.arange(arms.count)
    arms.place(rows, posture, opening_m, np.zeros(arms.count))
    arms.qpos[:, coordinates] = free_coordinates(chain.tool(posture), in_tool)
    arms.settle(rows)
    still = np.zeros_like(posture)
    for _ in range(SETTLE_TICKS):
        arms.tick(posture, still)
    tool = chain.tool(arms.true_position_rad())
    return np.linalg.inv(tool) @ transforms(arms.qpos[:, coordinates]), arms.opening_m()


def free_coordinates(tool: np.ndarray, in_tool: np.ndarray) -> np.ndarray:
    """Free-joint coordinates (k, 7) of bodies with poses (k, 4, 4) in the tools' frames."""
    world = tool @ in_tool
    result = np.empty((len(world), 7))
    for row, matrix in enumerate(world):
        result[row, :3] = matrix[:3, 3]
        mujoco.mju_mat2Quat(result[row, 3:], np.ascontiguousarray(matrix[:3, :3]).ravel())
    return result


def transforms(coordinates: np.ndarray) -> np.ndarray:
    """Transforms (k, 4, 4) of bodies to the cell from free-joint coordinates (k, 7)."""
    result = np.tile(np.eye(4), (len(coordinates), 1, 1))
    turn = np.empty(9)
    for row, values in enumerate(coordinates):
        mujoco.mju_quat2Mat(turn, values[3:])
        result[row, :3, :3], result[row, :3, 3] = turn.reshape(3, 3), values[:3]
    return result


@dataclass(frozen=True, eq=False)
class HeldParts:
    """Parts as they come to rest between the pads: shape (k,) as index into NAMES, pose in the tool's frame
    (k, 4, 4), the pads' opening (k,) [m]."""

    shape: np.ndarray
    part_in_tool: np.ndarray
    opening_m: np.ndarray

    @classmethod
    def made(cls, profile: Profile, like: ArmBatch, stances: Stances, ranges: PlaceRandomization) -> HeldParts:
        """Close the gripper on parts of every shape that lie a little off; always the same ones."""
        draw, count = np.random.default_rng(22), GRIPS * len(NAMES)
        arms = ArmBatch(profile, like.model, count)
        part = AnyPart(arms)
        shape = np.repeat(np.arange(len(NAMES)), GRIPS)
        opening, pose = np.zeros(count), np.tile(np.eye(4), (count, 1, 1))
        tool = upright(np.zeros((1, 4)))[0]
        for row in range(count):
            solid = SHAPES[NAMES[shape[row]]]
            grip = solid.grips[draw.integers(len(solid.grips))]
            z = max(solid.rest_m + grip.offset_m[2], PAD_TIP_M + TIP_CLEARANCE_M)
            aside = draw.uniform(-1.0, 1.0) * ranges.aside_m
            yaw = draw.uniform(-1.0, 1.0) * ranges.turn_rad - grip.yaw_rad
            c, s = np.cos(yaw), np.sin(yaw)
            pose[row, :2, :2] = [[c, -s], [s, c]]
            pose[row, :2, 3] = -pose[row, :2, :2] @ grip.offset_m[:2] + [aside, 0.0]
            pose[row, 2, 3] = solid.rest_m - z
            pose[row] = np.linalg.inv(tool) @ pose[row]
            opening[row] = grip.width_m + 0.001
        part.become(np.arange(count), shape, np.ones(count))
        posture = np.tile(stances.position_rad[0], (count, 1))
        in_tool, opening = settled_grips(arms, Chain.of(profile.arm), part.coordinates, posture, pose, opening)
        return cls(shape, in_tool, opening)
