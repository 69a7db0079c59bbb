"""Drives the base of a gated cell to a station and watches what the vehicle touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import atan2, cos, hypot, sin

from luban.catalogue import Obstacle
from luban.profile import Profile
from luban.skill import BaseController, SkillGoal, Status
from luban.step import Skill
from sim.agv import BODY
from sim.gated_cell import GatedCell
from sim.world import World

DEADLINE_S = 60.0  # of robot time


@dataclass(frozen=True)
class Drive:
    """How a drive went. error_m, error_rad: true pose against the station's; touched: what the vehicle ran into."""

    status: Status
    reason: str
    seconds: float
    length_m: float
    error_m: float
    error_rad: float
    touched: frozenset[str]


def drive(
    cell: GatedCell, controller: BaseController, station: str, meddle: Callable[[float], None] = lambda seconds: None
) -> Drive:
    """Tick a controller to its end; `meddle` may change the world after every period, given the seconds so far."""
    world = cell.world
    start_s, before, length_m = world.time_s, world.truth().agv, 0.0
    touched: set[str] = set()
    controller.start(SkillGoal(Skill.DRIVE, station=station), cell.base.read(), cell.base.scan())
    while world.time_s - start_s < DEADLINE_S:
        action = controller.tick(cell.base.read(), cell.base.scan())
        if action.base is not None:
            cell.base.send(action.base)
        cell.advance(1.0 / world.profile.base.rate_hz)
        now = world.truth().agv
        length_m += hypot(now.x_m - before.x_m, now.y_m - before.y_m)
        before = now
        touched |= touching(world)
        meddle(world.time_s - start_s)
        if action.status is not Status.RUNNING:
            goal = world.profile.catalogue.stations[station]
            turn = now.yaw_rad - goal.yaw_rad
            error_m, error_rad = hypot(now.x_m - goal.x_m, now.y_m - goal.y_m), abs(atan2(sin(turn), cos(turn)))
            seconds = world.time_s - start_s
            return Drive(action.status, action.reason, seconds, length_m, error_m, error_rad, frozenset(touched))
    raise AssertionError(f"the drive to {station} has not ended after {DEADLINE_S} s of robot time")


def touching(world: World) -> set[str]:
    """Names of the bodies that the vehicle touches now; the floor that it stands on and what it carries left out."""
    model, found = world.model, set()
    agv = model.body(BODY).id
    for pair in world.data.contact.geom[: world.data.ncon]:
        bodies = [int(model.geom_bodyid[geom]) for geom in pair]
        own = [int(model.body_rootid[body]) == agv for body in bodies]
        if own[0] == own[1]:
            continue
        geom, body = (int(pair[own.index(False)]), bodies[own.index(False)])
        name = model.body(body).name
        if model.geom(geom).name != "floor" and not name.startswith("part/"):
            found.add(name)
    return found


def with_boxes(profile: Profile, *boxes: tuple[float, float, float, float]) -> Profile:
    """Return a profile with boxes (x, y, length, width) on the floor, for a world that its driver does not know."""
    things = tuple(Obstacle("pallet", x, y, 0.2, (length, width, 0.4)) for x, y, length, width in boxes)
    catalogue = profile.catalogue
    return replace(profile, catalogue=replace(catalogue, obstacles=catalogue.obstacles + things))
