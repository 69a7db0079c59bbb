"""Honest score: a task file is played episode by episode and judged from simulator truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy.stats import binomtest

from luban.event_log import EventLog
from luban.executor import Outcome, TaskResult
from luban.profile import Profile
from luban.task import Task
from luban.whole_file import write_whole
from policies.local_cell import LocalCell
from policies.planner.planners import learned_planner
from sim.truth import Truth

SETTLE_S = 1.0
MOVED_M = 0.01  # what counts as "something moved" where nothing may move
EXPECTED = {None: Outcome.DONE, "clarify": Outcome.ASKED, "refuse": Outcome.REFUSED}


@dataclass(frozen=True, eq=False)
class Played:
    """What is left when an episode is over: the executor's result, truth before and after, the judge and a picture.

    picture: (height, width, 3) uint8 of the overview camera.
    """

    result: TaskResult
    before: Truth
    after: Truth
    unmet: tuple[str, ...]
    picture: np.ndarray


class Stage(Protocol):
    """Where episodes are played: in this process or through the ROS graph."""

    def play(self, task: Task) -> Played: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Episode:
    """One line of the results file."""

    id: str
    kind: str
    lang: str
    success: bool
    outcome: str
    steps: int
    seconds: float
    reason: str


class LocalStage:
    """Plays episodes in this process. Raises LubanError when the profile's planner cannot be loaded."""

    def __init__(self, profile: Profile, log: EventLog) -> None:
        self._profile, self._log = profile, log
        self._planner = None if profile.planner.name == "expert" else learned_planner(profile)

    def play(self, task: Task) -> Played:
        cell = LocalCell(self._profile, task.scene, self._log, planner=self._planner)
        try:
            return play(cell, task)
        finally:
            cell.close()

    def close(self) -> None:
        self._log.close()


def play(cell: LocalCell, task: Task) -> Played:
    """Play a task in a cell that holds its scene."""
    before = cell.world.truth()
    result = cell.executor.run(task.text, task.lang)
    cell.cell.advance(SETTLE_S)
    unmet = tuple(" ".join(goal) for goal in task.goal if not cell.world.holds(goal))
    return Played(result, before, cell.world.truth(), unmet, cell.world.render("overview").color)


def chosen(tasks: Sequence[Task], episodes: int | None, seed: int) -> Iterator[Task]:
    """Yield `episodes` tasks in file order, from the start again when the file ends; each round has its own physics."""
    for index in range(len(tasks) if episodes is None else episodes):
        task, played_round = tasks[index % len(tasks)], index // len(tasks)
        scene_seed = int(np.random.SeedSequence([task.scene.seed, seed, played_round]).generate_state(1)[0])
        yield replace(task, scene=replace(task.scene, seed=scene_seed))


def evaluate(stage: Stage, tasks: Iterable[Task], report: Callable[[Episode, Played], None]) -> list[Episode]:
    """Play and judge every task. An error of the stack itself (not of the robot) ends the run."""
    episodes = []
    for task in tasks:
        played = stage.play(task)
        episode = judge(task, played)
        episodes.append(episode)
        report(episode, played)
    return episodes


def judge(task: Task, played: Played) -> Episode:
    """Success = the expected outcome, every goal predicate holds and, where only words were due, nothing moved."""
    result, expected = played.result, EXPECTED[task.expect]
    faults = [] if result.outcome is expected else [f"{expected} expected, got {result.outcome}: {result.message}"]
    faults += [f"not true at the end: {goal}" for goal in played.unmet]
    if task.expect is not None and (moved := _moved(played)):
        faults.append(f"moved: {', '.join(moved)}")
    return Episode(
        task.id, task.kind, task.lang, not faults, result.outcome.value, result.steps, round(result.seconds, 3),
        "; ".join(faults) or result.message,
    )  # fmt: skip


def _moved(played: Played) -> list[str]:
    before, after = played.before, played.after
    moved = [
        part_id
        for part_id, part in after.parts.items()
        if np.linalg.norm(part.pose.position_m - before.parts[part_id].pose.position_m) > MOVED_M
    ]
    if np.hypot(after.agv.x_m - before.agv.x_m, after.agv.y_m - before.agv.y_m) > MOVED_M:
        moved.append("agv")
    return moved


def wilson(successes: int, count: int) -> tuple[float, float]:
    """Wilson score interval at 95 % (Wilson 1927), as fractions."""
    interval = binomtest(successes, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def summary(episodes: Sequence[Episode]) -> dict[str, Any]:
    """Successes, counts and intervals over all, by language, by kind, and by kind and language."""
    groups: dict[str, list[Episode]] = {"all": list(episodes)}
    for episode in episodes:
        for key in (f"lang:{episode.lang}", f"kind:{episode.kind}", f"kind:{episode.kind}/{episode.lang}"):
            groups.setdefault(key, []).append(episode)
    return {key: _scored(group) for key, group in groups.items() if group}


def _scored(group: Sequence[Episode]) -> dict[str, Any]:
    successes = sum(episode.success for episode in group)
    low, high = wilson(successes, len(group))
    return {
        "success": successes,
        "count": len(group),
        "rate": round(successes / len(group), 4),
        "wilson95": [round(low, 4), round(high, 4)],
    }


def write_results(path: Path, episodes: Sequence[Episode], settings: dict[str, Any]) -> None:
    """Write the results file in one move: a full disk or a kill leaves the old file or the new one, never half."""
    keys = ("id", "success", "outcome", "steps", "seconds", "reason")
    rows = [{key: value for key, value in asdict(episode).items() if key in keys} for episode in episodes]
    text = json.dumps(
        {"summary": summary(episodes) | {"settings": settings}, "tasks": rows}, ensure_ascii=False, indent=1
    )
    write_whole(path, text.encode())
