"""Our vector environments as stable-baselines3 wants them, with normalised observations and scaled rewards."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.vec_env import VecEnv

from luban.errors import LubanError
from policies.control.policy import Scaling
from policies.control.training.running_moments import RunningMoments

SMALLEST_SCALE = 1e-3  # a feature that hardly varies must not be blown up
REWARD_CLIP = 10.0


class VectorAdapter(VecEnv):
    """A gymnasium vector environment (SAME_STEP) as a VecEnv.

    stable-baselines3 bootstraps the value of an episode that ran out of time, so it needs `terminal_observation` and
    `TimeLimit.truncated`. Rewards are divided by the deviation of the discounted return (as its VecNormalize does).
    """

    def __init__(self, env: VectorEnv, gamma: float) -> None:
        if env.metadata.get("autoreset_mode") is not AutoresetMode.SAME_STEP:
            raise LubanError(f"{env}: an environment that begins anew in the same step is required (SAME_STEP)")
        count = env.single_observation_space.shape[0]  # type: ignore[index]
        space = gymnasium.spaces.Box(-np.inf, np.inf, (count,), np.float32)
        self.inner, self._gamma = env, gamma  # before the base class, which asks for the environment's render mode
        super().__init__(env.num_envs, space, env.single_action_space)
        self.observations, self.returns = RunningMoments(count), RunningMoments(1)
        self.successes: deque[bool] = deque(maxlen=100)
        self._return = np.zeros(env.num_envs)
        self._actions = np.zeros((env.num_envs, *env.single_action_space.shape))  # type: ignore[misc]
        self.scaling = self._scaling()

    def restart(self, seed: int) -> np.ndarray:
        """Begin new episodes in every slot, drawn from `seed`; return the normalised observations (n, o)."""
        self._return[:] = 0.0
        observations, _ = self.inner.reset(seed=seed)
        return self._seen(observations)

    def step_async(self, actions: np.ndarray) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        observations, rewards, terminated, truncated, given = self.inner.step(self._actions)
        dones = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        scaled = self._seen(observations)
        for slot in np.flatnonzero(dones):
            final = self.scaling(np.asarray(given["final_obs"][slot], np.float32))
            cut = bool(truncated[slot] and not terminated[slot])
            infos[slot] = {"terminal_observation": final, "TimeLimit.truncated": cut}
            self.successes.append(bool(given["final_info"]["success"][slot]))
        return scaled, self._scaled_rewards(rewards, dones), dones, infos

    def reset(self) -> np.ndarray:
        return self._seen(self.inner.reset()[0])

    def tensors(self) -> dict[str, np.ndarray]:
        return self.observations.tensors("observations") | self.returns.tensors("returns")

    def restore(self, tensors: Mapping[str, np.ndarray]) -> None:
        self.observations.restore(tensors, "observations")
        self.returns.restore(tensors, "returns")
        self.scaling = self._scaling()

    def _seen(self, observations: np.ndarray) -> np.ndarray:
        self.observations.add(observations)
        self.scaling = self._scaling()
        return self.scaling(observations)

    def _scaling(self) -> Scaling:
        seen = self.observations
        scale = np.maximum(np.sqrt(seen.variance), SMALLEST_SCALE)
        return Scaling(*(array.astype(np.float32) for array in (seen.mean, scale, seen.low, seen.high)))

    def _scaled_rewards(self, rewards: np.ndarray, dones: np.ndarray) -> np.ndarray:
        self._return = self._return * self._gamma + rewards
        self.returns.add(self._return[:, None])
        self._return[dones] = 0.0
        scaled = rewards / np.sqrt(self.returns.variance[0] + 1e-8)
        return np.clip(scaled, -REWARD_CLIP, REWARD_CLIP).astype(np.float32)

    # What stable-baselines3 asks of every VecEnv

    def close(self) -> None:
        self.inner.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self.inner, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise NotImplementedError("the slots of a vector environment have no attributes of their own")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        raise NotImplementedError("the slots of a vector environment have no methods of their own")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * len(list(self._get_indices(indices)))

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Nothing: episodes are seeded by `restart`."""
        return [None] * self.num_envs
