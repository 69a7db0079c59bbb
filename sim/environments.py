"""The learning tasks by name, for gymnasium and for our own training."""

from __future__ import annotations

import importlib
from typing import Any

import gymnasium

from luban.errors import LubanError, unknown
from sim.task_env import SingleEnv, TaskEnv

# name -> (module, class); imported on use, since a task may need a part of MuJoCo that another does without.
TASKS: dict[str, tuple[str, str]] = {
    "reach": ("sim.reach_env", "ReachEnv"),
    "pick": ("sim.pick_env", "PickEnv"),
    "place": ("sim.place_env", "PlaceEnv"),
    "insert": ("sim.insert_env", "InsertEnv"),
    "drive": ("sim.drive_env", "DriveEnv"),
}


def make_env(task: str, num_envs: int, **settings: Any) -> TaskEnv:
    """Return `num_envs` episodes of a task, not yet reset. Raises LubanError for an unknown task."""
    if task not in TASKS:
        raise LubanError(unknown("task", task, TASKS))
    module, name = TASKS[task]
    environment: TaskEnv = getattr(importlib.import_module(module), name)(num_envs=num_envs, **settings)
    return environment


def make_single(task: str, render_mode: str | None = None, **settings: Any) -> SingleEnv:
    """Entry point of `gymnasium.make("luban/Insert-v0")`."""
    return SingleEnv(make_env(task, 1, autoreset=False, **settings), render_mode)


def register() -> None:
    """Make the tasks known to gymnasium as luban/Reach-v0 and so on; may be called again."""
    for task in TASKS:
        name = f"luban/{task.capitalize()}-v0"
        if name not in gymnasium.registry:
            gymnasium.register(
                name, "sim.environments:make_single", vector_entry_point="sim.environments:make_env",
                kwargs={"task": task},
            )  # fmt: skip


register()
