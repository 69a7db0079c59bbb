"""How far a training run has come, and its state on disk: all that is needed to go on after a kill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from luban.errors import LubanError, PolicyError
from luban.whole_file import write_whole
from policies.control.checkpoint import read_checkpoint, write_checkpoint
from policies.control.training.config import TrainingConfig, differences
from policies.control.training.scoring import Score


@dataclass(frozen=True)
class Point:
    """One held-out evaluation. cpu_s: processor time of the training alone up to here."""

    updates: int
    steps: int
    cpu_s: float
    score: Score


@dataclass(frozen=True)
class Result:
    """How a run ended. held_out chose the policy; unseen and baseline are the numbers to publish, same episodes."""

    reason: str
    steps: int
    minutes: float
    held_out: Score
    unseen: Score
    baseline: Score


@dataclass(frozen=True)
class Progress:
    updates: int = 0
    steps: int = 0
    cpu_s: float = 0.0
    curve: tuple[Point, ...] = ()
    result: Result | None = None

    @property
    def best(self) -> Point | None:
        """The first of the best evaluations; its policy is the one on disk."""
        return max(self.curve, key=lambda point: point.score.order, default=None)

    @property
    def evaluations_since_best(self) -> int:
        return len(self.curve) - 1 - self.curve.index(self.best) if self.best else 0


class TrainingState:
    """`state.json` with its tensors, and `curve.json` for plots, in the folder of one run."""

    def __init__(self, folder: Path, config: TrainingConfig, seed: int) -> None:
        self.path, self._curve, self._seed = folder / "state.json", folder / "curve.json", seed
        self._config: dict[str, Any] = json.loads(json.dumps(asdict(config)))

    def save(self, progress: Progress, tensors: Mapping[str, np.ndarray]) -> None:
        """Raises LubanError when the disk refuses; the state saved before stays."""
        try:
            document = {"config": self._config, "seed": self._seed, "progress": asdict(progress)}
            write_checkpoint(self.path, document, tensors)
            write_whole(self._curve, json.dumps(asdict(progress), indent=1).encode())
        except LubanError as error:
            raise LubanError(f"training stopped: {error}. Make room, then run the same command --resume") from error

    def load(self) -> tuple[Progress, dict[str, np.ndarray]]:
        """Raises PolicyError for a damaged state or one of another run, naming what differs."""
        document, tensors = read_checkpoint(self.path)
        try:
            progress = TypeAdapter(Progress).validate_python(document["progress"])
            other = differences(document["config"], self._config)
            if document["seed"] != self._seed:
                other.append(f"seed {document['seed']} → {self._seed}")
        except (ValidationError, KeyError, AttributeError, TypeError) as error:
            raise PolicyError(f"{self.path} is no training state: {error}") from error
        if other:
            raise PolicyError(f"{self.path} is of another run: {', '.join(other)}; --fresh starts over")
        return progress, tensors
