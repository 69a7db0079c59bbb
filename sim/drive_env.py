"""Driving along a path among things and people, on the real wheels in MuJoCo and behind the protective field."""

from __future__ import annotations

from math import pi
from typing import Any, ClassVar

import mujoco
import numpy as np
from mujoco.batch import Batch

from luban.catalogue import Station, Words
from luban.motion import driving
from luban.motion.protective_field import allowed
from luban.policy_contract import PolicyContract
from luban.profile import Profile, load_profile
from luban.randomization import DriveRandomization
from sim.agv import FREE_JOINT, LIDAR_HEIGHT_M, MOTORS, WHEELS, add_agv
from sim.cell import set_physics
from sim.collision import COLLISION_GROUP, STATIC, VISUAL_GROUP, solid, visual
from sim.drive_scene import BOXES, CYLINDERS, PEOPLE, DriveScenes
from sim.people import LEG_RADIUS_M, Walkers, outline_gap
from sim.task_env import TaskEnv, Verdict

BEAMS = 120  # a third of the robot's: a leg still catches one within 2 m, where it matters
RANGE_M = 10.0
PHYSICS_STEP_S = 0.005
EXIT_M_S = 0.35  # the path ends where the straight lane to a station begins
EPISODE_S = 30.0
COMFORT_M = 0.25  # passing closer to a person costs
ROLLING_M_S = 0.4  # most at the start: a new plan finds the vehicle driving
ASKEW_M, ASKEW_RAD = 0.10, 0.35  # off a docking lane's line at its beginning: each by itself means docking twice,
ASKEW_COST = 2.9  # which takes five seconds
MOVING_M_S, MOVING_RAD_S = 0.03, 0.06
_HIDDEN_M = 60.0


class DriveEnv(TaskEnv):
    """Follow a path to the beginning of a docking lane; success: arrived and nothing touched while moving.

    The action bends what regulated pursuit wants (luban.motion.driving); zero is the classical controller. Between
    both and the wheels stand the acceleration limits and the gate's protective field, as on the robot.
    """

    task: ClassVar[str] = "drive"
    action_names: ClassVar[tuple[str, ...]] = driving.ACTIONS

    def __init__(
        self, num_envs: int = 1, profile: Profile | None = None, randomization: DriveRandomization | None = None,
        autoreset: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_envs, driving.OBSERVATIONS, 1.0 / driving.RATE_HZ, EPISODE_S, autoreset)
        self.profile = profile or load_profile("sim")
        self.randomization = randomization or DriveRandomization()
        self._base = self.profile.base
        self._ticks = round(self._base.rate_hz / driving.RATE_HZ)
        self._tick_s = 1.0 / self._base.rate_hz
        model = build_floor(self.profile)
        self._batch = Batch(model, num_envs, nthread=1)
        self._batch.reset(stage=mujoco.mjtStage.mjSTAGE_NONE.value)
        self._joint = int(model.joint(FREE_JOINT).qposadr[0])
        self._rest = model.qpos0.copy()
        self._wheels = [int(model.joint(name).dofadr[0]) for name in WHEELS]
        self._motors = [model.actuator(name).id for name in MOTORS]
        self._qpos, self._qvel, self._ctrl = (self._batch.bind(name) for name in ("qpos", "qvel", "ctrl"))
        self._geom_pos, self._geom_quat = self._batch.expand("geom_pos"), self._batch.expand("geom_quat")
        self._geom_size, self._bound = self._batch.expand("geom_size"), self._batch.expand("geom_rbound")
        self._pose, self._scanned = np.zeros((num_envs, 3)), np.zeros((num_envs, 3))  # now; at the last scan
        self._things = slice(model.geom("box_0").id, model.geom("box_0").id + BOXES + CYLINDERS)
        self._legs = slice(self._things.stop, self._things.stop + 2 * PEOPLE)
        self._floor_z = self.profile.catalogue.floor_z_m
        self._groups = np.zeros(mujoco.mjNGROUP, dtype=np.uint8)
        self._groups[VISUAL_GROUP] = 1
        self._angles = -pi + np.arange(BEAMS) * (2 * pi / BEAMS)
        self._cos, self._sin = np.cos(self._angles), np.sin(self._angles)
        self.scenes = DriveScenes(num_envs)
        self.walkers = Walkers(num_envs, PEOPLE)
        self.paths = driving.Paths(num_envs, self._base.limits)
        self.eyes = driving.DriveEyes(num_envs, BEAMS)
        self.points_m = np.full((num_envs, BEAMS, 2), 1e3)
        self._set, self._sent = np.zeros((num_envs, 2)), np.zeros((num_envs, 2))  # asked for; let through and ramped
        self._late = np.zeros((num_envs, 2))
        self._wanted = np.zeros((num_envs, 2))
        self._action = self._before = np.zeros((num_envs, 2))
        self._wheel_scale = np.ones((num_envs, 2))
        self._delayed = np.zeros(num_envs, dtype=bool)
        self._sigma_m, self._shift = np.zeros(num_envs), np.zeros((num_envs, 3))
        self._to_go_m, self._touched = np.zeros(num_envs), np.zeros(num_envs, dtype=bool)
        self._gap_m, self._slowed = np.full(num_envs, 9.0), np.zeros(num_envs)
        self._length_m = np.zeros(num_envs)

    @property
    def contract(self) -> PolicyContract:
        return driving.contract(self._base)

    @property
    def pose(self) -> np.ndarray:
        """True poses (n, 3) x, y [m], yaw [rad]."""
        return self._pose.copy()

    @property
    def velocity(self) -> np.ndarray:
        """True body velocities (n, 2): forwards [m/s], turning [rad/s]."""
        yaw = self._pose[:, 2]
        linear = self._qvel[:, 0] * np.cos(yaw) + self._qvel[:, 1] * np.sin(yaw)
        return np.column_stack([linear, self._qvel[:, 5]])

    def _believed(self) -> np.ndarray:
        """Poses (n, 3) as localisation gives them."""
        return self._pose + self._shift

    def _locate(self) -> None:
        free = self._qpos[:, self._joint : self._joint + 7]
        self._pose[:, :2], self._pose[:, 2] = free[:, :2], 2 * np.arctan2(free[:, 6], free[:, 3])

    def _begin(self, slots: np.ndarray) -> None:
        self._batch.reset(slots.astype(np.int32), stage=mujoco.mjtStage.mjSTAGE_NONE.value)
        varied, rolling = self.randomization, np.zeros(self.num_envs)
        for slot in slots:
            random = self._streams[slot]
            lane = random.random() < 0.7
            path, room, yaw = self.scenes.draw(slot, random, varied, lane)
            self.paths.put(slot, path, room, EXIT_M_S if lane else 0.0)
            self.scenes.draw_people(slot, random, varied, path, self.walkers)
            self._qpos[slot] = self._rest
            self._qpos[slot, self._joint : self._joint + 7] = (
                *path[0], self._floor_z, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2),
            )  # fmt: skip
            rolling[slot] = random.uniform(0.0, ROLLING_M_S) * (random.random() < 0.5)
            scale = random.uniform(*varied.wheel_scale) + varied.wheel_mismatch * random.uniform(-1, 1) * np.array(
                [1, -1]
            )
            self._wheel_scale[slot] = scale
            self._delayed[slot] = random.integers(0, varied.delay_ticks + 1) == 1
            self._sigma_m[slot] = random.uniform(*varied.lidar_sigma_m)
            reach = np.array([varied.place_m, varied.place_m, varied.turn_rad])
            self._shift[slot] = random.uniform(-1, 1, 3) * reach
        self._locate()
        self._show_things(slots)
        for state in (self._set, self._sent, self._late, self._wanted, self._action, self._ctrl):
            state[slots] = 0.0
        self._roll_in(slots, rolling[slots])
        self._touched[slots], self._gap_m[slots] = False, 9.0
        self.eyes.forget(slots)
        self._scan(slots)
        self._wanted[slots] = self._pursue()[slots]
        self._to_go_m[slots] = self._length_m[slots] = self.paths.to_go_m()[slots]

    def _roll_in(self, slots: np.ndarray, linear_m_s: np.ndarray) -> None:
        """Let some vehicles drive straight on already, at speeds (k,)."""
        yaw = self._pose[slots, 2]
        self._qvel[slots, 0], self._qvel[slots, 1] = linear_m_s * np.cos(yaw), linear_m_s * np.sin(yaw)
        self._qvel[slots[:, None], self._wheels] = (linear_m_s / self._base.wheel_radius_m)[:, None]
        for state in (self._set, self._sent, self._late):
            state[slots, 0] = linear_m_s

    def _show_things(self, slots: np.ndarray) -> None:
        """Put what stands on the floor of some slots into their models."""
        x, y, yaw, half_x, half_y, radius = np.moveaxis(self.scenes.things[slots], -1, 0)
        rows, at = slots[:, None], np.arange(self._things.start, self._things.stop)
        high, is_round = np.full_like(x, 0.4), radius > 0.0
        size = np.stack([half_x + radius, np.where(is_round, high, half_y), np.where(is_round, 0.0, high)], -1)
        self._geom_pos[rows, at], self._geom_size[rows, at] = np.stack([x, y, self._floor_z + high], -1), size
        self._geom_quat[rows, at] = np.stack([np.cos(yaw / 2), 0 * yaw, 0 * yaw, np.sin(yaw / 2)], -1)
        self._bound[rows, at] = np.linalg.norm(size, axis=-1) + 0.5
        self._geom_pos[rows, np.arange(self._legs.start, self._legs.stop), :2] = self.walkers.legs()[slots]

    def _advance(self, action: np.ndarray) -> None:
        self._before, self._action = self._action, action.copy()
        self._slowed[:] = 0.0
        for tick in range(self._ticks):
            wanted = self._pursue() if tick else self._wanted
            wanted = driving.bent(wanted, action, self.paths, self._believed())
            self._set = driving.ramp(self._set, wanted, self._tick_s, self._base.limits)
            command = np.where(self._delayed[:, None], self._late, self._set)
            self._late = self._set
            if tick:  # for the gate only; things hardly move against the floor in one tick
                self.points_m = driving.moved(self.points_m, self._scanned, self._pose)
                self._scanned[:] = self._pose
            given = allowed(command, self.points_m, self._base)
            self._slowed += np.abs(command[:, 0] - given[:, 0]) / self._ticks
            self._sent = driving.ramp(self._sent, given, self._tick_s, self._base.limits)
            self._roll()
        self.eyes.action[:] = action
        self._scan(np.arange(self.num_envs))
        self._wanted = self._pursue()

    def _pursue(self) -> np.ndarray:
        return driving.pursue(self.paths, self._believed(), self._set[:, 0])

    def _roll(self) -> None:
        """Turn the wheels and let people walk for one period of the base."""
        base = self._base
        turn = self._sent[:, 1] * base.wheel_separation_m / 2
        wheels = (self._sent[:, :1] + turn[:, None] * (-1.0, 1.0)) / base.wheel_radius_m
        self._ctrl[:, self._motors] = wheels * self._wheel_scale
        self._batch.step(nstep=round(self._tick_s / PHYSICS_STEP_S))
        self._locate()
        pose, velocity = self._pose, self.velocity
        self.walkers.step(self._tick_s, pose, velocity[:, 0], base, self.scenes.room_m)
        legs = self.walkers.legs()
        self._geom_pos[:, self._legs, :2] = legs
        gap = outline_gap(legs, pose, base).min(axis=1) - LEG_RADIUS_M
        moves = (np.abs(velocity[:, 0]) > MOVING_M_S) | (np.abs(velocity[:, 1]) > MOVING_RAD_S)
        self._touched |= ((gap <= 0.0) | self.scenes.outline_touches(pose, base)) & moves
        self._gap_m = np.where(moves, gap, 9.0)

    def _scan(self, slots: np.ndarray) -> None:
        """Measure ranges in some slots."""
        pose = self._pose[slots]
        c, s, shape = np.cos(pose[:, 2, None]), np.sin(pose[:, 2, None]), (len(slots), BEAMS)
        rays, noise, luck = np.zeros((*shape, 3)), np.empty(shape), np.empty(shape)
        rays[..., 0], rays[..., 1] = c * self._cos - s * self._sin, s * self._cos + c * self._sin
        origin = np.column_stack([pose[:, :2], np.full(len(slots), self._floor_z + LIDAR_HEIGHT_M)])
        ranges, _ = self._batch.ray(origin[:, None], rays, geomgroup=self._groups, ids=slots.astype(np.int32))
        for row, slot in enumerate(slots):
            self._streams[slot].standard_normal(out=noise[row])
            self._streams[slot].random(out=luck[row])
        seen = (ranges >= 0.0) & (ranges <= RANGE_M) & (luck >= self.randomization.lidar_dropout)
        ranges = np.where(seen, np.maximum(ranges + noise * self._sigma_m[slots, None], 0.0), np.inf)
        self.points_m[slots] = points_m = driving.scan_points(ranges, self._angles)
        self._scanned[slots] = pose
        self.eyes.see(points_m, pose, slots)

    def _observe(self) -> np.ndarray:
        return self.eyes.observe(self.paths, self._believed(), self.velocity, self._wanted)

    def _judge(self) -> Verdict:
        to_go = self.paths.to_go_m()
        success = self.paths.done(self._believed()) & ~self._touched
        moved, change = self._to_go_m - to_go, np.abs(self._action - self._before).sum(axis=1)
        self._to_go_m = to_go
        reward = moved - 0.8 * self.period_s - 0.01 * change - 0.05 * self._slowed
        reward -= 1.0 * np.maximum(COMFORT_M - self._gap_m, 0.0) * self.period_s / 0.1
        reward -= np.where(self._touched, 12.0, 0.0)
        if success.any():
            reward += np.where(success, 2.0 - ASKEW_COST * self._askew(), 0.0)
        return Verdict(reward, success, self._touched.copy())

    def _askew(self) -> np.ndarray:
        """How far (n,) vehicles are off the line of the docking lane that begins at the end of their paths, 0..1.5."""
        off = np.abs(self.paths.off_end(self._believed()))
        raw = off[:, 0] / ASKEW_M + off[:, 1] / ASKEW_RAD
        return np.where(self.paths.exit_m_s > 0.0, np.minimum(raw, 1.5), 0.0)

    def _physics(self) -> tuple[Any, str]:
        return self, "_batch"

    def _report(self) -> dict[str, np.ndarray]:
        return {
            "force_n": np.zeros(self.num_envs), "collision": self._touched.copy(), "length_m": self._length_m.copy(),
        }  # fmt: skip


def build_floor(profile: Profile) -> mujoco.MjModel:
    """Compile the vehicle of a profile, without what is only looked at, with geoms for things and legs."""
    spec = mujoco.MjSpec()
    set_physics(spec, PHYSICS_STEP_S)
    spec.option.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    for name in ("enamel", "metal", "paint", "plastic", "matt"):
        spec.add_material(name=name)
    floor_z = profile.catalogue.floor_z_m
    kinds = mujoco.mjtGeom
    plane = spec.worldbody.add_geom(
        name="floor", type=kinds.mjGEOM_PLANE, pos=(0, 0, floor_z), size=(30, 30, 0.1), friction=(1.0, 0.005, 0.0001)
    )
    solid(plane, STATIC)
    shapes = [("box", BOXES, kinds.mjGEOM_BOX), ("cylinder", CYLINDERS, kinds.mjGEOM_CYLINDER)]
    for noun, count, kind in (*shapes, ("leg", 2 * PEOPLE, kinds.mjGEOM_CYLINDER)):
        for i in range(count):
            size = (LEG_RADIUS_M, 0.4, 0.1)
            at = (_HIDDEN_M, _HIDDEN_M, floor_z + 0.4)
            turned = (np.cos(0.3), 0, 0, np.sin(0.3))  # the compiler would drop the turn of a geom that has none
            visual(spec.worldbody.add_geom(name=f"{noun}_{i}", type=kind, pos=at, size=size, quat=turned))
    add_agv(spec, profile, Station(Words(("start",), ("起点",)), 0.0, 0.0, 0.0))
    for geom in list(spec.geoms):
        if geom.parent.name == "world":
            continue
        if geom.contype == geom.conaffinity == 0 and geom.group == VISUAL_GROUP:
            spec.delete(geom)
        else:
            geom.group = COLLISION_GROUP
    return spec.compile()
