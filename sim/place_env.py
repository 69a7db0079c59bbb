"""Put a held part down: from above the place to standing free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from luban.motion.chain import Chain
from luban.motion.picking import upright
from luban.motion.placing import ACTIONS, OBSERVATIONS, PlaceLaw
from luban.policy_contract import ARM_TICKS, PolicyContract
from luban.profile import Profile, load_profile
from luban.randomization import PlaceRandomization
from sim.any_part import NAMES, AnyPart, add_any_part
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.grip_choice import TIP_CLEARANCE_M
from sim.gripper import PAD_TIP_M
from sim.held_part import free_coordinates, settled_grips
from sim.parts import SHAPES
from sim.stances import Stances
from sim.task_env import TaskEnv, Verdict
from sim.truth_perception import DROP_M

FORCE_LIMIT_N = 80.0  # a contact this hard ends the episode: the skill itself gives up at 84 N
NEAR_M, UPRIGHT_RAD = 0.010, np.deg2rad(10.0)
REST_M_S, REST_RAD_S = 0.01, 0.1
CLEAR_M = 0.05  # how far above its goal the tool must be
LIFT_M = 0.11
LOST_M = 0.20
GRIPS = 10  # ways in which each shape may lie between the pads
SETTLE_TICKS = 8


class PlaceEnv(TaskEnv):
    """An episode begins with a held part 10 to 20 cm above a place whose height is known only roughly; it succeeds
    when the part stands there, upright and at rest, and the tool is away.

    The policy adds velocities to `PlaceLaw` and moves the instant of letting go. Reward: nearness to the place, letting
    go there, leaving, success, time and hard contact.
    """

    task: ClassVar[str] = "place"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS

    def __init__(
        self,
        num_envs: int = 1,
        randomization: PlaceRandomization | None = None,
        episode_s: float = 6.0,
        profile: Profile | None = None,
        autoreset: bool = True,
        threads: int = 1,
    ) -> None:
        self.profile = profile or load_profile("sim")
        self.randomization = randomization or self.profile.randomization.place
        super().__init__(num_envs, OBSERVATIONS, ARM_TICKS / self.profile.arm.rate_hz, episode_s, autoreset)
        self._chain = Chain.of(self.profile.arm)
        spec = arm_cell_spec(self.profile)
        add_any_part(spec)
        self._arms = ArmBatch(self.profile, spec.compile(), num_envs, threads)
        self._part = AnyPart(self._arms)
        self._law = PlaceLaw(self._chain, num_envs)
        model = self._arms.model
        self._pads = np.array([model.geom(f"gripper/{side}_pad").id for side in ("left", "right")])
        self._bench = model.geom("bench").id
        self._friction = self._arms.batch.expand("geom_friction")
        self._stances = Stances.of(self.profile.arm)
        self._spot_m = np.zeros((num_envs, 3))  # where the part's middle is to be
        self._release_m = np.zeros(num_envs)  # true height of the tool when the part touches
        self._peak_n, self._before = np.zeros(num_envs), np.zeros(num_envs)

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract.for_arm(self.task, self.profile.arm, OBSERVATIONS, ACTIONS)

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
        arms.place(slots, posture, grips.opening_m[held], np.zeros(count))
        rows = np.arange(self._part.coordinates.start, self._part.coordinates.stop)
        arms.qpos[slots[:, None], rows] = free_coordinates(self._chain.tool(posture), in_tool)
        arms.settle(slots)
        arms.hold(slots, posture, SETTLE_TICKS)
        self._law.begin(slots, arms.sense(), goal, LIFT_M)
        self._peak_n[slots] = 0.0
        self._before[slots] = self._potential()[slots]

    def _advance(self, action: np.ndarray) -> None:
        for _ in range(ARM_TICKS):
            target, speed, aim = self._law.command(self._arms.sense(), action, self._arms.tick_s)
            self._arms.tick(target, speed, aim)
            self._peak_n = np.maximum(self._peak_n, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1))

    def _observe(self) -> np.ndarray:
        return self._law.observe(self._arms.sense())

    def _judge(self) -> Verdict:
        aside, tilt = self._stands()
        tool = self._chain.tool(self._arms.true_position_rad())
        speed = self._arms.qvel[:, self._part.velocities]
        still = (np.linalg.norm(speed[:, :3], axis=1) < REST_M_S) & (np.linalg.norm(speed[:, 3:], axis=1) < REST_RAD_S)
        away = (self._law.phase == 2) & (tool[:, 2, 3] > self._release_m + CLEAR_M)
        low = self._arms.qpos[:, self._part.coordinates][:, 2] < self._spot_m[:, 2] + 0.03
        good = (aside < NEAR_M) & (tilt < UPRIGHT_RAD) & (self._peak_n <= FORCE_LIMIT_N)
        success = good & still & away & low
        failure = ~success & ((self._peak_n > FORCE_LIMIT_N) | (aside > LOST_M) | self._law.failed)
        failure |= away & still & ~good
        now = self._potential()
        reward = now - self._before - 0.03 + 3.0 * success - 3.0 * failure
        reward -= 0.004 * np.maximum(0.0, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1) - 25.0)
        self._before = now
        return Verdict(reward, success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        aside, tilt = self._stands()
        return {
            "force_n": self._peak_n.copy(), "aside_m": aside, "tilt_rad": tilt, "shape": self._part.shape.copy(),
        }  # fmt: skip

    def _potential(self) -> np.ndarray:
        """What progress is worth: the part near its place, let go, the tool away."""
        aside, tilt = self._stands()
        tool = self._chain.tool(self._arms.true_position_rad())
        height = tool[:, 2, 3] - self._release_m
        close = -np.tanh(aside / 0.01) - np.tanh(tilt / 0.2)
        held = -np.clip(height / 0.15, 0.0, 1.5)
        free = 1.0 + np.clip(height / CLEAR_M, 0.0, 1.0)
        return np.asarray(close + np.where(self._law.phase == 2, free, held))

    def _stands(self) -> tuple[np.ndarray, np.ndarray]:
        """How far (n,) [m] the part is beside its place, and its tilt (n,) [rad]."""
        pose = self._arms.qpos[:, self._part.coordinates]
        aside = np.linalg.norm(pose[:, :2] - self._spot_m[:, :2], axis=1)
        _, x, y, _ = pose[:, 3:].T
        return aside, np.arccos(np.clip(1.0 - 2.0 * (x * x + y * y), -1.0, 1.0))

    @cached_property
    def _grips(self) -> HeldParts:
        return HeldParts.made(self.profile, self._arms, self._stances, self.randomization)


@dataclass(frozen=True, eq=False)
class HeldParts:
    """Parts as they come to rest between the pads: shape (k,) as index into NAMES, pose in the tool's frame
    (k, 4, 4), the pads' opening (k,) [m]."""

    shape: np.ndarray
    part_in_tool: np.ndarray
    opening_m: np.ndarray

    @classmethod
    def made(cls, profile: Profile, like: ArmBatch, stances: Stances, ranges: PlaceRandomization) -> HeldParts:
        """Close the gripper on parts of every shape that lie a little off; always the same ones."""
        draw, count = np.random.default_rng(22), GRIPS * len(NAMES)
        arms = ArmBatch(profile, like.model, count)
        part = AnyPart(arms)
        shape = np.repeat(np.arange(len(NAMES)), GRIPS)
        opening, pose = np.zeros(count), np.tile(np.eye(4), (count, 1, 1))
        tool = upright(np.zeros((1, 4)))[0]
        for row in range(count):
            solid = SHAPES[NAMES[shape[row]]]
            grip = solid.grips[draw.integers(len(solid.grips))]
            z = max(solid.rest_m + grip.offset_m[2], PAD_TIP_M + TIP_CLEARANCE_M)
            aside = draw.uniform(-1.0, 1.0) * ranges.aside_m
            yaw = draw.uniform(-1.0, 1.0) * ranges.turn_rad - grip.yaw_rad
            c, s = np.cos(yaw), np.sin(yaw)
            pose[row, :2, :2] = [[c, -s], [s, c]]
            pose[row, :2, 3] = -pose[row, :2, :2] @ grip.offset_m[:2] + [aside, 0.0]
            pose[row, 2, 3] = solid.rest_m - z
            pose[row] = np.linalg.inv(tool) @ pose[row]
            opening[row] = grip.width_m + 0.001
        part.become(np.arange(count), shape, np.ones(count))
        posture = np.tile(stances.position_rad[0], (count, 1))
        in_tool, opening = settled_grips(arms, Chain.of(profile.arm), part.coordinates, posture, pose, opening)
        return cls(shape, in_tool, opening)
