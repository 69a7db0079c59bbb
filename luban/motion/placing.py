"""Put held parts down from above: guarded descent, let go, retreat; and what a policy may add.

The surface is felt, not believed: the descent ends with the force of the touch, wherever that is. A policy adds
velocities and moves the instant of letting go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain
from luban.motion.overhead import Felt, OverheadLaw, OverheadTuning, observation_names, only_vertical
from luban.motion.sense import ArmSense

LOWER, OPEN, RETREAT = 0, 1, 2
ACTIONS = ("x", "y", "z", "yaw", "release")
OBSERVATIONS = observation_names((), "opened", ("lowering", "opening_phase", "retreating"), ("touched",), ACTIONS)


@dataclass(frozen=True)
class PlaceTuning(OverheadTuning):
    """How fast and how careful. Ways [m], forces [N], times [s]."""

    free_m_s: float = 0.40
    touch_m_s: float = 0.017
    slow_m: float = 0.008
    brake_m_s2: float = 2.5
    deepest_m: float = 0.025  # the surface is not there
    lift_m_s: float = 0.5
    touch_n: float = 5.0
    limit_n: float = 10.0
    give_m_s: float = 0.02
    release_m: float = 0.030  # how much further than the grip the pads open
    free_m: float = 0.012  # how much is enough to leave
    stuck_s: float = 2.0  # longest wait for that
    early_m: float = 0.008  # above the goal: how much earlier a policy may let go
    smooth_s: float = 0.04
    residual_m_s: tuple[float, float, float] = (0.02, 0.02, 0.06)
    residual_rad_s: float = 0.3


class PlaceLaw(OverheadLaw):
    """State of n placements. Call `begin` for the rows that start, then every period `observe` (if a policy is asked)
    and `command`.
    """

    actions, phases, near, long_s = len(ACTIONS), 3, (0.005, 0.005, 0.05), 2.0

    def __init__(self, chain: Chain, count: int, tuning: PlaceTuning | None = None) -> None:
        self.tuning = tuning or PlaceTuning()
        super().__init__(chain, count, self.tuning)
        self.target = self.goal  # nothing corrects it
        self.touched = np.zeros(count, dtype=bool)

    def begin(self, rows: np.ndarray, sense: ArmSense, goal: np.ndarray, lift_m: np.ndarray | float) -> None:
        """Start rows (k,) from where they are, above goals (k, 4) for the tool, to leave to lift_m above them.

        sense: of all n.
        """
        self._start(rows, sense, goal, lift_m, lift_m)
        self.width_m[rows], self.aim_m[rows], self.touched[rows] = sense.opening_m[rows], 0.0, False

    @property
    def done(self) -> np.ndarray:
        """Whether (n,) the part was let go and the tool is up again."""
        return np.asarray((self.phase == RETREAT) & (self.at[:, 2] > self.goal[:, 2] + self.lift_m - 0.001))

    @property
    def failed(self) -> np.ndarray:
        """Whether (n,) there was no surface within reach, or the pads do not open."""
        lowest = (self.phase == LOWER) & (self.at[:, 2] < self.goal[:, 2] - self.tuning.deepest_m + 0.0005)
        return np.asarray(lowest | ((self.phase == OPEN) & (self.in_phase_s > self.tuning.stuck_s)))

    def _known(self) -> list[np.ndarray]:
        return [self.touched]

    def _change_phase(self, felt: Felt, eager: np.ndarray, step_s: float) -> None:
        tuning, lowering = self.tuning, self.phase == LOWER
        # The surface pushes against the approach: along the tool's own -z.
        touching = (-felt.force[:, 2] > tuning.touch_n) | (felt.force_n > tuning.limit_n)
        self.pressed_s = np.where(touching & lowering, self.pressed_s + step_s, 0.0)
        touched = self.pressed_s > 0.5 * step_s
        early = felt.at_m[:, 2] - self.goal[:, 2] < tuning.early_m * (2.0 * eager - 1.0)
        let_go = lowering & (touched | (early & (eager > 0.0)))
        away = (self.phase == OPEN) & (felt.sense.opening_m > self.width_m + tuning.free_m)
        self.touched |= touched
        self.in_phase_s[let_go | away] = 0.0
        self.phase = np.where(let_go, OPEN, np.where(away, RETREAT, self.phase))
        self.aim_m = np.where(self.phase == LOWER, 0.0, self.width_m + tuning.release_m)

    def _wanted(self, felt: Felt, action: np.ndarray) -> np.ndarray:
        tuning, lowering, opening = self.tuning, self.phase == LOWER, self.phase == OPEN
        offset = self._offset()
        height = -offset[:, 2]
        up = np.where(opening, 0.0, self._up(height, self.lift_m))
        wanted = self._towards(offset, np.where(lowering, -self._down(height, tuning.slow_m), up), lowering)
        self._add(wanted, action)
        # While the pads open nothing may push down or drag the part along; above the limit, nothing ever.
        only_vertical(wanted, opening)
        z = np.where(opening, np.clip(wanted[:, 2], 0.0, tuning.give_m_s), wanted[:, 2])
        hard = (felt.force_n > tuning.limit_n) & (lowering | opening)
        wanted[:, 2] = np.where(hard, np.maximum(z, tuning.give_m_s), z)
        return wanted
