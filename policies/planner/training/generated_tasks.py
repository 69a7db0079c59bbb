"""Tasks that nobody wrote: random scenes, what somebody may ask in them, and the goal that follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from math import pi

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Meaning, Orders, OutOfScope, Unsafe
from luban.profile import Profile
from luban.resolution import Job, Problem, resolve
from luban.scene_view import SceneView, SeenPart
from luban.state import BaseState
from luban.task import MIN_PART_DISTANCE_M, Predicate, Scene, SceneAgv, ScenePart, Task
from luban.vehicle import floor_frame
from policies.evaluation import Episode, judge, play
from policies.local_cell import LocalCell
from policies.planner.training.sentences import Speaker
from sim.expert import Expert
from sim.truth_perception import TruthPerception

PARTS = (3, 9)  # in a scene
CLEAR_M = 0.01  # what is nearest or between must be so by more than this, or the task has no one answer
APART_M = 0.02  # more than parts may be close
DOUBTFUL_KEPT = 0.0375  # of orders that cannot be carried out as said; most drawn ones cannot
DOCKED_SHARE = 0.9  # of scenes are such that the vehicle stands where the arm reaches it


def generated_tasks(catalogue: Catalogue, seed: int) -> Iterator[tuple[Task, Meaning]]:
    """Yield tasks without end, each with the meaning of its text."""
    random, speaker = np.random.default_rng(seed), Speaker(catalogue)
    number = 0
    while True:
        scene = _scene(catalogue, random)
        language, text, meaning = speaker.say(random)
        goal, expect = _goal(meaning, scene, catalogue)
        if isinstance(meaning, Orders):
            steady = all(_goal(meaning, _shaken(scene, random), catalogue) == (goal, expect) for _ in range(6))
            if not steady or (expect is not None and random.random() > DOUBTFUL_KEPT):
                continue
        elif random.random() > 0.3:
            continue
        number += 1
        yield (
            Task(f"gen-{seed}-{number:04d}", _kind(meaning, goal, expect), language, text, scene, goal, expect),
            meaning,
        )


def expert_told(profile: Profile, cell: LocalCell, meaning: Meaning) -> Expert:
    """Return an expert that need not read: it is told what every text means."""
    free_spot = TruthPerception(cell.world.truth, profile).free_spot
    return Expert(profile.catalogue, cell.world.truth, free_spot, read=lambda text, catalogue: meaning)


def play_meant(profile: Profile, task: Task, meaning: Meaning) -> Episode:
    """Play a task with the expert, who is told the meaning."""
    cell = LocalCell(profile, task.scene)
    try:
        cell.executor.planner = expert_told(profile, cell, meaning)
        return judge(task, play(cell, task))
    finally:
        cell.close()


def line_of(task: Task) -> str:
    """A task as a line of a task file."""
    document = {key: value for key, value in asdict(task).items() if value is not None}
    return json.dumps(document, ensure_ascii=False)


def _scene(catalogue: Catalogue, random: np.random.Generator) -> Scene:
    (x_low, x_high), (y_low, y_high) = catalogue.parts_area.x_m, catalogue.parts_area.y_m
    parts: list[ScenePart] = []
    wanted = int(random.integers(PARTS[0], PARTS[1] + 1))
    shapes, colors = list(catalogue.shapes), list(catalogue.colors)
    few = random.random() < 0.5  # kinds, so that some descriptions fit several parts
    if few:
        shapes = [str(shape) for shape in random.choice(shapes, min(3, len(shapes)), replace=False)]
    while len(parts) < wanted:
        x, y = float(random.uniform(x_low, x_high)), float(random.uniform(y_low, y_high))
        if all(np.hypot(x - p.xy[0], y - p.xy[1]) > MIN_PART_DISTANCE_M + APART_M for p in parts):
            shape, color = str(random.choice(shapes)), str(random.choice(colors))
            at = (round(x, 3), round(y, 3))
            parts.append(ScenePart(f"p{len(parts) + 1}", shape, color, at, round(float(random.uniform(-pi, pi)), 2)))
    station = catalogue.loading_station
    if random.random() > DOCKED_SHARE:
        station = str(random.choice(list(catalogue.stations)))
    return Scene(int(random.integers(2**31)), tuple(parts), SceneAgv(station))


def _view(scene: Scene, catalogue: Catalogue) -> SceneView:
    """A scene as it is before anything has moved."""
    station = catalogue.stations[scene.agv.station]
    base = BaseState(0.0, station.x_m, station.y_m, station.yaw_rad, 0.0, 0.0)
    places = {
        name: floor_frame(container, base, catalogue.floor_z_m)[:3, 3]
        for name, container in catalogue.containers.items()
    }
    places |= {name: np.array(fixture.position_m) for name, fixture in catalogue.fixtures.items()}
    parts = (SeenPart(part.id, part.shape, part.color, np.array([*part.xy, 0.0])) for part in scene.parts)
    return SceneView(tuple(parts), places)


def _shaken(scene: Scene, random: np.random.Generator) -> Scene:
    shift = random.uniform(-CLEAR_M, CLEAR_M, (len(scene.parts), 2))
    parts = tuple(
        ScenePart(p.id, p.shape, p.color, (p.xy[0] + dx, p.xy[1] + dy), p.yaw)
        for p, (dx, dy) in zip(scene.parts, shift, strict=True)
    )
    return Scene(scene.seed, parts, scene.agv)


def _goal(meaning: Meaning, scene: Scene, catalogue: Catalogue) -> tuple[tuple[Predicate, ...], str | None]:
    """Return the predicates that hold in the end, or what is expected instead of doing anything."""
    if isinstance(meaning, Unsafe | OutOfScope):
        return (), "refuse"
    if not isinstance(meaning, Orders):
        return (), "clarify"
    try:
        jobs = resolve(meaning, _view(scene, catalogue), catalogue)
    except Problem as problem:
        return (), "refuse" if problem.kind == "unfit" else "clarify"
    moved = {job.part for job in jobs if job.part}
    stays: list[Predicate] = [
        ("not_in", part.id, place)
        for part in scene.parts
        if part.id not in moved
        for place in sorted({job.place for job in jobs if job.kind == "put"})
    ]
    return (*_reached(jobs), *stays), None


def _reached(jobs: tuple[Job, ...]) -> Iterator[Predicate]:
    drives = [job for job in jobs if job.kind == "drive"]
    for job in jobs:
        if job.kind == "put":
            yield "in", job.part, job.place
        elif job.kind == "insert":
            yield "inserted", job.part, job.place
    if drives:
        yield "at", "agv", drives[-1].place


def _kind(meaning: Meaning, goal: tuple[Predicate, ...], expect: str | None) -> str:
    if expect:
        return f"{expect}_{'orders' if isinstance(meaning, Orders) else 'words'}"
    steps = sum(predicate[0] != "not_in" for predicate in goal)
    return f"steps_{steps}" if steps < 3 else "steps_3+"
