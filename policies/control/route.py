"""How to get from a pose to a station: out of a narrow place, around things, into the lane of the station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from luban.catalogue import Station
from luban.motion.driving import resample, rounded
from luban.profile import BaseConfig
from policies.control.floor_map import RESOLUTION_M, FloorMap
from policies.control.localization import transform, wrap

TURN_M = 0.42  # clearance of the axle's centre that lets the outline turn on the spot
LANE_M, LONGEST_LANE_M = 0.45, 2.0
OUTLINE_MARGIN_M = 0.015
BEND_M = 0.40  # clearance that lets the vehicle turn while it drives
RADII_M = (0.6, 0.45, 0.3, 0.2)  # of bends, the best first
SHARPEST_RAD = 2.0  # a sharper corner is turned on the spot
SMOOTH_RAD = 0.35  # between neighbouring stretches of a rounded path
ALIGNED_RAD = 0.12  # whoever enters a lane with this heading need not stop
ENTRY_M_S = 0.35  # speed at which the straight lane begins


@dataclass(frozen=True, eq=False)
class Turn:
    """On the spot, to a heading."""

    yaw_rad: float
    tolerance_rad: float = 0.02


@dataclass(frozen=True, eq=False)
class Follow:
    """Along a path (n, 2) [m], forwards; exit_m_s: speed at its end."""

    path_m: np.ndarray
    exit_m_s: float = 0.0


@dataclass(frozen=True, eq=False)
class Straight:
    """On the line through a target with a heading, forwards (+1) or backwards (-1), to the target."""

    target_m: np.ndarray
    yaw_rad: float
    direction: int = 1


Leg = Turn | Follow | Straight


@dataclass(frozen=True, eq=False)
class RoutePlanner:
    floor: FloorMap
    base: BaseConfig
    stations: tuple[Station, ...]

    def legs(self, pose: np.ndarray, station: Station, occupied: np.ndarray) -> list[Leg] | None:
        """Return the legs from a pose (3,) to a station; None when the way is blocked.

        occupied: grid of cells where something stands that is not on the map.
        """
        goal = np.array([station.x_m, station.y_m])
        clearance_m, things_m = self.floor.clearance(occupied), self.floor.position(np.argwhere(occupied))
        if self._in_lane(pose, station, things_m):
            return [Straight(goal, station.yaw_rad)]
        leave = self._exit(pose, goal, clearance_m, things_m)
        lane = self.lane_start(station, clearance_m, things_m)
        if leave is None or lane is None:
            return None
        begin = leave.target_m if leave else pose[:2]
        corners = self.floor.path(begin, lane, clearance_m)
        if corners is None:
            return None
        legs: list[Leg] = [leave] if leave else []
        entry = self._entry(corners, lane, station.yaw_rad, clearance_m)
        path = self._rounded(corners, clearance_m) if entry is None else entry
        if np.hypot(*(lane - begin)) > 0.08:
            heading = path[min(5, len(path) - 1)] - path[0]
            turn = Turn(float(np.arctan2(heading[1], heading[0])), 0.2)
            legs += [turn, Follow(path, 0.0 if entry is None else ENTRY_M_S)]
        legs.append(Turn(station.yaw_rad, 0.02 if entry is None or len(legs) < 2 else ALIGNED_RAD))
        if np.hypot(*(goal - lane)) > 0.01:
            legs.append(Straight(goal, station.yaw_rad))
        return legs

    def _entry(
        self, corners: np.ndarray, lane: np.ndarray, yaw_rad: float, clearance_m: np.ndarray
    ) -> np.ndarray | None:
        """Return a path that bends into the lane and ends in it, so that nobody stops to turn; None: no room for it."""
        ahead = _ahead(yaw_rad)
        for back in (0.55, 0.4, 0.25, 0.12):
            way = np.concatenate([corners[:-1], (lane - back * ahead)[None], lane[None]])
            into = way[-2] - way[-3]
            turn = abs(wrap(yaw_rad - float(np.arctan2(into[1], into[0]))))
            room = self.floor.along(resample(way[-3:]), clearance_m).min()
            if np.hypot(*into) < 0.05 or turn > SHARPEST_RAD or room < min(BEND_M, self._room(lane, clearance_m)):
                continue
            path = self._rounded(way, clearance_m)
            if self._sharpest(path[-30:]) < SMOOTH_RAD:
                return path
        return None

    def _rounded(self, corners: np.ndarray, clearance_m: np.ndarray) -> np.ndarray:
        """Return the path (n, 2) along corners (k, 2), each rounded as widely as the room allows."""
        radii = np.zeros(len(corners) - 2)
        for i in range(len(radii)):
            need = min(BEND_M, self._room(corners[i + 1], clearance_m))
            for radius in RADII_M:
                bend = rounded(corners[i : i + 3], np.array([radius]))
                if self.floor.along(bend, clearance_m).min() >= need - 1e-9:
                    radii[i] = radius
                    break
        return rounded(corners, radii)

    def _sharpest(self, path: np.ndarray) -> float:
        """The sharpest change of heading [rad] between neighbouring stretches of a path."""
        steps = np.diff(path, axis=0)
        heading = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        return float(np.abs(np.diff(heading)).max(initial=0.0))

    def lane_start(self, station: Station, clearance_m: np.ndarray, things_m: np.ndarray) -> np.ndarray | None:
        """Return where the straight lane into a station begins: far enough back to turn there."""
        goal, ahead = np.array([station.x_m, station.y_m]), _ahead(station.yaw_rad)
        for back in np.arange(LANE_M, LONGEST_LANE_M, RESOLUTION_M):
            at = goal - back * ahead
            if self._room(at, clearance_m) >= TURN_M:
                return at if self.outline_free(at, goal, station.yaw_rad, things_m) else None
        return goal if self._room(goal, clearance_m) >= TURN_M else None

    def outline_free(self, start: np.ndarray, end: np.ndarray, yaw_rad: float, things_m: np.ndarray) -> bool:
        """Whether the vehicle fits all along a straight stretch, by its outline, not by a circle.

        things_m: points (n, 2) that are not on the map.
        """
        half = np.array([self.base.length_m, self.base.width_m]) / 2 + OUTLINE_MARGIN_M
        edge = np.linspace(-1.0, 1.0, 9)
        ring = np.concatenate(
            [np.column_stack([edge, np.full(9, side)]) for side in (-1, 1)]
            + [np.column_stack([np.full(9, side), edge]) for side in (-1, 1)]
        )
        count = 2 + int(np.hypot(*(end - start)) / RESOLUTION_M)
        poses = (np.array([*(start + (end - start) * t), yaw_rad]) for t in np.linspace(0.0, 1.0, count))
        outline = np.concatenate([transform(pose, ring * half) for pose in poses])
        if self.floor.surface(outline)[0].min() <= 0.0:
            return False
        local = (things_m - start) @ np.array([_ahead(yaw_rad), _ahead(yaw_rad + np.pi / 2)]).T
        travel = float((end - start) @ _ahead(yaw_rad))
        low, high = min(travel, 0.0) - half[0], max(travel, 0.0) + half[0]
        return not bool(((local[:, 0] > low) & (local[:, 0] < high) & (np.abs(local[:, 1]) < half[1])).any())

    def _exit(
        self, pose: np.ndarray, goal: np.ndarray, clearance_m: np.ndarray, things_m: np.ndarray
    ) -> Straight | Literal[False] | None:
        """Return the straight leg out of a place too narrow to turn in; False: none is needed; None: boxed in."""
        if self._room(pose[:2], clearance_m) >= TURN_M - 0.04:
            return False
        yaw = self._parked_heading(pose)
        options: list[tuple[float, Straight]] = []
        for direction in (1, -1):
            for distance in np.arange(RESOLUTION_M, LONGEST_LANE_M, RESOLUTION_M):
                at = pose[:2] + direction * distance * _ahead(yaw)
                if self._room(at, clearance_m) >= TURN_M:
                    if self.outline_free(pose[:2], at, yaw, things_m):
                        options.append((distance + float(np.hypot(*(goal - at))), Straight(at, yaw, direction)))
                    break
        return min(options, key=lambda option: option[0])[1] if options else None

    def _parked_heading(self, pose: np.ndarray) -> float:
        """The heading of the station that the vehicle stands in, else its own."""
        for station in self.stations:
            near = np.hypot(station.x_m - pose[0], station.y_m - pose[1]) < 0.25
            if near and abs(wrap(station.yaw_rad - pose[2])) < 0.2:
                return station.yaw_rad
        return float(pose[2])

    def _in_lane(self, pose: np.ndarray, station: Station, things_m: np.ndarray) -> bool:
        ahead = _ahead(station.yaw_rad)
        to_go = np.array([station.x_m, station.y_m]) - pose[:2]
        along, aside = float(to_go @ ahead), float(ahead[0] * to_go[1] - ahead[1] * to_go[0])
        if abs(wrap(station.yaw_rad - pose[2])) > 0.1 or not -0.02 <= along <= LONGEST_LANE_M:
            return False
        fits = self.outline_free(pose[:2], pose[:2] + to_go, station.yaw_rad, things_m)
        return fits and abs(aside) < 0.02 + 0.1 * max(along, 0.0)

    def _room(self, at: np.ndarray, clearance_m: np.ndarray) -> float:
        return float(self.floor.along(at[None], clearance_m)[0])


def _ahead(yaw_rad: float) -> np.ndarray:
    return np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
