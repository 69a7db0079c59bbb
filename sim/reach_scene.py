"""Scenes for reaching: a start, a goal at the edge of what the joints can do, boxes between, and a way round them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain
from luban.motion.clearance import Boxes, Hull
from luban.motion.detour import Routes, RouteSearch
from luban.motion.surroundings import bench_boxes, joined
from luban.profile import Profile
from luban.randomization import ReachRandomization

MOST_BOXES = 4
FREE_M = 0.045  # clearance of the known way from every box; the hull is a few millimetres too large besides
BENCH_FREE_M = 0.035
INSIDE_M = 0.03  # from the walls of the workspace
BASE_M = 0.20  # about the axis of the arm's base nothing stands
_TRIES = 6  # postures that are drawn for one
_DRAWN = 48  # boxes
AHEAD = 8  # scenes that are drawn at once, at most
# Half sizes [m] of pillars, blocks and beams.
_LEAST_HALF_M = np.array([[0.02, 0.02, 0.08], [0.04, 0.04, 0.03], [0.02, 0.12, 0.02]])
_MOST_HALF_M = np.array([[0.06, 0.06, 0.35], [0.12, 0.12, 0.16], [0.04, 0.25, 0.04]])
ENDS = ("start_rad", "goal_rad", "range_rad")
_SAMPLES = 8  # of a leg


@dataclass(frozen=True, eq=False)
class ReachScene:
    """start_rad, goal_rad: (joints,). range_rad: (joints, 2). standing, known: boxes of one row, as they are and as the
    robot knows them; the bench is the last of `known` and not among `standing`."""

    start_rad: np.ndarray
    goal_rad: np.ndarray
    range_rad: np.ndarray
    standing: Boxes
    known: Boxes


class ReachScenes:
    """Draws scenes that can be solved: a way by one random posture stays clear of every box. The controller does not
    know that way; the boxes stand, where they can, in the straight one."""

    def __init__(self, profile: Profile, randomization: ReachRandomization) -> None:
        self._chain, self._ranges = Chain.of(profile.arm), randomization
        self._hull, self._bench = Hull(self._chain), bench_boxes(profile.catalogue)
        limits = profile.arm.limits
        space = np.array([limits.workspace_x_m, limits.workspace_y_m, limits.workspace_z_m]).T
        self._space_m = space + np.array([[INSIDE_M], [-INSIDE_M]])
        self._home_rad = np.array(profile.arm.home_rad)

    def draw(self, random: np.random.Generator, count: int) -> list[ReachScene]:
        """Many at once take much less time each."""
        scenes: list[ReachScene] = []
        while len(scenes) < count:
            start, goal = self._ends(random, count)
            way, found = self._ways(random, start, goal)
            some = found & (np.abs(goal - start).max(axis=1) > 0.5)
            start, goal, way = start[some], goal[some], way[some]
            for row, standing in enumerate(self._boxes(random, start, goal, way)):
                known, ends = self._seen(random, standing), self._range(random, way[row])
                scenes.append(ReachScene(start[row], goal[row], ends, standing, known))
        return scenes[:count]

    def _ends(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Postures (count, joints) where reaches begin and end."""
        start = self._postures(random, np.zeros(count, dtype=bool))
        goal = self._postures(random, random.random(count) < self._ranges.hard)
        return np.where(random.random(count)[:, None] < 0.4, self._home_rad, start), goal

    def _postures(self, random: np.random.Generator, hard: np.ndarray) -> np.ndarray:
        """Postures (k, joints) of the home family, elbow up, clear of the bench and within the workspace.

        hard: (k,) bool, which have the elbow almost stretched or the wrist aligned."""
        chosen, rows = np.empty((len(hard), len(self._home_rad))), np.arange(len(hard))
        while len(rows):
            drawn = self._drawn_postures(random, np.repeat(hard[rows], _TRIES))
            free = self._free(drawn).reshape(len(rows), _TRIES)
            good = free.any(axis=1)
            chosen[rows[good]] = drawn.reshape(len(rows), _TRIES, -1)[good, free[good].argmax(axis=1)]
            rows = rows[~good]
        return chosen

    def _drawn_postures(self, random: np.random.Generator, hard: np.ndarray) -> np.ndarray:
        count = len(hard)
        pan, last = random.uniform(-2.3, 2.3, count), random.uniform(-2.2, 2.2, count)
        lift, elbow = random.uniform(-2.8, -0.5, count), random.uniform(0.35, 2.5, count)
        wrist_2 = -np.pi / 2 + random.uniform(-0.8, 0.8, count)
        stretched = random.random(count) < 0.5
        elbow = np.where(hard & stretched, random.uniform(0.04, 0.3, count), elbow)
        wrist_2 = np.where(hard & ~stretched, random.uniform(-0.2, 0.2, count), wrist_2)
        wrist_1 = random.uniform(-0.9, 0.9, count) - np.pi / 2 - lift - elbow
        return np.column_stack([pan, lift, elbow, wrist_1, wrist_2, last])

    def _free(self, position_rad: np.ndarray) -> np.ndarray:
        """Whether postures (k, joints) are clear of the bench and within the workspace."""
        frames = self._chain.frames(position_rad)
        at = frames[:, -1, :3, 3]
        inside = ((at > self._space_m[0]) & (at < self._space_m[1])).all(axis=1)
        return np.asarray(inside & (self._hull.clearance(frames, self._bench) > BENCH_FREE_M))

    def _ways(self, random: np.random.Generator, start: np.ndarray, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Postures (k, s, joints) from starts to goals by a random one, clear of the bench, and where one was found."""
        share, found = np.linspace(0.0, 1.0, _SAMPLES)[:, None], np.zeros(len(start), dtype=bool)
        way = np.zeros((len(start), 2 * _SAMPLES, start.shape[1]))
        for _ in range(6):
            rows = np.flatnonzero(~found)
            if not len(rows):
                break
            via = self._postures(random, np.zeros(len(rows), dtype=bool))[:, None]
            to, on = (1 - share) * start[rows, None] + share * via, (1 - share) * via + share * goal[rows, None]
            way[rows] = np.concatenate([to, on], axis=1)
            found[rows] = self._free(way[rows].reshape(-1, start.shape[1])).reshape(len(rows), -1).all(axis=1)
        return way, found

    def _range(self, random: np.random.Generator, way: np.ndarray) -> np.ndarray:
        """What the joints may use (joints, 2): some end soon beyond the known way."""
        limits = self._chain.arm.position_limit_rad
        spare = random.uniform(*self._ranges.range_rad, limits.shape) * [-1.0, 1.0]
        narrow = np.stack([way.min(axis=0), way.max(axis=0)], axis=1) + spare
        limited = random.random(len(limits)) < self._ranges.limited
        return np.where(limited[:, None], narrow, limits)

    def _boxes(
        self, random: np.random.Generator, start: np.ndarray, goal: np.ndarray, way: np.ndarray
    ) -> list[Boxes]:  # fmt: skip
        """For each of k scenes as many boxes as drawn, if they find room beside the way (k, s, joints); those first
        that stand in the straight one."""
        share, joints = np.linspace(0.0, 1.0, _SAMPLES)[:, None], way.shape[2]
        postures = np.concatenate([(1 - share) * start[:, None] + share * goal[:, None], way], axis=1)
        frames = self._chain.frames(postures.reshape(-1, joints)).reshape(*postures.shape[:2], joints + 1, 4, 4)
        drawn = self._drawn_boxes(random, frames[:, :_SAMPLES])
        wanted = random.integers(self._ranges.boxes[0], self._ranges.boxes[1] + 1, len(way))
        return [self._fitting(frames[row], drawn.of(slice(row, row + 1)), wanted[row]) for row in range(len(way))]

    def _fitting(self, frames: np.ndarray, drawn: Boxes, wanted: int) -> Boxes:
        """The boxes of one scene, of those drawn, (1, b). frames: on the straight way, then on the one to keep free."""
        straight, way = frames[:_SAMPLES], frames[_SAMPLES:]
        reach = np.linalg.norm(drawn.half_m[0, :, :2], axis=1)
        fit = np.flatnonzero(np.linalg.norm(drawn.centre_m[0, :, :2], axis=1) - reach > BASE_M)
        for some in (way[::5], way):  # a few postures first: most boxes are in the way
            fit = fit[self._hull.distances(some, drawn.among(fit)).min(axis=0) > FREE_M]
        blocking = self._hull.distances(straight, drawn.among(fit)).min(axis=0) < 0.0
        fit = np.concatenate([fit[blocking], fit[~blocking]])[:wanted]
        chosen = Boxes.none(1, MOST_BOXES)
        for held, given in zip(_arrays(chosen), _arrays(drawn), strict=True):
            held[0, : len(fit)] = given[0, fit]
        return chosen

    def _drawn_boxes(self, random: np.random.Generator, straight: np.ndarray) -> Boxes:
        """Pillars, blocks and beams (k, _DRAWN) about where wrist or tool pass on the straight ways."""
        shape = len(straight), _DRAWN
        rows = np.arange(len(straight))[:, None]
        at = straight[rows, random.integers(1, _SAMPLES - 1, shape), random.choice([3, 6, 6], shape), :3, 3]
        kind = random.integers(0, 3, shape)[..., None]
        half = random.uniform(_LEAST_HALF_M[kind[..., 0]], _MOST_HALF_M[kind[..., 0]])
        centre = at + random.uniform(-0.08, 0.08, at.shape)
        centre[..., 2] = np.where(kind[..., 0] < 2, half[..., 2], centre[..., 2])
        return Boxes(centre, half, random.uniform(-np.pi, np.pi, shape))

    def _seen(self, random: np.random.Generator, standing: Boxes) -> Boxes:
        """The boxes as the robot knows them, a little off and never smaller, and the bench."""
        ranges, shape = self._ranges, standing.centre_m.shape
        centre = standing.centre_m + random.uniform(-ranges.place_m, ranges.place_m, shape)
        half = standing.half_m + random.uniform(0.0, ranges.size_m, shape)
        return joined(Boxes(centre, half, standing.yaw_rad), self._bench)


def _arrays(boxes: Boxes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return boxes.centre_m, boxes.half_m, boxes.yaw_rad


class ScenesAhead:
    """Scenes for each slot's random stream, the longer it lasts the more at once, and routes for those of all slots
    together: for many at once either takes half the time."""

    def __init__(self, scenes: ReachScenes, search: RouteSearch, count: int) -> None:
        self._scenes, self._search = scenes, search
        self._streams: list[np.random.Generator | None] = [None] * count
        self._drawn_at_once = np.zeros(count, dtype=int)
        self._ahead: list[list[ReachScene]] = [[] for _ in range(count)]
        self._routes: list[list[Routes]] = [[] for _ in range(count)]  # of the first of the scenes ahead

    def next(self, slot: int, stream: np.random.Generator) -> tuple[ReachScene, Routes]:
        """The next scene of a stream; another stream than last time begins anew."""
        self.draw(slot, stream)
        if not self._routes[slot]:
            self._find_routes()
        return self._ahead[slot].pop(0), self._routes[slot].pop(0)

    def draw(self, slot: int, stream: np.random.Generator) -> None:
        """Draw scenes where none is ahead. What comes later from the stream depends on when, so always call it at the
        same time."""
        if self._streams[slot] is not stream:
            self._streams[slot], self._drawn_at_once[slot] = stream, 0
            self._ahead[slot], self._routes[slot] = [], []
        if not self._ahead[slot]:
            self._drawn_at_once[slot] = at_once = min(max(1, 2 * int(self._drawn_at_once[slot])), AHEAD)
            self._ahead[slot] = self._scenes.draw(stream, at_once)

    def _find_routes(self) -> None:
        """Find those that are missing."""
        missing = [(slot, each) for slot, ahead in enumerate(self._ahead) for each in ahead[len(self._routes[slot]) :]]
        scenes = [scene for _, scene in missing]
        start, goal, ends = (np.array([getattr(scene, name) for scene in scenes]) for name in ENDS)
        routes = self._search.find(start, goal, ends, Boxes.stacked([scene.known for scene in scenes]))
        for row, (slot, _) in enumerate(missing):
            self._routes[slot].append(routes.of(slice(row, row + 1)))
