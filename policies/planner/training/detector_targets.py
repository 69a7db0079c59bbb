"""What a detector shall answer to a labelled picture, and how wrong an answer is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from policies.planner.detector_net import STRIDE
from policies.planner.region import Region

SEEN, HIDDEN = 0.35, 0.08  # visible shares: above the first a part must be found, below the second it must not
SPREAD = 1.2  # of a centre's bump [cells]


class Targets:
    """Maps for one batch: centre heat (n, h, w), weight of each cell, and for every part its cell, classes, offset."""

    def __init__(self, labels: Sequence[dict[str, Any]], region: Region, shapes: list[str], colors: list[str]) -> None:
        height, width = region.size[0] // STRIDE, region.size[1] // STRIDE
        heat, weight = np.zeros((len(labels), height, width)), np.ones((len(labels), height, width))
        rows, column = np.arange(height)[:, None], np.arange(width)
        cells: list[tuple[int, int, int]] = []
        classes: list[tuple[int, int]] = []
        offsets: list[tuple[float, float]] = []
        for index, label in enumerate(labels):
            for thing in label["things"]:
                u, v = (region.to_input(np.array([thing["u"], thing["v"]])) + 0.5) / STRIDE - 0.5
                at_v, at_u = round(float(v)), round(float(u))
                if not (0 <= at_v < height and 0 <= at_u < width) or thing["visible"] < HIDDEN:
                    continue
                bump = np.exp(-((rows - v) ** 2 + (column - u) ** 2) / (2 * SPREAD**2))
                if thing["visible"] < SEEN:
                    weight[index][bump > 0.3] = 0.0
                    continue
                bump[at_v, at_u] = 1.0
                np.maximum(heat[index], bump, out=heat[index])
                cells.append((index, at_v, at_u))
                classes.append((shapes.index(thing["shape"]), colors.index(thing["color"])))
                offsets.append((float(u) - at_u, float(v) - at_v))
        self.heat, self.weight = torch.from_numpy(heat).float(), torch.from_numpy(weight).float()
        self.cells = torch.tensor(cells, dtype=torch.long).reshape(-1, 3)
        self.classes = torch.tensor(classes, dtype=torch.long).reshape(-1, 2)
        self.offsets = torch.tensor(offsets, dtype=torch.float32).reshape(-1, 2)


def loss(maps: torch.Tensor, targets: Targets, shapes: int) -> dict[str, torch.Tensor]:
    """Mean losses by part: focal loss of the centres (as in CenterNet), cross entropies, offsets."""
    count = max(1, len(targets.cells))
    logit = maps[:, 0]
    chance = torch.sigmoid(logit).clamp(1e-5, 1 - 1e-5)
    hit = targets.heat >= 1.0
    found = -((1 - chance) ** 2) * chance.log() * hit
    empty = -((1 - targets.heat) ** 4) * chance**2 * (1 - chance).log() * ~hit * targets.weight
    image, row, column = targets.cells.T
    at = maps[image, :, row, column]
    return {
        "centre": (found + empty).sum() / count,
        "shape": functional.cross_entropy(at[:, 1 : 1 + shapes], targets.classes[:, 0], reduction="sum") / count,
        "color": functional.cross_entropy(at[:, 1 + shapes : -2], targets.classes[:, 1], reduction="sum") / count,
        "offset": (at[:, -2:] - targets.offsets).abs().sum() / count,
    }
