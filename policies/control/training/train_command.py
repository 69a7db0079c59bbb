"""`luban train`: train a controller in the simulator, several seeds, and say how good it is beside the baseline."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from luban.errors import LubanError
from policies.control.policy import Provenance
from policies.control.training.config import TrainingConfig, find_config
from policies.control.training.progress import Result
from policies.control.training.sweep import train_all
from policies.control.training.trainer import Run, Start
from policies.provenance import asked, commit
from sim.environments import make_env


def command(
    name: Annotated[str, typer.Argument(help="reach, pick, place, insert, drive, or debug.")],
    seeds: Annotated[str, typer.Option(help="Seeds of the runs: 0 or 0,1,2.")] = "0",
    steps: Annotated[int | None, typer.Option(min=1, help="Budget in steps of the environment.")] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Budget in minutes of processor time; without --steps, the only one.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the runs; out/train/NAME by default.")] = None,
    config: Annotated[str | None, typer.Option(help="Train the task like another run, e.g. debug.")] = None,
    resume: Annotated[
        bool | None, typer.Option("--resume/--fresh", help="Go on with an earlier run, or start over.")
    ] = None,
    envs: Annotated[int | None, typer.Option(min=1, help="How many episodes at once.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many seeds at once, a process each.")] = 1,
    ray: Annotated[bool, typer.Option("--ray", help="One Ray task a seed.")] = False,
) -> None:
    """Train a controller: the best policy of each seed, its learning curve and its score beside the baseline."""
    run = _budget(find_config(name, config), steps, minutes)
    run = run if envs is None else run.with_envs(envs)
    start = {None: Start.NEW, True: Start.RESUME, False: Start.FRESH}[resume]
    folder = out or Path("out/train") / name
    runs = [
        Run(
            run, partial(make_env, run.task, **run.settings), folder / f"seed_{seed}",
            Provenance(asked(), seed, 0, 0.0, commit()), start, position if jobs > 1 else 0,
        )
        for position, seed in enumerate(_seeds(seeds))
    ]  # fmt: skip
    results = []
    for done, result in train_all(runs, jobs, ray):
        results.append((done, result))
        typer.echo(f"{done.folder}: {result.unseen} after {result.minutes:.1f} min ({result.reason})")
    Console().print(table(run, results))


def _budget(config: TrainingConfig, steps: int | None, minutes: float | None) -> TrainingConfig:
    if minutes is not None:
        return replace(config, steps=steps, minutes=minutes)
    return config if steps is None else replace(config, steps=steps)


def _seeds(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts) or len(set(parts)) != len(parts):
        raise LubanError(f"--seeds {text!r}: different whole numbers from 0 are required, e.g. 0,1,2")
    return [int(part) for part in parts]


def table(config: TrainingConfig, results: list[tuple[Run, Result]]) -> Table:
    """A row a seed: the policy and the baseline on the same unseen episodes, Wilson 95 % intervals."""
    rows = Table(title=f"{config.task}: {config.unseen_episodes} unseen episodes each")
    for heading in ("seed", "steps", "cpu min", "held out (chose it)", "unseen", "baseline"):
        rows.add_column(heading, justify="right")
    for run, result in results:
        scores = (f"{100 * result.held_out.rate:.1f} %", str(result.unseen), str(result.baseline))
        rows.add_row(str(run.origin.seed), str(result.steps), f"{result.minutes:.1f}", *scores)
    return rows
