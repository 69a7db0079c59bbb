"""Where the base is: odometry held to the map by matching each scan against it."""

from __future__ import annotations

from math import atan2, cos, sin

import numpy as np

from luban.state import BaseState, LidarScan
from policies.control.floor_map import FloorMap

OUTLIER_M = 0.20  # farther from every surface of the map than this a point belongs to something else
SCALE_M = 0.03  # of the robust cost
POINT_M = 0.05  # weight of one point: neighbouring beams share their errors, so larger than the lidar's noise
PRIOR = np.array([0.03, 0.03, 0.02])  # how far one match may move the pose [m, m, rad], one sigma
MIN_POINTS = 30
GAIN = 0.5


class Localizer:
    """Keeps the small motion from the odometry's frame to the cell frame.

    Each match is a Gauss-Newton fit of the scan to the map's signed distance (Cauchy weights, a prior at the predicted
    pose, so that what the scan does not tell, as along a bare wall, stays with the odometry).
    """

    def __init__(self, floor: FloorMap) -> None:
        self._floor = floor
        self._shift = np.zeros(3)  # odometry frame in the cell frame: x, y [m], yaw [rad]

    def pose(self, state: BaseState) -> np.ndarray:
        """Return x, y [m], yaw [rad] (3,) in the cell frame for an odometry state."""
        return compose(self._shift, np.array([state.x_m, state.y_m, state.yaw_rad]))

    def correct(self, state: BaseState, points: np.ndarray, gain: float = GAIN) -> np.ndarray:
        """Match scan points (n, 2) of the base frame; return the corrected pose (3,)."""
        predicted = self.pose(state)
        matched = self._match(predicted, points)
        if matched is None:
            return predicted
        change = matched - predicted
        pose = predicted + gain * np.array([change[0], change[1], wrap(change[2])])
        self._shift = compose(pose, invert(np.array([state.x_m, state.y_m, state.yaw_rad])))
        return pose

    def _match(self, predicted: np.ndarray, points: np.ndarray) -> np.ndarray | None:
        pose = predicted.copy()
        for _ in range(6):
            placed = transform(pose, points)
            distance, gradient = self._floor.surface(placed)
            near = np.abs(distance) < OUTLIER_M
            if near.sum() < MIN_POINTS:
                return None
            arm = placed[near] - pose[:2]
            normal = gradient[near]
            turn = normal[:, 1] * arm[:, 0] - normal[:, 0] * arm[:, 1]
            jacobian = np.column_stack([normal, turn])
            weight = 1.0 / (1.0 + (distance[near] / SCALE_M) ** 2) / POINT_M**2
            behind = pose - predicted
            behind[2] = wrap(behind[2])
            information = jacobian.T @ (jacobian * weight[:, None]) + np.diag(1 / PRIOR**2)
            step = np.linalg.solve(information, -jacobian.T @ (weight * distance[near]) - behind / PRIOR**2)
            pose += step
            if np.abs(step).max() < 1e-4:
                break
        return pose


def scan_points(scan: LidarScan) -> np.ndarray:
    """Return what a scan saw as points (n, 2) in the base frame [m]."""
    seen = np.flatnonzero(np.isfinite(scan.ranges_m))
    angles = scan.angle_min_rad + scan.angle_increment_rad * seen
    return np.asarray(scan.ranges_m)[seen, None] * np.column_stack([np.cos(angles), np.sin(angles)])


def wrap(angle_rad: float) -> float:
    """Return the same angle in -pi..pi."""
    return atan2(sin(angle_rad), cos(angle_rad))


def compose(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return planar pose b (3,), given in frame a (3,), in a's parent."""
    x, y = transform(a, b[None, :2])[0]
    return np.array([x, y, wrap(a[2] + b[2])])


def invert(pose: np.ndarray) -> np.ndarray:
    c, s = cos(pose[2]), sin(pose[2])
    return np.array([-c * pose[0] - s * pose[1], s * pose[0] - c * pose[1], -pose[2]])


def transform(pose: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return points (n, 2) of a pose's frame in its parent."""
    c, s = cos(pose[2]), sin(pose[2])
    return points @ np.array([[c, s], [-s, c]]) + pose[:2]
