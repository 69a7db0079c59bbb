"""Reach poses at the edge of the joints' ranges among known boxes."""

from __future__ import annotations

from math import radians
from typing import ClassVar, Literal

import mujoco
import numpy as np

from luban.motion.clearance import Boxes
from luban.motion.detour import Routes
from luban.motion.reaching import ACTIONS, OBSERVATIONS, ReachLaw
from luban.policy_contract import ARM_TICKS, PolicyContract
from luban.profile import Profile, load_profile
from luban.randomization import ReachRandomization
from sim.arm_batch import ArmBatch
from sim.arm_cell import arm_cell_spec
from sim.collision import STATIC, solid
from sim.reach_scene import ENDS, MOST_BOXES, ReachScene, ReachScenes, ScenesAhead
from sim.task_env import TaskEnv, Verdict

FORCE_LIMIT_N = 60.0
NEAR_M, NEAR_RAD, HELD_STEPS = 0.005, radians(2.0), 5
CLOSE_M = 0.02  # nearer than this to something known costs


class ReachEnv(TaskEnv):
    """An episode begins at rest and succeeds when the tool has been within 5 mm and 2 degrees of its goal for five
    steps. Touching anything, a force above 60 N or leaving the workspace ends it.

    The policy adds joint speeds to `ReachLaw`. Reward: progress along the law's route, success, time and clearance.
    law: "whole" with route and damper, "damper" without the route, "servo" with neither.
    """

    task: ClassVar[str] = "reach"
    action_names: ClassVar[tuple[str, ...]] = ACTIONS

    def __init__(
        self,
        num_envs: int = 1,
        randomization: ReachRandomization | None = None,
        episode_s: float = 5.0,
        law: Literal["whole", "damper", "servo"] = "whole",
        profile: Profile | None = None,
        autoreset: bool = True,
        threads: int = 1,
    ) -> None:
        self.profile = profile or load_profile("sim")
        self.randomization = randomization or self.profile.randomization.reach
        super().__init__(num_envs, OBSERVATIONS, ARM_TICKS / self.profile.arm.rate_hz, episode_s, autoreset)
        self._arms = ArmBatch(self.profile, self._model(), num_envs, threads)
        known = MOST_BOXES + sum(obstacle.kind == "bench" for obstacle in self.profile.catalogue.obstacles)
        self._law = ReachLaw(self.profile.arm, num_envs, known, avoid=law != "servo", route=law == "whole")
        scenes = ReachScenes(self.profile, self.randomization)
        self._ahead = ScenesAhead(scenes, self._law.search, num_envs)
        model, batch = self._arms.model, self._arms.batch
        self._geoms = np.array([model.geom(_box(index)).id for index in range(MOST_BOXES)])
        self._fields = {name: batch.expand(name) for name in ("geom_pos", "geom_size", "geom_quat", "geom_rbound")}
        self._contacts = batch.bind("ncon")
        limits = self.profile.arm.limits
        self._space_m = np.array([limits.workspace_x_m, limits.workspace_y_m, limits.workspace_z_m]).T
        self._peak_n, self._before = np.zeros(num_envs), np.zeros(num_envs)
        self._held, self._touched = np.zeros(num_envs, dtype=int), np.zeros(num_envs, dtype=bool)
        self._least_m = np.full(num_envs, np.inf)

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract.for_arm(self.task, self.profile.arm, OBSERVATIONS, ACTIONS)

    def _model(self) -> mujoco.MjModel:
        spec = arm_cell_spec(self.profile)
        turned = [np.cos(0.3), 0, 0, np.sin(0.3)]  # the compiler would drop the turn of a geom that has none
        for index in range(MOST_BOXES):
            box = {"type": mujoco.mjtGeom.mjGEOM_BOX, "pos": [0, 0, -10.0], "size": [0.01] * 3, "quat": turned}
            solid(spec.worldbody.add_geom(name=_box(index), **box, solref=[0.006, 1.0]), STATIC, visible=True)
        return spec.compile()

    # An episode ---------------------------------------------------------------------------------------------------

    def _begin(self, slots: np.ndarray) -> None:
        self._draw_ahead(slots)
        drawn = [self._ahead.next(slot, self._streams[slot]) for slot in slots]
        scenes = [scene for scene, _ in drawn]
        start, goal, ends = (np.array([getattr(scene, name) for scene in scenes]) for name in ENDS)
        opening = np.array([self._streams[slot].uniform(0.0, self.profile.gripper.stroke_m) for slot in slots])
        self._arms.place(slots, start, opening, opening)
        for slot, scene in zip(slots, scenes, strict=True):
            self._arms.randomize(slot, self._streams[slot], self.randomization.arm)
            self._stand(slot, scene)
        self._draw_ahead(slots)  # nothing else comes from these streams before their next episodes
        self._arms.settle(slots)
        known, routes = Boxes.stacked([scene.known for scene in scenes]), Routes.stacked([route for _, route in drawn])
        self._law.begin(slots, start, goal, known, ends, routes)
        self._peak_n[slots], self._held[slots], self._touched[slots] = 0.0, 0, False
        self._least_m[slots] = np.inf
        self._before[slots] = self._law.to_go_s(self._law.position_rad)[slots]

    def _draw_ahead(self, slots: np.ndarray) -> None:
        for slot in slots:
            self._ahead.draw(slot, self._streams[slot])

    def _stand(self, slot: int, scene: ReachScene) -> None:
        """Put the boxes of one copy where they are."""
        half = scene.standing.half_m[0]
        yaw = scene.standing.yaw_rad[0] / 2
        self._fields["geom_pos"][slot, self._geoms] = scene.standing.centre_m[0]
        self._fields["geom_size"][slot, self._geoms] = np.maximum(half, 1e-3)
        self._fields["geom_quat"][slot, self._geoms] = np.column_stack([np.cos(yaw), 0 * yaw, 0 * yaw, np.sin(yaw)])
        self._fields["geom_rbound"][slot, self._geoms] = np.linalg.norm(np.maximum(half, 1e-3), axis=1)

    def _advance(self, action: np.ndarray) -> None:
        for _ in range(ARM_TICKS):
            target, speed = self._law.command(action, self._arms.tick_s)
            self._arms.tick(target, speed)
            self._touched |= self._contacts.ravel() > 0
            np.minimum(self._least_m, self._law.damper.clearance_m, out=self._least_m)
        # Contact ends an episode anyway, so that the force is looked at once per action only.
        self._peak_n = np.maximum(self._peak_n, np.linalg.norm(self._arms.sense().wrench[:, :3], axis=1))

    def _observe(self) -> np.ndarray:
        return self._law.observe(self._arms.sense())

    def _judge(self) -> Verdict:
        position = self._arms.true_position_rad()
        tool = self._law.chain.tool(position)
        aside_m, turn_rad = self._law.missing(tool)
        self._held = np.where((aside_m < NEAR_M) & (turn_rad < NEAR_RAD), self._held + 1, 0)
        at = tool[:, :3, 3]
        outside = ((at < self._space_m[0]) | (at > self._space_m[1])).any(axis=1)
        failure = self._touched | (self._peak_n > FORCE_LIMIT_N) | outside
        success = ~failure & (self._held >= HELD_STEPS)
        now = self._law.to_go_s(position)
        reward = 2.0 * (self._before - now) - 0.1 + 2.0 * success - 3.0 * failure
        reward -= 2.0 * np.maximum(0.0, CLOSE_M - self._law.damper.clearance_m)
        self._before = now
        return Verdict(reward, success, failure)

    def _report(self) -> dict[str, np.ndarray]:
        return {"force_n": self._peak_n.copy(), "touched": self._touched.copy(), "clearance_m": self._least_m.copy()}


def _box(index: int) -> str:
    return f"obstacle/{index}"
