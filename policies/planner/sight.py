"""What one look shows of the cell: on which surface a detection lies, and whether a place is hidden or empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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
RAISED_ODDS = 6.0  # how much likelier a detection is a part when something stands there, and less likely when not
LEAST_CHANCE = 0.3  # from which, with that, it counts
THING_M, THING_CM2 = 0.05, 3.0  # radius of one thing, and how much of it must stand out to be one
MARGIN_M = 0.015  # of floors and parts area that is not searched for things: walls, and hands that lie on the edge


@dataclass(frozen=True, eq=False)
class Sight:
    """A detection and where it lies. position_m: (3,), cell frame. chance: of a part, with what the depth says.
    bore: the fixture at which it lies; seated: so deep that it is in it."""

    detection: Detection
    position_m: np.ndarray
    chance: float
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

    @cached_property
    def tool_m(self) -> np.ndarray:
        """Where the gripper is, (3,)."""
        return np.asarray(Chain.of(self.profile.arm).tool(self.posture_rad[None])[0, :3, 3])

    def sight(self, detection: Detection) -> Sight | None:
        """Where a detection lies: the first surface on its line of sight that the depth agrees with, if any."""
        point = ImagePoint(detection.u, detection.v, camera=self.view.name)
        heights_m = self.view.around(point, 2)[:, 2]
        height_m = float(np.median(heights_m)) if len(heights_m) else None

        def lies(level_m: float, most_m: float = AIR_M) -> bool:
            return height_m is None or -BELOW_M <= height_m - level_m <= most_m

        for name, fixture in self.profile.catalogue.fixtures.items():
            mouth = np.array(fixture.position_m)
            position = self.view.on_level(point, mouth[2])
            along = np.array([np.cos(fixture.yaw_rad), np.sin(fixture.yaw_rad), 0.0])
            depth_m = float((position - mouth) @ along)
            aside_m = float(np.linalg.norm(position - mouth - depth_m * along))
            if aside_m < ASIDE_M and -BEFORE_M < depth_m < fixture.bore_depth_m and lies(mouth[2] - MIDDLE_M):
                return Sight(detection, position, detection.chance, bore=name, seated=depth_m >= SEATED_M)
        for name, floor in self.floors.items():
            position = self.view.on_level(point, floor[2, 3] + MIDDLE_M)
            rim_m = self.profile.catalogue.containers[name].inner_size_m[2]
            if self.inside(name, position) and lies(floor[2, 3], max(AIR_M, rim_m + MIDDLE_M)):
                return Sight(detection, position, self._chance(detection, position), container=name)
        position = self.view.on_level(point, MIDDLE_M)
        if self._on_bench(position) and lies(0.0):
            return Sight(detection, position, self._chance(detection, position))
        return None

    def _chance(self, detection: Detection, position_m: np.ndarray) -> float:
        """The chance that a detection is a part, given whether something stands there."""
        heights_m = self._patch(position_m)
        if not len(heights_m):
            return detection.chance
        raised = (heights_m > position_m[2] - MIDDLE_M + RAISED_M).mean() >= RAISED_SHARE
        odds = detection.chance * (RAISED_ODDS if raised else 1 / RAISED_ODDS)
        return odds / (odds + 1 - detection.chance)

    def others(self, seen_m: Sequence[np.ndarray]) -> list[tuple[np.ndarray, str | None]]:
        """Where something else than at seen_m, (3,) each, stands out of the parts area and of the floors of containers,
        by the depth alone: middles (3,) and containers."""
        (x_low, x_high), (y_low, y_high) = self.profile.catalogue.parts_area.x_m, self.profile.catalogue.parts_area.y_m
        bench = np.eye(4)
        bench[:2, 3] = (x_low + x_high) / 2, (y_low + y_high) / 2
        areas: list[tuple[str | None, np.ndarray, np.ndarray]] = [
            (None, bench, np.array([x_high - x_low, y_high - y_low]) / 2 + MARGIN_M)
        ]
        for name, floor in self.floors.items():
            size_m = self.profile.catalogue.containers[name].inner_size_m
            areas.append((name, floor, np.array(size_m[:2]) / 2 - MARGIN_M))
        return [(at, name) for name, frame, half in areas for at in self._others_in(frame, half, seen_m)]

    def container_at(self, point: ImagePoint) -> str | None:
        """The container whose floor a pixel shows."""
        for name, floor in self.floors.items():
            if self.inside(name, self.view.on_level(point, floor[2, 3])):
                return name
        return None

    def inside(self, container: str, position_m: np.ndarray) -> bool:
        """Whether a point (3,) is between a container's walls."""
        floor = self.floors[container]
        spot = (position_m - floor[:3, 3]) @ floor[:3, :3]
        half = np.array(self.profile.catalogue.containers[container].inner_size_m[:2]) / 2 + RIM_M
        return bool((np.abs(spot[:2]) <= half).all())

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
        heights_m = self._patch(position_m)
        if not len(heights_m):  # no depth
            chain = Chain.of(self.profile.arm)
            eye_m = self.view.transform_camera_to_cell[:3, 3]
            return bool(Hull(chain).hides(chain.frames(self.posture_rad[None]), eye_m, position_m)[0])
        hidden = (heights_m > position_m[2] + NEARER_M).mean() >= HIDDEN_SHARE
        return bool(hidden or (heights_m > position_m[2] - MIDDLE_M + RAISED_M).mean() >= RAISED_SHARE)

    def _patch(self, position_m: np.ndarray) -> np.ndarray:
        """Heights (k,) of what the image shows where a part would be, middle (3,)."""
        half_px = self.view.pixels(PATCH_M, position_m)
        return self.view.around(self.view.project(position_m), half_px)[:, 2]

    def _others_in(self, frame: np.ndarray, half_m: np.ndarray, seen_m: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The same for one rectangle around a frame (4, 4), half sizes (2,)."""
        corners = [(x, y, 0.0, 1.0) for x in (-half_m[0], half_m[0]) for y in (-half_m[1], half_m[1])]
        try:
            pixels = [self.view.project((frame @ corner)[:3]) for corner in np.array(corners)]
        except ValueError:
            return []
        u, v = [round(pixel.u) for pixel in pixels], [round(pixel.v) for pixel in pixels]
        points = self.view.points(slice(min(u), max(u) + 1, 2), slice(min(v), max(v) + 1, 2))
        local = (points - frame[:3, 3]) @ frame[:3, :3]
        standing = (np.abs(local[:, :2]) <= half_m).all(axis=1) & (local[:, 2] > RAISED_M) & (local[:, 2] < AIR_M)
        local = local[standing, :2]
        for at in seen_m:
            local = local[np.linalg.norm(local - ((at - frame[:3, 3]) @ frame[:3, :3])[:2], axis=1) > THING_M]
        metre_px = self.view.intrinsics[0, 0] / (self.view.transform_camera_to_cell[2, 3] - frame[2, 3])
        least = THING_CM2 * 1e-4 * metre_px**2 / 4  # every second pixel both ways
        found = []
        while len(local) >= least:
            near = np.linalg.norm(local - local[0], axis=1) < THING_M
            near |= np.linalg.norm(local - local[near].mean(axis=0), axis=1) < THING_M
            if near.sum() >= least:
                found.append(frame[:3, :3] @ np.array([*local[near].mean(axis=0), MIDDLE_M]) + frame[:3, 3])
            local = local[~near]
        return found

    def _on_bench(self, position_m: np.ndarray) -> bool:
        for bench in self.profile.catalogue.obstacles:
            c, s = np.cos(bench.yaw_rad), np.sin(bench.yaw_rad)
            x, y = position_m[0] - bench.x_m, position_m[1] - bench.y_m
            half_x, half_y = bench.size_m[0] / 2, bench.size_m[1] / 2
            if bench.kind == "bench" and abs(c * x + s * y) <= half_x and abs(c * y - s * x) <= half_y:
                return True
        return False
