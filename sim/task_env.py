"""Gymnasium environments of many episodes at once: what every task shares, and one episode as a view of it."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from luban.errors import LubanError
from luban.policy_contract import PolicyContract
from sim.camera import Viewpoint, solids_picture


@dataclass(frozen=True, eq=False)
class Verdict:
    """How n episodes stand after a step. reward: (n,); success, failure: (n,) bool, either ends the episode."""

    reward: np.ndarray
    success: np.ndarray
    failure: np.ndarray


class TimedBatch:
    """A MuJoCo batch that adds up the seconds spent in `step`."""

    def __init__(self, batch: Any) -> None:
        self._batch, self.seconds = batch, 0.0

    def step(self, *arguments: Any, **options: Any) -> None:
        start_s = time.perf_counter()
        self._batch.step(*arguments, **options)
        self.seconds += time.perf_counter() - start_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)


class TaskEnv(VectorEnv):
    """`num_envs` episodes of one task, stepped together; every slot draws from its own random stream.

    A slot seeded with s behaves like the only slot of an environment seeded with s, whatever its neighbours do. With
    autoreset a slot begins anew in the step that ends its episode (gymnasium's SAME_STEP); `infos["final_info"]` then
    holds success, seconds, force_n and what else a task reports, each (n,), valid where `infos["_final_info"]`.
    """

    task: ClassVar[str]
    action_names: ClassVar[tuple[str, ...]]
    viewpoint: ClassVar[Viewpoint] = Viewpoint(look_at_m=(0.35, 0.0, 0.1), distance_m=1.5, azimuth_deg=145.0)

    def __init__(
        self, num_envs: int, observation_names: Sequence[str], period_s: float, episode_s: float, autoreset: bool = True
    ) -> None:
        if num_envs < 1:
            raise LubanError(f"environment {self.task!r}: at least one episode is required, asked for {num_envs}")
        self.num_envs, self.period_s, self.episode_s = num_envs, period_s, episode_s
        self.observation_names = tuple(observation_names)
        mode = AutoresetMode.SAME_STEP if autoreset else AutoresetMode.DISABLED
        self.metadata = {"autoreset_mode": mode, "render_modes": ["rgb_array"]}
        shape = (len(self.observation_names),)
        self.single_observation_space = gymnasium.spaces.Box(-np.inf, np.inf, shape, np.float32)
        self.single_action_space = gymnasium.spaces.Box(-1.0, 1.0, (len(self.action_names),), np.float32)
        batch = gymnasium.vector.utils.batch_space
        self.observation_space = batch(self.single_observation_space, num_envs)
        self.action_space = batch(self.single_action_space, num_envs)
        self._autoreset = autoreset
        self._streams = [np.random.default_rng() for _ in range(num_envs)]
        self._elapsed_s = np.zeros(num_envs)
        self._ended = np.ones(num_envs, dtype=bool)

    # What a task defines ------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def contract(self) -> PolicyContract:
        """What a policy trained here is made for."""

    @abstractmethod
    def _begin(self, slots: np.ndarray) -> None:
        """Start a new episode in slots (k,), drawing slot i from `self._streams[i]` alone."""

    @abstractmethod
    def _advance(self, action: np.ndarray) -> None:
        """Carry out actions (n, a) in -1..1 for one period."""

    @abstractmethod
    def _observe(self) -> np.ndarray:
        """Return observations (n, o)."""

    @abstractmethod
    def _judge(self) -> Verdict:
        """Reward and end of the period that has just passed."""

    def _physics(self) -> tuple[Any, str]:
        """Whose attribute the MuJoCo batch is, and its name."""
        return self._arms, "batch"  # type: ignore[attr-defined]

    def _report(self) -> dict[str, np.ndarray]:
        """What an ended episode tells besides success and seconds, (n,) each."""
        return {}

    # gymnasium ----------------------------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin in every slot, or where `options["reset_mask"]` (n,) says. An integer seeds slot i with seed + i."""
        if seed is not None:
            seeds = [seed + slot for slot in range(self.num_envs)] if isinstance(seed, int | np.integer) else seed
            for slot, value in enumerate(seeds):
                if value is not None:
                    self._streams[slot] = np.random.default_rng(value)
            self._np_random = np.random.default_rng(seeds[0])
        mask = np.ones(self.num_envs, bool) if not options else np.asarray(options.get("reset_mask", True), bool)
        self._start(np.flatnonzero(np.broadcast_to(mask, self.num_envs)))
        return self._observation(), {}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Raises LubanError for an action that is not finite, or after an end without reset."""
        actions = np.asarray(actions, dtype=np.float64)
        if actions.shape != self.action_space.shape or not np.isfinite(actions).all():
            raise LubanError(f"{self.task!r}: actions of shape {self.action_space.shape}, all finite, are required")
        if self._ended.any():
            raise LubanError(
                f"{self.task!r}: slots {np.flatnonzero(self._ended).tolist()} have ended; reset them first"
            )
        self._advance(np.clip(actions, -1.0, 1.0))
        self._elapsed_s += self.period_s
        verdict, observation = self._judge(), self._observation()
        terminated = verdict.success | verdict.failure
        truncated = ~terminated & (self._elapsed_s > self.episode_s - self.period_s / 2)
        self._ended = terminated | truncated
        infos: dict[str, Any] = {}
        if self._ended.any():
            final = {"success": verdict.success.copy(), "seconds": self._elapsed_s.copy(), **self._report()}
            infos = {"final_info": final, "_final_info": self._ended.copy()}
            if self._autoreset:
                infos |= {"final_obs": observation, "_final_obs": self._ended.copy()}
                self._start(np.flatnonzero(self._ended))
                observation = self._observation()
        return observation, verdict.reward.astype(np.float64), terminated, truncated, infos

    def render(self) -> tuple[np.ndarray, ...] | None:
        """Return a picture (height, width, 3) uint8 of the first slot: the solids as they collide.

        Raises MissingComponent without OpenGL."""
        owner, name = self._physics()
        batch = getattr(owner, name)
        return (solids_picture(batch.get_model(0), batch.get_data(0), self.viewpoint),)

    def timed_physics(self) -> TimedBatch:
        """Put a stopwatch around the physics' steps, for benchmarks, and return it."""
        owner, name = self._physics()
        timed = TimedBatch(getattr(owner, name))
        setattr(owner, name, timed)
        return timed

    def _start(self, slots: np.ndarray) -> None:
        self._elapsed_s[slots] = 0.0
        self._ended[slots] = False
        if len(slots):
            self._begin(slots)

    def _observation(self) -> np.ndarray:
        return self._observe().astype(np.float32)


class SingleEnv(gymnasium.Env):
    """One episode of a task: the only slot of its batched environment."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"]}

    def __init__(self, batch: TaskEnv, render_mode: str | None = None) -> None:
        self.batch, self.render_mode = batch, render_mode
        self.observation_space, self.action_space = batch.single_observation_space, batch.single_action_space
        self.metadata = {"render_modes": ["rgb_array"], "render_fps": round(1.0 / batch.period_s)}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        observation, _ = self.batch.reset(seed=seed)
        return observation[0], {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, infos = self.batch.step(np.asarray(action)[None])
        final = {key: value[0] for key, value in infos.get("final_info", {}).items()}
        return observation[0], float(reward[0]), bool(terminated[0]), bool(truncated[0]), final

    def render(self) -> np.ndarray | None:  # type: ignore[override]
        return self.batch.render()[0] if self.render_mode == "rgb_array" else None  # type: ignore[index]

    def close(self) -> None:
        self.batch.close()
