"""A small multi-layer perceptron in NumPy, as it runs on the robot: float32, no allocation for one observation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from luban.errors import PolicyError, unknown

Layer = tuple[np.ndarray, np.ndarray]  # weight (out, in), bias (out,), float32


def _tanh(values: np.ndarray) -> None:
    np.tanh(values, out=values)


def _elu(values: np.ndarray) -> None:
    """x where x > 0, else exp(x) - 1 (Clevert et al. 2016, alpha 1)."""
    negative = np.minimum(values, 0.0)
    np.exp(negative, out=negative)
    np.maximum(values, 0.0, out=values)
    values += negative
    values -= 1.0


ACTIVATIONS: dict[str, Callable[[np.ndarray], None]] = {"tanh": _tanh, "elu": _elu}


class Network:
    """Hidden layers with one activation and a linear last layer. Not for several threads at once: it keeps buffers.

    Raises:
        PolicyError: unknown activation, layers that do not fit together, or weights that are not finite.
    """

    def __init__(self, layers: Sequence[Layer], activation: str) -> None:
        if activation not in ACTIVATIONS:
            raise PolicyError(unknown("activation", activation, ACTIVATIONS))
        if faults := _faults(layers):
            raise PolicyError("unusable weights: " + "; ".join(faults))
        self.layers = tuple((np.ascontiguousarray(w), np.ascontiguousarray(b)) for w, b in layers)
        self.activation = activation
        self._activate = ACTIVATIONS[activation]
        self._buffers = [np.empty_like(bias) for _, bias in self.layers]

    @property
    def inputs(self) -> int:
        return int(self.layers[0][0].shape[1])

    @property
    def outputs(self) -> int:
        return len(self.layers[-1][1])

    def one(self, values: np.ndarray) -> np.ndarray:
        """(inputs,) float32 -> (outputs,), a buffer that the next call overwrites."""
        for index, ((weight, bias), buffer) in enumerate(zip(self.layers, self._buffers, strict=True)):
            if index:
                self._activate(values)
            values = np.dot(weight, values, out=buffer)
            values += bias
        return values

    def many(self, values: np.ndarray) -> np.ndarray:
        """(n, inputs) float32 -> (n, outputs)."""
        for index, (weight, bias) in enumerate(self.layers):
            if index:
                self._activate(values)
            values = values @ weight.T
            values += bias
        return values


def _faults(layers: Sequence[Layer]) -> list[str]:
    if not layers:
        return ["no layers"]
    faults, width = [], None
    for index, (weight, bias) in enumerate(layers):
        if weight.ndim != 2 or bias.shape != weight.shape[:1] or (width is not None and weight.shape[1] != width):
            faults.append(f"layer {index}: weight {weight.shape} and bias {bias.shape} do not fit, {width} come in")
        if any(array.dtype != np.float32 for array in (weight, bias)):
            faults.append(f"layer {index}: float32 is required")
        elif not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            faults.append(f"layer {index}: not finite")
        width = weight.shape[0] if weight.ndim == 2 else None
    return faults
