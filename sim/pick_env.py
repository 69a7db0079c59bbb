"""Grip a part that was seen a little off, and lift it: from above the part to in the air."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from luban.motion.chain import Chain, wrap
from luban.motion.overhead import length
from luban.motion.picking import ACTIONS, DESCEND, OBSERVATIONS, PickLaw, PickTuning
from luban.profile import Profile, load_profile
from luban.randomization import PickRandomization
from sim.any_part import NAMES
from sim.grip_choice import TIP_CLEARANCE_M
from sim.gripper import PAD_TIP_M
from sim.part_env import FORCE_LIMIT_N, LIFT_M, PartEnv
from sim.parts import GRIP_BEHIND_M, SHAPES
from sim.task_env import Verdict
from sim.wrist_eye import WristEye

LIFTED_M, HELD_STEPS = 0.08, 5
DEEP_M, FLAT_RAD = 0.003, np.deg2rad(12.0)  # how firmly: gripped as deep as meant, and as it lay
LOST_M = 0.12  # a part this far from where it lay, sideways and not held, is out of reach of the looks
BLIND = PickTuning(clearance_m=0.085)  # without a look the pads open as far as they go


class PickEnv(PartEnv):
    """An episode begins some 10 to 20 cm above a part and succeeds when it has been held firmly in the air for five
    steps.

    The policy adds velocities to `PickLaw` and moves the instant of closing. relook: whether the wrist camera corrects
    the believed grip. Reward: nearness over the true grip, a firm hold, height gained, success, time and hard contact.
    """

    task: ClassVar[str] = "pick"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS
    gentle_n: ClassVar[float] = 30.0

    def __init__(
        self,
        num_envs: int = 1,
        randomization: PickRandomization | None = None,
        episode_s: float = 8.0,
        profile: Profile | None = None,
        autoreset: bool = True,
        threads: int = 1,
        relook: bool = True,
    ) -> None:
        profile = profile or load_profile("sim")
        self.randomization = randomization or profile.randomization.pick
        law = PickLaw(Chain.of(profile.arm), num_envs, None if relook else BLIND, relook)
        super().__init__(num_envs, OBSERVATIONS, law, episode_s, profile, autoreset, threads)
        self._law: PickLaw
        self._eye = WristEye(self.profile, num_envs)
        self._true = np.zeros((num_envs, 4))  # grip: x, y, z, yaw
        self._start_m = np.zeros((num_envs, 3))  # of the part
        self._held_steps = np.zeros(num_envs, dtype=int)

    # An episode ---------------------------------------------------------------------------------------------------

    def _begin(self, slots: np.ndarray) -> None:
        count, arms, ranges = len(slots), self._arms, self.randomization
        stance, shape, scale = np.zeros(count, int), np.zeros(count, int), np.zeros(count)
        believed, width, protrusion = np.zeros((count, 4)), np.zeros(count), np.zeros(count)
        lying = np.zeros((count, 7))
        for row, slot in enumerate(slots):
            draw = self._streams[slot]
            stance[row], shape[row] = draw.integers(len(self._stances.pose)), draw.integers(len(NAMES))
            scale[row] = draw.uniform(*ranges.mass_scale)
            solid = SHAPES[NAMES[shape[row]]]
            grip = solid.grips[draw.integers(len(solid.grips))]
            above = self._stances.pose[stance[row]]
            error = draw.uniform(-1.0, 1.0, 4) * [ranges.aside_m, ranges.aside_m, ranges.height_m, ranges.turn_rad]
            z = max(solid.rest_m + grip.offset_m[2], PAD_TIP_M + TIP_CLEARANCE_M)
            believed[row] = [above[0], above[1], z + error[2], above[3]]
            self._true[slot] = [above[0] - error[0], above[1] - error[1], z, above[3] - error[3]]
            yaw = self._true[slot, 3] - grip.yaw_rad
            offset = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]) @ grip.offset_m[:2]
            self._start_m[slot] = [*(self._true[slot, :2] - offset), solid.rest_m]
            lying[row] = [*self._start_m[slot], np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]
            width[row] = grip.width_m
            protrusion[row] = solid.half_m[0] + GRIP_BEHIND_M if solid.name == "shaft" else 0.0
            self._friction[slot, self._pads, 0] = draw.uniform(*ranges.pad_friction)
            arms.randomize(slot, draw, ranges.arm)
            self._eye.randomize(slot, draw, ranges)
        self._part.become(slots, shape, scale)
        posture = self._stances.position_rad[stance]
        opening = np.minimum(width + self._law.tuning.clearance_m, self.profile.gripper.stroke_m)
        self._lay(slots, posture, opening, opening, lying)
        self._law.begin(slots, arms.sense(), believed, width, protrusion, LIFT_M)
        self._eye.begin(slots)
        self._held_steps[slots] = 0
        self._started(slots)

    def _advance(self, action: np.ndarray) -> None:
        self._look()
        super()._advance(action)

    def _look(self) -> None:
        """Take the images that are due now, and hand over what earlier ones have told by now."""
        rows = self._eye.due(self._elapsed_s)
        rows = rows[self._law.looking()[rows]]
        if len(rows):
            self._eye.take(rows, self._arms, self._law, self._chain, self._elapsed_s)
        rows = self._eye.ready(self._elapsed_s)
        if len(rows):
            self._law.see(rows, self._eye.seen(rows))

    def _judge(self) -> Verdict:
        held, firm = (self._rise_m() > LIFTED_M) & self._arms.sense().holding, self._firm()
        self._held_steps = np.where(held & firm, self._held_steps + 1, 0)
        success = (self._held_steps >= HELD_STEPS) & (self._peak_n <= FORCE_LIMIT_N)
        failure = ~success & ((self._peak_n > FORCE_LIMIT_N) | self._lost() | (held & ~firm))
        return self._verdict(success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        return {"force_n": self._peak_n.copy(), "tries": self._law.tries.copy(), "shape": self._part.shape.copy()}

    def _potential(self) -> np.ndarray:
        """Nearness to the true grip, a firm hold, the part's height."""
        tool = self._tool
        aside = length(tool[:, :2, 3] - self._true[:, :2])
        turn = np.abs(wrap(np.arctan2(tool[:, 1, 0], tool[:, 0, 0]) - self._true[:, 3]))
        above = np.clip((tool[:, 2, 3] - self._true[:, 2]) / 0.15, 0.0, 1.5)
        before = 1.0 - np.tanh(aside / 0.02) + 0.5 * (1.0 - np.tanh(turn / 0.3)) - above
        gripped = self._arms.sense().holding & (self._law.phase != DESCEND)
        return np.asarray(np.where(gripped, 2.5 + 3.0 * np.clip(self._rise_m() / LIFTED_M, 0.0, 1.0), before))

    def _rise_m(self) -> np.ndarray:
        """How far (n,) the part's middle has been lifted."""
        return np.asarray(self._part.pose[:, 2] - self._start_m[:, 2])

    def _firm(self) -> np.ndarray:
        """Whether (n,) the pads hold the part as deep as meant and as it lay: it will bear being carried."""
        high_m = self._tool[:, 2, 3] - self._part.pose[:, 2] - (self._true[:, 2] - self._start_m[:, 2])
        return np.asarray((high_m < DEEP_M) & (self._part.tilt_rad() < FLAT_RAD))

    def _lost(self) -> np.ndarray:
        away_m = length(self._part.pose[:, :2] - self._start_m[:, :2])
        return np.asarray((away_m > LOST_M) & ~self._arms.sense().holding)
