"""The gate in front of the arm, tried on the MuJoCo arm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from luban.arm_gate import ArmGate
from luban.errors import CommandRejected
from luban.profile import Profile
from luban.state import ArmCommand
from luban.task import Scene
from sim.world import World


class Bench:
    """An empty cell whose arm is reached through a gate, moved on period by period."""

    def __init__(self, profile: Profile) -> None:
        self.world = World(profile, Scene(seed=1))
        self.gate = ArmGate(self.world.arm, profile.arm)
        self.period_s = 1.0 / profile.arm.rate_hz
        self.run(3)

    def run(self, periods: int) -> None:
        for _ in range(periods):
            self.gate.cycle(self.world.time_s)
            self.world.step(self.period_s)

    def command(
        self, position_rad: np.ndarray, velocity_rad_s: np.ndarray | None = None, valid_s: float = 0.1
    ) -> ArmCommand:
        state = self.gate.read()
        velocity = np.zeros(6) if velocity_rad_s is None else velocity_rad_s
        return ArmCommand(state.stamp_s, state.stamp_s + valid_s, state.joint_names, position_rad, velocity)

    def stream(
        self, target_rad: np.ndarray, periods: int, velocity_rad_s: np.ndarray | None = None
    ) -> list[np.ndarray]:
        """Start at the measured position, as the gate asks, then command the target; return measured velocities."""
        self.gate.send(self.command(self.gate.read().position_rad))
        velocities = []
        for _ in range(periods):
            self.gate.send(self.command(target_rad, velocity_rad_s))
            self.run(1)
            velocities.append(self.gate.read().velocity_rad_s)
        return velocities


@pytest.fixture
def bench(profile: Profile) -> Iterator[Bench]:
    bench = Bench(profile)
    yield bench
    bench.world.close()


def test_follows_a_target_and_arrives(bench: Bench) -> None:
    target = bench.gate.read().position_rad + np.array([0.3, 0.1, -0.1, 0.1, 0.1, 0.4])
    bench.stream(target, 300)
    assert np.abs(bench.gate.read().position_rad - target).max() < 0.005


def test_limits_speed_and_acceleration(bench: Bench, profile: Profile) -> None:
    limits = profile.arm.limits
    sent = []
    original = bench.world.arm.send
    bench.world.arm.send = lambda command: sent.append(command) or original(command)  # type: ignore[method-assign]
    hasty = np.array([9.9, 0, 0, 0, 0, 0])
    bench.stream(bench.gate.read().position_rad + np.array([1.5, 0, 0, 0, 0, 0]), 60, hasty)
    bench.run(60)
    velocity = np.array([command.velocity_rad_s for command in sent])
    step = np.diff(np.array([command.position_rad for command in sent]), axis=0)
    assert np.abs(velocity).max() <= max(limits.velocity_rad_s) + 1e-9
    assert np.abs(velocity[:, 0]).max() > 2.0, "the limit was never reached, so nothing was tried"
    speeding_up = np.diff(np.abs(velocity[:, 0])) / bench.period_s
    assert speeding_up.max() <= limits.acceleration_rad_s2[0] + 1e-6
    assert -speeding_up.min() <= limits.stop_acceleration_rad_s2[0] + 1e-6
    assert np.allclose(step, velocity[1:] * bench.period_s, atol=1e-9), "position and feed-forward disagree"


def test_silence_stops_the_arm(bench: Bench) -> None:
    start = bench.gate.read().position_rad
    bench.stream(start + np.array([1.0, 0, 0, 0, 0, 0]), 30)
    assert abs(bench.gate.read().velocity_rad_s[0]) > 0.5
    bench.run(60)  # 0.48 s: the deadline passes and the arm brakes
    held = bench.gate.read().position_rad
    bench.run(60)
    assert np.abs(bench.gate.read().position_rad - held).max() < 1e-3
    assert not bench.gate.stopped
    assert bench.gate.counters.silenced == 1


def test_after_a_silence_the_first_target_must_be_the_measured_position(bench: Bench) -> None:
    away = bench.gate.read().position_rad + 0.3
    with pytest.raises(CommandRejected, match="measured position"):
        bench.gate.send(bench.command(away))
    bench.gate.send(bench.command(bench.gate.read().position_rad))
    bench.gate.send(bench.command(away))


def test_stop_is_latched_until_reset_and_never_jumps(bench: Bench) -> None:
    bench.stream(bench.gate.read().position_rad + np.array([1.0, 0, 0, 0, 0, 0]), 30)
    bench.gate.stop("stop pressed")
    with pytest.raises(CommandRejected, match="stop pressed"):
        bench.gate.send(bench.command(bench.gate.read().position_rad))
    with pytest.raises(CommandRejected, match="standstill"):
        bench.gate.reset()
    bench.run(60)
    bench.gate.reset()
    before = bench.gate.read().position_rad
    bench.run(1)
    assert np.abs(bench.gate.read().position_rad - before).max() < 1e-3
    bench.gate.send(bench.command(before))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["position_rad", "velocity_rad_s"])
def test_numbers_that_are_none_are_refused_and_nothing_moves(bench: Bench, bad: float, where: str) -> None:
    command = bench.command(bench.gate.read().position_rad)
    values = np.zeros(6) if where == "velocity_rad_s" else command.position_rad.copy()
    values[2] = bad
    before = bench.gate.read().position_rad
    with pytest.raises(CommandRejected, match="finite"):
        bench.gate.send(replace(command, **{where: values}))
    bench.run(20)
    assert np.abs(bench.gate.read().position_rad - before).max() < 1e-3
    assert bench.gate.counters.rejected == 1


def test_wrong_joints_sizes_and_deadlines_are_refused(bench: Bench) -> None:
    here = bench.gate.read().position_rad
    command = bench.command(here)
    with pytest.raises(CommandRejected, match="joints"):
        bench.gate.send(replace(command, joint_names=("a",) * 6))
    with pytest.raises(CommandRejected, match="6 positions"):
        bench.gate.send(replace(command, position_rad=np.zeros(5)))
    with pytest.raises(CommandRejected, match="expired"):
        bench.gate.send(bench.command(here, valid_s=-0.05))
    with pytest.raises(CommandRejected, match="at most"):
        bench.gate.send(bench.command(here, valid_s=60.0))


def test_the_tool_cannot_leave_the_workspace(bench: Bench, profile: Profile) -> None:
    target = bench.gate.read().position_rad.copy()
    target[1] += 1.4  # lean forward and down, through the bench
    try:
        bench.stream(target, 300)
    except CommandRejected as error:
        assert "workspace" in str(error) or "force" in str(error)
    assert bench.gate.stopped
    bench.run(60)
    flange = profile.arm.arm_model().flange_transform(bench.gate.read().position_rad)
    assert flange[2, 3] - profile.arm.tool_length_m > profile.arm.limits.workspace_z_m[0] - 0.02


def test_a_hung_arm_is_found(bench: Bench) -> None:
    frozen = bench.world.arm.read()
    bench.world.arm.read = lambda: frozen  # type: ignore[method-assign]  # the wire answers, the stamp stands still
    now_s = bench.world.time_s
    for tick in range(15):
        bench.gate.cycle(now_s + tick * bench.period_s)
    assert "stands still" in bench.gate.reason


def test_contact_force_stops_the_arm(bench: Bench, profile: Profile) -> None:
    state = bench.world.arm.read()
    pressed = replace(state, wrench=np.array([0.0, 0.0, profile.arm.limits.force_n + 5.0, 0.0, 0.0, 0.0]))
    bench.world.arm.read = lambda: pressed  # type: ignore[method-assign]
    bench.gate.cycle(state.stamp_s)
    assert not bench.gate.stopped, "one sample alone may be noise"
    bench.gate.cycle(state.stamp_s)
    assert "contact force" in bench.gate.reason


def test_the_gates_own_tool_position_is_the_flanges(profile: Profile) -> None:
    model, length_m = profile.arm.arm_model(), profile.arm.tool_length_m
    for angles in np.random.default_rng(0).uniform(-np.pi, np.pi, (50, 6)):
        flange = model.flange_transform(angles)
        assert np.allclose(model.tool_position(angles, length_m), flange[:3, 3] + length_m * flange[:3, 2], atol=1e-12)
