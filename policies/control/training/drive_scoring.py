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

from luban.motion.driving import resample
from luban.profile import Profile, load_profile
from luban.skill import BaseController, SkillGoal, Status
from luban.state import BaseState
from luban.step import Skill
from luban.task import Scene, SceneAgv
from policies.control.drive import DriveBaseline
from policies.control.floor_map import FloorMap
from policies.control.learned_drive import LearnedDrive
from policies.evaluation import wilson
from sim.agv import BODY, FREE_JOINT
from sim.gated_cell import GatedCell
from sim.people import FASTEST_M_S, SLOWEST_M_S, CellPeople, Walkers
from sim.twin_base import TwinBase
from sim.world import World

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


class DriftingBase(TwinBase):
    """A twin whose odometry slips aside and turns away with the distance driven, by `drift` (x, y [m], yaw) per metre."""

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
    world = World(profile, Scene(seed, (), SceneAgv(start)), people=people)
    try:
        world.model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)  # what sleeps is not moved by hand
        floor = FloorMap(profile.catalogue)
        crowd = CellPeople(world.model, world.data, profile, lambda at: _room(floor, at))
        _place(crowd.walkers, people, random, floor, *(profile.catalogue.stations[name] for name in (start, station)))
        crowd.show()
        mujoco.mj_forward(world.model, world.data)
        return _drive(GatedCell(world), make(profile), seed, start, station, crowd)
    finally:
        world.close()


def dock_with_drift(profile: Profile, make: Make, seed: int) -> Trip:
    """Drive to a station from nearby, the odometry wrong at the start and getting worse."""
    random = np.random.default_rng(FIRST_SEED + seed)
    station = str(random.choice(list(profile.catalogue.stations)))
    world = World(profile, Scene(seed, (), SceneAgv(station)))
    try:
        pose = _nearby(FloorMap(profile.catalogue), profile, station, random)
        address = int(world.model.joint(FREE_JOINT).qposadr[0])
        world.data.qpos[address : address + 2] = pose[:2]
        world.data.qpos[address + 3 : address + 7] = cos(pose[2] / 2), 0.0, 0.0, sin(pose[2] / 2)
        mujoco.mj_forward(world.model, world.data)
        aside, way, turns = random.uniform(-pi, pi), random.uniform(-pi, pi), random.choice([-1, 1], 2)
        error = (DRIFT_M * cos(aside), DRIFT_M * sin(aside), DRIFT_RAD * turns[0])
        base = DriftingBase(world.model, world.data, profile, seed, error)
        length_m = hypot(*(pose[:2] - _at(profile, station)))
        base.drift = (DRIFT_M / length_m * cos(way), DRIFT_M / length_m * sin(way), DRIFT_RAD / length_m * turns[1])
        world.base = base
        base.connect()
        return _drive(GatedCell(world), make(profile), seed, "", station, None)
    finally:
        world.close()


def _drive(
    cell: GatedCell, controller: BaseController, seed: int, start: str, station: str, crowd: CellPeople | None
) -> Trip:
    world, touched = cell.world, set[str]()
    began_s, period_s = world.time_s, 1.0 / world.profile.base.rate_hz
    controller.start(SkillGoal(Skill.DRIVE, station=station), cell.base.read(), cell.base.scan())
    status, reason = Status.RUNNING, ""
    while status is Status.RUNNING and world.time_s - began_s < LONGEST_S:
        action = controller.tick(cell.base.read(), cell.base.scan())
        status, reason = action.status, action.reason
        if action.base is not None and not cell.base.stopped:
            cell.base.send(action.base)
        cell.advance(period_s)
        pose, linear, angular = _truth(world)
        if abs(linear) > MOVING_M_S or abs(angular) > MOVING_RAD_S:
            touched |= touching(world)
        if crowd is not None:
            crowd.step(period_s, pose, linear)
    goal, (pose, _, _) = world.profile.catalogue.stations[station], _truth(world)
    off_rad = pose[2] - goal.yaw_rad
    return Trip(
        seed, start, station, str(status), reason, world.holds(("at", "agv", station)), tuple(sorted(touched)),
        round(world.time_s - began_s, 3), hypot(pose[0] - goal.x_m, pose[1] - goal.y_m),
        abs(atan2(sin(off_rad), cos(off_rad))),
    )  # fmt: skip


def touching(world: World) -> set[str]:
    """Names of the bodies that the vehicle touches now, but for the floor."""
    model, found = world.model, set()
    vehicle = model.body(BODY).id
    for pair in world.data.contact.geom[: world.data.ncon]:
        own = [int(model.body_rootid[model.geom_bodyid[geom]]) == vehicle for geom in pair]
        if own[0] != own[1]:
            geom = int(pair[own.index(False)])
            if model.geom(geom).name != "floor":
                found.add(model.body(int(model.geom_bodyid[geom])).name or model.geom(geom).name)
    return found


def _truth(world: World) -> tuple[np.ndarray, float, float]:
    """Pose (3,), forward speed [m/s] and turning rate [rad/s] of the vehicle."""
    joint = world.model.joint(FREE_JOINT)
    place, speed = int(joint.qposadr[0]), int(joint.dofadr[0])
    x, y, _, w, _, _, z = world.data.qpos[place : place + 7]
    yaw = 2 * atan2(z, w)
    vx, vy, _, _, _, turn = world.data.qvel[speed : speed + 6]
    return np.array([x, y, yaw]), float(vx * cos(yaw) + vy * sin(yaw)), float(turn)


def _room(floor: FloorMap, points_m: np.ndarray) -> np.ndarray:
    return floor.surface(points_m.reshape(-1, 2))[0].reshape(points_m.shape[:-1])


def _at(profile: Profile, station: str) -> np.ndarray:
    return np.array([profile.catalogue.stations[station].x_m, profile.catalogue.stations[station].y_m])


def _place(
    walkers: Walkers, people: int, random: np.random.Generator, floor: FloorMap, start: object, goal: object
) -> None:
    """Let people cross the shortest way between two stations or walk along it, all from free places."""
    ends_m = [np.array([station.x_m, station.y_m]) for station in (start, goal)]  # type: ignore[attr-defined]
    corners = floor.path(*ends_m, np.maximum(floor.static_m, 0.31))
    way = resample(np.array(ends_m) if corners is None else corners)
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
        if _room(floor, line[:1])[0] > 0.4 and hypot(*(line[0] - ends_m[0])) > 1.3:
            lines.append(line)
    walkers.place(
        0, np.array(lines).reshape(-1, 2, 2), np.zeros(people), random.uniform(SLOWEST_M_S, FASTEST_M_S, people)
    )


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
    policy: Annotated[list[Path] | None, typer.Option(help="Learned controllers beside the baseline.")] = None,
    out: Annotated[Path | None, typer.Option(help="JSON with every drive.")] = None,
) -> None:
    """Score the classical drive and learned ones on the same scenes."""
    profile = load_profile("sim")
    makers: dict[str, Make] = {"baseline": DriveBaseline}
    for path in policy or []:
        makers[str(path)] = lambda profile, path=path: LearnedDrive(profile, path)  # type: ignore[misc]
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
