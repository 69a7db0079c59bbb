"""The part of an image that shows the bench, and how it becomes a detector's input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.catalogue import Container
from luban.profile import Profile

MARGIN_PX = 12  # the camera may stand a little off its place
MULTIPLE = 16  # of the input's sides, for the network's pyramid


@dataclass(frozen=True)
class Region:
    """A rectangle of an image [px] and the size (height, width) of the input that it is scaled to."""

    left: int
    top: int
    width: int
    height: int
    size: tuple[int, int]

    @classmethod
    def of(cls, profile: Profile, camera: str = "overview", scale: float = 0.75) -> Region:
        """What a camera shows of parts area, containers, fixtures and the docked vehicle's tote."""
        config = profile.cameras[camera]
        to_camera = np.linalg.inv(config.optical_pose())
        points = np.array(_corners(profile))
        seen = points @ to_camera[:3, :3].T + to_camera[:3, 3]
        pixels = (seen / seen[:, 2:] @ config.intrinsics().T)[:, :2]
        most = np.array([config.width_px, config.height_px])
        low = np.clip(np.floor(pixels.min(axis=0)) - MARGIN_PX, 0, most - MULTIPLE).astype(int)
        high = np.clip(np.ceil(pixels.max(axis=0)) + MARGIN_PX, low + MULTIPLE, most).astype(int)
        width, height = high - low
        rounded = [max(MULTIPLE, MULTIPLE * round(scale * side / MULTIPLE)) for side in (height, width)]
        return cls(int(low[0]), int(low[1]), int(width), int(height), (rounded[0], rounded[1]))

    def cut(self, image: np.ndarray) -> np.ndarray:
        """Return the rectangle of an image (h, w, 3)."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]

    def to_input(self, pixel: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) u, v of the image in pixels of the input; whole numbers are pixel centres in both."""
        return np.asarray((np.asarray(pixel) - (self.left, self.top) + 0.5) * self._scale - 0.5)

    def to_image(self, pixel: np.ndarray) -> np.ndarray:
        """The inverse of `to_input`."""
        return np.asarray((np.asarray(pixel) + 0.5) / self._scale - 0.5 + (self.left, self.top))

    @property
    def _scale(self) -> np.ndarray:
        """Input pixels per pixel of the image, u and v."""
        return np.array([self.size[1] / self.width, self.size[0] / self.height])


def _corners(profile: Profile) -> list[tuple[float, float, float]]:
    """Points (x, y, z) [m] of the cell frame that enclose all places where a part may lie."""
    catalogue = profile.catalogue
    (x_low, x_high), (y_low, y_high) = catalogue.parts_area.x_m, catalogue.parts_area.y_m
    points = [(x, y, 0.0) for x in (x_low, x_high) for y in (y_low, y_high)]
    points += [fixture.position_m for fixture in catalogue.fixtures.values()]
    dock = catalogue.stations[catalogue.loading_station]
    for container in catalogue.containers.values():
        points += _rim(container, np.array([dock.x_m, dock.y_m, catalogue.floor_z_m]), dock.yaw_rad)
    return points


def _rim(container: Container, vehicle_m: np.ndarray, yaw_rad: float) -> list[tuple[float, float, float]]:
    x, y, z = container.position_m
    half_x, half_y, top = container.inner_size_m[0] / 2, container.inner_size_m[1] / 2, z + container.inner_size_m[2]
    corners = np.array([(x + i * half_x, y + j * half_y, top) for i in (-1, 1) for j in (-1, 1)])
    if container.on == "agv":
        c, s = np.cos(yaw_rad), np.sin(yaw_rad)
        corners = corners @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]).T + vehicle_m
    return [(float(x), float(y), float(z)) for x, y, z in corners]
