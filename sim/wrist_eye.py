"""The wrist cameras of a batch of arms: when they take images, and what the looks of the pick law see in them."""

from __future__ import annotations

import mujoco
import numpy as np

from luban.motion.chain import Chain, rotation
from luban.motion.part_view import Look, PartSeen, find_part
from luban.motion.picking import PickLaw
from luban.profile import Profile
from luban.randomization import PickRandomization
from sim.any_part import UNSEEN_GROUP
from sim.arm_batch import ArmBatch

CAMERA = "wrist"


class WristEye:
    """The wrist cameras of n copies: images at the camera's rate, depths by rays through the pixels of a look."""

    def __init__(self, profile: Profile, count: int) -> None:
        config = profile.cameras[CAMERA]
        self._period_s, self._intrinsics = 1.0 / config.rate_hz, config.intrinsics()
        self._size = (config.width_px, config.height_px)
        self._in_tool = profile.transform_camera_to_tool(CAMERA)
        self._true_in_tool = np.tile(self._in_tool, (count, 1, 1))
        self._next_s, self._late_s, self._noise_m, self._dropout = (np.zeros(count) for _ in range(4))
        self._told_s = np.full(count, np.inf)  # when what was seen last is handed over
        self._grip, self._middle, self._valid = np.zeros((count, 3)), np.zeros((count, 2)), np.zeros(count, bool)
        self._draws = [np.random.default_rng() for _ in range(count)]

    def randomize(self, slot: int, draw: np.random.Generator, ranges: PickRandomization) -> None:
        self._next_s[slot], self._late_s[slot] = draw.uniform(0.0, self._period_s), draw.uniform(*ranges.late_s)
        self._noise_m[slot], self._dropout[slot] = draw.uniform(*ranges.depth_noise_m), ranges.depth_dropout
        off = np.eye(4)
        off[:3, :3] = rotation(draw.uniform(-ranges.camera_rad, ranges.camera_rad, (1, 3)))[0]
        off[:3, 3] = draw.uniform(-ranges.camera_m, ranges.camera_m, 3)
        self._true_in_tool[slot] = self._in_tool @ off
        self._draws[slot] = draw

    def begin(self, slots: np.ndarray) -> None:
        self._told_s[slots] = np.inf

    def due(self, now_s: np.ndarray) -> np.ndarray:
        """Copies whose camera takes an image now, at times (n,)."""
        due = np.flatnonzero((now_s >= self._next_s) & np.isinf(self._told_s))
        self._next_s[due] += self._period_s
        return due

    def take(self, rows: np.ndarray, arms: ArmBatch, law: PickLaw, chain: Chain, now_s: np.ndarray) -> None:
        """Look with copies (k,); what they see is told later."""
        believed = chain.tool(arms.sense().position_rad[rows])
        look = Look(*law.aim(rows), self._intrinsics, believed @ self._in_tool, self._size)
        pixels, inside = look.pixels()
        true = chain.tool(arms.true_position_rad()[rows]) @ self._true_in_tool[rows]
        ahead = look.rays(pixels)
        group = np.ones(mujoco.mjNGROUP, np.uint8)
        group[UNSEEN_GROUP] = 0
        origin = np.repeat(true[:, None, :3, 3], pixels.shape[1], axis=1)
        direction = ahead @ true[:, :3, :3].transpose(0, 2, 1)
        # The gripper's collision cylinder is wider than what the camera really looks past; the fingers do hide things.
        palm = arms.model.body("gripper").id
        way, _ = arms.batch.ray(origin, direction, geomgroup=group, bodyexclude=palm, ids=rows)
        depth, seen = np.asarray(way), inside & (np.asarray(way) > 0)  # directions reach one metre ahead: way = depth
        for row, slot in enumerate(rows):
            draw = self._draws[slot]
            depth[row] += self._noise_m[slot] * draw.standard_normal(depth.shape[1])
            seen[row] &= draw.random(depth.shape[1]) >= self._dropout[slot]
        found = find_part(
            look, look.points(pixels, depth), seen, believed[:, 2, 3],
            law.goal[rows, 3], law.width_m[rows], law.protrusion_m[rows],
        )  # fmt: skip
        self._grip[rows], self._middle[rows], self._valid[rows] = found.grip, found.middle_m, found.valid
        self._told_s[rows] = now_s[rows] + self._late_s[rows]

    def ready(self, now_s: np.ndarray) -> np.ndarray:
        """Copies whose last image has been worked out by now."""
        return np.flatnonzero(now_s >= self._told_s)

    def seen(self, rows: np.ndarray) -> PartSeen:
        self._told_s[rows] = np.inf
        return PartSeen(self._grip[rows], self._middle[rows], self._valid[rows])
