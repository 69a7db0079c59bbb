"""The vehicle of the twin: real wheels, honest sensors, and parts that ride along by friction alone."""

from __future__ import annotations

from math import hypot, nan, pi

import numpy as np
import pytest

from luban.errors import DeviceError
from luban.state import BaseCommand
from luban.task import Scene, SceneAgv, ScenePart
from sim.agv import BODY, WHEELS
from sim.twin_base import TwinBase
from sim.world import World


@pytest.fixture
def world(profile) -> World:
    return World(profile, Scene(4, (), SceneAgv("charger")))


def go(world: World, seconds: float, linear: float, angular: float = 0.0) -> None:
    for _ in range(round(seconds * 20)):
        now_s = world.time_s
        world.base.send(BaseCommand(now_s, now_s + 0.1, linear, angular))
        world.step(0.05)


def tilt(world: World) -> float:
    """Cosine of the vehicle's lean."""
    return float(world.data.body(BODY).xmat.reshape(3, 3)[2, 2])


def test_mass_is_that_of_an_agv_and_lies_low(world, profile):
    vehicle = world.model.body(BODY).id
    assert 60.0 < world.model.body_subtreemass[vehicle] < 80.0
    height_m = world.data.subtree_com[vehicle][2] - profile.catalogue.floor_z_m
    assert height_m < 0.2


def test_drives_where_it_is_told(world):
    start = world.truth().agv
    go(world, 2.0, -0.5)
    there = world.truth().agv
    assert hypot(there.x_m - start.x_m, there.y_m - start.y_m) == pytest.approx(0.9, abs=0.12)
    go(world, 1.5, 0.0, 1.0)
    assert world.truth().agv.angular_rad_s == pytest.approx(1.0, abs=0.1)
    assert tilt(world) > 0.9995


def test_silence_stops_the_drives(world):
    go(world, 1.0, -0.5)
    world.step(1.0)
    assert abs(world.truth().agv.linear_m_s) < 0.01


def test_odometry_follows_the_truth_but_is_not_the_truth(world):
    for linear, angular in [(-0.6, 0.0), (0.0, 1.0), (0.5, -0.3), (0.0, 0.0)]:
        go(world, 1.5, linear, angular)
    believed, truth = world.base.read(), world.truth().agv
    off_m = hypot(believed.x_m - truth.x_m, believed.y_m - truth.y_m)
    assert 1e-5 < off_m < 0.04
    assert abs(np.sin(believed.yaw_rad - truth.yaw_rad)) < 0.02


def test_lidar_sees_the_wall_and_not_the_vehicle(world, profile):
    scan = world.base.scan()
    ahead = round((0.0 - scan.angle_min_rad) / scan.angle_increment_rad)
    pose = world.truth().agv  # at the charger it faces the wall at the low end of x
    assert abs(abs(pose.yaw_rad) - pi) < 0.01
    assert scan.ranges_m[ahead] == pytest.approx(pose.x_m - profile.catalogue.floor.x_m[0], abs=0.03)
    assert scan.ranges_m.min() > profile.base.length_m / 2
    assert np.isfinite(scan.ranges_m).mean() > 0.9


def test_same_seed_same_scan(world, profile):
    one, other = (TwinBase(world.model, world.data, profile, seed) for seed in (5, 5))
    one.connect(), other.connect()
    np.testing.assert_array_equal(one.scan().ranges_m, other.scan().ranges_m)


def test_a_part_in_the_tote_rides_along_at_the_limits_of_the_profile(profile):
    world = World(profile, Scene(4, (ScenePart("n", "nut", "red", (0.5, 0.0), 0.0),), SceneAgv("charger")))
    part = next(i for i in range(world.model.nbody) if np.allclose(world.data.xpos[i][:2], (0.5, 0.0), atol=0.01)
                and world.model.body_dofnum[i] == 6)  # fmt: skip
    address = world.model.jnt_qposadr[world.model.body_jntadr[part]]
    tote = world.truth().containers["tote"].position_m
    world.data.qpos[address : address + 3] = np.add(tote, (0.05, 0.03, 0.03))
    world.step(0.5)
    assert world.holds(("in", "n", "tote"))
    limits = profile.base.limits
    for linear, angular in [(-limits.linear_m_s, 0.0), (0.0, limits.angular_rad_s), (0.6, -0.8), (0.0, 0.0)]:
        go(world, 1.5, linear, angular)
    assert world.holds(("in", "n", "tote"))
    assert tilt(world) > 0.999


def test_wheels_turn_by_contact_not_by_magic(world):
    """Lifted off the floor the wheels spin and the vehicle stays."""
    address = int(world.model.joint("agv_free").qposadr[0])
    world.model.opt.gravity[:] = 0.0
    world.data.qpos[address + 2] += 0.3
    before = world.data.qpos[address : address + 2].copy()
    go(world, 1.0, 0.8)
    assert np.linalg.norm(world.data.qpos[address : address + 2] - before) < 0.05
    assert abs(world.data.joint(WHEELS[0]).qvel[0]) > 5.0


def test_a_closed_or_faulty_send_is_refused(world):
    with pytest.raises(DeviceError, match="finite"):
        world.base.send(BaseCommand(0.0, 1.0, nan, 0.0))
    world.base.close()
    with pytest.raises(DeviceError, match=r"connect\(\)"):
        world.base.read()
