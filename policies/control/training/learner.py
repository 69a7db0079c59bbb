"""PPO of stable-baselines3, set up from our configuration, and its state as plain tensors."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger

from luban.errors import PolicyError
from policies.control.network import Layer, Network
from policies.control.training.config import TrainingConfig
from policies.control.training.vector_adapter import VectorAdapter

TORCH_ACTIVATIONS = {"tanh": torch.nn.Tanh, "elu": torch.nn.ELU}
RESIDUAL_GAIN = 0.01  # of the last layer at the start, on top of the 0.01 that stable-baselines3 gives it


class Learner:
    """One PPO run: `update` plays and learns once. Everything random is drawn anew from `seed` at each update."""

    def __init__(self, config: TrainingConfig, env: VectorAdapter, seed: int) -> None:
        torch.set_num_threads(1)  # small networks: more threads only wait for each other, and sums change their order
        _draw_from(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self._ppo = PPO(
                "MlpPolicy", env, seed=seed, device="cpu", n_steps=config.steps_per_update, batch_size=config.batch,
                n_epochs=config.epochs, gamma=config.gamma, gae_lambda=config.gae_lambda, clip_range=config.clip,
                learning_rate=lambda remaining: config.learning_rate * remaining, target_kl=config.target_kl,
                ent_coef=config.entropy, policy_kwargs={
                    "net_arch": {"pi": list(config.hidden), "vf": list(config.hidden)},
                    "activation_fn": TORCH_ACTIVATIONS[config.activation], "log_std_init": config.log_std_init,
                },
            )  # fmt: skip
        self._env, self._activation = env, config.activation
        if config.residual:
            with torch.no_grad():
                self._ppo.policy.action_net.weight.mul_(RESIDUAL_GAIN)
        self._ppo.set_logger(Logger(folder=None, output_formats=[]))
        self.restart(seed)
        _, self._callback = self._ppo._setup_learn(0, None, reset_num_timesteps=False)

    def restart(self, seed: int) -> None:
        """Begin new episodes in every slot; what was learned stays."""
        self._ppo._last_obs = self._env.restart(seed)
        self._ppo._last_episode_starts = np.ones(self._env.num_envs, dtype=bool)

    def update(self, seed: int, remaining: float) -> dict[str, float]:
        """Play one rollout and learn from it. remaining: of the budget, 1..0. Return what there is to plot."""
        _draw_from(seed)
        self._ppo.collect_rollouts(self._env, self._callback, self._ppo.rollout_buffer, self._ppo.n_steps)
        self._ppo._current_progress_remaining = remaining
        self._ppo.train()
        values = self._ppo.logger.name_to_value
        return {name: float(value) for name, value in values.items() if np.isscalar(value)}

    def network(self) -> Network:
        """The policy's mean action as it will run on the robot."""
        policy = self._ppo.policy
        modules = [m for m in policy.mlp_extractor.policy_net if isinstance(m, torch.nn.Linear)] + [policy.action_net]
        layers: list[Layer] = [(_array(module.weight), _array(module.bias)) for module in modules]
        return Network(layers, self._activation)

    def tensors(self) -> dict[str, np.ndarray]:
        """Networks, Adam's moments and the normalisation: all that is needed to go on."""
        weights = {f"policy.{name}": _array(value) for name, value in self._ppo.policy.state_dict().items()}
        moments = self._ppo.policy.optimizer.state_dict()["state"]
        adam = {f"adam.{i}.{name}": _array(value) for i, state in moments.items() for name, value in state.items()}
        return weights | adam | self._env.tensors()

    def restore(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Raises PolicyError when the tensors are not of this network."""
        optimizer = self._ppo.policy.optimizer
        state = optimizer.state_dict()
        for name, value in tensors.items():
            if name.startswith("adam."):
                _, index, key = name.split(".")
                state["state"].setdefault(int(index), {})[key] = torch.from_numpy(np.array(value))
        weights = {n[7:]: torch.from_numpy(np.array(v)) for n, v in tensors.items() if n.startswith("policy.")}
        try:
            self._ppo.policy.load_state_dict(weights)
            optimizer.load_state_dict(state)
            self._env.restore(tensors)
        except (RuntimeError, ValueError, KeyError) as error:
            raise PolicyError(f"the training state is not of this network: {error}") from error


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().copy()


def _draw_from(seed: int) -> None:
    """stable-baselines3 draws actions from torch's and batches from NumPy's global generator."""
    torch.manual_seed(seed)
    np.random.seed(seed)
