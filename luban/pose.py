"""A rigid pose: position and unit quaternion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Pose:
    """Pose of a frame in a parent frame; the parent is the cell frame (arm base) unless said otherwise.

    position_m: (3,) [m]; quaternion_wxyz: (4,) unit quaternion, scalar first (MuJoCo's order).
    """

    position_m: np.ndarray
    quaternion_wxyz: np.ndarray

    @classmethod
    def from_matrix(cls, transform: np.ndarray) -> Pose:
        """Build from a homogeneous (4, 4) transform of the frame to its parent."""
        return cls(np.array(transform[:3, 3], dtype=float), _quaternion(np.asarray(transform)[:3, :3]))

    def matrix(self) -> np.ndarray:
        """Return the homogeneous (4, 4) transform from this frame to its parent."""
        w, x, y, z = self.quaternion_wxyz
        result = np.eye(4)
        result[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
        result[:3, 3] = self.position_m
        return result


def _quaternion(rotation: np.ndarray) -> np.ndarray:
    """Unit quaternion (w >= 0) of a rotation matrix: Bar-Itzhack (2000), as the largest eigenvector."""
    (a, b, c), (d, e, f), (g, h, i) = rotation
    k = np.array(
        [
            [a - e - i, d + b, g + c, h - f],
            [d + b, e - a - i, h + f, c - g],
            [g + c, h + f, i - a - e, d - b],
            [h - f, c - g, d - b, a + e + i],
        ]
    )
    x, y, z, w = np.linalg.eigh(k)[1][:, -1]
    quaternion = np.array([w, x, y, z])
    return quaternion if w >= 0 else -quaternion
