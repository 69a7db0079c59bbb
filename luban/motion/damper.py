"""Keeps n arms from driving into what is known: the nearer an obstacle, the slower the approach.

Faverjon & Tournassoud, "A local based approach for path planning of manipulators with a high number of degrees of
freedom" (ICRA 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.clearance import Boxes
from luban.motion.free_space import FreeSpace

LOOK = 2  # periods between two looks for what is near; a divisor of the periods per action


@dataclass(frozen=True)
class DamperTuning:
    keep_m: float = 0.016  # the arm stops here; the outlines in `clearance` are a few millimetres too large besides
    slow_s: float = 0.12  # at a distance d beyond it, the approach is slower than d / slow_s
    brake_m_s2: float = 3.0  # and slower than what this can stop
    pairs: int = 8  # of arm and obstacle that are looked at
    sweeps: int = 6


class Damper:
    """State of n arms' looks at what is near. `clearance_m`: (n,) as of the last period."""

    def __init__(self, space: FreeSpace, count: int, tuning: DamperTuning) -> None:
        self._space, self.tuning = space, tuning
        self.clearance_m = np.full(count, np.inf)
        self._age = 0

    def begin(self, rows: np.ndarray) -> None:
        """Rows (k,) are elsewhere from now on: look again."""
        self.clearance_m[rows] = np.inf
        self._age = 0

    def damped(
        self, wanted: np.ndarray, low: np.ndarray, high: np.ndarray, position_rad: np.ndarray, boxes: Boxes
    ) -> np.ndarray:
        """The nearest joint speeds to those wanted (n, joints), within low and high, that approach nothing too fast
        (Hildreth's iteration, 1957). Call it once per period."""
        tuning = self.tuning
        distance, gain = self._looked(position_rad, boxes)
        beyond = distance - tuning.keep_m
        most = np.minimum(beyond / tuning.slow_s, np.sqrt(2 * tuning.brake_m_s2 * np.maximum(beyond, 0.0)))
        size = np.maximum((gain * gain).sum(axis=2), 1e-6)
        force = np.zeros_like(most)
        for _ in range(tuning.sweeps):
            # Arm by arm: what one does must not depend on how long another takes.
            due = ((gain @ wanted[..., None])[..., 0] + most < -1e-4).any(axis=1)
            if not due.any():
                break
            for pair in range(most.shape[1]):
                row = gain[:, pair]
                step = -((row * wanted).sum(axis=1) + most[:, pair]) / size[:, pair]
                step = np.where(due, np.maximum(step, -force[:, pair]), 0.0)
                force[:, pair] += step
                wanted = wanted + step[:, None] * row
            wanted = np.clip(wanted, low, high)
        return wanted

    def _looked(self, position_rad: np.ndarray, boxes: Boxes) -> tuple[np.ndarray, np.ndarray]:
        """Distances (n, k) and gains (n, k, joints), the wall's last; looked for every LOOK periods, foretold in
        between."""
        if self._age % LOOK == 0:
            frames = self._space.chain.frames(position_rad)
            near = self._space.hull.nearest(frames, boxes, self.tuning.pairs)
            wall_m, wall_gain = self._space.nearest_wall(frames)
            distance = np.concatenate([near.distance_m, wall_m[:, None]], axis=1)
            self._seen = distance, np.concatenate([near.gain, wall_gain[:, None]], axis=1), position_rad
        self._age += 1
        distance, gain, since_rad = self._seen
        distance = distance + (gain @ (position_rad - since_rad)[..., None])[..., 0]
        self.clearance_m = distance[:, :-1].min(axis=1)
        return distance, gain
