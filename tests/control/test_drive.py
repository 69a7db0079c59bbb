"""The drive skill through the gate in the real cell: it arrives, goes around what is new, and gives up in time."""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np
import pytest

from luban.errors import SkillError
from luban.profile import Profile
from luban.skill import SkillGoal, Status
from luban.step import Skill
from luban.task import Scene, SceneAgv, ScenePart
from policies.control.drive import DriveBaseline
from policies.control.floor_map import FloorMap
from policies.control.localization import Localizer, scan_points, wrap
from sim.gated_cell import GatedCell
from sim.twin_base import TwinBase
from sim.world import World
from tests.control.drive_run import drive, with_boxes

GEAR = ScenePart("g", "gear", "red", (0.45, 0.10), 0.4)


@pytest.fixture
def cells() -> Iterator:
    """Makes gated cells with the AGV at a station, and closes their worlds."""
    worlds: list[World] = []

    def make(profile: Profile, station: str = "dock", parts: tuple[ScenePart, ...] = ()) -> GatedCell:
        worlds.append(World(profile, Scene(11, parts, SceneAgv(station))))
        return GatedCell(worlds[-1])

    yield make
    for world in worlds:
        world.close()


def _put_into_tote(world: World, part: str) -> None:
    """Let a part drop into the tote from 2 cm."""
    body = world.model.body(f"part/{part}")
    start = int(world.model.jnt_qposadr[body.jntadr[0]])
    world.data.qpos[start : start + 3] = np.add(world.truth().containers["tote"].position_m, (0.05, 0.03, 0.03))


def test_the_vehicle_leaves_the_bench_and_arrives_with_its_load(cells, profile: Profile) -> None:
    cell = cells(profile, "dock", (GEAR,))
    world = cell.world
    _put_into_tote(world, "g")
    cell.advance(0.6)
    assert world.holds(("in", "g", "tote"))
    done = drive(cell, DriveBaseline(profile), "assembly")
    assert (done.status, done.reason, done.touched) == (Status.SUCCEEDED, "", frozenset())
    assert world.holds(("at", "agv", "assembly")) and world.holds(("in", "g", "tote"))
    assert done.error_m < 0.04 and done.error_rad < np.deg2rad(3.0)
    assert not cell.stop_reason


def test_it_docks_beside_the_bench_without_touching_it(cells, profile: Profile) -> None:
    cell = cells(profile, "charger")
    done = drive(cell, DriveBaseline(profile), "dock")
    assert (done.status, done.touched) == (Status.SUCCEEDED, frozenset())
    assert done.error_m < 0.04 and done.error_rad < np.deg2rad(3.0)


def test_it_goes_around_a_box_that_the_map_does_not_know(cells, profile: Profile) -> None:
    cell = cells(with_boxes(profile, (2.0, -2.4, 0.5, 0.5)), "dock")
    done = drive(cell, DriveBaseline(profile), "inspection")
    assert (done.status, done.touched) == (Status.SUCCEEDED, frozenset())
    assert cell.world.holds(("at", "agv", "inspection"))


def test_a_blocked_way_is_given_up_in_time_and_untouched(cells, profile: Profile) -> None:
    boxes = ((0.95, -0.85, 0.3, 0.3), (-0.8, -0.85, 0.3, 0.3))  # ahead of and behind the vehicle at the bench
    cell = cells(with_boxes(profile, *boxes), "dock")
    done = drive(cell, DriveBaseline(profile), "assembly")
    assert done.status is Status.FAILED and "blocked" in done.reason and "assembly" in done.reason
    assert done.touched == frozenset() and done.seconds < 20.0


def test_it_waits_for_what_goes_away(cells, profile: Profile) -> None:
    cell = cells(with_boxes(profile, (0.95, -0.85, 0.3, 0.3), (-0.8, -0.85, 0.3, 0.3)), "dock")
    model = cell.world.model
    model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)  # asleep, a fixed body cannot be moved by hand

    def clear(seconds: float) -> None:
        if seconds > 4.0:  # somebody pulls the box in front away
            model.body(f"pallet_{len(profile.catalogue.obstacles)}").pos[:2] = (-4.0, 1.3)

    done = drive(cell, DriveBaseline(profile), "assembly", clear)
    assert (done.status, done.touched) == (Status.SUCCEEDED, frozenset())
    assert done.seconds > 4.0


def test_a_path_within_one_cell_of_the_grid_has_two_ends(profile: Profile) -> None:
    floor = FloorMap(profile.catalogue)
    corners = floor.path(np.array([2.01, -2.01]), np.array([2.03, -2.03]), floor.static_m)
    np.testing.assert_allclose(corners, [[2.01, -2.01], [2.03, -2.03]])


def test_an_unknown_station_is_named(cells, profile: Profile) -> None:
    cell = cells(profile)
    with pytest.raises(SkillError, match="'warehose'; did you mean 'warehouse'"):
        DriveBaseline(profile).start(SkillGoal(Skill.DRIVE, station="warehose"), cell.base.read(), cell.base.scan())


def test_matching_finds_the_pose_that_odometry_lost(cells, profile: Profile) -> None:
    world = cells(profile, "charger").world
    lost = TwinBase(world.model, world.data, profile, seed=2, start_error=(0.06, -0.05, 0.04))
    lost.connect()
    localizer = Localizer(FloorMap(profile.catalogue))
    for _ in range(6):
        pose = localizer.correct(lost.read(), scan_points(lost.scan()), gain=1.0)
    truth = world.truth().agv
    assert np.hypot(pose[0] - truth.x_m, pose[1] - truth.y_m) < 0.015
    assert abs(wrap(pose[2] - truth.yaw_rad)) < 0.01
