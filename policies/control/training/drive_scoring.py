"""Scores of the drive skill in the real cell, judged from truth: among walking people, and docking with odometry that
drifts. `python -m policies.control.training.drive_scoring` prints baseline and learned controller side by side."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from math import atan2, cos, hypot, pi, sin
from pathlib import Path
from typing import Annotated

import mujoco
import numpy as np
import typer

from luban.base_gate import BaseGate
from luban.motion.driving import contract, resample
from luban.profile import Profile, load_profile
from luban.skill import BaseController, SkillGoal, Status
from luban.state import BaseState
from luban.step import Skill
from policies.control.drive import DriveBaseline
from policies.control.floor_map import FloorMap
from policies.control.learned_drive import LearnedDrive
from policies.control.policy import Policy
from policies.evaluation import wilson
from sim.agv import BODY, FREE_JOINT, add_agv
from sim.cell import set_physics
from sim.collision import STATIC, solid
from sim.people import WALK_M_S, CellPeople, Walkers, add_people
from sim.twin_base import TwinBase

LONGEST_S = 60.0
MOVING_M_S, MOVING_RAD_S = 0.03, 0.06  # slower than this the vehicle stands: then people bump into it, not it into them
DOCKED_M, DOCKED_RAD = 0.01, pi / 180
DRIFT_M, DRIFT_RAD = 0.05, 0.05  # error of the odometry at the start, in any direction, and as much again on the way
FIRST_SEED = 7_000_000  # of scenes that no training has seen

Make = Callable[[Profile], BaseController]


@dataclass(frozen=True)
class Trip:
    """How one drive ended. touched: while the vehicle moved; error_m, error_rad: true pose against the station's."""

    seed: int
    start: str
    station: str
    status: str
    reason: str
    at_station: bool
    touched: tuple[str, ...]
    seconds: float
    error_m: float
    error_rad: float

    @property
    def success(self) -> bool:
        return self.status == Status.SUCCEEDED and self.at_station and not self.touched

    @property
    def docked(self) -> bool:
        return self.success and self.error_m <= DOCKED_M and self.error_rad <= DOCKED_RAD


class Floor:
    """The plant's floor with vehicle and people, without the arm: the same vehicle, gate, lidar and obstacles as in the
    cell, at a fraction of its cost."""

    def __init__(self, profile: Profile, station: str, seed: int, people: int = 0) -> None:
        self.profile = profile
        self.model = _floor_model(profile, station, people)
        self.data = mujoco.MjData(self.model)
        mujoco.mj_step(self.model, self.data, 250)  # the vehicle settles on its wheels
        self.data.time = 0.0
        self.hold(TwinBase(self.model, self.data, profile, seed))
        self._steps = round(0.008 / profile.physics_step_s)
        self._period_s = 1.0 / profile.base.rate_hz
        joint = self.model.joint(FREE_JOINT)
        self._place, self._speed = int(joint.qposadr[0]), int(joint.dofadr[0])

    def hold(self, base: TwinBase) -> None:
        """Drive through this base from now on."""
        self.base = base
        base.connect()
        self.gate = BaseGate(base, self.profile.base)

    def put(self, pose: np.ndarray) -> None:
        """Put the vehicle at a pose (3,)."""
        self.data.qpos[self._place : self._place + 2] = pose[:2]
        self.data.qpos[self._place + 3 : self._place + 7] = cos(pose[2] / 2), 0.0, 0.0, sin(pose[2] / 2)
        mujoco.mj_forward(self.model, self.data)

    def advance(self) -> None:
        """One period of the base: gate, then electronics and physics."""
        self.gate.cycle(float(self.data.time))
        for _ in range(round(self._period_s / 0.008)):
            self.base.advance()
            mujoco.mj_step(self.model, self.data, self._steps)

    def truth(self) -> tuple[np.ndarray, float, float]:
        """Pose (3,), forward speed [m/s] and turning rate [rad/s] of the vehicle."""
        x, y, _, w, _, _, z = self.data.qpos[self._place : self._place + 7]
        yaw = 2 * atan2(z, w)
        vx, vy, _, _, _, turn = self.data.qvel[self._speed : self._speed + 6]
        return np.array([x, y, yaw]), float(vx * cos(yaw) + vy * sin(yaw)), float(turn)

    def touching(self) -> set[str]:
        """Names of what the vehicle touches now, but for the floor."""
        model, found = self.model, set()
        vehicle = model.body(BODY).id
        for pair in self.data.contact.geom[: self.data.ncon]:
            own = [int(model.body_rootid[model.geom_bodyid[geom]]) == vehicle for geom in pair]
            if own[0] != own[1]:
                found.add(model.geom(int(pair[own.index(False)])).name)
        return found - {"floor"}


def _floor_model(profile: Profile, station: str, people: int) -> mujoco.MjModel:
    spec, catalogue = mujoco.MjSpec(), profile.catalogue
    set_physics(spec, profile.physics_step_s)
    spec.option.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)  # what sleeps is not moved by hand
    for name in ("enamel", "metal", "paint", "plastic", "matt"):
        spec.add_material(name=name)
    (x0, x1), (y0, y1), z = catalogue.floor.x_m, catalogue.floor.y_m, catalogue.floor_z_m
    kinds, world = mujoco.mjtGeom, spec.worldbody
    ground = world.add_geom(
        name="floor", type=kinds.mjGEOM_PLANE, pos=(0, 0, z), size=(20, 20, 0.1), friction=(1.0, 0.005, 0.0001)
    )
    solid(ground, STATIC)
    boxes = [(thing.kind, thing.x_m, thing.y_m, thing.yaw_rad, *thing.size_m) for thing in catalogue.obstacles]
    boxes += [("wall", x, (y0 + y1) / 2, 0.0, 0.1, y1 - y0, 1.0) for x in (x0 - 0.05, x1 + 0.05)]
    boxes += [("wall", (x0 + x1) / 2, y, 0.0, x1 - x0, 0.1, 1.0) for y in (y0 - 0.05, y1 + 0.05)]
    for i, (kind, x, y, yaw, *size) in enumerate(boxes):
        geom = world.add_geom(
            name=f"{kind}_{i}", type=kinds.mjGEOM_BOX, pos=(x, y, z + size[2] / 2), size=np.array(size) / 2,
            quat=(cos(yaw / 2), 0, 0, sin(yaw / 2)),
        )  # fmt: skip
        solid(geom, STATIC, visible=True)
    add_agv(spec, profile, catalogue.stations[station])
    add_people(spec, people, z)
    return spec.compile()


class DriftingBase(TwinBase):
    """A twin whose odometry slips aside and turns with the distance driven, by `drift` (x, y [m], yaw) per metre."""

    drift = (0.0, 0.0, 0.0)
    _driven_m = 0.0
    _last: tuple[float, float] | None = None

    def read(self) -> BaseState:
        state = super().read()
        if self._last is not None:
            self._driven_m += hypot(state.x_m - self._last[0], state.y_m - self._last[1])
        self._last = state.x_m, state.y_m
        x, y, yaw = (self._driven_m * part for part in self.drift)
        return replace(state, x_m=state.x_m + x, y_m=state.y_m + y, yaw_rad=state.yaw_rad + yaw)


def drive_among_people(profile: Profile, make: Make, seed: int, people: int = 3) -> Trip:
    """Drive from one station to another while people cross the way."""
    random = np.random.default_rng(FIRST_SEED + seed)
    start, station = map(str, random.choice(list(profile.catalogue.stations), 2, replace=False))
    floor, known = Floor(profile, start, seed, people), FloorMap(profile.catalogue)
    crowd = CellPeople(floor.model, floor.data, profile, lambda at: _room(known, at))
    _place(crowd.walkers, people, random, known, *(_at(profile, name) for name in (start, station)))
    crowd.show()
    mujoco.mj_forward(floor.model, floor.data)
    return _drive(floor, make(profile), seed, start, station, crowd)


def dock_with_drift(profile: Profile, make: Make, seed: int) -> Trip:
    """Drive to a station from nearby, the odometry wrong at the start and getting worse."""
    random = np.random.default_rng(FIRST_SEED + seed)
    station = str(random.choice(list(profile.catalogue.stations)))
    floor = Floor(profile, station, seed)
    pose = _nearby(FloorMap(profile.catalogue), profile, station, random)
    floor.put(pose)
    aside, way, turns = random.uniform(-pi, pi), random.uniform(-pi, pi), random.choice([-1, 1], 2)
    error = (DRIFT_M * cos(aside), DRIFT_M * sin(aside), DRIFT_RAD * turns[0])
    base = DriftingBase(floor.model, floor.data, profile, seed, error)
    length_m = hypot(*(pose[:2] - _at(profile, station)))
    base.drift = (DRIFT_M / length_m * cos(way), DRIFT_M / length_m * sin(way), DRIFT_RAD / length_m * turns[1])
    floor.hold(base)
    return _drive(floor, make(profile), seed, "", station, None)


def _drive(
    floor: Floor, controller: BaseController, seed: int, start: str, station: str, crowd: CellPeople | None
) -> Trip:
    gate, touched, period_s = floor.gate, set[str](), 1.0 / floor.profile.base.rate_hz
    controller.start(SkillGoal(Skill.DRIVE, station=station), gate.read(), gate.scan())
    status, reason = Status.RUNNING, ""
    while status is Status.RUNNING and floor.data.time < LONGEST_S:
        action = controller.tick(gate.read(), gate.scan())
        status, reason = action.status, action.reason
        if action.base is not None and not gate.stopped:
            gate.send(action.base)
        floor.advance()
        pose, linear, angular = floor.truth()
        if abs(linear) > MOVING_M_S or abs(angular) > MOVING_RAD_S:
            touched |= floor.touching()
        if crowd is not None:
            crowd.step(period_s, pose, linear)
    goal, (pose, _, _) = floor.profile.catalogue.stations[station], floor.truth()
    error_m = hypot(pose[0] - goal.x_m, pose[1] - goal.y_m)
    error_rad = abs(atan2(sin(pose[2] - goal.yaw_rad), cos(pose[2] - goal.yaw_rad)))
    return Trip(
        seed, start, station, str(status), reason, error_m <= goal.tolerance_m and error_rad <= goal.tolerance_rad,
        tuple(sorted(touched)), round(float(floor.data.time), 3), error_m, error_rad,
    )  # fmt: skip


def _room(floor: FloorMap, points_m: np.ndarray) -> np.ndarray:
    return floor.along(points_m.reshape(-1, 2), floor.static_m).reshape(points_m.shape[:-1])


def _at(profile: Profile, station: str) -> np.ndarray:
    return np.array([profile.catalogue.stations[station].x_m, profile.catalogue.stations[station].y_m])


def _place(
    walkers: Walkers, people: int, random: np.random.Generator, floor: FloorMap, start: np.ndarray, goal: np.ndarray
) -> None:
    """Let people cross the shortest way between two places or walk along it, all from free places."""
    corners = floor.path(start, goal, np.maximum(floor.static_m, 0.31))
    way = resample(np.array([start, goal]) if corners is None else corners)
    lines: list[np.ndarray] = []
    while len(lines) < people:
        index = int(random.integers(len(way) // 5, len(way) - 1))
        ahead = way[index + 1] - way[index]
        turn = random.choice([-1, 1]) * (
            random.uniform(0.9, 2.2) if random.random() < 0.65 else random.choice([0.0, pi])
        )
        heading = atan2(ahead[1], ahead[0]) + turn
        before, after = random.uniform(1.0, 3.0, 2)
        step = np.array([cos(heading), sin(heading)])
        line = np.stack([way[index] - before * step, way[index] + after * step])
        if _room(floor, line[:1])[0] > 0.4 and hypot(*(line[0] - start)) > 1.3:
            lines.append(line)
    walkers.place(0, np.array(lines).reshape(-1, 2, 2), np.zeros(people), random.uniform(*WALK_M_S, people))


def _nearby(floor: FloorMap, profile: Profile, station: str, random: np.random.Generator) -> np.ndarray:
    """A pose (3,) with room to turn, 1 to 2.5 m from a station."""
    while True:
        bearing, distance = random.uniform(-pi, pi), random.uniform(1.0, 2.5)
        at = _at(profile, station) + distance * np.array([cos(bearing), sin(bearing)])
        if _room(floor, at[None])[0] > 0.5:
            return np.array([*at, random.uniform(-pi, pi)])


def summary(trips: Sequence[Trip], docking: bool) -> dict[str, float | int | list[float]]:
    """Successes with Wilson's 95 % interval, collisions, seconds of the successes, errors of the arrived."""
    good = [trip for trip in trips if (trip.docked if docking else trip.success)]
    arrived = [trip for trip in trips if trip.success]
    low, high = wilson(len(good), len(trips))
    return {
        "episodes": len(trips), "successes": len(good), "interval95": [round(low, 4), round(high, 4)],
        "collisions": sum(bool(trip.touched) for trip in trips),
        "mean_s": round(float(np.mean([trip.seconds for trip in arrived])), 3),
        "p95_s": round(float(np.percentile([trip.seconds for trip in arrived], 95)), 3),
        "p95_mm": round(1e3 * float(np.percentile([trip.error_m for trip in arrived], 95)), 2),
        "p95_deg": round(float(np.degrees(np.percentile([trip.error_rad for trip in arrived], 95))), 3),
    }  # fmt: skip


def command(
    what: Annotated[str, typer.Argument(help="people or dock.")] = "people",
    episodes: Annotated[int, typer.Option(min=1)] = 200,
    people: Annotated[int, typer.Option(min=0, max=8)] = 3,
    first: Annotated[int, typer.Option(help="First seed.")] = 0,
    baseline: Annotated[bool, typer.Option(help="Score the classical controller, too.")] = True,
    policy: Annotated[list[Path] | None, typer.Option(help="Learned controllers beside the baseline.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON with every drive.")] = None,
) -> None:
    """Score the classical drive and learned ones on the same scenes."""
    profile = load_profile("sim")
    makers: dict[str, Make] = {"baseline": DriveBaseline} if baseline else {}
    for path in policy or []:
        learned = Policy.load(path, contract(profile.base))
        makers[str(path)] = lambda profile, learned=learned: LearnedDrive(profile, learned)  # type: ignore[misc]
    told = {}
    for name, make in makers.items():
        trips = []
        for seed in range(first, first + episodes):
            one = (
                drive_among_people(profile, make, seed, people)
                if what == "people"
                else dock_with_drift(profile, make, seed)
            )
            trips.append(one)
            if not (one.docked if what == "dock" else one.success):
                print(f"{name}: {one}", file=sys.stderr, flush=True)
        told[name] = {"summary": summary(trips, what == "dock"), "trips": [asdict(trip) for trip in trips]}
        print(f"{what}, {name}: {told[name]['summary']}", flush=True)
    if out:
        out.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(command)
