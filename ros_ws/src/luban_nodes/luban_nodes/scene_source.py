"""Scenes on the wire: the parameter that names one in a task file, and the JSON that the twin announces."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from luban.catalogue import Catalogue
from luban.errors import TaskFileError, unknown
from luban.task import Scene, ScenePart, load_tasks, scene_faults

_scene = TypeAdapter(Scene)

# What the cell shows when no scene is asked for: one part of each shape and colour.
DEFAULT_SCENE = Scene(
    seed=7,
    parts=(
        ScenePart("gear", "gear", "red", (0.44, 0.14), 0.4),
        ScenePart("shaft", "shaft", "white", (0.47, -0.02), 0.9),
        ScenePart("nut", "nut", "blue", (0.57, 0.10), -0.3),
        ScenePart("bolt", "bolt", "yellow", (0.42, -0.15), 1.2),
        ScenePart("bracket", "bracket", "green", (0.57, -0.14), -0.8),
        ScenePart("bearing", "bearing", "black", (0.55, 0.21), 0.0),
    ),
)


def scene_of(reference: str, catalogue: Catalogue) -> Scene:
    """Return the scene that `TASKS.jsonl#ID` names, or the default scene for an empty reference.

    Raises TaskFileError: no such file, line or task.
    """
    if not reference:
        return DEFAULT_SCENE
    path, _, task_id = reference.partition("#")
    tasks = {task.id: task for task in load_tasks(Path(path), catalogue)}
    if not task_id:
        return next(iter(tasks.values())).scene
    if task_id not in tasks:
        raise TaskFileError(f"{path}: " + unknown("task", task_id, tasks))
    return tasks[task_id].scene


def scene_from_json(text: str, catalogue: Catalogue) -> Scene:
    """Parse and check a scene. Raises TaskFileError naming every fault."""
    try:
        scene = _scene.validate_json(text)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise TaskFileError("not a scene: " + "; ".join(faults)) from error
    if faults := list(scene_faults(scene, catalogue)):
        raise TaskFileError("this scene cannot be loaded: " + "; ".join(faults))
    return scene


def scene_to_json(scene: Scene) -> str:
    return json.dumps(asdict(scene), sort_keys=True)


def scene_id(scene: Scene) -> str:
    """A short name of a scene's content: equal scenes have equal names."""
    return hashlib.sha256(scene_to_json(scene).encode()).hexdigest()[:16]
