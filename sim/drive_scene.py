"""Random floors for learning to drive: a path with bends, walls, things beside it, and people who cross it."""

from __future__ import annotations

from math import pi

import numpy as np

from luban.motion.driving import STEP_M, length, rounded
from luban.profile import BaseConfig
from luban.randomization import DriveRandomization
from sim.people import KEEP_M, Walkers

BOXES, CYLINDERS, PEOPLE = 8, 4, 3  # four of the boxes are walls
AWAY_M = 60.0
FAR_M = 9.0  # as free as it gets
_NOTHING = np.array([[AWAY_M, AWAY_M, 0.0, 0.1, 0.1, 0.0]] * BOXES + [[AWAY_M, AWAY_M, 0.0, 0.0, 0.0, 0.1]] * CYLINDERS)
LANE_M = (0.12, 0.25, 0.4, 0.55)  # of a docking lane that a path may end with, as the robot plans it
ASKEW_RAD = 0.8  # of the first heading: more is turned on the spot before a path
_RIM = np.concatenate([
    np.stack([np.linspace(-1, 1, 7), np.full(7, side)], 1) for side in (-1, 1)
] + [np.stack([np.full(5, side), np.linspace(-0.8, 0.8, 5)], 1) for side in (-1, 1)])  # fmt: skip


class DriveScenes:
    """What stands on n floors. things: (n, BOXES + CYLINDERS, 6) x, y, yaw, half sizes, radius [m]; a box has no
    radius, a cylinder no half sizes."""

    def __init__(self, floors: int) -> None:
        self.things = np.tile(_NOTHING.T[..., None], floors).T  # floors last in memory, as `_gap_m` wants it

    def draw(
        self, floor: int, random: np.random.Generator, varied: DriveRandomization, lane: bool
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """Draw a floor; return its path (p, 2), the room (p,) along it that the map knows [m], and a first heading.

        lane: the path ends by bending into a docking lane.
        """
        path = _path(random, lane)
        self.things[floor] = _NOTHING
        low, high = path.min(axis=0), path.max(axis=0)
        edges = np.concatenate([low - random.uniform(0.6, 2.5, 2), high + random.uniform(0.6, 2.5, 2)])
        self.things[floor, :4] = _walls(edges)
        mapped = np.arange(BOXES + CYLINDERS) < 4
        count = {"box": 4, "cylinder": BOXES}
        for _ in range(14):
            at = random.uniform(low - 1.5, high + 1.5)
            half, yaw, known = random.uniform(0.1, 0.5, 2), random.uniform(0, pi), random.random() < varied.mapped
            keep, kind = random.uniform(*varied.clearance_m), "box" if random.random() < 0.5 else "cylinder"
            if count[kind] < (BOXES if kind == "box" else BOXES + CYLINDERS):
                thing = (*at, yaw, *half, 0.0) if kind == "box" else (*at, 0.0, 0.0, 0.0, 0.6 * half[0])
                gap = _gap_m(path[None], np.array([[thing]]))
                if gap.min() > keep and gap[0, 0, 0] > 0.45:
                    self.things[floor, count[kind]], mapped[count[kind]] = thing, known
                    count[kind] += 1
        room = _gap_m(path[None], self.things[floor][None, mapped]).min(axis=0, initial=FAR_M)[:, 0]
        ahead = path[min(4, len(path) - 1)] - path[0]
        return path, room, float(np.arctan2(ahead[1], ahead[0]) + random.uniform(-ASKEW_RAD, ASKEW_RAD))

    def draw_people(
        self, floor: int, random: np.random.Generator, varied: DriveRandomization, path: np.ndarray, walkers: Walkers
    ) -> None:
        """Let people walk across or along the path, half of them so that they meet the vehicle."""
        count = int(random.integers(varied.people[0], varied.people[1] + 1))
        ends, shares, speeds = [], [], []
        for _ in range(6 * count):
            if len(ends) == count:
                break
            index = int(random.integers(min(16, len(path) - 2), len(path) - 1))
            ahead = path[index + 1] - path[index]
            across = random.random() < 0.65
            turn = random.choice([-1, 1]) * (random.uniform(0.9, 2.2) if across else random.choice([0.0, pi]))
            heading = np.arctan2(ahead[1], ahead[0]) + turn
            way = np.array([np.cos(heading), np.sin(heading)])
            before, after = random.uniform(0.8, 3.0, 2)
            speed = random.uniform(*varied.walk_m_s)
            meets_s = index * STEP_M / 0.6 + random.uniform(-2.0, 2.0)
            timed, share = random.random() < 0.5, random.random()
            if timed:
                before = float(np.clip(speed * max(meets_s, 0.0), 0.5, 3.5))
                share = 0.0
            line = np.stack([path[index] - before * way, path[index] + after * way])
            start = line[0] + share * (line[1] - line[0])
            free = self.room_m(start[None, None], slice(floor, floor + 1))[0, 0] > KEEP_M + 0.05
            if free and np.hypot(*(start - path[0])) > 1.1:
                ends.append(line)
                shares.append(share)
                speeds.append(speed)
        walkers.place(floor, np.array(ends).reshape(-1, 2, 2), np.array(shares), np.array(speeds))

    def room_m(self, points_m: np.ndarray, floors: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Free distance (n, k) [m], at most FAR_M, around points (n, k, 2), one row per floor."""
        return np.asarray(_gap_m(points_m, self.things[floors]).min(axis=0, initial=FAR_M).T)

    def outline_touches(self, pose: np.ndarray, base: BaseConfig) -> np.ndarray:
        """Whether (n,) vehicles at poses (n, 3), by points 10 cm apart on their outlines, are in any thing."""
        near = self.room_m(pose[:, None, :2])[:, 0] < np.hypot(base.length_m, base.width_m) / 2
        floors = np.flatnonzero(near)
        local = _RIM * (base.length_m / 2, base.width_m / 2)
        c, s = np.cos(pose[floors, 2, None]), np.sin(pose[floors, 2, None])
        rim = np.stack([c * local[:, 0] - s * local[:, 1], s * local[:, 0] + c * local[:, 1]], -1)
        near[floors] = self.room_m(rim + pose[floors, None, :2], floors).min(axis=1) <= 0.0
        return near


def _path(random: np.random.Generator, lane: bool) -> np.ndarray:
    """A path (p, 2) from the origin with up to four rounded corners, 1..11 m long; with a lane one corner more."""
    vertices, heading, radii = [np.zeros(2)], random.uniform(-pi, pi), []
    for _ in range(int(random.integers(1, 6))):
        length = random.uniform(1.0, 2.6)
        vertices.append(vertices[-1] + length * np.array([np.cos(heading), np.sin(heading)]))
        heading += random.choice([-1, 1]) * random.uniform(0.2, 1.7)
        radii.append(random.uniform(0.0, 0.6))
    if lane:
        vertices.append(vertices[-1] + random.choice(LANE_M) * np.array([np.cos(heading), np.sin(heading)]))
        radii[-1] = random.uniform(0.2, 0.6)
    corners = np.array(vertices)
    return rounded(corners, np.array(radii[: len(corners) - 2]))


def _walls(edges: np.ndarray) -> np.ndarray:
    """Four boxes (4, 6) whose inner faces are the edges x low, y low, x high, y high."""
    x0, y0, x1, y1 = edges
    x, y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2 + 0.2, (y1 - y0) / 2 + 0.2
    return np.array([
        [x0 - 0.1, y, 0, 0.1, half_y, 0], [x1 + 0.1, y, 0, 0.1, half_y, 0],
        [x, y0 - 0.1, 0, half_x, 0.1, 0], [x, y1 + 0.1, 0, half_x, 0.1, 0],
    ])  # fmt: skip


def _gap_m(points_m: np.ndarray, things: np.ndarray) -> np.ndarray:
    """Signed distance (t, k, n) of points (n, k, 2) to things (n, t, 6): in this order NumPy's loops are long."""
    x, y = np.ascontiguousarray(points_m.T)
    at_x, at_y, yaw, half_x, half_y, radius = np.ascontiguousarray(things.T)[:, :, None]
    c, s, dx, dy = np.cos(yaw), np.sin(yaw), x - at_x, y - at_y
    beyond_x, beyond_y = np.abs(c * dx + s * dy) - half_x, np.abs(c * dy - s * dx) - half_y
    outside = length(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0) - radius)
