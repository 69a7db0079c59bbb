"""Scenes for reaching: a start, a goal at the edge of what the joints can do, boxes between, and a way round them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain
from luban.motion.clearance import Boxes, Hull
from luban.motion.surroundings import bench_boxes, joined
from luban.profile import Profile
from luban.randomization import ReachRandomization

MOST_BOXES = 4
FREE_M = 0.045  # clearance of the known way from every box; the hull is a few millimetres too large besides
BENCH_FREE_M = 0.035
INSIDE_M = 0.03  # from the walls of the workspace
BASE_M = 0.20  # about the axis of the arm's base nothing stands
_BATCH = 24  # postures that are drawn at once
_DRAWN = 48  # boxes
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

    def draw(self, random: np.random.Generator) -> ReachScene:
        while True:
            start = self._home_rad if random.random() < 0.4 else self._posture(random, hard=False)
            goal = self._posture(random, hard=random.random() < self._ranges.hard)
            way = self._way(random, start, goal)
            if np.abs(goal - start).max() > 0.5 and way is not None:
                standing = self._boxes(random, start, goal, way)
                return ReachScene(start, goal, self._range(random, way), standing, self._seen(random, standing))

    def _postures(self, random: np.random.Generator, hard: bool) -> np.ndarray:
        """Postures (_BATCH, joints) of the home family, elbow up. hard: elbow almost stretched or wrist aligned."""
        pan, last = random.uniform(-2.3, 2.3, _BATCH), random.uniform(-2.2, 2.2, _BATCH)
        lift, elbow = random.uniform(-2.8, -0.5, _BATCH), random.uniform(0.35, 2.5, _BATCH)
        wrist_2 = -np.pi / 2 + random.uniform(-0.8, 0.8, _BATCH)
        if hard and random.random() < 0.5:
            elbow = random.uniform(0.04, 0.3, _BATCH)
        elif hard:
            wrist_2 = random.uniform(-0.2, 0.2, _BATCH)
        wrist_1 = random.uniform(-0.9, 0.9, _BATCH) - np.pi / 2 - lift - elbow
        return np.column_stack([pan, lift, elbow, wrist_1, wrist_2, last])

    def _free(self, position_rad: np.ndarray) -> np.ndarray:
        """Whether postures (k, joints) are clear of the bench and within the workspace."""
        frames = self._chain.frames(position_rad)
        at = frames[:, -1, :3, 3]
        inside = ((at > self._space_m[0]) & (at < self._space_m[1])).all(axis=1)
        return np.asarray(inside & (self._hull.clearance(frames, self._bench) > BENCH_FREE_M))

    def _posture(self, random: np.random.Generator, hard: bool) -> np.ndarray:
        while True:
            drawn = self._postures(random, hard)
            free = self._free(drawn)
            if free.any():
                return np.asarray(drawn[free.argmax()])

    def _way(self, random: np.random.Generator, start: np.ndarray, goal: np.ndarray) -> np.ndarray | None:
        """Postures (s, joints) from start to goal by a random one, clear of the bench; None where none was found."""
        for via in (self._posture(random, hard=False) for _ in range(6)):
            share = np.linspace(0.0, 1.0, _SAMPLES)[:, None]
            way = np.concatenate([(1 - share) * start + share * via, (1 - share) * via + share * goal])
            if self._free(way).all():
                return way
        return None

    def _range(self, random: np.random.Generator, way: np.ndarray) -> np.ndarray:
        """What the joints may use (joints, 2): some end soon beyond the known way."""
        limits = self._chain.arm.position_limit_rad
        spare = random.uniform(*self._ranges.range_rad, limits.shape) * [-1.0, 1.0]
        narrow = np.stack([way.min(axis=0), way.max(axis=0)], axis=1) + spare
        limited = random.random(len(limits)) < self._ranges.limited
        return np.where(limited[:, None], narrow, limits)

    def _boxes(self, random: np.random.Generator, start: np.ndarray, goal: np.ndarray, way: np.ndarray) -> Boxes:
        """As many boxes as drawn, if they find room; those first that stand in the straight way."""
        wanted = random.integers(self._ranges.boxes[0], self._ranges.boxes[1] + 1)
        chosen = Boxes.none(1, MOST_BOXES)
        share = np.linspace(0.0, 1.0, _SAMPLES)[:, None]
        straight = self._chain.frames((1 - share) * start + share * goal)
        drawn = self._drawn_boxes(random, straight)
        beside = np.linalg.norm(drawn.centre_m[0, :, :2], axis=1) - np.linalg.norm(drawn.half_m[0, :, :2], axis=1)
        room = self._hull.distances(self._chain.frames(way), drawn).min(axis=(0, 1))
        fit = np.flatnonzero((room > FREE_M) & (beside > BASE_M))
        there = Boxes(drawn.centre_m[:, fit], drawn.half_m[:, fit], drawn.yaw_rad[:, fit])
        blocking = self._hull.distances(straight, there).min(axis=(0, 1)) < 0.0
        fit = np.concatenate([fit[blocking], fit[~blocking]])[:wanted]
        for held, given in zip(_arrays(chosen), _arrays(drawn), strict=True):
            held[0, : len(fit)] = given[0, fit]
        return chosen

    def _drawn_boxes(self, random: np.random.Generator, straight: np.ndarray) -> Boxes:
        """Pillars, blocks and beams (1, _DRAWN) about where wrist or tool pass on the straight way."""
        at = straight[random.integers(1, _SAMPLES - 1, _DRAWN), random.choice([3, 6, 6], _DRAWN), :3, 3]
        kind = random.integers(0, 3, _DRAWN)[:, None]
        pillar = random.uniform([0.02, 0.02, 0.08], [0.06, 0.06, 0.35], (_DRAWN, 3))
        block = random.uniform([0.04, 0.04, 0.03], [0.12, 0.12, 0.16], (_DRAWN, 3))
        beam = random.uniform([0.02, 0.12, 0.02], [0.04, 0.25, 0.04], (_DRAWN, 3))
        half = np.select([kind == 0, kind == 1], [pillar, block], beam)
        centre = at + random.uniform(-0.08, 0.08, (_DRAWN, 3))
        standing = kind[:, 0] < 2
        centre[standing, 2] = half[standing, 2]
        return Boxes(centre[None], half[None], random.uniform(-np.pi, np.pi, (1, _DRAWN)))

    def _seen(self, random: np.random.Generator, standing: Boxes) -> Boxes:
        """The boxes as the robot knows them, a little off and never smaller, and the bench."""
        ranges, shape = self._ranges, standing.centre_m.shape
        centre = standing.centre_m + random.uniform(-ranges.place_m, ranges.place_m, shape)
        half = standing.half_m + random.uniform(0.0, ranges.size_m, shape)
        return joined(Boxes(centre, half, standing.yaw_rad), self._bench)


def _arrays(boxes: Boxes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return boxes.centre_m, boxes.half_m, boxes.yaw_rad
