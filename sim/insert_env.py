"""Insert a held shaft into a bore that was seen a little off: the contact phase of the skill `insert`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import mujoco
import numpy as np

from luban.motion.chain import Chain, rotation
from luban.motion.insertion import ACTIONS, OBSERVATIONS, STANDOFF_M, InsertLaw
from luban.policy_contract import ARM_TICKS, PolicyContract
from luban.profile import Profile, load_profile
from luban.randomization import InsertRandomization
from luban.task import ScenePart
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.held_part import free_coordinates, settled_grips
from sim.housing import BoreBoxes, bore_geom, bore_pose
from sim.parts import GRIP_BEHIND_M, SHAFT_RADIUS_M, SHAPES
from sim.task_env import TaskEnv, Verdict

FIXTURE = "housing"
GENTLE_N = 40.0  # contact beyond this costs: 10 N more for one period as much as a third of a second
FORCE_LIMIT_N = 80.0  # a contact this hard ends the episode: the skill itself gives up at 84 N
SETTLE_TICKS = 4
GRIPS = 24  # ways in which the shaft may lie between the pads


class InsertEnv(TaskEnv):
    """An episode begins with the shaft's end 2 cm before the mouth and succeeds when it is deep enough.

    The policy adds sideways, axial and tilting speeds to `InsertLaw`. Reward: depth gained,
    nearness to the true axis while outside, success, time and hard contact.
    """

    task: ClassVar[str] = "insert"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS

    def __init__(
        self,
        num_envs: int = 1,
        randomization: InsertRandomization | None = None,
        episode_s: float = 8.0,
        profile: Profile | None = None,
        autoreset: bool = True,
        threads: int = 1,
    ) -> None:
        self.profile = profile or load_profile("sim")
        self.randomization = randomization or self.profile.randomization.insert
        super().__init__(num_envs, OBSERVATIONS, ARM_TICKS / self.profile.arm.rate_hz, episode_s, autoreset)
        self._fixture = self.profile.catalogue.fixtures[FIXTURE]
        self._chain = Chain.of(self.profile.arm)
        self._arms = ArmBatch(self.profile, self._model(), num_envs, threads)
        self._law = InsertLaw(self._chain, num_envs)
        model, batch = self._arms.model, self._arms.batch
        start = model.joint("part/shaft").qposadr[0]
        self._shaft = slice(start, start + 7)
        self._body = model.body(f"fixture/{FIXTURE}").id
        self._boxes = np.array([model.geom(bore_geom(FIXTURE, index)).id for index in range(self._box_count)])
        self._geoms = {name: batch.expand(name) for name in ("geom_pos", "geom_size", "geom_rbound", "geom_friction")}
        self._body_pos, self._body_quat = batch.expand("body_pos"), batch.expand("body_quat")
        self._bore = np.tile(np.eye(4), (num_envs, 1, 1))  # true
        self._depth_m, self._peak_n, self._before = (np.zeros(num_envs) for _ in range(3))
        self._hardest_n = np.zeros(num_envs)  # in the last period

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract.for_arm(self.task, self.profile.arm, OBSERVATIONS, ACTIONS)

    def _model(self) -> mujoco.MjModel:
        parts = [ScenePart("shaft", "shaft", "white", (0.5, 0.1), 0.0)]
        self._box_count = len(BoreBoxes.around(self._fixture.bore_radius_m, self._fixture.bore_depth_m).half_m)
        return arm_cell_spec(self.profile, parts, [FIXTURE]).compile()

    # An episode ---------------------------------------------------------------------------------------------------

    def _begin(self, slots: np.ndarray) -> None:
        count = len(slots)
        seen, lead, grips = np.tile(np.eye(4), (count, 1, 1)), np.zeros((count, 3)), np.zeros(count, dtype=int)
        clearance, depth = np.zeros(count), np.zeros(count)
        for row, slot in enumerate(slots):
            draw = self._streams[slot]
            clearance[row] = self._vary_bore(slot, draw)
            grips[row] = draw.integers(GRIPS)
            depth[row] = draw.uniform(*self.randomization.depth_m)
            lead[row] = self._grips.end_m[grips[row]]
            seen[row] = self._seen(slot, draw, lead[row])
        law, arms = self._law, self._arms
        law.aim(slots, seen, lead[:, 0])
        self._depth_m[slots] = depth
        posture = np.tile(self._posture_rad, (count, 1))
        posture = self._chain.inverse(posture, law.tool_at(-STANDOFF_M)[slots], steps=25)
        opening = self._grips.opening_m[grips]
        arms.place(slots, posture, opening, np.zeros(count))
        for slot in slots:
            arms.randomize(slot, self._streams[slot], self.randomization.arm)
        arms.qpos[slots[:, None], np.arange(self._shaft.start, self._shaft.stop)] = free_coordinates(
            self._chain.tool(posture), self._grips.shaft_in_tool[grips]
        )
        arms.settle(slots)
        arms.hold(slots, posture, SETTLE_TICKS)
        law.begin(slots, arms.sense(), clearance)
        self._peak_n[slots] = 0.0
        self._before[slots] = self._potential()[slots]

    def _vary_bore(self, slot: int, draw: np.random.Generator) -> float:
        """Place, size and roughness of the bore of one copy; return its clearance [m]."""
        ranges, fixture = self.randomization, self._fixture
        clearance, chamfer = draw.uniform(*ranges.clearance_m), draw.uniform(*ranges.chamfer_m)
        boxes = BoreBoxes.around(SHAFT_RADIUS_M + clearance, fixture.bore_depth_m, chamfer)
        self._geoms["geom_pos"][slot, self._boxes] = boxes.position_m
        self._geoms["geom_size"][slot, self._boxes] = boxes.half_m
        self._geoms["geom_rbound"][slot, self._boxes] = np.linalg.norm(boxes.half_m, axis=1)
        self._geoms["geom_friction"][slot, self._boxes, 0] = draw.uniform(*ranges.friction)
        place = draw.uniform(-ranges.place_m, ranges.place_m, 2)
        yaw = fixture.yaw_rad + draw.uniform(-ranges.turn_rad, ranges.turn_rad)
        standing = replace(fixture, position_m=(*(np.array(fixture.position_m[:2]) + place), fixture.position_m[2]),
                           yaw_rad=yaw)  # fmt: skip
        pose = bore_pose(standing)
        self._body_pos[slot, self._body], self._body_quat[slot, self._body] = pose.position_m, pose.quaternion_wxyz
        self._bore[slot] = pose.matrix()
        return float(clearance)

    def _seen(self, slot: int, draw: np.random.Generator, lead_m: np.ndarray) -> np.ndarray:
        """Where perception says that the bore is, moved sideways by how far off the tool's axis the shaft is held."""
        ranges, bore = self.randomization, self._bore[slot]
        error_m = draw.uniform(-1.0, 1.0, 3) * [ranges.aside_m, ranges.aside_m, ranges.along_m]
        tilt = np.array([[*draw.uniform(-ranges.tilt_rad, ranges.tilt_rad, 2), 0.0]])
        seen = bore.copy()
        seen[:3, 3] += bore[:3, :3] @ error_m
        seen[:3, :3] = bore[:3, :3] @ rotation(tilt)[0]
        along, down = bore[:3, 2], np.array([0.0, 0.0, -1.0])
        seen[:3, 3] -= np.cross(down, along) * lead_m[1] + down * lead_m[2]
        return seen

    def _advance(self, action: np.ndarray) -> None:
        hardest_n = np.zeros(self.num_envs)
        for _ in range(ARM_TICKS):
            target, speed = self._law.command(self._arms.sense(), action, self._arms.tick_s)
            self._arms.tick(target, speed)
            hardest_n = np.maximum(hardest_n, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1))
        self._hardest_n, self._peak_n = hardest_n, np.maximum(self._peak_n, hardest_n)

    def _observe(self) -> np.ndarray:
        return self._law.observe(self._arms.sense())

    def _judge(self) -> Verdict:
        depth_m, aside_m, _ = self._true_end()
        success = (depth_m >= self._depth_m) & (aside_m < 0.004)
        failure = ~success & ((self._peak_n > FORCE_LIMIT_N) | self._lost())
        now = self._potential()
        reward = now - self._before - 0.02 + 5.0 * success - 5.0 * failure
        reward -= 0.015 * np.maximum(0.0, self._hardest_n - GENTLE_N)
        self._before = now
        return Verdict(reward, success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        return {"force_n": self._peak_n.copy(), "tries": self._law.tries.copy()}

    def _potential(self) -> np.ndarray:
        """What progress is worth: depth, and outside the bore nearness to its axis."""
        depth_m, aside_m, tilt = self._true_end()
        outside = np.clip((0.004 - depth_m) / 0.004, 0.0, 1.0)
        near = np.clip(aside_m / 0.004, 0.0, 2.0) + np.clip(tilt / 0.05, 0.0, 2.0)
        return np.asarray(3.0 * np.clip(depth_m, -0.02, 0.06) / 0.035 - 0.5 * outside * near)

    def _true_end(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Depth [m], distance from the axis [m] and tilt [rad] of the shaft's leading end, (n,) each."""
        pose = self._arms.qpos[:, self._shaft]
        axis = _x_axis(pose[:, 3:])
        along = self._bore[:, :3, 2]
        axis *= np.sign(np.sum(axis * along, axis=1))[:, None]
        end = pose[:, :3] + SHAPES["shaft"].half_m[0] * axis - self._bore[:, :3, 3]
        depth_m = np.sum(end * along, axis=1)
        aside_m = np.linalg.norm(end - depth_m[:, None] * along, axis=1)
        return depth_m, aside_m, np.arccos(np.clip(np.sum(axis * along, axis=1), -1.0, 1.0))

    def _lost(self) -> np.ndarray:
        """Whether the shaft has left the gripper."""
        tool = self._chain.tool(self._arms.true_position_rad())
        return np.asarray(
            np.linalg.norm(self._arms.qpos[:, self._shaft][:, :3] - tool[:, :3, 3], axis=1) > GRIP_BEHIND_M + 0.02
        )

    # Grips --------------------------------------------------------------------------------------------------------

    @cached_property
    def _posture_rad(self) -> np.ndarray:
        """A posture before the fixture's own place, to start the inverse kinematics from."""
        law = InsertLaw(self._chain, 1)
        law.aim(np.array([0]), bore_pose(self._fixture).matrix()[None], np.array([0.06]))
        start = np.array(self.profile.arm.home_rad)
        target = law.tool_at(-STANDOFF_M)
        start[0] += np.arctan2(target[0, 1, 3], target[0, 0, 3])
        return np.asarray(self._chain.inverse(start[None], target, steps=80)[0])

    @cached_property
    def _grips(self) -> Grips:
        return Grips.made(self)


@dataclass(frozen=True, eq=False)
class Grips:
    """Shafts as they come to rest between the pads: pose in the tool's frame (k, 4, 4), leading end (k, 3) there,
    and the pads' opening (k,) [m]."""

    shaft_in_tool: np.ndarray
    end_m: np.ndarray
    opening_m: np.ndarray

    @classmethod
    def made(cls, env: InsertEnv) -> Grips:
        """Close the gripper on shafts that lie a little off, in one batch of their own; always the same ones."""
        draw = np.random.default_rng(20)
        chain, spread = Chain.of(env.profile.arm), env.randomization.grip_m
        arms = ArmBatch(env.profile, env._arms.model, GRIPS)
        shaft = np.tile(np.eye(4), (GRIPS, 1, 1))
        shaft[:, 0, 3] = GRIP_BEHIND_M + draw.uniform(-spread, spread, GRIPS)
        shaft[:, 2, 3] = draw.uniform(-spread, spread, GRIPS)
        turn = np.zeros((GRIPS, 3))
        turn[:, 1] = draw.uniform(-0.02, 0.02, GRIPS)
        shaft[:, :3, :3] = rotation(turn)
        posture = np.tile(env._posture_rad, (GRIPS, 1))
        opening = np.full(GRIPS, 2 * SHAFT_RADIUS_M + 0.0002)
        in_tool, opening = settled_grips(arms, chain, env._shaft, posture, shaft, opening)
        end = in_tool[:, :3, 3] + SHAPES["shaft"].half_m[0] * in_tool[:, :3, 0]
        return cls(in_tool, end, opening)


def _x_axis(quaternion_wxyz: np.ndarray) -> np.ndarray:
    w, x, y, z = quaternion_wxyz.T
    return np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], axis=1)
