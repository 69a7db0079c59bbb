"""`luban bench control`: the numbers of the model cards anew, policy and classical law on the same episodes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from luban.errors import LubanError, unknown
from luban.policy_contract import PolicyContract
from luban.randomization import (
    DriveRandomization,
    InsertRandomization,
    PickRandomization,
    PlaceRandomization,
    ReachRandomization,
)
from policies.bench import Row, percentiles
from policies.control.controllers import CHECKPOINTS
from policies.control.policy import Policy
from policies.control.training.control_pictures import difficulty, learning_curves
from policies.control.training.scoring import Score, play, score, unseen_seed
from policies.evaluation import wilson
from sim.environments import make_env

EPISODES = 200
INFERENCES = 5000
PICTURES = Path(__file__).resolve().parents[3] / "docs" / "control"


@dataclass(frozen=True)
class Trial:
    """What a task is scored on. settings: of the environment; bar: what is asked for, in words; weaker: a simpler
    classical law that is named beside, as further settings.
    """

    task: str
    name: str
    bar: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    weaker: tuple[str, Mapping[str, Any]] | None = None


def _insert(clearance_m: float, aside_m: float, tilt_rad: float, limit_s: float) -> dict[str, Any]:
    """A sharp-edged bore, seated at 35 mm, within a time limit."""
    ranges = InsertRandomization(
        clearance_m=(clearance_m, clearance_m),
        aside_m=aside_m,
        tilt_rad=tilt_rad,
        chamfer_m=(0.0002, 0.0002),
        depth_m=(0.035, 0.035),
    )
    return {"randomization": ranges, "episode_s": limit_s}


TRIALS = (
    Trial("insert", "1 mm, 3 mm, 2 deg, 5 s", ">= 98 %, p95 <= 60 N", _insert(1e-3, 0.003, 0.035, 5.0)),
    Trial("insert", "0.5 mm, 4 mm, 3 deg, 8 s", ">= 95 %", _insert(5e-4, 0.004, 0.0524, 8.0)),
    Trial("insert", "0.25 mm, 4 mm, 3 deg, 8 s", "reported", _insert(2.5e-4, 0.004, 0.0524, 8.0)),
    Trial("pick", "2.5 cm, 20 deg, six shapes, 8 s", ">= 95 %", weaker=("without re-look", {"relook": False})),
    Trial("place", "height 1 cm off, upright within 1 cm, 6 s", ">= 99 %"),
    Trial("drive", "path among obstacles, 3 people", ">= 98 %", {"randomization": DriveRandomization(people=(3, 3))}),
    Trial(
        "reach",
        "0-4 boxes, edge of the joints' ranges, 5 s",
        ">= 99 %, not slower",
        weaker=("plain servo", {"law": "servo"}),
    ),
    Trial(
        "reach",
        "4 boxes, hard goals alone",
        "reported",
        {"randomization": ReachRandomization(boxes=(4, 4), hard=1.0, limited=1.0)},
    ),
)


@dataclass(frozen=True)
class Sweep:
    """One picture: success at levels of one difficulty. settings: of the environment at a level."""

    task: str
    what: str
    levels: tuple[float, ...]
    settings: Callable[[float], Mapping[str, Any]]


SWEEPS = (
    Sweep(
        "pick",
        "error of the believed grip [cm]; 20 deg",
        (1.0, 2.0, 2.5, 3.0, 4.0),
        lambda level: {"randomization": PickRandomization(aside_m=level / 100)},
    ),
    Sweep(
        "place",
        "error of the surface's height [cm]",
        (0.0, 0.5, 1.0, 1.5, 2.0),
        lambda level: {"randomization": PlaceRandomization(height_m=level / 100)},
    ),
    Sweep(
        "reach",
        "boxes",
        (0.0, 1.0, 2.0, 3.0, 4.0),
        lambda level: {"randomization": ReachRandomization(boxes=(int(level), int(level)))},
    ),
    Sweep(
        "drive",
        "people",
        (0.0, 1.0, 2.0, 3.0),
        lambda level: {"randomization": DriveRandomization(people=(int(level), int(level)))},
    ),
    Sweep(
        "insert",
        "clearance [mm]; bore seen within 4 mm, 3 deg; 8 s",
        (0.25, 0.4, 0.5, 0.75, 1.0),
        lambda level: _insert(level / 1000, 0.004, 0.0524, 8.0),
    ),
)


def rows(seconds: float, tasks: tuple[str, ...] = ()) -> Iterator[Row]:
    """Inference, environment speed, then every trial: a row for each trained seed beside the zero policy.

    tasks: only these; none: all. Raises LubanError for an unknown one."""
    for task in _asked(tasks):
        yield _inference(task)
        yield environment_share(task, min(seconds, 5.0))
        for trial in TRIALS:
            if trial.task == task:
                yield from _scored(trial)


def _asked(tasks: tuple[str, ...]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(trial.task for trial in TRIALS))
    for task in tasks:
        if task not in known:
            raise LubanError(unknown("task", task, known))
    return tasks or known


def pictures(tasks: tuple[str, ...] = (), folder: Path = PICTURES) -> Iterator[Row]:
    """Draw the learning curves as shipped, play the sweeps, and say where the pictures lie. tasks: as for `rows`."""
    for task in _asked(tasks):
        picture = folder / f"{task}_learning.png"
        learning_curves(task, sorted((CHECKPOINTS / task).glob("curve_*.json")), picture)
        yield Row(f"{task} learning curves", str(picture), "")
    for sweep in (sweep for sweep in SWEEPS if sweep.task in _asked(tasks)):
        policy, picture = load(sweep.task, CHECKPOINTS / f"{sweep.task}.json"), folder / f"{sweep.task}_difficulty.png"
        learned, classical = [], []
        for level in sweep.levels:
            make = partial(make_env, sweep.task, **sweep.settings(level))
            learned += score(make, policy, [unseen_seed(0)], EPISODES)
            classical += score(make, None, [unseen_seed(0)], EPISODES)
            yield Row(f"{sweep.task}, {sweep.what} = {level:g}", str(learned[-1]), f"classical {classical[-1]}")
        difficulty(sweep.task, sweep.what, sweep.levels, learned, classical, picture)
        yield Row(f"{sweep.task} difficulty", str(picture), "")


def seeds_of(task: str) -> list[Path]:
    """The policies of all trained seeds of a task, as shipped."""
    return sorted((CHECKPOINTS / task).glob("seed_*.json"))


def load(task: str, path: Path) -> Policy:
    return Policy.load(path, contract(task))


def contract(task: str) -> PolicyContract:
    env = make_env(task, 1)
    try:
        return env.contract
    finally:
        env.close()


def _scored(trial: Trial) -> Iterator[Row]:
    """Seed k plays block k of the unseen episodes; so does the classical law, in the same run."""
    make = partial(make_env, trial.task, **trial.settings)
    learned: list[Score] = []
    classical: list[Score] = []
    for index, path in enumerate(seeds_of(trial.task)):
        block = [unseen_seed(index)]
        classical += score(make, None, block, EPISODES)
        learned += score(make, load(trial.task, path), block, EPISODES)
        name = f"{trial.task} {trial.name}, {path.stem}"
        yield Row(name, str(learned[-1]), f"classical {classical[-1]}", trial.bar)
    if not learned:
        return
    beside = f"classical {_pooled(classical)}"
    if trial.weaker:
        name, settings = trial.weaker
        simpler = partial(make_env, trial.task, **trial.settings, **settings)
        beside += f"; {name} {score(simpler, None, [unseen_seed(0)], EPISODES)[0]}"
    yield Row(f"{trial.task} {trial.name}, pooled", _pooled(learned), beside, trial.bar)
    if trial.weaker:
        yield _paired(trial, *trial.weaker)


def _paired(trial: Trial, name: str, settings: Mapping[str, Any]) -> Row:
    """Time of the shipped policy beside a simpler classical law on the unseen episodes that both finish: alone, a law
    that fails at the long ones looks quick."""
    policy, ends = load(trial.task, CHECKPOINTS / f"{trial.task}.json"), []
    for player, more in ((policy, {}), (None, settings)):
        env = make_env(trial.task, 64, **trial.settings, **more)
        ends.append(play(env, player, unseen_seed(0), EPISODES))
        env.close()
    both = [
        (one["seconds"], other["seconds"])
        for one, other in zip(*ends, strict=True)
        if one["success"] * other["success"]
    ]
    learned, simpler = np.array(both).T
    saved, error = np.mean(simpler - learned), np.std(simpler - learned, ddof=1) / np.sqrt(len(both))
    return Row(
        f"{trial.task} {trial.name}, the {len(both)} of {EPISODES} that both finish",
        f"{learned.mean():.2f} s",
        f"{name} {simpler.mean():.2f} s; saved {saved:.3f} +- {1.96 * error:.3f} s",
        "not slower",
    )


def _pooled(scores: list[Score]) -> str:
    successes, count = sum(s.successes for s in scores), sum(s.episodes for s in scores)
    low, high = wilson(successes, count)
    seconds = np.average([s.mean_s or 0.0 for s in scores], weights=[max(s.successes, 1) for s in scores])
    forces = [s.p95_force_n for s in scores if s.p95_force_n is not None]
    text = f"{successes}/{count} [{100 * low:.1f}, {100 * high:.1f}] %, {seconds:.2f} s"
    return text + (f", p95 {np.mean(forces):.0f} N" if forces else "")


def _inference(task: str) -> Row:
    """How long the shipped policy takes for one observation."""
    policy = load(task, CHECKPOINTS / f"{task}.json")
    observation, times = np.zeros(len(policy.contract.observation), np.float32), []
    for _ in range(INFERENCES):
        start_s = time.perf_counter()
        policy.act(observation)
        times.append(1e6 * (time.perf_counter() - start_s))
    return Row(f"{task} inference", percentiles(times, "us"), "one observation, NumPy, one thread", "p50 <= 50 us")


def environment_share(task: str, seconds: float, slots: int = 32) -> Row:
    """Environment steps/s with 32 slots on one thread, and how much of that time is mj_step of the same copies."""
    env = make_env(task, slots)
    env.reset(seed=0)
    timed = env.timed_physics()
    action = np.zeros(env.action_space.shape, np.float32)  # type: ignore[arg-type]
    env.step(action)
    steps, physics_s, start_s = 0, timed.seconds, time.perf_counter()
    while time.perf_counter() - start_s < seconds:
        env.step(action)
        steps += slots
    total_s = time.perf_counter() - start_s
    share = (timed.seconds - physics_s) / total_s
    env.close()
    return Row(
        f"{task} environment, steps/s",
        f"{steps / total_s:,.0f} = {100 * share:.0f} % of raw",
        f"mj_step alone {steps / total_s / share:,.0f} (same copies, same states)",
        ">= 70 %",
    )
