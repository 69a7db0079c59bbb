"""What a training run is made of, and every run that has a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from luban.errors import LubanError, unknown
from policies.control.network import ACTIVATIONS


@dataclass(frozen=True)
class TrainingConfig:
    """One run of PPO (Schulman et al. 2017). settings: keyword arguments of the task's environment.

    steps: of the environment, over all its slots; the learning rate falls linearly to 0 over them, and the same seed
    gives the same weights. minutes: processor time of the training alone (evaluation excluded) that ends a run. With
    steps None the rate falls over the minutes instead, and no two runs are quite the same.
    updates_per_evaluation: after so many updates the policy plays `held_out_episodes`; training then begins new ones.
    patience: evaluations without a better score that end the run. target: success that ends it.
    residual: begin at zero action, which is the environment's own law.
    """

    task: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    steps: int | None = 1_500_000
    minutes: float = 60.0
    envs: int = 64
    steps_per_update: int = 64
    batch: int = 1024
    epochs: int = 6
    gamma: float = 0.98
    gae_lambda: float = 0.95
    clip: float = 0.2
    learning_rate: float = 5e-4
    target_kl: float | None = 0.03
    entropy: float = 0.0
    hidden: tuple[int, ...] = (256, 256)
    activation: str = "elu"
    log_std_init: float = -0.5
    residual: bool = False
    updates_per_evaluation: int = 10
    held_out_episodes: int = 100
    unseen_episodes: int = 200
    patience: int = 20
    target: float | None = None

    def __post_init__(self) -> None:
        numbers = ("envs", "steps_per_update", "batch", "epochs", "updates_per_evaluation", "held_out_episodes",
                   "unseen_episodes", "patience", "minutes", "learning_rate", "clip")  # fmt: skip
        faults = [f"{name}: above 0, got {getattr(self, name)}" for name in numbers if not getattr(self, name) > 0]
        if self.steps is not None and self.steps <= 0:
            faults.append(f"steps: above 0, got {self.steps}")
        if self.steps_per_update * self.envs % self.batch:
            faults.append(f"batch: a divisor of {self.steps_per_update * self.envs} steps an update, got {self.batch}")
        if not 0.0 < self.gamma <= 1.0 or not 0.0 <= self.gae_lambda <= 1.0:
            faults.append(f"gamma and gae_lambda: within 0..1, got {self.gamma} and {self.gae_lambda}")
        if self.activation not in ACTIVATIONS:
            faults.append(unknown("activation", self.activation, ACTIVATIONS))
        if faults:
            raise LubanError(f"training of {self.task!r} is misconfigured: " + "; ".join(faults))

    def with_envs(self, envs: int) -> TrainingConfig:
        """The same run with another number of slots; the batch follows where it must."""
        total = envs * self.steps_per_update
        batch = next(size for size in range(min(self.batch, total), 0, -1) if total % size == 0)
        return replace(self, envs=envs, batch=batch)


DEBUG = TrainingConfig(
    task="reach", steps=4096, minutes=2.0, envs=8, steps_per_update=32, batch=128, epochs=2, hidden=(32, 32),
    updates_per_evaluation=4, held_out_episodes=8, unseen_episodes=8,
)  # fmt: skip

# fmt: off
CONFIGS: dict[str, TrainingConfig] = {
    "reach": TrainingConfig(
        task="reach", residual=True, log_std_init=-1.0, gamma=0.985, learning_rate=4e-4, hidden=(128, 128),
        steps=160_000, steps_per_update=48, batch=768, updates_per_evaluation=13, held_out_episodes=128, patience=8,
    ),
    "pick": TrainingConfig(
        task="pick", residual=True, log_std_init=-1.0, gamma=0.98, learning_rate=4e-4, hidden=(128, 128),
        steps=160_000, steps_per_update=48, batch=768, updates_per_evaluation=10, held_out_episodes=128, patience=8,
    ),
    "place": TrainingConfig(
        task="place", residual=True, log_std_init=-1.0, gamma=0.98, learning_rate=4e-4, hidden=(128, 128),
        steps=80_000, steps_per_update=48, batch=768, updates_per_evaluation=6, held_out_episodes=128, patience=8,
    ),
    "insert": TrainingConfig(
        task="insert", residual=True, log_std_init=-1.0, gamma=0.985, learning_rate=4e-4, hidden=(128, 128),
        steps=320_000, steps_per_update=48, batch=768, updates_per_evaluation=10, held_out_episodes=128, patience=6,
    ),
    "drive": TrainingConfig(
        task="drive", residual=True, log_std_init=-1.0, gamma=0.99, learning_rate=4e-4, steps=400_000,
        updates_per_evaluation=14, held_out_episodes=200,
    ),
    "debug": DEBUG,
}
# fmt: on


def find_config(name: str, like: str | None = None) -> TrainingConfig:
    """Return the run called `name`; with `like`, the task of `name` trained as the run `like` is.

    Raises:
        LubanError: unknown name; the message lists the known ones and the closest.
    """
    for wanted in (name, like or name):
        if wanted not in CONFIGS:
            raise LubanError(unknown("training run", wanted, CONFIGS))
    own = CONFIGS[name]
    return own if like is None else replace(CONFIGS[like], task=own.task, settings=own.settings)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Fields in which two runs differ so that one cannot go on where the other stopped."""
    budget = {"steps", "minutes", "patience", "target", "unseen_episodes"}
    names = [entry.name for entry in fields(TrainingConfig) if entry.name not in budget]
    return [f"{name} {one.get(name)} → {other.get(name)}" for name in names if one.get(name) != other.get(name)]
