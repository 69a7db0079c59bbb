"""`luban bench`: speeds, each beside its reference in the same run. A benchmark, never a test."""

from __future__ import annotations

import importlib
import json
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from luban.errors import LubanError, unknown
from luban.profile import Profile, load_profile
from luban.ros_environment import require
from luban.whole_file import write_whole
from policies.bench import Row, command_line_start, environment_speed

Bench = Callable[[Profile, float, tuple[str, ...]], Iterator[Row]]


def _graph(profile: Profile, seconds: float, tasks: tuple[str, ...]) -> Iterator[Row]:
    """The rows that need the ROS graph; the root packages do not import it."""
    require()
    yield from importlib.import_module("luban_nodes.graph_bench").rows(profile, seconds)


def _control(profile: Profile, seconds: float, tasks: tuple[str, ...]) -> Iterator[Row]:
    """The learned controllers beside the classical ones: minutes, not seconds, and only where training is installed."""
    yield from importlib.import_module("policies.control.training.control_bench").rows(seconds, tasks)


def _pictures(profile: Profile, seconds: float, tasks: tuple[str, ...]) -> Iterator[Row]:
    """Learning curves and success against difficulty of the learned controllers, as pictures."""
    yield from importlib.import_module("policies.control.training.control_bench").pictures(tasks)


def _planner(profile: Profile, seconds: float, tasks: tuple[str, ...]) -> Iterator[Row]:
    """A decision of the learned planner beside SmolVLA's architecture."""
    yield from importlib.import_module("policies.planner.training.planner_bench").rows(profile)


BENCHES: dict[str, Bench] = {
    "start": lambda profile, seconds, tasks: command_line_start(),
    "env": lambda profile, seconds, tasks: environment_speed(profile, seconds),
    "graph": _graph,
    "planner": _planner,
}
# Scores take long: they are asked for by name.
SCORES: dict[str, Bench] = {"control": _control, "pictures": _pictures}


def command(
    name: Annotated[
        str,
        typer.Argument(
            help="start, env, graph, planner, or all of these; control or pictures: scores of learned controllers."
        ),
    ] = "all",
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to measure each speed.")] = 20.0,
    tasks: Annotated[str, typer.Option(help="Of control and pictures: only these tasks, e.g. insert,pick.")] = "",
    out: Annotated[Path, typer.Option(help="The rows as JSON.")] = Path("out/bench.json"),
) -> None:
    """Measure speeds side by side with their references and print one row each."""
    known = BENCHES | SCORES
    if name not in (*known, "all"):
        raise LubanError(unknown("benchmark", name, (*known, "all")))
    profile = load_profile("sim")
    rows = []
    typer.echo(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start"
    )
    for bench in BENCHES.values() if name == "all" else [known[name]]:
        for row in bench(profile, seconds, tuple(task for task in tasks.split(",") if task)):
            rows.append(row)
            typer.echo(str(row))
    write_whole(out, json.dumps([vars(row) for row in rows], indent=1).encode())
