"""Plays the first episodes of a batched environment to their ends."""

from __future__ import annotations

import numpy as np

from sim.task_env import TaskEnv


def play(env: TaskEnv, action: np.ndarray) -> dict[str, np.ndarray]:
    """Step one action to the end of every first episode; return what the episodes report."""
    ends: dict[int, dict[str, float]] = {}
    for _ in range(round(env.episode_s / env.period_s) + 1):
        *_, infos = env.step(np.tile(action, (env.num_envs, 1)))
        for slot in np.flatnonzero(infos.get("_final_info", ())):
            ends.setdefault(int(slot), {name: values[slot] for name, values in infos["final_info"].items()})
        if len(ends) == env.num_envs:
            break
    return {name: np.array([ends[slot][name] for slot in range(env.num_envs)]) for name in ends[0]}
