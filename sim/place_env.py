"""Put a held part down: from above the place to standing free."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import numpy as np

from luban.motion.chain import Chain
from luban.motion.overhead import length, upright
from luban.motion.placing import ACTIONS, OBSERVATIONS, RETREAT, PlaceLaw
from luban.profile import Profile, load_profile
from luban.randomization import PlaceRandomization
from sim.any_part import NAMES
from sim.held_part import HeldParts, free_coordinates
from sim.part_env import FORCE_LIMIT_N, LIFT_M, PartEnv
from sim.parts import SHAPES
from sim.task_env import Verdict
from sim.truth_perception import DROP_M

NEAR_M, UPRIGHT_RAD = 0.010, np.deg2rad(10.0)
REST_M_S, REST_RAD_S = 0.01, 0.1
CLEAR_M = 0.05  # how far above its goal the tool must be
LOST_M = 0.20
SETTLE_TICKS = 8


class PlaceEnv(PartEnv):
    """An episode begins with a held part 10 to 20 cm above a place whose height is known only roughly; it succeeds
    when the part stands there, upright and at rest, and the tool is away.

    The policy adds velocities to `PlaceLaw` and moves the instant of letting go. Reward: nearness to the place, letting
    go there, leaving, success, time and hard contact.
    """

    task: ClassVar[str] = "place"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS
    gentle_n: ClassVar[float] = 25.0

    def __init__(
        self,
        num_envs: int = 1,
        randomization: PlaceRandomization | None = None,
        episode_s: float = 6.0,
        profile: Profile | None = None,
        autoreset: bool = True,
        threads: int = 1,
    ) -> None:
        profile = profile or load_profile("sim")
        self.randomization = randomization or profile.randomization.place
        law = PlaceLaw(Chain.of(profile.arm), num_envs)
        super().__init__(num_envs, OBSERVATIONS, law, episode_s, profile, autoreset, threads)
        self._law: PlaceLaw
        self._bench = self._arms.model.geom("bench").id
        self._spot_m = np.zeros((num_envs, 3))  # where the part's middle is to be
        self._release_m = np.zeros(num_envs)  # true height of the tool when the part touches

    # An episode ---------------------------------------------------------------------------------------------------

    def _begin(self, slots: np.ndarray) -> None:
        count, arms, ranges, grips = len(slots), self._arms, self.randomization, self._grips
        stance, held, scale, goal = np.zeros(count, int), np.zeros(count, int), np.zeros(count), np.zeros((count, 4))
        for row, slot in enumerate(slots):
            draw = self._streams[slot]
            stance[row], held[row] = draw.integers(len(self._stances.pose)), draw.integers(len(grips.shape))
            scale[row] = draw.uniform(*ranges.mass_scale)
            self._friction[slot, self._pads, 0] = draw.uniform(*ranges.pad_friction)
            self._friction[slot, self._bench, 0] = draw.uniform(*ranges.friction)
            arms.randomize(slot, draw, ranges.arm)
            above = self._stances.pose[stance[row]]
            start_off = draw.uniform(-1.0, 1.0, 3) * [0.01, 0.01, 0.05]  # the way down is not quite straight
            height_off = draw.uniform(-ranges.height_m, ranges.height_m)
            self._release_m[slot] = SHAPES[NAMES[grips.shape[held[row]]]].rest_m + grips.part_in_tool[held[row], 2, 3]
            z = self._release_m[slot] + DROP_M + height_off
            goal[row] = [*(above[:2] + start_off[:2]), z, above[3] + start_off[2]]
        self._part.become(slots, grips.shape[held], scale)
        in_tool = grips.part_in_tool[held]
        self._spot_m[slots] = (upright(goal) @ in_tool)[:, :3, 3]
        posture = self._stances.position_rad[stance]
        lying = free_coordinates(self._chain.tool(posture), in_tool)
        self._lay(slots, posture, grips.opening_m[held], np.zeros(count), lying)
        arms.hold(slots, posture, SETTLE_TICKS)
        self._law.begin(slots, arms.sense(), goal, LIFT_M)
        self._started(slots)

    def _judge(self) -> Verdict:
        aside, tilt = self._stands()
        speed = self._arms.qvel[:, self._part.velocities]
        still = (length(speed[:, :3]) < REST_M_S) & (length(speed[:, 3:]) < REST_RAD_S)
        away = (self._law.phase == RETREAT) & (self._tool[:, 2, 3] > self._release_m + CLEAR_M)
        low = self._part.pose[:, 2] < self._spot_m[:, 2] + 0.03
        good = (aside < NEAR_M) & (tilt < UPRIGHT_RAD) & (self._peak_n <= FORCE_LIMIT_N)
        success = good & still & away & low
        failure = ~success & ((self._peak_n > FORCE_LIMIT_N) | (aside > LOST_M) | self._law.failed)
        failure |= away & still & ~good
        return self._verdict(success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        aside, tilt = self._stands()
        return {
            "force_n": self._peak_n.copy(), "aside_m": aside, "tilt_rad": tilt, "shape": self._part.shape.copy(),
        }  # fmt: skip

    def _potential(self) -> np.ndarray:
        """The part near its place, let go, the tool away."""
        aside, tilt = self._stands()
        height = self._tool[:, 2, 3] - self._release_m
        close = -np.tanh(aside / 0.01) - np.tanh(tilt / 0.2)
        held = -np.clip(height / 0.15, 0.0, 1.5)
        free = 1.0 + np.clip(height / CLEAR_M, 0.0, 1.0)
        return np.asarray(close + np.where(self._law.phase == RETREAT, free, held))

    def _stands(self) -> tuple[np.ndarray, np.ndarray]:
        """How far (n,) [m] the part is beside its place, and its tilt (n,) [rad]."""
        return length(self._part.pose[:, :2] - self._spot_m[:, :2]), self._part.tilt_rad()

    @cached_property
    def _grips(self) -> HeldParts:
        return HeldParts.made(self.profile, self._arms, self._stances, self.randomization)
