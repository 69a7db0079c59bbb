"""Finds parts in an image: what shape, what colour, where, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from luban.errors import PolicyError
from luban.observation import CameraView
from luban.profile import Profile
from policies.control.checkpoint import read_checkpoint
from policies.planner.onnx_session import session
from policies.planner.region import Region

FORMAT = 1
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


class Detector:
    """Finds the parts in a camera's images. ONNX Runtime; nothing of training."""

    def __init__(
        self, net: bytes, region: Region, size_px: tuple[int, int], shapes: list[str], colors: list[str]
    ) -> None:
        self._session = session(net)
        self._region, self._size_px, self._shapes, self._colors = region, size_px, shapes, colors

    @classmethod
    def load(cls, folder: Path, profile: Profile, camera: str = "overview") -> Detector:
        """Load `detector.json` of a folder. Raises PolicyError when it is damaged or made for another cell."""
        path = folder / "detector.json"
        document, tensors = read_checkpoint(path)
        shapes, colors = list(profile.catalogue.shapes), list(profile.catalogue.colors)
        region, config = Region.of(profile, camera), profile.cameras[camera]
        wanted = {"format": FORMAT, "shapes": shapes, "colors": colors, "input": list(region.size)}
        for key, value in wanted.items():
            if document.get(key) != value:
                raise PolicyError(
                    f"{path}: {key} {value} required by the profile, got {document.get(key)}; run luban distill for it"
                )
        if "net" not in tensors:
            raise PolicyError(f"{path}: holds no network; restore it from git")
        return cls(bytes(tensors["net"]), region, (config.width_px, config.height_px), shapes, colors)

    def detect(self, view: CameraView, least: float = LEAST) -> list[Detection]:
        """Return the parts in an image that are there with at least such a chance, the surest first.

        Raises PolicyError on an image of another size."""
        height, width = view.color.shape[:2]
        if (width, height) != self._size_px:
            raise PolicyError(
                f"the detector needs images of {self._size_px[0]} x {self._size_px[1]} px, got {width} x {height}; "
                "set the camera's size in the profile"
            )
        image = scaled(view.color, self._region).transpose(2, 0, 1)[None].astype(np.float32) / 255
        (maps,) = self._session.run(None, {"image": np.ascontiguousarray(image)})
        return detections(maps[0], self._region, self._shapes, self._colors, least)


def scaled(image: np.ndarray, region: Region) -> np.ndarray:
    """Return an image (h, w, 3) uint8 as a detector's input: the region, in the input's size."""
    cut = Image.fromarray(region.cut(image)).resize(region.size[::-1], Image.Resampling.BILINEAR)
    return np.asarray(cut)


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
