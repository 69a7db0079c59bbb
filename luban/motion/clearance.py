"""How far n arms are from what is known to stand around them, and which joint motion brings them nearer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.errors import LubanError, unknown
from luban.motion.chain import Chain, cross

GROUPS = ("upper_arm", "forearm", "wrist", "hand")
# (group, frame, from, to [m], radius [m], spheres) of capsules around each link, in the frames of `Chain.frames`.
# The arm's after its maker's drawings; those of the gripper are measured from the tool, its pads opened wide.
_ARMS = {
    "ur5e": (
        (0, 2, (0.425, 0, 0.138), (0, 0, 0.138), 0.058, 7),
        (1, 3, (0.3922, 0, 0.007), (0, 0, 0.007), 0.046, 8),
        (2, 4, (0, -0.03, 0), (0, 0.015, 0), 0.041, 2),
        (2, 5, (0, 0.015, 0), (0, -0.015, 0), 0.041, 2),
    )
}
_GRIPPER = (
    (3, 6, (0, 0, -0.16), (0, 0, -0.09), 0.044, 3),
    (3, 6, (0, -0.043, -0.077), (0, 0.043, -0.077), 0.0215, 3),
    (3, 6, (0, -0.0465, -0.055), (0, 0.0465, -0.055), 0.0125, 3),
    (3, 6, (0, -0.0465, 0.0), (0, 0.0465, 0.0), 0.0125, 3),
)
_FINGER_GAP_M = 0.030  # along the fingers, which cross their rows of spheres


@dataclass(frozen=True, eq=False)
class Boxes:
    """Upright boxes around n arms, cell frame. centre_m, half_m: (n, b, 3); yaw_rad: (n, b).

    Half sizes of 0 far away stand for "none".
    """

    centre_m: np.ndarray
    half_m: np.ndarray
    yaw_rad: np.ndarray

    @classmethod
    def none(cls, count: int, boxes: int) -> Boxes:
        centre_m = np.zeros((count, boxes, 3))
        centre_m[:, :, 2] = -10.0
        return cls(centre_m, np.zeros((count, boxes, 3)), np.zeros((count, boxes)))

    def of(self, rows: np.ndarray) -> Boxes:
        return Boxes(self.centre_m[rows], self.half_m[rows], self.yaw_rad[rows])

    def standing(self) -> Boxes:
        """Without those that stand for "none" in every row; one is kept."""
        there = np.flatnonzero(self.half_m.any(axis=(0, 2)))
        there = there if len(there) else np.array([0])
        return Boxes(self.centre_m[:, there], self.half_m[:, there], self.yaw_rad[:, there])


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k nearest pairs of arm and obstacle of each of n arms, nearest first, of at most one per group and obstacle.

    distance_m: (n, k), negative inside; away: (n, k, 3) unit vectors out of the obstacle; gain: (n, k, joints), how
    the distance changes with the joint angles [m/rad]; group: (n, k) index into GROUPS.
    """

    distance_m: np.ndarray
    away: np.ndarray
    gain: np.ndarray
    group: np.ndarray


class Hull:
    """The spheres that enclose an arm with its gripper. Raises LubanError for an arm without a known outline."""

    def __init__(self, chain: Chain) -> None:
        if chain.arm.name not in _ARMS:
            raise LubanError(unknown("outline of arm", chain.arm.name, _ARMS))
        frame, group, at_m, radius_m = [], [], [], []
        for index, (part, link, start, end, radius, count) in enumerate(_ARMS[chain.arm.name] + _GRIPPER):
            share = np.linspace(0.0, 1.0, count)[:, None]
            at_m.append((1 - share) * np.array(start) + share * np.array(end))
            gap_m = float(np.linalg.norm(np.subtract(end, start))) / (count - 1)
            if index >= len(_ARMS[chain.arm.name]) + 2:
                gap_m = _FINGER_GAP_M
            radius_m += [float(np.hypot(radius, gap_m / 2))] * count
            frame += [link] * count
            group += [part] * count
        self.frame, self.group = np.array(frame), np.array(group)
        self.at_m, self.radius_m = np.concatenate(at_m), np.array(radius_m)
        self._radius = self.radius_m.astype(np.float32)
        self._first = np.array([int(np.argmax(self.group == part)) for part in range(len(GROUPS))])
        self._moves = np.arange(len(chain.arm.joint_names)) < self.frame[:, None]  # (spheres, joints)

    def centres(self, frames: np.ndarray) -> np.ndarray:
        """Centres (n, spheres, 3) from `Chain.frames` (n, joints + 1, 4, 4)."""
        result = np.empty((len(frames), len(self.frame), 3))
        for link in np.unique(self.frame):
            own = self.frame == link
            result[:, own] = self.at_m[own] @ frames[:, link, :3, :3].transpose(0, 2, 1) + frames[:, link, None, :3, 3]
        return result

    def distances(self, frames: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Signed distances (n, spheres, b) [m] from the spheres' surfaces to boxes."""
        distance = _outside(*_beyond(self.centres(frames)[:, :, None], boxes)[0])
        return np.asarray(distance - self._radius[:, None])

    def clearance(self, frames: np.ndarray, boxes: Boxes) -> np.ndarray:
        """The least distance (n,) [m]."""
        return np.asarray(self.distances(frames, boxes).min(axis=(1, 2)))

    def nearest(self, frames: np.ndarray, boxes: Boxes, count: int) -> Nearest:
        rows = np.arange(len(frames))[:, None]
        centres = self.centres(frames)
        beyond, local = _beyond(centres[:, :, None], boxes)
        distance = _outside(*beyond) - self._radius[:, None]
        least = np.minimum.reduceat(distance, self._first, axis=1)  # (n, groups, b)
        flat = least.reshape(len(frames), -1)
        count = min(count, flat.shape[1])
        pick = np.argpartition(flat, count - 1, axis=1)[:, :count]
        pick = pick[rows, np.argsort(flat[rows, pick], axis=1)]
        group, box = np.divmod(pick, distance.shape[2])
        own = self.group == group[..., None]  # (n, k, spheres)
        sphere = np.where(own, distance[rows, :, box], np.inf).argmin(axis=2)
        chosen = np.stack([values[rows, sphere, box] for values in beyond], axis=-1)
        away = _away(
            chosen, np.stack([values[rows, sphere, box] for values in local], axis=-1), boxes.yaw_rad[rows, box]
        )
        gain = self._gain(frames, centres[rows, sphere], sphere, away)
        return Nearest(flat[rows, pick].astype(float), away, gain, group)

    def _gain(self, frames: np.ndarray, at_m: np.ndarray, sphere: np.ndarray, along: np.ndarray) -> np.ndarray:
        """How points (n, k, 3) move along unit vectors (n, k, 3) with the joints: (n, k, joints) [m/rad]."""
        axis, origin = frames[:, None, :-1, :3, 2], frames[:, None, :-1, :3, 3]
        lever = cross(at_m[:, :, None] - origin, along[:, :, None])
        return np.asarray((axis * lever).sum(axis=-1) * self._moves[sphere])


def _beyond(
    points: np.ndarray, boxes: Boxes
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Points (n, s, 1, 3) in the frames of boxes: how far beyond each pair of faces, and the coordinates.

    In single precision, which is a micrometre here and twice as quick.
    """
    points, yaw = points.astype(np.float32), boxes.yaw_rad.astype(np.float32)[:, None]
    centre, half = boxes.centre_m.astype(np.float32)[:, None], boxes.half_m.astype(np.float32)[:, None]
    cos, sin = np.cos(yaw), np.sin(yaw)
    dx, dy = points[..., 0] - centre[..., 0], points[..., 1] - centre[..., 1]
    x, y, z = cos * dx + sin * dy, cos * dy - sin * dx, points[..., 2] - centre[..., 2]
    return (np.abs(x) - half[..., 0], np.abs(y) - half[..., 1], np.abs(z) - half[..., 2]), (x, y, z)


def _outside(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Signed distance to a box from how far beyond its faces a point is."""
    inside = np.minimum(np.maximum(np.maximum(x, y), z), 0.0)
    x, y, z = np.maximum(x, 0.0), np.maximum(y, 0.0), np.maximum(z, 0.0)
    return np.asarray(np.sqrt(x * x + y * y + z * z) + inside)


def _away(beyond: np.ndarray, local: np.ndarray, yaw_rad: np.ndarray) -> np.ndarray:
    """Unit vectors (..., 3), cell frame, along which the distance to the boxes grows."""
    out = np.maximum(beyond, 0.0)
    inside = (beyond.max(axis=-1) <= 0.0)[..., None]
    out = np.where(inside, beyond == beyond.max(axis=-1, keepdims=True), out) * np.where(local < 0, -1.0, 1.0)
    out = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-12)
    out, cos, sin = out.astype(float), np.cos(yaw_rad), np.sin(yaw_rad)
    x, y = cos * out[..., 0] - sin * out[..., 1], sin * out[..., 0] + cos * out[..., 1]
    return np.stack([x, y, out[..., 2]], axis=-1)
