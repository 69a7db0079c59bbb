"""Grip a part that was seen a little off, and lift it: from above the part to in the air."""

from __future__ import annotations

from typing import ClassVar

import mujoco
import numpy as np

from luban.motion.chain import Chain, rotation, wrap
from luban.motion.part_view import Look, PartSeen, find_part
from luban.motion.picking import ACTIONS, OBSERVATIONS, PickLaw, PickTuning
from luban.policy_contract import ARM_TICKS, PolicyContract
from luban.profile import Profile, load_profile
from luban.randomization import PickRandomization
from sim.any_part import NAMES, UNSEEN_GROUP, AnyPart, add_any_part
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.camera import intrinsics_of
from sim.grip_choice import TIP_CLEARANCE_M
from sim.gripper import PAD_TIP_M
from sim.parts import GRIP_BEHIND_M, SHAPES
from sim.stances import Stances
from sim.task_env import TaskEnv, Verdict

CAMERA = "wrist"
FORCE_LIMIT_N = 80.0  # a contact this hard ends the episode: the skill itself gives up at 84 N
LIFTED_M, HELD_STEPS = 0.08, 5
LIFT_M = 0.11
DEEP_M, FLAT_RAD = 0.003, np.deg2rad(12.0)  # how firmly: gripped as deep as meant, and as it lay
LOST_M = 0.12  # a part this far from where it lay, sideways and not held, is out of reach of the looks
BLIND = PickTuning(clearance_m=0.085)  # without a look the pads open as far as they go


class PickEnv(TaskEnv):
    """An episode begins some 10 to 20 cm above a part and succeeds when it has been held firmly in the air for five
    steps.

    The policy adds velocities to `PickLaw` and moves the instant of closing. relook: whether the wrist camera corrects
    the believed grip. Reward: nearness over the true grip, a firm hold, height gained, success, time and hard contact.
    """

    task: ClassVar[str] = "pick"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS

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
        self.profile = profile or load_profile("sim")
        self.randomization = randomization or self.profile.randomization.pick
        super().__init__(num_envs, OBSERVATIONS, ARM_TICKS / self.profile.arm.rate_hz, episode_s, autoreset)
        self._chain = Chain.of(self.profile.arm)
        spec = arm_cell_spec(self.profile)
        add_any_part(spec)
        self._arms = ArmBatch(self.profile, spec.compile(), num_envs, threads)
        self._part = AnyPart(self._arms)
        self._law = PickLaw(self._chain, num_envs, None if relook else BLIND, relook)
        model, batch = self._arms.model, self._arms.batch
        self._pads = np.array([model.geom(f"gripper/{side}_pad").id for side in ("left", "right")])
        self._friction = batch.expand("geom_friction")
        self._stances = Stances.of(self.profile.arm)
        self._eye = WristEye(self.profile, num_envs)
        self._true = np.zeros((num_envs, 4))  # grip: x, y, z, yaw
        self._start_m = np.zeros((num_envs, 3))  # of the part
        self._peak_n, self._before = np.zeros(num_envs), np.zeros(num_envs)
        self._held_steps = np.zeros(num_envs, dtype=int)

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract.for_arm(self.task, self.profile.arm, OBSERVATIONS, ACTIONS)

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
        arms.place(slots, posture, opening, opening)
        arms.qpos[slots[:, None], np.arange(self._part.coordinates.start, self._part.coordinates.stop)] = lying
        arms.settle(slots)
        self._law.begin(slots, arms.sense(), believed, width, protrusion, LIFT_M)
        self._eye.begin(slots)
        self._peak_n[slots], self._held_steps[slots] = 0.0, 0
        self._before[slots] = self._potential()[slots]

    def _advance(self, action: np.ndarray) -> None:
        self._look()
        for _ in range(ARM_TICKS):
            target, speed, aim = self._law.command(self._arms.sense(), action, self._arms.tick_s)
            self._arms.tick(target, speed, aim)
            self._peak_n = np.maximum(self._peak_n, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1))

    def _look(self) -> None:
        """Take the images that are due now, and hand over what earlier ones have told by now."""
        rows = self._eye.due(self._elapsed_s)
        rows = rows[self._law.looking()[rows]]
        if len(rows):
            self._eye.take(rows, self._arms, self._law, self._chain, self._elapsed_s)
        rows = self._eye.ready(self._elapsed_s)
        if len(rows):
            self._law.see(rows, self._eye.seen(rows))

    def _observe(self) -> np.ndarray:
        return self._law.observe(self._arms.sense())

    def _judge(self) -> Verdict:
        rise = self._rise_m()
        held = (rise > LIFTED_M) & self._arms.sense().holding
        self._held_steps = np.where(held & self._firm(), self._held_steps + 1, 0)
        success = (self._held_steps >= HELD_STEPS) & (self._peak_n <= FORCE_LIMIT_N)
        failure = ~success & ((self._peak_n > FORCE_LIMIT_N) | self._lost() | (held & ~self._firm()))
        now = self._potential()
        reward = now - self._before - 0.03 + 3.0 * success - 3.0 * failure
        reward -= 0.004 * np.maximum(0.0, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1) - 30.0)
        self._before = now
        return Verdict(reward, success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        return {"force_n": self._peak_n.copy(), "tries": self._law.tries.copy(), "shape": self._part.shape.copy()}

    def _potential(self) -> np.ndarray:
        """What progress is worth: nearness to the true grip, a firm hold, the part's height."""
        tool = self._chain.tool(self._arms.true_position_rad())
        aside = np.linalg.norm(tool[:, :2, 3] - self._true[:, :2], axis=1)
        turn = np.abs(wrap(np.arctan2(tool[:, 1, 0], tool[:, 0, 0]) - self._true[:, 3]))
        above = np.clip((tool[:, 2, 3] - self._true[:, 2]) / 0.15, 0.0, 1.5)
        rise = self._rise_m()
        firm = self._arms.sense().holding & (self._law.phase != 0)
        before = 1.0 - np.tanh(aside / 0.02) + 0.5 * (1.0 - np.tanh(turn / 0.3)) - above
        return np.asarray(np.where(firm, 2.5 + 3.0 * np.clip(rise / LIFTED_M, 0.0, 1.0), before))

    def _rise_m(self) -> np.ndarray:
        """How far (n,) the part's middle has been lifted."""
        return np.asarray(self._arms.qpos[:, self._part.coordinates][:, 2] - self._start_m[:, 2])

    def _firm(self) -> np.ndarray:
        """Whether (n,) the pads hold the part as deep as meant and as it lay: it will bear being carried."""
        pose = self._arms.qpos[:, self._part.coordinates]
        tool = self._chain.tool(self._arms.true_position_rad())
        high_m = tool[:, 2, 3] - pose[:, 2] - (self._true[:, 2] - self._start_m[:, 2])
        return np.asarray((high_m < DEEP_M) & (tilt_rad(pose) < FLAT_RAD))

    def _lost(self) -> np.ndarray:
        away = self._arms.qpos[:, self._part.coordinates][:, :2] - self._start_m[:, :2]
        return np.asarray((np.linalg.norm(away, axis=1) > LOST_M) & ~self._arms.sense().holding)


def tilt_rad(coordinates: np.ndarray) -> np.ndarray:
    """Angle (n,) between up and the z axes of free bodies with coordinates (n, 7)."""
    _, x, y, _ = coordinates[:, 3:].T
    return np.asarray(np.arccos(np.clip(1.0 - 2.0 * (x * x + y * y), -1.0, 1.0)))


class WristEye:
    """The wrist cameras of n copies: images at the camera's rate, depths by rays through the pixels of a look."""

    def __init__(self, profile: Profile, count: int) -> None:
        config = profile.cameras[CAMERA]
        self._period_s, self._intrinsics = 1.0 / config.rate_hz, intrinsics_of(config)
        self._size = (config.width_px, config.height_px)
        self._in_tool = config.optical_pose()
        self._in_tool[2, 3] -= profile.arm.tool_length_m
        self._true_in_tool = np.tile(self._in_tool, (count, 1, 1))
        self._next_s, self._late_s, self._noise_m, self._dropout = (np.zeros(count) for _ in range(4))
        self._told_s = np.full(count, np.inf)  # when what was seen last is handed over
        self._grip, self._middle, self._valid = np.zeros((count, 3)), np.zeros((count, 2)), np.zeros(count, bool)
        self._draws = [np.random.default_rng() for _ in range(count)]

    def randomize(self, slot: int, draw: np.random.Generator, ranges: PickRandomization) -> None:
        self._next_s[slot], self._late_s[slot] = draw.uniform(0.0, self._period_s), draw.uniform(*ranges.late_s)
        self._noise_m[slot], self._dropout[slot] = draw.uniform(*ranges.depth_noise_m), ranges.depth_dropout
        off = np.eye(4)
        off[:3, :3] = rotation(draw.uniform(-ranges.camera_rad, ranges.camera_rad, (1, 3)))[0]
        off[:3, 3] = draw.uniform(-ranges.camera_m, ranges.camera_m, 3)
        self._true_in_tool[slot] = self._in_tool @ off
        self._draws[slot] = draw

    def begin(self, slots: np.ndarray) -> None:
        self._told_s[slots] = np.inf

    def due(self, now_s: np.ndarray) -> np.ndarray:
        """Copies whose camera takes an image now, at times (n,)."""
        due = np.flatnonzero((now_s >= self._next_s) & np.isinf(self._told_s))
        self._next_s[due] += self._period_s
        return due

    def take(self, rows: np.ndarray, arms: ArmBatch, law: PickLaw, chain: Chain, now_s: np.ndarray) -> None:
        """Look with copies (k,); what they see is told later."""
        believed = chain.tool(arms.sense().position_rad[rows])
        look = Look(*law.aim(rows), self._intrinsics, believed @ self._in_tool, self._size)
        pixels, inside = look.pixels()
        true = chain.tool(arms.true_position_rad()[rows]) @ self._true_in_tool[rows]
        ahead = look.rays(pixels)
        group = np.ones(mujoco.mjNGROUP, np.uint8)
        group[UNSEEN_GROUP] = 0
        origin = np.repeat(true[:, None, :3, 3], pixels.shape[1], axis=1)
        direction = ahead @ true[:, :3, :3].transpose(0, 2, 1)
        # The gripper's collision cylinder is wider than what the camera really looks past; the fingers do hide things.
        palm = arms.model.body("gripper").id
        way, _ = arms.batch.ray(origin, direction, geomgroup=group, bodyexclude=palm, ids=rows)
        depth, seen = np.asarray(way), inside & (np.asarray(way) > 0)  # directions reach one metre ahead: way = depth
        for row, slot in enumerate(rows):
            draw = self._draws[slot]
            depth[row] += self._noise_m[slot] * draw.standard_normal(depth.shape[1])
            seen[row] &= draw.random(depth.shape[1]) >= self._dropout[slot]
        found = find_part(
            look, look.points(pixels, depth), seen, believed[:, 2, 3],
            law.goal[rows, 3], law.width_m[rows], law.protrusion_m[rows],
        )  # fmt: skip
        self._grip[rows], self._middle[rows], self._valid[rows] = found.grip, found.middle_m, found.valid
        self._told_s[rows] = now_s[rows] + self._late_s[rows]

    def ready(self, now_s: np.ndarray) -> np.ndarray:
        """Copies whose last image has been worked out by now."""
        return np.flatnonzero(now_s >= self._told_s)

    def seen(self, rows: np.ndarray) -> PartSeen:
        self._told_s[rows] = np.inf
        return PartSeen(self._grip[rows], self._middle[rows], self._valid[rows])
