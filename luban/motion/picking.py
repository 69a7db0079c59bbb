"""Grip parts from above and lift them: re-look, guarded descent, close, lift, try again; and what a policy may add.

Look-then-move in the sense of Sanderson & Weiss (1980): the wrist camera corrects the believed grip on the way down. A
policy adds velocities and moves the instant of closing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain, wrap
from luban.motion.overhead import (
    Felt,
    OverheadLaw,
    OverheadTuning,
    in_tool_xy,
    length,
    observation_names,
    only_vertical,
)
from luban.motion.part_view import CLOSE_M, LEAST_LIFT_M, WIDE_M, PartSeen
from luban.motion.sense import ArmSense

DESCEND, CLOSE, LIFT, BACK_OFF = 0, 1, 2, 3
AHEAD = 0.3  # of what sticks out ahead of the tool: there, about, is the middle of the part
ACTIONS = ("x", "y", "z", "yaw", "grip")
OBSERVATIONS = observation_names(
    ("error_x_fine", "error_y_fine", "looked", "look_age", "looks", "shift_x", "shift_y"),
    "spare_opening",
    ("descending", "closing", "lifting", "backing_off"),
    ("width", "protrusion", "tries"),
    ACTIONS,
)


@dataclass(frozen=True)
class PickTuning(OverheadTuning):
    """How fast and how careful. Ways [m], forces [N], times [s]."""

    clearance_m: float = 0.024  # how much wider than the part the pads come down
    free_m_s: float = 0.30
    touch_m_s: float = 0.025  # where a finger may meet something: bare fingers on steel are hard
    slow_m: float = 0.014
    blind_slow_m: float = 0.040  # the same before anything was seen: fingers may land on the part's top
    brake_m_s2: float = 2.0
    lift_m_s: float = 0.45
    lifted_m: float = 0.09
    funnel: float = 4.0  # metres of height kept per metre that the tool is still aside
    aside_m: float = 0.004  # and what of it does not matter
    look_m: float = 0.085  # above the grip: not lower before a look has come, and again for another try
    wait_s: float = 0.8  # longest wait for a look
    close_m: float = 0.0012  # above the grip: close
    early_m: float = 0.006  # how much earlier a policy may ask for it
    pinch_m: float = 0.008  # between the pads, wider than the part: closer, they are about to meet it
    held_s: float = 0.04
    grip_s: float = 0.9  # nothing held after this: try again
    slipped_s: float = 0.15
    touch_n: float = 12.0
    limit_n: float = 30.0
    give_m_s: float = 0.03
    arrive_1_s: float = 10.0  # the arm runs ahead of the command by some 40 ms of its speed, where its servos are soft
    deepest_m: float = 0.0005
    smooth_s: float = 0.06
    most_looks: float = 4.0
    most_shift_m: float = 0.05  # what is seen farther from the believed grip is another part
    residual_m_s: tuple[float, float, float] = (0.05, 0.05, 0.20)
    residual_rad_s: float = 0.8


class PickLaw(OverheadLaw):
    """State of n picks. Call `begin` for the rows that start, `see` when a look has come, then every period `observe`
    (if a policy is asked) and `command`.
    """

    actions, phases, near, long_s = len(ACTIONS), 4, (0.02, 0.02, 0.2), 4.0

    def __init__(self, chain: Chain, count: int, tuning: PickTuning | None = None, relook: bool = True) -> None:
        self.tuning, self.relook = tuning or PickTuning(), relook
        super().__init__(chain, count, self.tuning)
        self._wait_s = self.tuning.wait_s if relook else 0.0
        self.tries = np.zeros(count, dtype=int)
        self.protrusion_m, self.held_s, self.empty_s, self.looks, self.look_age_s, self._open_m = (
            np.zeros(count) for _ in range(6)
        )
        self.middle_m = np.zeros((count, 2))

    def begin(
        self,
        rows: np.ndarray,
        sense: ArmSense,
        grip: np.ndarray,
        width_m: np.ndarray,
        protrusion_m: np.ndarray,
        lift_m: np.ndarray | float,
    ) -> None:
        """Start rows (k,) from where they are, above believed grips (k, 4), to be lifted by lift_m above them.

        width_m, protrusion_m: (k,) of the part between the pads and ahead of them. sense: of all n.
        """
        self._start(rows, sense, grip, lift_m, np.maximum(lift_m, self.tuning.look_m))
        self.width_m[rows], self.protrusion_m[rows] = width_m, protrusion_m
        ahead = np.column_stack([np.cos(grip[:, 3]), np.sin(grip[:, 3])])
        self.middle_m[rows] = grip[:, :2] + AHEAD * protrusion_m[:, None] * ahead
        for values in (self.tries, self.held_s, self.empty_s, self.looks, self.look_age_s):
            values[rows] = 0
        self.aim_m[rows] = self._open_m[rows] = width_m + self.tuning.clearance_m

    # Looking ------------------------------------------------------------------------------------------------------

    def aim(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where to look: lattice centres (k, 3) on the surface below the part, and their spacing (k,) [m]."""
        centre = np.column_stack([self.middle_m[rows], self.goal[rows, 2] - 0.01])
        return centre, np.where(self.looks[rows] > 0, CLOSE_M, WIDE_M)

    def looking(self) -> np.ndarray:
        """Whether (n,) a look can tell anything now: before the fingers close, from high enough."""
        height = self.at[:, 2] - self.goal[:, 2]
        return np.asarray(
            self.relook & ((self.phase == DESCEND) | (self.phase == BACK_OFF)) & (height > LEAST_LIFT_M - 0.015)
        )

    def see(self, rows: np.ndarray, seen: PartSeen) -> None:
        """Take what looks (k,) have told. They count only before the fingers close."""
        if not self.relook:
            return
        shift_m = np.linalg.norm(seen.grip[:, :2] - self.goal[rows, :2], axis=1)
        use = (
            seen.valid
            & (shift_m < self.tuning.most_shift_m)
            & ((self.phase[rows] == DESCEND) | (self.phase[rows] == BACK_OFF))
        )
        rows, grip, middle = rows[use], seen.grip[use], seen.middle_m[use]
        # The first, wide look only says where to look closely.
        looks = np.where(self.looks[rows] > 0.5, self.looks[rows], 0.0)
        share = (1.0 / (looks + 1.0))[:, None]
        self.target[rows, :2] += share * (grip[:, :2] - self.target[rows, :2])
        self.target[rows, 3] += share[:, 0] * wrap(grip[:, 2] - self.target[rows, 3])
        self.middle_m[rows] = middle
        self.look_age_s[rows] = 0.0
        self.looks[rows] = np.where(self.looks[rows] > 0, np.minimum(looks + 1.0, self.tuning.most_looks - 1.0), 0.5)

    # Moving -------------------------------------------------------------------------------------------------------

    @property
    def done(self) -> np.ndarray:
        """Whether (n,) the part is held and the lift has come to its end."""
        return np.asarray(
            (self.phase == LIFT) & (self.at[:, 2] > self.goal[:, 2] + self.lift_m - 0.001) & (self.held_s > 0.0)
        )

    def _seen(self, error_m: np.ndarray, yaw_rad: np.ndarray) -> list[np.ndarray]:
        shift = in_tool_xy(self.target[:, :2] - self.goal[:, :2], yaw_rad)
        age = np.minimum(self.look_age_s, 1.0) / 0.3
        return [np.tanh(error_m / 0.003), self.looks > 0, age, self.looks / 2.0, shift / 0.02]

    def _known(self) -> list[np.ndarray]:
        return [self.width_m / 0.04, self.protrusion_m > 0, np.minimum(self.tries, 3)]

    def _change_phase(self, felt: Felt, eager: np.ndarray, step_s: float) -> None:
        tuning, phase, sense = self.tuning, self.phase, felt.sense
        self.look_age_s += step_s
        descending, closing, lifting = phase == DESCEND, phase == CLOSE, phase == LIFT
        height = felt.at_m[:, 2] - self.goal[:, 2]
        self.pressed_s = np.where(felt.force_n > tuning.touch_n, self.pressed_s + step_s, 0.0)
        pressed = self.pressed_s > 1.5 * step_s
        self.held_s = np.where(sense.holding & ~descending, self.held_s + step_s, 0.0)
        self.empty_s = np.where(lifting & ~sense.holding, self.empty_s + step_s, 0.0)
        aside = length(self.target[:, :2] - felt.at_m[:, :2])
        low = height < tuning.close_m + tuning.early_m * np.maximum(eager, 0.0)
        close = descending & ((low & (aside < 2 * tuning.aside_m)) | (pressed & (height < 0.003)))
        blocked = descending & pressed & ~close & (height < 0.06)
        lift = closing & (self.held_s > tuning.held_s)
        missed = closing & ((sense.opening_m < 0.003) | (self.in_phase_s > tuning.grip_s)) & ~lift
        again = blocked | missed | (lifting & (self.empty_s > tuning.slipped_s))
        ready = (phase == BACK_OFF) & (height > tuning.look_m - 0.004)
        ready &= sense.opening_m > self.width_m + 0.5 * tuning.clearance_m - 0.004
        new = np.where(close, CLOSE, np.where(lift, LIFT, np.where(again, BACK_OFF, np.where(ready, DESCEND, phase))))
        self.tries += again
        self.looks[again] = 0.0
        self.in_phase_s[new != phase] = 0.0
        self.phase = new
        self.aim_m = np.where((new == CLOSE) | (new == LIFT), 0.0, self._open_m)

    def _wanted(self, felt: Felt, action: np.ndarray) -> np.ndarray:
        tuning, phase = self.tuning, self.phase
        descending, lifting = phase == DESCEND, phase == LIFT
        offset = self._offset()
        height = self.at[:, 2] - self.goal[:, 2]
        lowest = self._floor_m(offset)
        slow_m = np.where(self.looks > 0, tuning.slow_m, tuning.blind_slow_m)
        down = np.minimum(self._down(height, slow_m), tuning.gain_1_s * np.maximum(height - lowest, 0.0))
        up = self._up(height, np.where(lifting, self.lift_m, tuning.look_m))
        wanted = self._towards(offset, np.where(phase >= LIFT, up, -down), descending)
        # Once the part is well up the policy has done its work.
        self._add(wanted, np.where((lifting & (height > tuning.lifted_m))[:, None], 0.0, action))
        # The pads are about to meet the part, which must not be pushed about then.
        pinching = (phase == CLOSE) & (felt.sense.opening_m < self.width_m + tuning.pinch_m)
        only_vertical(wanted, pinching)
        # Nothing arrives faster than it can stop, and above the limit nothing may push on, whatever is asked for.
        room = np.maximum(height + tuning.deepest_m - np.where(descending, lowest, 0.0), 0.0)
        most = np.minimum(np.sqrt(2 * tuning.brake_m_s2 * room), tuning.touch_m_s + tuning.arrive_1_s * room)
        least = np.where(pinching, 0.0, -most * (room > 0))
        hard = (felt.force_n > tuning.limit_n) & (phase <= CLOSE)
        wanted[:, 2] = np.maximum(wanted[:, 2], np.where(hard, tuning.give_m_s, least))
        return wanted

    def _floor_m(self, offset: np.ndarray) -> np.ndarray:
        """How low (n,) above the grip the tools may go: higher while unseen, and while still aside."""
        tuning = self.tuning
        aside = length(offset[:, :2]) + 0.02 * np.abs(offset[:, 3])
        unseen = (self.looks == 0) & (self.in_phase_s < self._wait_s)
        funnel = tuning.funnel * np.maximum(aside - tuning.aside_m, 0.0)
        return np.asarray(np.where(unseen, tuning.look_m, np.minimum(funnel, tuning.look_m)))
