"""How a vision-language model writes down a place in an image, and the way back to the image's own pixels."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

Size = tuple[int, int]  # width, height
Pair = tuple[float, float]  # x to the right, y down


class ImageCoordinates(ABC):
    """A convention. `size_px` is always width and height of the image as it was taken."""

    @abstractmethod
    def shown_size(self, size_px: Size) -> Size:
        """Return width and height in which the model must be given the image."""

    @abstractmethod
    def span(self, size_px: Size) -> Size:
        """Return the coordinates of the image's lower right corner."""

    @abstractmethod
    def explained(self, size_px: Size) -> str:
        """Return one sentence that tells a model how to write a place."""

    def to_image(self, place: Pair, size_px: Size) -> Pair:
        """Return the pixel of a place that a model wrote."""
        (x, y), (width, height), (right, bottom) = place, size_px, self.span(size_px)
        return x * width / right, y * height / bottom

    def from_image(self, pixel: Pair, size_px: Size) -> tuple[int, int]:
        """Return what a model would write for a pixel: the nearest whole numbers."""
        (u, v), (width, height), (right, bottom) = pixel, size_px, self.span(size_px)
        return round(u * right / width), round(v * bottom / height)


@dataclass(frozen=True)
class AbsolutePixels(ImageCoordinates):
    """Qwen2.5-VL: pixels of the image after its own resizing to whole blocks of patches.

    The image is resized before it is sent. The model's resizing then leaves it alone, wherever the model runs and
    however the limits there are set, as long as they hold the image.
    """

    block_px: int = 28  # patch of 14 px, merged 2 x 2
    min_pixels: int = 56 * 56
    max_pixels: int = 28 * 28 * 16384  # preprocessor_config.json of Qwen2.5-VL

    def shown_size(self, size_px: Size) -> Size:
        """Resizing of Qwen2-VL's image processor (`smart_resize`); a test holds it against transformers."""
        width, height = size_px
        block = self.block_px
        wide, high = round(width / block) * block, round(height / block) * block
        if wide * high > self.max_pixels:
            shrink = math.sqrt(width * height / self.max_pixels)
            wide = max(block, math.floor(width / shrink / block) * block)
            high = max(block, math.floor(height / shrink / block) * block)
        elif wide * high < self.min_pixels:
            grow = math.sqrt(self.min_pixels / (width * height))
            wide, high = math.ceil(width * grow / block) * block, math.ceil(height * grow / block) * block
        return wide, high

    def span(self, size_px: Size) -> Size:
        return self.shown_size(size_px)

    def explained(self, size_px: Size) -> str:
        width, height = self.shown_size(size_px)
        return f"Coordinates are pixels of the image, which is {width} wide and {height} high."


@dataclass(frozen=True)
class Relative1000(ImageCoordinates):
    """Qwen3-VL: thousandths of the image's width and height."""

    def shown_size(self, size_px: Size) -> Size:
        return size_px

    def span(self, size_px: Size) -> Size:
        return 1000, 1000

    def explained(self, size_px: Size) -> str:
        return "Coordinates run from 0 to 1000 over the width and from 0 to 1000 over the height of the image."


def image_coordinates(name: Literal["absolute", "relative_1000"]) -> ImageCoordinates:
    """Return how a model counts, by the name that configurations use."""
    return AbsolutePixels() if name == "absolute" else Relative1000()
