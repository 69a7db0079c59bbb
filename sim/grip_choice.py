"""Chooses how to grip a part and how to let go of it, so that fingers and palm stay clear of neighbours and walls."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from luban.pose import Pose
from sim.gripper import FINGER_THICKNESS_M, PAD_HALF_M, PAD_TIP_M, PALM_HALF_M
from sim.parts import PartShape

PREOPENING_M = 0.024  # how much wider than the part the fingers come down
TIP_CLEARANCE_M = 0.0025  # between fingertips and what the part lies on
UPRIGHT = 0.85  # cosine of the tilt up to which a part counts as lying in its natural pose
ENOUGH_M = 0.012  # more clearance than this is not better


def tool_pose(position_m: np.ndarray, yaw_rad: float) -> Pose:
    """Pose of a tool that points down, its x axis turned by yaw about the cell's z."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    transform = np.eye(4)
    transform[:3, :3] = [[c, s, 0], [s, -c, 0], [0, 0, -1]]
    transform[:3, 3] = position_m
    return Pose.from_matrix(transform)


def yaw_of(pose: Pose) -> float:
    """Yaw of a pose's x axis about the cell's z."""
    x_axis = pose.matrix()[:3, 0]
    return float(np.arctan2(x_axis[1], x_axis[0]))


def turn_between(a_rad: float, b_rad: float) -> float:
    """Absolute angle between two yaws."""
    return float(abs((a_rad - b_rad + np.pi) % (2 * np.pi) - np.pi))


def candidate_grips(shape: PartShape, pose: Pose, stroke_m: float) -> Iterable[tuple[np.ndarray, float, float]]:
    """Yield (tool position (3,), yaw, width) of every way to grip a part from above that fits the stroke."""
    transform, outline = pose.matrix(), shape.outline(pose)
    lowest = outline[:, 2].min() + PAD_TIP_M + TIP_CLEARANCE_M
    if transform[2, 2] >= UPRIGHT:
        for grip in shape.grips:
            position = transform[:3, 3] + transform[:3, :3] @ np.array(grip.offset_m)
            position[2] = max(position[2], lowest)
            yield position, yaw_of(pose) + grip.yaw_rad, grip.width_m
        return
    # Fallen over: grip what its outline offers, across every direction that the stroke can span.
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    middle[2] = max(min(middle[2], outline[:, 2].max() - PAD_TIP_M), lowest)
    for yaw in np.linspace(-np.pi, np.pi, 24, endpoint=False):
        across = outline[:, :2] @ np.array([np.sin(yaw), -np.cos(yaw)])
        width = float(np.ptp(across))
        if width + 0.006 <= stroke_m:
            yield middle, float(yaw), width


def finger_clearance(position_m: np.ndarray, yaw_rad: float, opening_m: float, obstacles_m: np.ndarray) -> float:
    """Smallest horizontal distance [m] from the opened fingers to obstacle points (n, 3); 0 = a finger lands on one."""
    if not len(obstacles_m):
        return np.inf
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    offset = obstacles_m[:, :2] - position_m[:2]
    x, y = offset @ np.array([c, s]), offset @ np.array([s, -c])
    middle = opening_m / 2 + FINGER_THICKNESS_M / 2
    gap_x = np.maximum(np.abs(x) - PAD_HALF_M[0], 0.0)
    gap_y = np.maximum(np.abs(np.abs(y) - middle) - FINGER_THICKNESS_M / 2, 0.0)
    return float(np.hypot(gap_x, gap_y).min())


def choose_grip(
    shape: PartShape, pose: Pose, obstacles_m: np.ndarray, tool_yaw_rad: float, stroke_m: float
) -> tuple[Pose, float, float] | None:
    """Return tool pose, width and clearance [m] of the best grip, or None when nothing fits the stroke.

    obstacles_m: points (n, 3) of neighbours and walls. Clearance counts up to ENOUGH_M, then the shorter turn.
    """
    best: tuple[float, Pose, float, float] | None = None
    for position, yaw, width in candidate_grips(shape, pose, stroke_m):
        clearance = finger_clearance(position, yaw, min(width + PREOPENING_M, stroke_m), obstacles_m)
        score = min(clearance, ENOUGH_M) / ENOUGH_M - 0.1 * turn_between(yaw, tool_yaw_rad)
        if best is None or score > best[0] + 1e-9:
            best = (score, tool_pose(position, yaw), width, clearance)
    return best[1:] if best else None


def choose_release(
    target_xy_m: np.ndarray,
    half_xy_m: np.ndarray,
    held_m: np.ndarray,
    palm_inside: bool,
    tool_yaw_rad: float,
    stroke_m: float,
) -> tuple[np.ndarray, float] | None:
    """Return where in a box (2,) and with which yaw to let go, nearest to the target, or None when nothing fits.

    target_xy_m: (2,) in the box's frame, centre 0; half_xy_m: (2,) inner half sizes; held_m: (n, 3) points of the held
    part in the tool frame; palm_inside: the palm goes below the rim too; tool_yaw_rad: current yaw in the box's frame.
    """
    reach = stroke_m / 2 + FINGER_THICKNESS_M
    hand = [(x * PAD_HALF_M[0], y * reach) for x in (-1, 1) for y in (-1, 1)]
    if palm_inside:
        hand += [(x * PALM_HALF_M[0], y * PALM_HALF_M[1]) for x in (-1, 1) for y in (-1, 1)]
    points = np.concatenate([np.array(hand), held_m[:, :2]])
    best: tuple[float, np.ndarray, float] | None = None
    for yaw in np.concatenate([[tool_yaw_rad], np.linspace(-np.pi, np.pi, 24, endpoint=False)]):
        c, s = np.cos(yaw), np.sin(yaw)
        spread = points @ np.array([[c, s], [s, -c]])  # tool (x, y) to box (x, y); the matrix is symmetric
        low, high = -half_xy_m - spread.min(axis=0) + 0.004, half_xy_m - spread.max(axis=0) - 0.004
        if np.any(low > high):
            continue
        spot = np.clip(target_xy_m, low, high)
        cost = 20 * float(np.linalg.norm(spot - target_xy_m)) + 0.3 * turn_between(yaw, tool_yaw_rad)
        if best is None or cost < best[0] - 1e-9:
            best = (cost, spot, float(yaw))
    return best[1:] if best else None
