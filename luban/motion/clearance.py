"""How far n arms are from what is known to stand around them, and which joint motion brings them nearer."""

from __future__ import annotations

from collections.abc import Sequence
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

    def of(self, rows: np.ndarray | slice) -> Boxes:
        return Boxes(self.centre_m[rows], self.half_m[rows], self.yaw_rad[rows])

    def among(self, boxes: np.ndarray) -> Boxes:
        """Only some boxes of every row."""
        return Boxes(self.centre_m[:, boxes], self.half_m[:, boxes], self.yaw_rad[:, boxes])

    @classmethod
    def stacked(cls, boxes: Sequence[Boxes]) -> Boxes:
        """The rows of several sets, one below the other."""
        return cls(
            *(np.concatenate([getattr(each, name) for each in boxes]) for name in ("centre_m", "half_m", "yaw_rad"))
        )


@dataclass(frozen=True, eq=False)
class Nearest:
    """k pairs of arm and obstacle for each of n arms: of each of GROUPS the nearest, then the nearest others.

    distance_m: (n, k), negative inside; away: (n, k, 3) unit vectors out of the obstacle; gain: (n, k, joints), how
    the distance changes with the joint angles [m/rad].
    """

    distance_m: np.ndarray
    away: np.ndarray
    gain: np.ndarray


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
        self._radius = np.array(radius_m, np.float32)
        self._first = np.array([group.index(part) for part in range(len(GROUPS))])
        self._own = np.array(group) == np.arange(len(GROUPS))[:, None]  # (groups, spheres)
        self._moves = np.arange(len(chain.arm.joint_names)) < np.array(frame)[:, None]  # (spheres, joints)
        # All centres in one product: the links' frames side by side, times where each sphere is in its own.
        self._links = slice(min(frame), max(frame) + 1)
        self._at = np.zeros((max(frame) + 1 - min(frame), 4, len(frame)), np.float32)
        at = np.column_stack([np.concatenate(at_m), np.ones(len(frame))])
        self._at[np.array(frame) - min(frame), :, range(len(frame))] = at

    def distances(self, frames: np.ndarray, boxes: Boxes) -> np.ndarray:
        """The least signed distance (n, b) [m] of arms from each of their boxes. frames: as of `Chain.frames`."""
        return np.asarray(self._signed(self._centres(frames), boxes).min(axis=1).T)

    def clearance(self, frames: np.ndarray, boxes: Boxes) -> np.ndarray:
        """The least distance (n,) [m]."""
        return np.asarray(self.distances(frames, boxes).min(axis=1))

    def hides(self, frames: np.ndarray, eye_m: np.ndarray, point_m: np.ndarray) -> np.ndarray:
        """Which of n arms (n,) stand between an eye (3,) and a point (3,)."""
        centres = self._centres(frames)
        way = (point_m - eye_m).astype(np.float32)
        to_centre = centres - eye_m.astype(np.float32)[:, None, None]
        share = np.clip(np.tensordot(way, to_centre, 1) / (way @ way), 0.0, 1.0)  # (spheres, n)
        apart = np.linalg.norm(to_centre - way[:, None, None] * share, axis=0)
        return np.asarray((apart < self._radius[:, None]).any(axis=0))

    def nearest(self, frames: np.ndarray, boxes: Boxes, others: int) -> Nearest:
        rows, groups = np.arange(len(frames)), np.arange(len(GROUPS))
        centres = self._centres(frames)
        distance = self._signed(centres, boxes)
        least = np.minimum.reduceat(distance, self._first, axis=1)  # (b, groups, n)
        first = least.argmin(axis=0), groups[:, None], rows
        nearest_m, least[first] = least[first], np.inf
        others = min(others, len(least) * len(groups) - len(groups))
        rest = least.reshape(-1, len(rows))
        pick = np.argpartition(rest, others, axis=0)[:others] if others else rest[:0].astype(int)
        box = np.concatenate([first[0], pick // len(groups)]).T
        group = np.concatenate([np.broadcast_to(first[1], first[0].shape), pick % len(groups)]).T
        distance_m = np.concatenate([nearest_m, rest[pick, rows]]).T.astype(float)
        rows = rows[:, None]
        sphere = np.where(self._own[group], distance[box, :, rows], np.inf).argmin(axis=2)
        at = centres[:, sphere, rows].transpose(1, 2, 0).astype(float)
        away = _away(at, boxes.centre_m[rows, box], boxes.half_m[rows, box], boxes.yaw_rad[rows, box])
        gain = _gain(frames, at, away) * self._moves[sphere]
        return Nearest(distance_m, away, gain)

    def _centres(self, frames: np.ndarray) -> np.ndarray:
        """Centres (3, spheres, n), single precision: a micrometre here, and twice as quick."""
        links = frames[:, self._links, :3].transpose(0, 2, 1, 3).astype(np.float32)
        centres = links.reshape(len(frames), 3, -1) @ self._at.reshape(-1, len(self._radius))
        return np.ascontiguousarray(centres.transpose(1, 2, 0))

    def _signed(self, centres: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Signed distances (b, spheres, n) from the spheres' surfaces to boxes. In place, for speed."""
        yaw, centre, half = (  # (..., b, 1, n)
            np.ascontiguousarray(array.T[..., None, :], np.float32)
            for array in (boxes.yaw_rad, boxes.centre_m, boxes.half_m)
        )
        cos, sin, (dx, dy, z) = np.cos(yaw), np.sin(yaw), centres[:, None] - centre
        x, y = cos * dx, cos * dy
        x += np.multiply(sin, dy, out=dy)
        y -= np.multiply(sin, dx, out=dx)
        for axis, reach in zip((x, y, z), half, strict=True):
            np.abs(axis, out=axis)
            axis -= reach
        inside = np.maximum(x, y)
        np.minimum(np.maximum(inside, z, out=inside), 0.0, out=inside)
        for axis in (x, y, z):
            np.square(np.maximum(axis, 0.0, out=axis), out=axis)
        x += y
        x += z
        np.sqrt(x, out=x)
        x += inside
        x -= self._radius[:, None]
        return np.asarray(x)


def _away(at_m: np.ndarray, centre_m: np.ndarray, half_m: np.ndarray, yaw_rad: np.ndarray) -> np.ndarray:
    """Unit vectors (n, k, 3), cell frame, along which the distance of points to boxes, one each, grows."""
    cos, sin, (dx, dy, dz) = np.cos(yaw_rad), np.sin(yaw_rad), (at_m - centre_m).transpose(2, 0, 1)
    local = np.stack([cos * dx + sin * dy, cos * dy - sin * dx, dz])
    beyond = np.abs(local) - half_m.transpose(2, 0, 1)
    most = beyond.max(axis=0)
    x, y, z = np.copysign(np.where(most <= 0.0, beyond == most, np.maximum(beyond, 0.0)), local)
    away = np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)
    return np.asarray(away / np.sqrt(x * x + y * y + z * z)[..., None])


def _gain(frames: np.ndarray, at_m: np.ndarray, along: np.ndarray) -> np.ndarray:
    """How points (n, k, 3) move along unit vectors (n, k, 3) with the joints: (n, k, joints) [m/rad].

    axis . ((point - origin) x along), as a product of lines."""
    axis, origin = frames[:, :-1, :3, 2], frames[:, :-1, :3, 3]
    lines = np.concatenate([cross(at_m, along), along], axis=2)
    joints = np.concatenate([axis, cross(origin, axis)], axis=2)
    return np.asarray(lines @ joints.transpose(0, 2, 1))
