"""Mean, variance and range of a stream of vectors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class RunningMoments:
    """Over all vectors (n, d) given so far, in float64 (Chan et al. 1979). Without any: mean 0, variance 1."""

    NAMES = ("mean", "variance", "low", "high", "count")

    def __init__(self, size: int) -> None:
        self.mean, self.variance = np.zeros(size), np.ones(size)
        self.low, self.high = np.full(size, np.inf), np.full(size, -np.inf)
        self.count = np.zeros(1)

    def add(self, values: np.ndarray) -> None:
        values = np.asarray(values, dtype=np.float64)
        count, held = len(values), float(self.count[0])
        mean, total = values.mean(axis=0), held + len(values)
        delta = mean - self.mean
        squares = (self.variance * held if held else 0.0) + values.var(axis=0) * count
        self.variance = (squares + delta**2 * held * count / total) / total
        self.mean = self.mean + delta * count / total
        self.low, self.high = np.minimum(self.low, values.min(axis=0)), np.maximum(self.high, values.max(axis=0))
        self.count[0] = total

    def tensors(self, prefix: str) -> dict[str, np.ndarray]:
        return {f"{prefix}.{name}": getattr(self, name) for name in self.NAMES}

    def restore(self, tensors: Mapping[str, np.ndarray], prefix: str) -> None:
        for name in self.NAMES:
            setattr(self, name, np.array(tensors[f"{prefix}.{name}"], dtype=np.float64))
