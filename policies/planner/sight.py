"""What one look shows of the cell: on which surface a detection lies, and whether a place is hidden or empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain
from luban.motion.clearance import Hull
from luban.observation import CameraView
from luban.profile import Profile
from luban.step import ImagePoint
from policies.planner.detector import Detection

MIDDLE_M = 0.0095  # of a part above what it lies on: the six shapes' own are within 2 mm of it
RIM_M = 0.01  # how far beyond its inner walls a detection still counts as in a container
BELOW_M, AIR_M = 0.015, 0.06  # what is so much below or above a surface does not lie on it
ASIDE_M, BEFORE_M = 0.025, 0.09  # a shaft's middle at a bore: off its axis, before its mouth
SEATED_M = -0.02  # from there on into the bore its middle counts as seated
NEARER_M = 0.03  # what stands higher than a part by so much hides it
RAISED_M = 0.005  # what stands out from a surface by so much is something
PATCH_M = 0.022  # half side of the patch of an image that is looked at for a part
HIDDEN_SHARE, RAISED_SHARE = 0.25, 0.15  # of the patch


@dataclass(frozen=True, eq=False)
class Sight:
    """A detection and where it lies. position_m: (3,), cell frame. bore: the fixture at which it lies; seated: so deep
    that it is in it."""

    detection: Detection
    position_m: np.ndarray
    container: str | None = None
    bore: str | None = None
    seated: bool = False


@dataclass(frozen=True, eq=False)
class Look:
    """One view of the cell. floors: frame (4, 4) of each container's inner floor, z up, in the cell frame; tool: pose
    (4, 4) of the gripper; posture_rad: (joints,)."""

    profile: Profile
    view: CameraView
    floors: Mapping[str, np.ndarray]
    posture_rad: np.ndarray

    @property
    def tool_m(self) -> np.ndarray:
        """Where the gripper is, (3,)."""
        return np.asarray(Chain.of(self.profile.arm).tool(self.posture_rad[None])[0, :3, 3])

    def sight(self, detection: Detection) -> Sight | None:
        """Where a detection lies: the first surface on its line of sight that the depth agrees with, if any."""
        point = ImagePoint(detection.u, detection.v, camera=self.view.name)
        heights_m = self._heights(point, 2)
        height_m = float(np.median(heights_m)) if len(heights_m) else None

        def lies(level_m: float, most_m: float = AIR_M) -> bool:
            return height_m is None or -BELOW_M <= height_m - level_m <= most_m

        for name, fixture in self.profile.catalogue.fixtures.items():
            mouth = np.array(fixture.position_m)
            position = self.on_level(point, mouth[2])
            along = np.array([np.cos(fixture.yaw_rad), np.sin(fixture.yaw_rad), 0.0])
            depth_m = float((position - mouth) @ along)
            aside_m = float(np.linalg.norm(position - mouth - depth_m * along))
            if aside_m < ASIDE_M and -BEFORE_M < depth_m < fixture.bore_depth_m and lies(mouth[2] - MIDDLE_M):
                return Sight(detection, position, bore=name, seated=depth_m >= SEATED_M)
        for name, floor in self.floors.items():
            position = self.on_level(point, floor[2, 3] + MIDDLE_M)
            rim_m = self.profile.catalogue.containers[name].inner_size_m[2]
            if self.inside(name, position) and lies(floor[2, 3], max(AIR_M, rim_m + MIDDLE_M)):
                return Sight(detection, position, container=name)
        position = self.on_level(point, MIDDLE_M)
        return Sight(detection, position) if self._on_bench(position) and lies(0.0) else None

    def container_at(self, point: ImagePoint) -> str | None:
        """The container whose floor a pixel shows."""
        for name, floor in self.floors.items():
            if self.inside(name, self.on_level(point, floor[2, 3])):
                return name
        return None

    def inside(self, container: str, position_m: np.ndarray) -> bool:
        """Whether a point (3,) is between a container's walls."""
        floor = self.floors[container]
        spot = (position_m - floor[:3, 3]) @ floor[:3, :3]
        half = np.array(self.profile.catalogue.containers[container].inner_size_m[:2]) / 2 + RIM_M
        return bool((np.abs(spot[:2]) <= half).all())

    def on_level(self, point: ImagePoint, level_m: float) -> np.ndarray:
        """Where the line of sight of a pixel meets a height, (3,); far away if it never does."""
        origin, direction = self.view.ray(point)
        return np.asarray(origin + direction * (level_m - origin[2]) / min(direction[2], -1e-6))

    def off_line_m(self, point: ImagePoint, position_m: np.ndarray) -> float:
        """How far a point (3,) is from the line of sight of a pixel."""
        origin, direction = self.view.ray(point)
        offset = position_m - origin
        return float(np.linalg.norm(offset - (offset @ direction) * direction))

    def may_hold(self, position_m: np.ndarray) -> bool:
        """Whether a part may be there, middle (3,), though none was detected: out of the image, hidden, overlooked."""
        try:
            point = self.view.project(position_m)
        except ValueError:
            return True
        if not self.view.contains(point):
            return True
        to_camera = np.linalg.inv(self.view.transform_camera_to_cell)
        ahead_m = to_camera[2] @ np.append(position_m, 1.0)
        heights_m = self._heights(point, max(1, round(PATCH_M * self.view.intrinsics[0, 0] / ahead_m)))
        if not len(heights_m):  # no depth
            chain = Chain.of(self.profile.arm)
            eye_m = self.view.transform_camera_to_cell[:3, 3]
            return bool(Hull(chain).hides(chain.frames(self.posture_rad[None]), eye_m, position_m)[0])
        hidden = (heights_m > position_m[2] + NEARER_M).mean() >= HIDDEN_SHARE
        return bool(hidden or (heights_m > position_m[2] - MIDDLE_M + RAISED_M).mean() >= RAISED_SHARE)

    def _heights(self, point: ImagePoint, half_px: int) -> np.ndarray:
        """Height [m] in the cell frame of what each pixel around a point shows, (k,); those without depth left out."""
        height, width = self.view.depth_m.shape
        u, v = round(point.u), round(point.v)
        columns = np.arange(max(0, u - half_px), min(width, u + half_px + 1))
        rows = np.arange(max(0, v - half_px), min(height, v + half_px + 1))
        if not (len(rows) and len(columns)):
            return np.empty(0)
        depth_m = self.view.depth_m[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].ravel()
        pixels = np.stack([*(axis.ravel() for axis in np.meshgrid(columns, rows)), np.ones(depth_m.size)])
        to_cell = self.view.transform_camera_to_cell
        heights = to_cell[2, 3] + depth_m * (to_cell[2, :3] @ np.linalg.inv(self.view.intrinsics) @ pixels)
        return np.asarray(heights[np.isfinite(depth_m) & (depth_m > 0)])

    def _on_bench(self, position_m: np.ndarray) -> bool:
        for bench in self.profile.catalogue.obstacles:
            c, s = np.cos(bench.yaw_rad), np.sin(bench.yaw_rad)
            x, y = position_m[0] - bench.x_m, position_m[1] - bench.y_m
            half_x, half_y = bench.size_m[0] / 2, bench.size_m[1] / 2
            if bench.kind == "bench" and abs(c * x + s * y) <= half_x and abs(c * y - s * x) <= half_y:
                return True
        return False
