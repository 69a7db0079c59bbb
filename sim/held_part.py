"""Parts between the pads: how they come to rest there, and where that puts them in the cell."""

from __future__ import annotations

import mujoco
import numpy as np

from luban.motion.chain import Chain
from sim.arm_batch import ArmBatch

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
    return np.linalg.inv(tool) @ transforms(arms.qpos[:, coordinates]), arms.opening_m().copy()


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
