"""How good a controller is: exactly one episode for each seed, deterministic, with intervals. Also of no controller."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from gymnasium.vector import VectorEnv

from luban.errors import LubanError
from policies.control.policy import Policy
from policies.evaluation import wilson

EnvFactory = Callable[[int], VectorEnv]  # number of slots -> environment, not yet reset
LONGEST_EPISODE = 20_000  # steps; an environment that never ends an episode must not hang a run

# Slot i of an environment seeded with s draws from s + i, so each use owns a range of seeds.
_TRAINING, _HELD_OUT, _UNSEEN = 0, 2**30, 2**31
_BLOCK = 2**16  # most episodes of one evaluation


def training_seed(seed: int, update: int) -> int:
    """Seed of the episodes that training begins after `update` updates."""
    return _TRAINING + int(np.random.SeedSequence([seed, update]).generate_state(1)[0] >> 2)


def held_out_seed() -> int:
    """Seed of the episodes that choose the best policy of every run; training never sees them."""
    return _HELD_OUT + _BLOCK


def unseen_seed(index: int) -> int:
    """Seed of the episodes that a published number is measured on; they chose nothing. index: 0, 1, 2, ..."""
    return _UNSEEN + index * _BLOCK


@dataclass(frozen=True)
class Score:
    """One row of a table. seconds are of the successful episodes, forces (peak of each) of all; None: not measured."""

    seed: int
    episodes: int
    successes: int
    low: float
    high: float
    mean_s: float | None
    p95_s: float | None
    p95_force_n: float | None

    @property
    def rate(self) -> float:
        return self.successes / self.episodes

    @property
    def order(self) -> tuple[int, float]:
        """The larger, the better: first success, then speed; 10 ms are no progress."""
        return self.successes, -round(self.mean_s, 2) if self.mean_s is not None else -np.inf

    def __str__(self) -> str:
        text = f"{self.successes}/{self.episodes} [{100 * self.low:.1f}, {100 * self.high:.1f}] %"
        text += f", {self.mean_s:.2f} s" if self.mean_s is not None else ""
        return text + (f", p95 {self.p95_force_n:.0f} N" if self.p95_force_n is not None else "")


def score(make: EnvFactory, policy: Policy | None, seeds: Iterable[int], episodes: int, slots: int = 64) -> list[Score]:
    """Play `episodes` episodes for each seed and return a row each. policy None: zero action, the environment's law."""
    env = make(min(slots, episodes))
    try:
        return [score_in(env, policy, seed, episodes) for seed in seeds]
    finally:
        env.close()


def score_in(env: VectorEnv, policy: Policy | None, seed: int, episodes: int) -> Score:
    """Play the episodes of seeds seed, seed + 1, ...; each exactly once, so that short ones do not count twice."""
    ends = play(env, policy, seed, episodes)
    success = np.array([end["success"] for end in ends], dtype=bool)
    low, high = wilson(int(success.sum()), episodes)
    seconds = np.array([end["seconds"] for end in ends])[success]
    forces = np.array([end["force_n"] for end in ends if "force_n" in end])
    return Score(
        seed, episodes, int(success.sum()), low, high,
        float(seconds.mean()) if len(seconds) else None,
        float(np.percentile(seconds, 95)) if len(seconds) else None,
        float(np.percentile(forces, 95)) if len(forces) else None,
    )  # fmt: skip


def play(env: VectorEnv, policy: Policy | None, seed: int, episodes: int) -> list[dict[str, float]]:
    """Return how each episode ended, in the order of the seeds. A slot that is done takes the next seed."""
    if not 0 < episodes <= _BLOCK:
        raise LubanError(f"an evaluation plays 1..{_BLOCK} episodes, asked for {episodes}")
    count = env.num_envs
    playing = np.where(np.arange(count) < episodes, np.arange(count), -1)  # episode of each slot; -1: none
    following, ends = min(count, episodes), [dict[str, float]() for _ in range(episodes)]
    idle = np.zeros(env.action_space.shape, np.float32)  # type: ignore[arg-type]
    observations, _ = env.reset(seed=[seed + slot for slot in range(count)])
    age = np.zeros(count, dtype=int)
    while (playing >= 0).any():
        actions = idle if policy is None else policy.act(observations)
        observations, _, terminated, truncated, infos = env.step(actions)
        age += 1
        if (age[playing >= 0] > LONGEST_EPISODE).any():
            raise LubanError(f"an episode of {env} did not end within {LONGEST_EPISODE} steps")
        done = np.flatnonzero((terminated | truncated) & (playing >= 0))
        again: list[int | None] = [None] * count
        for slot in done:
            ends[playing[slot]] = {name: float(values[slot]) for name, values in infos["final_info"].items()}
            playing[slot], again[slot], age[slot] = -1, None, 0
            if following < episodes:
                playing[slot], again[slot], following = following, seed + following, following + 1
        mask = np.array([value is not None for value in again])
        if mask.any():
            observations, _ = env.reset(seed=again, options={"reset_mask": mask})
    return ends
