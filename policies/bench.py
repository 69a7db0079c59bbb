"""Benchmarks that need no ROS graph."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import mujoco
import numpy as np

from luban.profile import Profile
from luban.state import ArmCommand
from luban.task import Scene, ScenePart
from sim.gated_cell import GatedCell
from sim.world import World

STARTS = 10
SLICES = 10  # alternating measurements, so that both sides see the same load

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
    """Physics steps/s of the gated arm with 8 parts, every command checked, beside raw mj_step of the same model."""
    world = World(profile, CROWDED)
    cell = GatedCell(world)
    cell.advance(0.1)
    raw_model, raw_data = world.model, mujoco.MjData(world.model)
    mujoco.mj_setState(raw_model, raw_data, world.state(), mujoco.mjtState.mjSTATE_INTEGRATION)
    per_tick = round(cell.period_s / profile.physics_step_s)

    def ours() -> int:
        state = cell.arm.read()
        here, now_s = state.position_rad, state.stamp_s
        cell.arm.send(ArmCommand(now_s, now_s + 0.1, state.joint_names, here, np.zeros_like(here)))
        cell.tick()
        return per_tick

    def raw() -> int:
        mujoco.mj_step(raw_model, raw_data, per_tick)
        return per_tick

    rates = [(_rate(ours, seconds / SLICES / 2), _rate(raw, seconds / SLICES / 2)) for _ in range(SLICES)]
    world.close()
    figure, reference = np.median(rates, axis=0)
    share = np.median([mine / theirs for mine, theirs in rates])
    yield Row(
        "arm environment, physics steps/s",
        f"{figure:,.0f} = {100 * share:.0f} % of raw, {figure * profile.physics_step_s:.1f} x real time",
        f"raw mj_step {reference:,.0f}",
        ">= 60 %",
    )


def _rate(step: Callable[[], int], seconds: float) -> float:
    count, start_s = 0, time.perf_counter()
    while (elapsed_s := time.perf_counter() - start_s) < seconds:
        count += step()
    return count / elapsed_s


def _run_ms(command: list[str]) -> float:
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1e3 * (time.perf_counter() - start_s)
