"""The gate of the mobile base in front of the twin: nothing faulty passes, silence stops, walls are not touched."""

from __future__ import annotations

import itertools
from dataclasses import replace
from math import cos, inf, nan, sin

import pytest

from luban.base_gate import BaseGate
from luban.errors import CommandRejected
from luban.state import BaseCommand
from luban.task import Scene, SceneAgv
from policies.control.training.drive_scoring import Floor
from sim.world import World


@pytest.fixture
def world(profile):
    return World(profile, Scene(4, (), SceneAgv("charger")))


@pytest.fixture
def gate(world, profile) -> BaseGate:
    return BaseGate(world.base, profile.base)


def command(gate: BaseGate, linear: float, angular: float = 0.0, valid_s: float = 0.3) -> BaseCommand:
    now_s = gate.read().stamp_s
    return BaseCommand(now_s, now_s + valid_s, linear, angular)


def run(world: World, gate: BaseGate, seconds: float, linear: float | None = None, angular: float = 0.0) -> list[float]:
    """Cycle beside the driver; without velocities nothing is sent. Return the true speed of every cycle."""
    speeds = []
    for _ in range(round(seconds * 20)):
        if linear is not None:
            gate.send(command(gate, linear, angular))
        gate.cycle(world.time_s)
        world.step(0.05)
        speeds.append(world.truth().agv.linear_m_s)
    return speeds


@pytest.mark.parametrize("change", [{"linear_m_s": nan}, {"angular_rad_s": inf}, {"valid_until_s": nan}])
def test_what_is_not_a_number_is_refused_and_nothing_moves(world, gate, change):
    with pytest.raises(CommandRejected, match="finite"):
        gate.send(replace(command(gate, 0.5), **change))
    assert max(map(abs, run(world, gate, 0.3))) < 0.005


@pytest.mark.parametrize(("valid_s", "reason"), [(-0.1, "expired"), (5.0, "at most")])
def test_deadlines_in_the_past_or_far_away_are_refused(gate, valid_s, reason):
    with pytest.raises(CommandRejected, match=reason):
        gate.send(command(gate, 0.5, valid_s=valid_s))


def test_speed_and_acceleration_stay_within_the_profile(world, gate, profile):
    limits = profile.base.limits
    sent = gate.send(command(gate, 9.0))
    assert sent.linear_m_s == limits.linear_m_s
    speeds = run(world, gate, 1.0, 9.0)
    steps = [b - a for a, b in itertools.pairwise(speeds)]
    assert max(speeds) <= limits.linear_m_s + 0.02
    assert max(steps) * profile.base.rate_hz < 1.3 * limits.linear_acceleration_m_s2


def test_silence_stops(world, gate):
    assert run(world, gate, 0.8, 0.5)[-1] > 0.3
    assert abs(run(world, gate, 1.5)[-1]) < 0.01


def test_a_latched_stop_holds_until_reset(world, gate):
    run(world, gate, 0.8, 0.5)
    gate.stop("a person pressed the button")
    with pytest.raises(CommandRejected, match="pressed the button"):
        gate.send(command(gate, 0.5))
    with pytest.raises(CommandRejected, match="standstill"):
        gate.reset()
    assert abs(run(world, gate, 1.5)[-1]) < 0.01
    gate.reset()
    assert not gate.stopped
    assert run(world, gate, 0.5, 0.3)[-1] > 0.1


def test_stops_before_a_wall_and_leaves_it_backwards(world, gate, profile):
    wall_x_m = profile.catalogue.floor.x_m[0]
    run(world, gate, 5.0, 1.0)
    gap_m = world.truth().agv.x_m - profile.base.length_m / 2 - wall_x_m
    assert 0.03 < gap_m < 0.5
    assert gate.obstructed and not gate.stopped
    assert run(world, gate, 1.0, -0.3)[-1] < -0.2


def test_driving_along_the_bench_at_the_dock_is_allowed(profile):
    world = World(profile, Scene(4, (), SceneAgv("dock")))
    gate = BaseGate(world.base, profile.base)
    assert run(world, gate, 1.0, 0.4)[-1] > 0.35


def test_turning_on_the_spot_into_the_bench_is_not(profile):
    world = World(profile, Scene(4, (), SceneAgv("dock")))
    gate = BaseGate(world.base, profile.base)
    run(world, gate, 1.5, 0.0, 0.8)
    assert abs(world.truth().agv.yaw_rad) < 0.25 and gate.obstructed


def beside(floor: Floor, aside_m: float, linear: float) -> float:
    """Drive for one period beside a person so far to the vehicle's left; return its true speed before."""
    pose, speed, _ = floor.truth()
    floor.data.mocap_pos[0][:2] = pose[0] - aside_m * sin(pose[2]), pose[1] + aside_m * cos(pose[2])
    floor.gate.send(command(floor.gate, linear))
    floor.advance()
    return speed


def test_stands_while_somebody_walks_up_to_its_side(profile):
    floor = Floor(profile, "warehouse", 3, people=1)
    speeds = [beside(floor, 0.9 - 0.02 * period, -0.1) for period in range(22)]  # at 0.4 m/s to 0.3 m from its side
    assert min(speeds) < -0.08 and abs(speeds[-1]) < 0.02


def test_drives_along_with_who_keeps_a_distance(profile):
    floor = Floor(profile, "warehouse", 3, people=1)
    assert [beside(floor, 0.8, -0.1) for _ in range(40)][-1] < -0.08
