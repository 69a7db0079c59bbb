"""A task with a trivial optimum: a point on a line must stop at its goal. Trains in seconds.

As a program: `python tests/control/point_env.py FOLDER SEED [resume]` trains it, for tests that kill the process.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from luban.policy_contract import PolicyContract
from policies.control.policy import Provenance
from policies.control.training.config import CONFIGS
from policies.control.training.sweep import train_all
from policies.control.training.trainer import Run, Start, train
from sim.task_env import TaskEnv, Verdict

CONFIG = replace(
    CONFIGS["debug"], task="point", steps=12_288, envs=16, steps_per_update=32, batch=256, epochs=6, gamma=0.9,
    learning_rate=3e-3, held_out_episodes=20, unseen_episodes=40, updates_per_evaluation=4,
)  # fmt: skip


class PointEnv(TaskEnv):
    """Without an action the point stays, so the baseline fails wherever it does not begin at the goal."""

    task = "point"
    action_names = ("velocity",)

    def __init__(self, num_envs: int) -> None:
        self._position_m, self._goal_m = np.zeros(num_envs), np.zeros(num_envs)
        self._before_m = np.zeros(num_envs)
        super().__init__(num_envs, ("position", "to_goal"), period_s=0.1, episode_s=2.0)

    @property
    def contract(self) -> PolicyContract:
        return PolicyContract("point", "line", ("slide",), 10.0, self.observation_names, self.action_names)

    def _begin(self, slots: np.ndarray) -> None:
        for slot in slots:
            self._position_m[slot], self._goal_m[slot] = self._streams[slot].uniform(-1.0, 1.0, 2)

    def _advance(self, action: np.ndarray) -> None:
        self._before_m = np.abs(self._goal_m - self._position_m)
        self._position_m = self._position_m + 0.2 * action[:, 0]

    def _observe(self) -> np.ndarray:
        return np.stack([self._position_m, self._goal_m - self._position_m], axis=1)

    def _judge(self) -> Verdict:
        left_m = np.abs(self._goal_m - self._position_m)
        success = left_m < 0.1
        return Verdict(self._before_m - left_m + success - 0.02, success, np.zeros(self.num_envs, bool))

    def _report(self) -> dict[str, np.ndarray]:
        return {"force_n": np.abs(self._position_m)}


def point_run(folder: Path, seed: int = 0, start: Start = Start.NEW, **changes: object) -> Run:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]
    return Run(config, PointEnv, folder, Provenance("test", seed, 0, 0.0, "none"), start)


if __name__ == "__main__":
    if sys.argv[1] == "side by side":
        runs = [point_run(Path(folder), seed, steps=10_000_000) for seed, folder in enumerate(sys.argv[2:])]
        list(train_all(runs, jobs=len(runs)))
    else:
        train(point_run(Path(sys.argv[1]), int(sys.argv[2]), Start.RESUME if "resume" in sys.argv else Start.NEW))
