"""Where to look next for what is near a place: n Archimedean spirals, each around a centre of its own."""

from __future__ import annotations

import numpy as np

TIGHTEST_M = 0.0008  # a smaller radius would make the first turn whirl


class Spiral:
    """radius_m, angle_rad: (n,) how far out and how far round; centre_m: (n, 2)."""

    def __init__(self, count: int) -> None:
        self.angle_rad, self.pitch_m = np.zeros(count), np.zeros(count)
        self.centre_m = np.zeros((count, 2))

    def begin(self, rows: np.ndarray, turn_m: np.ndarray) -> None:
        """Start rows (k,) around the origin, one turn turn_m (k,) outside the other."""
        self.pitch_m[rows] = turn_m / (2 * np.pi)
        self.angle_rad[rows] = self.centre_m[rows] = 0.0

    @property
    def radius_m(self) -> np.ndarray:
        return np.asarray(self.pitch_m * self.angle_rad)

    def go_on(self, rows: np.ndarray, speed_m_s: float, step_s: float) -> None:
        """Go on along the spirals at a speed for step_s where rows (n,) is true."""
        rate = speed_m_s / np.maximum(self.radius_m, TIGHTEST_M)
        self.angle_rad = np.where(rows, self.angle_rad + step_s * rate, self.angle_rad)

    def point_m(self) -> np.ndarray:
        """Return the points (n, 2)."""
        round_m = np.stack([np.cos(self.angle_rad), np.sin(self.angle_rad)], axis=1)
        return np.asarray(self.centre_m + self.radius_m[:, None] * round_m)
