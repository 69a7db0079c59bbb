"""The network that finds parts in an image: a small feature pyramid and one centre map, as CenterNet (Zhou 2019)."""

from __future__ import annotations

import torch
from torch import nn

STRIDE = 4  # input pixels per cell of the maps


class DetectorNet(nn.Module):
    """(n, 3, h, w) colours in 0..1, h and w multiples of 16 -> (n, 1 + shapes + colours + 2, h/4, w/4): centre logit,
    shape logits, colour logits, offset of the centre from the cell's middle [cells]."""

    def __init__(self, shapes: int, colors: int, width: int = 32) -> None:
        super().__init__()
        self.shapes, self.colors = shapes, colors
        self.stem = nn.Sequential(_conv(3, 16, 2), _conv(16, width, 2))
        self.fine = _Block(width)
        self.middle = nn.Sequential(_conv(width, 2 * width, 2), _Block(2 * width), _Block(2 * width))
        self.coarse = nn.Sequential(_conv(2 * width, 3 * width, 2), _Block(3 * width), _Block(3 * width))
        self.up_coarse, self.up_middle = nn.Conv2d(3 * width, 2 * width, 1), nn.Conv2d(2 * width, width, 1)
        self.join_middle, self.join_fine = _conv(2 * width, 2 * width), _conv(width, 2 * width)
        self.head = nn.Conv2d(2 * width, 1 + shapes + colors + 2, 1)
        nn.init.constant_(self.head.bias[:1], -4.0)  # nearly all cells are empty

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        fine = self.fine(self.stem((image - 0.45) / 0.25))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.join_middle(middle + _twice(self.up_coarse(coarse)))
        fine = self.join_fine(fine + _twice(self.up_middle(middle)))
        maps: torch.Tensor = self.head(fine)
        return maps


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.relu(values + self.second(self.first(values)))


def _twice(values: torch.Tensor) -> torch.Tensor:
    return nn.functional.interpolate(values, scale_factor=2.0, mode="nearest")
