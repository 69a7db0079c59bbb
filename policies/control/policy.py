"""A learned controller as it runs on the robot: weights, normalisation and the contract it was trained for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from luban.errors import PolicyError
from luban.policy_contract import PolicyContract
from policies.control.checkpoint import read_checkpoint, write_checkpoint
from policies.control.network import Layer, Network

FORMAT = 1
RANGE_MARGIN = 0.1  # of the span seen in training: how far outside it an observation still counts as known


@dataclass(frozen=True)
class Provenance:
    """Where a policy comes from. score: success on unseen episodes, with its Wilson 95 % interval.

    steps: of the environment. minutes: processor time of the training alone. baseline: what the score was without
    learning (the environment's own law, zero action), on the same episodes.
    """

    command: str
    seed: int
    steps: int
    minutes: float
    git_commit: str
    episodes: int = 0
    score: float | None = None
    interval95: tuple[float, float] | None = None
    baseline: float | None = None


@dataclass(frozen=True, eq=False)
class Scaling:
    """How an observation enters the network, and which were seen in training; (o,) each.

    Features are (x - mean) / scale, cut off at ±clip. low, high: smallest and largest value seen.
    """

    mean: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    clip: float = 10.0

    def __call__(self, observation: np.ndarray) -> np.ndarray:
        """(..., o) -> (..., o) float32. The same arithmetic in training and on the robot."""
        scaled = np.subtract(observation, self.mean, dtype=np.float32)
        scaled /= self.scale
        np.minimum(scaled, self.clip, out=scaled)
        return np.maximum(scaled, -self.clip, out=scaled)

    def faults(self, count: int) -> list[str]:
        faults = []
        for name in ("mean", "scale", "low", "high"):
            array = getattr(self, name)
            if array.shape != (count,) or array.dtype != np.float32 or not np.isfinite(array).all():
                faults.append(f"observation.{name}: {count} finite float32 numbers are required, found {array.shape}")
        if not faults and not (self.scale > 0).all():
            faults.append("observation.scale: numbers above 0 are required")
        if not faults and (self.low > self.high).any():
            faults.append("observation.low: must not lie above observation.high")
        return faults if self.clip > 0 else [*faults, f"clip: a number above 0 is required, found {self.clip}"]


class Policy:
    """Observation (o,) or (n, o) in, action (a,) or (n, a) out, float32 within -1..1. For one thread at a time.

    Raises:
        PolicyError: network, scaling and contract do not fit together, or a number is not finite.
    """

    def __init__(self, contract: PolicyContract, network: Network, scaling: Scaling, provenance: Provenance) -> None:
        wanted = (len(contract.observation), len(contract.action))
        faults = scaling.faults(wanted[0])
        if (network.inputs, network.outputs) != wanted:
            faults.append(f"{wanted} inputs and outputs are required, found {(network.inputs, network.outputs)}")
        if faults:
            raise PolicyError(f"unusable policy for {contract.task!r}: " + "; ".join(faults))
        self.contract, self.network, self.scaling, self.provenance = contract, network, scaling, provenance
        margin = RANGE_MARGIN * (scaling.high - scaling.low) + 1e-6 * (1.0 + np.abs(scaling.mean))
        self._lowest, self._highest = scaling.low - margin, scaling.high + margin

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Raises PolicyError for another shape or an observation that is not finite; the robot must stop then."""
        if observation.shape[-1:] != (self.network.inputs,) or observation.ndim > 2:
            raise PolicyError(f"an observation of {self.network.inputs} numbers is required, got {observation.shape}")
        if not np.isfinite(observation).all():
            finite = np.isfinite(observation).reshape(-1, self.network.inputs).all(axis=0)
            bad = [name for name, good in zip(self.contract.observation, finite, strict=True) if not good]
            raise PolicyError(f"the observation is not finite: {', '.join(bad)}; look at the sensor behind it")
        run = self.network.one if observation.ndim == 1 else self.network.many
        action = np.minimum(run(self.scaling(observation)), 1.0)
        return np.maximum(action, -1.0, out=action)

    def out_of_range(self, observation: np.ndarray) -> list[str]:
        """Names of the features of an observation (o,) that lie outside what training has seen, plus a margin."""
        outside = ~((observation >= self._lowest) & (observation <= self._highest))
        return [self.contract.observation[index] for index in np.flatnonzero(outside)] if outside.any() else []

    def save(self, path: Path) -> None:
        """Replace NAME.json and its tensors as one. Raises LubanError when the disk refuses; the old policy stays."""
        scaling = self.scaling
        document = _Document(FORMAT, self.contract, self.network.activation, scaling.clip, self.provenance)
        tensors = {f"observation.{name}": getattr(scaling, name) for name in ("mean", "scale", "low", "high")}
        for index, (weight, bias) in enumerate(self.network.layers):
            tensors |= {f"layer.{index}.weight": weight, f"layer.{index}.bias": bias}
        write_checkpoint(path, asdict(document), tensors)  # type: ignore[call-overload]

    @classmethod
    def load(cls, path: Path, required: PolicyContract) -> Policy:
        """Load NAME.json for a robot that requires `required`.

        Raises:
            PolicyError: made for something else, with every difference; or missing, damaged, or of another format.
        """
        whole, tensors = read_checkpoint(path)
        document = _parse(path, whole)
        if faults := document.contract.faults(required):
            raise PolicyError(f"{path} does not fit: " + "; ".join(faults))
        try:
            scaling = Scaling(*(tensors[f"observation.{n}"] for n in ("mean", "scale", "low", "high")), document.clip)
            return cls(document.contract, Network(_layers(tensors), document.activation), scaling, document.provenance)
        except KeyError as error:
            raise PolicyError(f"{path}: its tensors lack {error}") from error
        except PolicyError as error:
            raise PolicyError(f"{path}: {error}") from error


@checked(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class _Document:
    format: int
    contract: PolicyContract
    activation: str
    clip: float
    provenance: Provenance


def _parse(path: Path, whole: dict[str, Any]) -> _Document:
    if whole.get("format") != FORMAT:
        raise PolicyError(f"{path}: format {whole.get('format')!r} is not known, {FORMAT} is required; train it again")
    try:
        document = {name: value for name, value in whole.items() if name != "tensors"}
        return TypeAdapter(_Document).validate_python(document, strict=False)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise PolicyError(f"{path} is no policy: " + "; ".join(faults)) from error


def _layers(tensors: dict[str, np.ndarray]) -> list[Layer]:
    count = sum(name.startswith("layer.") for name in tensors) // 2
    return [(tensors[f"layer.{index}.weight"], tensors[f"layer.{index}.bias"]) for index in range(count)]
