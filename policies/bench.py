"""Benchmarks that need no ROS graph."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import mujoco
import numpy as np

from luban.arm_gate import ArmGate
from luban.profile import Profile
from luban.state import ArmCommand
from luban.task import Scene, ScenePart
from sim.world import World

STARTS = 10
SLICE_S = 1.0  # the two sides take turns, so that both see the same load
AMPLITUDE_RAD, SWING_HZ = 0.1, 0.5
STATE = mujoco.mjtState.mjSTATE_INTEGRATION

CROWDED = Scene(
    seed=1,
    parts=tuple(
        ScenePart(f"p{index}", shape, color, (0.42 + 0.14 * (index % 2), -0.21 + 0.14 * (index // 2)), 0.5 * index)
        for index, (shape, color) in enumerate(
            zip(
                ("gear", "bolt", "nut", "bracket", "bearing", "shaft", "gear", "nut"),
                ("red", "blue", "green", "yellow", "white", "black", "blue", "red"),
                strict=True,
            )
        )
    ),
)


@dataclass(frozen=True)
class Row:
    """One measured figure beside its reference. bar: what the figure is asked to reach, in words."""

    name: str
    figure: str
    reference: str
    bar: str = ""

    def __str__(self) -> str:
        return f"{self.name:<44} {self.figure:<44} | {self.reference}" + (f"   (asked: {self.bar})" if self.bar else "")


def percentiles(values: object, unit: str) -> str:
    """p50 / p99 / max of measured values, in words."""
    p50, p99, most = np.percentile(np.asarray(values), [50, 99, 100])
    return f"p50 {p50:.2f}, p99 {p99:.2f}, max {most:.2f} {unit} (n={np.size(values)})"


def command_line_start() -> Iterator[Row]:
    """How long `luban --help` takes beside a bare interpreter."""
    ours, bare = [], []
    for _ in range(STARTS):
        ours.append(_run_ms([sys.executable, "-m", "luban.cli", "--help"]))
        bare.append(_run_ms([sys.executable, "-c", "pass"]))
    yield Row("luban --help", percentiles(ours, "ms"), f"bare interpreter {percentiles(bare, 'ms')}", "p50 < 500 ms")


def environment_speed(profile: Profile, seconds: float) -> Iterator[Row]:
    """Physics steps/s of the arm behind its gate with 8 parts on the bench: read, command, check, limit, step. Beside
    it mj_step alone of the same model, from the same state, with the servo targets that the gate let through. Once as
    shipped, where MuJoCo lets resting parts sleep, and once with every part awake, as in the midst of handling."""
    yield _arm_environment(profile, seconds / 2, asleep=True)
    yield _arm_environment(profile, seconds / 2, asleep=False)


def _arm_environment(profile: Profile, seconds: float, asleep: bool) -> Row:
    world = World(profile, CROWDED)
    if not asleep:
        world.model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    gate = ArmGate(world.arm, profile.arm)
    period_s = 1.0 / profile.arm.rate_hz
    gate.cycle(world.time_s)
    world.step(period_s)
    raw_data, home = mujoco.MjData(world.model), gate.read().position_rad
    shares, figures = [], []
    for _ in range(max(2, round(seconds / SLICE_S))):
        mujoco.mj_setState(world.model, raw_data, world.state(), STATE)
        controls, start_s = [], time.perf_counter()
        while time.perf_counter() - start_s < SLICE_S / 2:
            state = gate.read()
            swing = AMPLITUDE_RAD * np.sin(2 * np.pi * SWING_HZ * state.stamp_s)
            gate.send(ArmCommand(state.stamp_s, state.stamp_s + 0.1, state.joint_names, home + swing, np.zeros(6)))
            gate.cycle(world.time_s)
            world.step(period_s)
            controls.append(world.data.ctrl.copy())
        ours_s = time.perf_counter() - start_s
        raw_s = _replay_s(world, raw_data, controls)
        shares.append(raw_s / ours_s)
        figures.append(len(controls) * period_s / ours_s)
    steps_per_s = np.array(figures) / profile.physics_step_s
    world.close()
    return Row(
        f"arm environment, {'resting parts asleep' if asleep else 'all parts awake'}, steps/s",
        f"{np.median(steps_per_s):,.0f} = {100 * np.median(shares):.0f} % of raw, {np.median(figures):.1f} x real time",
        f"raw mj_step {np.median(steps_per_s / shares):,.0f} (same model, state and targets)",
        ">= 60 %",
    )


def _replay_s(world: World, data: mujoco.MjData, controls: list[np.ndarray]) -> float:
    """Seconds that mj_step alone needs for the same periods."""
    per_tick = round(1.0 / world.profile.arm.rate_hz / world.profile.physics_step_s)
    start_s = time.perf_counter()
    for control in controls:
        data.ctrl[:] = control
        mujoco.mj_step(world.model, data, per_tick)
    return time.perf_counter() - start_s


def _run_ms(command: list[str]) -> float:
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1e3 * (time.perf_counter() - start_s)
