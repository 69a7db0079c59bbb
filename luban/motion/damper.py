"""Keeps n arms from driving into what is known: the nearer an obstacle, the slower the approach.

Faverjon & Tournassoud, "A local based approach for path planning of manipulators with a high number of degrees of
freedom" (ICRA 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.clearance import GROUPS, Boxes
from luban.motion.free_space import FreeSpace

LOOK = 3  # periods between two looks for what is near; a divisor of the periods per action


@dataclass(frozen=True)
class DamperTuning:
    keep_m: float = 0.016  # the arm stops here; the outlines in `clearance` are a few millimetres too large besides
    slow_s: float = 0.12  # at a distance d beyond it, the approach is slower than d / slow_s
    brake_m_s2: float = 3.0  # and slower than what this can stop
    pairs: int = 4  # of arm and obstacle that are looked at besides the nearest of each part of the arm
    sweeps: int = 6


class Damper:
    """Looks of n arms at what is near, and what they allow. Boxes are always of n rows, `boxes` of them each.

    Of the last look: near_m (n, k) and away (n, k, 3) as of `Nearest`. clearance_m: (n,) as of the last period.
    """

    def __init__(self, space: FreeSpace, count: int, boxes: int, tuning: DamperTuning) -> None:
        self._space, self.tuning, joints = space, tuning, len(space.chain.arm.joint_names)
        pairs = len(GROUPS) + min(tuning.pairs, (boxes - 1) * len(GROUPS))
        self.clearance_m = np.full(count, np.inf)
        self.near_m, self.away = np.zeros((count, pairs)), np.zeros((count, pairs, 3))
        self._distance_m, self._gain = np.zeros((count, pairs + 1)), np.zeros((count, pairs + 1, joints))  # wall's last
        self._size = np.ones((count, pairs + 1))  # of the gains, squared
        self._since_rad = np.zeros((count, joints))
        self._stale, self._age = np.ones(count, dtype=bool), 0

    def begin(self, rows: np.ndarray) -> None:
        """Rows (k,) are elsewhere from now on."""
        self.clearance_m[rows], self._stale[rows], self._age = np.inf, True, 0

    def look(self, position_rad: np.ndarray, boxes: Boxes) -> None:
        """See what is near the arms at the postures (n, joints) of this period, where a look is due."""
        rows = np.flatnonzero(self._stale)
        if not len(rows):
            return
        frames = self._space.chain.frames(position_rad[rows])
        near = self._space.hull.nearest(frames, boxes.of(rows), self.tuning.pairs)
        self.near_m[rows], self.away[rows] = near.distance_m, near.away
        self._distance_m[rows, :-1], self._gain[rows, :-1] = near.distance_m, near.gain
        self._distance_m[rows, -1], self._gain[rows, -1] = self._space.nearest_wall(frames)
        self._size[rows] = np.maximum((self._gain[rows] ** 2).sum(axis=2), 1e-6)
        self._since_rad[rows], self._stale[rows] = position_rad[rows], False

    def damped(
        self, wanted: np.ndarray, low: np.ndarray, high: np.ndarray, position_rad: np.ndarray, boxes: Boxes
    ) -> np.ndarray:
        """The nearest joint speeds to those wanted (n, joints), within low and high, that approach nothing too fast.
        Call it once per period; between two looks the distances are foretold."""
        self.look(position_rad, boxes)
        distance = self._distance_m + (self._gain @ (position_rad - self._since_rad)[..., None])[..., 0]
        self.clearance_m = distance[:, :-1].min(axis=1)
        self._age += 1
        self._stale[:] = self._age % LOOK == 0
        tuning, beyond = self.tuning, distance - self.tuning.keep_m
        most = np.minimum(beyond / tuning.slow_s, np.sqrt(2 * tuning.brake_m_s2 * np.maximum(beyond, 0.0)))
        due = np.flatnonzero((_excess(self._gain, wanted, most) > 0.0).any(axis=1))
        if len(due):
            wanted[due] = self._corrected(wanted[due], low[due], high[due], due, most[due])
        return wanted

    def _corrected(
        self, wanted: np.ndarray, low: np.ndarray, high: np.ndarray, rows: np.ndarray, most: np.ndarray
    ) -> np.ndarray:
        """Hildreth's iteration (1957): the least change by which no pair of some rows approaches faster than `most`
        (n, k)."""
        gain, size, force = self._gain[rows], self._size[rows], np.zeros_like(most)
        for _ in range(self.tuning.sweeps):
            # Arm by arm and pair by pair: what one does must not depend on how long another takes.
            late = _excess(gain, wanted, most) > 0.0
            due = late.any(axis=1, keepdims=True) & (late | (force > 0.0))
            if not due.any():
                break
            for pair in np.flatnonzero(due.any(axis=0)):
                row = gain[:, pair]
                step = -((row * wanted).sum(axis=1) + most[:, pair]) / size[:, pair]
                step = np.where(due[:, pair], np.maximum(step, -force[:, pair]), 0.0)
                force[:, pair] += step
                wanted = wanted + step[:, None] * row
            wanted = np.minimum(np.maximum(wanted, low), high)
        return wanted


def _excess(gain: np.ndarray, speed_rad_s: np.ndarray, most_m_s: np.ndarray) -> np.ndarray:
    """By how much (n, k) pairs approach faster than they may; rounding is none."""
    return np.asarray(-(gain @ speed_rad_s[..., None])[..., 0] - most_m_s - 1e-4)
