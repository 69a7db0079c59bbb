"""Task files: one JSON object a line, each a scene, an instruction and the goal that must hold at the end."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from luban.catalogue import Catalogue
from luban.errors import TaskFileError, unknown

MAX_INSTRUCTION_CHARS = 1000
MIN_PART_DISTANCE_M = 0.07  # closer than this two parts of the largest outline overlap
_strict = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=_strict)
class ScenePart:
    """A part on the bench: xy [m] of its centre in the cell frame, yaw [rad] about z."""

    id: Annotated[str, Field(min_length=1)]
    shape: str
    color: str
    xy: tuple[float, float]
    yaw: float


@dataclass(frozen=True, config=_strict)
class SceneAgv:
    station: str


@dataclass(frozen=True, config=_strict)
class Scene:
    seed: Annotated[int, Field(ge=0)]
    parts: tuple[ScenePart, ...] = ()
    agv: SceneAgv = SceneAgv("dock")


Predicate = tuple[Literal["in", "not_in", "at", "inserted"], str, str]


@dataclass(frozen=True, config=_strict)
class Task:
    id: str
    kind: str
    lang: Literal["en", "zh"]
    text: str
    scene: Scene
    goal: tuple[Predicate, ...] = ()
    expect: Literal["clarify", "refuse"] | None = None


_task = TypeAdapter(Task)


def check_instruction(text: str) -> str:
    """Return the instruction without surrounding space. Raises TaskFileError when empty or too long."""
    text = text.strip()
    if not text:
        raise TaskFileError("the instruction is empty; say what to do, e.g. 'Put the red gear into the blue bin.'")
    if len(text) > MAX_INSTRUCTION_CHARS:
        raise TaskFileError(f"the instruction has {len(text)} characters; at most {MAX_INSTRUCTION_CHARS} are accepted")
    return text


def scene_faults(scene: Scene, catalogue: Catalogue) -> Iterator[str]:
    """Yield one sentence for each thing in a scene that the cell cannot hold."""
    (x_low, x_high), (y_low, y_high) = catalogue.parts_area.x_m, catalogue.parts_area.y_m
    seen: set[str] = set()
    for part in scene.parts:
        if part.id in seen:
            yield f"part id {part.id!r} appears twice"
        seen.add(part.id)
        if part.shape not in catalogue.shapes:
            yield f"part {part.id!r}: " + unknown("shape", part.shape, catalogue.shapes)
        if part.color not in catalogue.colors:
            yield f"part {part.id!r}: " + unknown("color", part.color, catalogue.colors)
        x, y = part.xy
        if not (x_low <= x <= x_high and y_low <= y <= y_high):
            yield (
                f"part {part.id!r} at ({x}, {y}) is out of reach: parts lie in "
                f"x {x_low}..{x_high}, y {y_low}..{y_high} [m]"
            )
    for a, b in itertools.combinations(scene.parts, 2):
        distance = math.dist(a.xy, b.xy)
        if distance < MIN_PART_DISTANCE_M:
            yield (
                f"parts {a.id!r} and {b.id!r} overlap: {distance * 1000:.0f} mm apart, "
                f"at least {MIN_PART_DISTANCE_M * 1000:.0f} mm required"
            )
    if scene.agv.station not in catalogue.stations:
        yield unknown("station", scene.agv.station, catalogue.stations)


def task_faults(task: Task, catalogue: Catalogue) -> Iterator[str]:
    """Yield one sentence for each name in a task that does not exist, and for each fault of its scene."""
    yield from scene_faults(task.scene, catalogue)
    parts = {part.id for part in task.scene.parts}
    for predicate, subject, place in task.goal:
        if predicate == "at":
            if subject != "agv":
                yield f"goal {predicate!r}: " + unknown("vehicle", subject, ["agv"])
            if place not in catalogue.stations:
                yield f"goal {predicate!r}: " + unknown("station", place, catalogue.stations)
            continue
        if subject not in parts:
            yield f"goal {predicate!r}: " + unknown("part", subject, parts)
        places, kind = (
            (catalogue.fixtures, "fixture") if predicate == "inserted" else (catalogue.containers, "container")
        )
        if place not in places:
            yield f"goal {predicate!r}: " + unknown(kind, place, places)


def load_tasks(path: Path, catalogue: Catalogue) -> tuple[Task, ...]:
    """Read a task file.

    Raises:
        TaskFileError: naming the file, and for every faulty line its number and what is wrong with it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TaskFileError(f"cannot read task file {path}: {error}") from error
    tasks: list[Task] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            task = _task.validate_python(json.loads(line))
            check_instruction(task.text)
            found = list(task_faults(task, catalogue))
        except json.JSONDecodeError as error:
            found = [f"not JSON: {error.msg} at column {error.colno}"]
        except (ValidationError, TaskFileError) as error:
            found = _sentences(error)
        else:
            if any(task.id == other.id for other in tasks):
                found.append(f"task id {task.id!r} appears twice")
            tasks.append(task)
        faults += [f"{path}:{number}: {fault}" for fault in found]
    if faults:
        raise TaskFileError("\n".join(faults))
    if not tasks:
        raise TaskFileError(f"{path} holds no task; one JSON object a line is required")
    return tuple(tasks)


def _sentences(error: Exception) -> list[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    return [f"{'.'.join(map(str, item['loc'])) or 'task'}: {item['msg']}" for item in error.errors()]
