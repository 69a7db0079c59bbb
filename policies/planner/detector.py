"""Finds parts in an image: what shape, what colour, where, and how sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from policies.planner.region import Region

LEAST = 0.3  # probability from which a centre counts


@dataclass(frozen=True, eq=False)
class Detection:
    """A part in an image. u, v [px] of its centre; chance that it is there; chances of each shape and colour."""

    u: float
    v: float
    chance: float
    shapes: dict[str, float]
    colors: dict[str, float]

    @property
    def shape(self) -> str:
        return max(self.shapes, key=lambda name: self.shapes[name])

    @property
    def color(self) -> str:
        return max(self.colors, key=lambda name: self.colors[name])


def detections(
    maps: np.ndarray, region: Region, shapes: list[str], colors: list[str], least: float = LEAST
) -> list[Detection]:
    """Read a network's maps (1 + shapes + colours + 2, h, w): every peak of the centre map is one part."""
    heat = maps[0]
    padded = np.pad(heat, 1, constant_values=-np.inf)
    around = np.stack([
        padded[1 + i : padded.shape[0] - 1 + i, 1 + j : padded.shape[1] - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)
    ])  # fmt: skip
    peaks = np.argwhere((heat >= around.max(axis=0)) & (heat >= np.log(least / (1 - least))))
    stride = region.size[0] / heat.shape[0]
    found = []
    for row, column in peaks:
        at = maps[:, row, column]
        cell = np.array([column + at[-2], row + at[-1]])
        u, v = region.to_image((cell + 0.5) * stride - 0.5)
        by_shape, by_color = _softmax(at[1 : 1 + len(shapes)]), _softmax(at[1 + len(shapes) : -2])
        found.append(Detection(
            float(u), float(v), float(1 / (1 + np.exp(-at[0]))),
            dict(zip(shapes, by_shape, strict=True)), dict(zip(colors, by_color, strict=True)),
        ))  # fmt: skip
    return sorted(found, key=lambda detection: -detection.chance)


def _softmax(logits: np.ndarray) -> list[float]:
    chances = np.exp(logits - logits.max())
    return [float(chance) for chance in chances / chances.sum()]
