"""What a planner and a perception may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from luban.state import ArmState, BaseState, GripperState
from luban.step import ImagePoint


@dataclass(frozen=True, eq=False)
class CameraView:
    """One RGB-D image with its calibration.

    color: (height, width, 3) uint8; depth_m: (height, width) float32 along the optical axis [m], 0 = no return.
    intrinsics: (3, 3) pinhole matrix [px]. transform_camera_to_cell: (4, 4); optical frame: x right, y down, z ahead.
    """

    name: str
    stamp_s: float
    color: np.ndarray
    depth_m: np.ndarray
    intrinsics: np.ndarray
    transform_camera_to_cell: np.ndarray

    @cached_property
    def _cell_to_camera(self) -> np.ndarray:
        return np.linalg.inv(self.transform_camera_to_cell)

    @cached_property
    def _pixel_to_ray(self) -> np.ndarray:
        return np.linalg.inv(self.intrinsics)

    def project(self, position_m: np.ndarray) -> ImagePoint:
        """Return the pixel of a point (3,) of the cell frame. Raises ValueError behind the camera."""
        x, y, z = (self._cell_to_camera @ np.append(position_m, 1.0))[:3]
        if z <= 0.0:
            raise ValueError(f"point {np.round(position_m, 3).tolist()} lies behind camera {self.name!r}")
        u, v, _ = self.intrinsics @ np.array([x / z, y / z, 1.0])
        return ImagePoint(float(u), float(v), camera=self.name)

    def ray(self, point: ImagePoint) -> tuple[np.ndarray, np.ndarray]:
        """Return origin (3,) and unit direction (3,) in the cell frame of the ray through a pixel."""
        direction = self._pixel_to_ray @ np.array([point.u, point.v, 1.0])
        direction = self.transform_camera_to_cell[:3, :3] @ direction
        return self.transform_camera_to_cell[:3, 3].copy(), direction / np.linalg.norm(direction)

    def around(self, point: ImagePoint, half_px: int) -> np.ndarray:
        """Return what the pixels around one show, (k, 3) in the cell frame; those without depth are left out."""
        u, v = round(point.u), round(point.v)
        return self.points(slice(u - half_px, u + half_px + 1), slice(v - half_px, v + half_px + 1))

    def points(self, columns: slice, rows: slice) -> np.ndarray:
        """Return what the pixels of a rectangle show, (k, 3) in the cell frame; those without depth are left out."""
        height, width = self.depth_m.shape
        u = np.arange(max(0, columns.start), min(width, columns.stop), columns.step)
        v = np.arange(max(0, rows.start), min(height, rows.stop), rows.step)
        depth_m = self.depth_m[np.ix_(v, u)].ravel().astype(float)
        there = np.isfinite(depth_m) & (depth_m > 0)
        pixels = np.stack([*(axis.ravel() for axis in np.meshgrid(u, v)), np.ones(len(depth_m))])[:, there]
        rays = self._pixel_to_ray @ pixels
        to_cell = self.transform_camera_to_cell
        return np.asarray((to_cell[:3, :3] @ (rays * depth_m[there])).T + to_cell[:3, 3])

    def pixels(self, length_m: float, position_m: np.ndarray) -> int:
        """Return how long a length across the line of sight is at a point (3,) [px], at least 1."""
        ahead_m = self._cell_to_camera[2] @ np.append(position_m, 1.0)
        return max(1, round(float(length_m * self.intrinsics[0, 0] / max(ahead_m, 1e-6))))

    def on_level(self, point: ImagePoint, level_m: float) -> np.ndarray:
        """Return where the ray through a pixel meets a height of the cell, (3,); far away if it never does."""
        origin, direction = self.ray(point)
        return np.asarray(origin + direction * (level_m - origin[2]) / min(direction[2], -1e-6))

    def contains(self, point: ImagePoint) -> bool:
        height, width = self.color.shape[:2]
        return bool(0 <= point.u < width and 0 <= point.v < height)


@dataclass(frozen=True, eq=False)
class Observation:
    """Images and measured robot states at one moment; `held` names the held part, None with an empty gripper."""

    stamp_s: float
    views: Mapping[str, CameraView]
    arm: ArmState
    gripper: GripperState
    base: BaseState
    held: str | None = None
