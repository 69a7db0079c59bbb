"""People who walk on the factory floor: how they move, and how they stand in the MuJoCo cell for lidar and contact."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, sin
from typing import Any

import mujoco
import numpy as np

from luban.motion.driving import length
from luban.profile import BaseConfig, Profile
from sim.collision import STATIC, solid, visual

LEG_RADIUS_M, LEG_ASIDE_M, LEG_HEIGHT_M = 0.07, 0.11, 0.80  # what a lidar at 0.12 m and the vehicle meet of a person
REACH_M = LEG_ASIDE_M + LEG_RADIUS_M  # of a person's outline around its axis
COURTESY_M = 0.50  # gap between a person's axis and the vehicle at which a person turns back
FORESIGHT_S = 0.6  # people count as the vehicle's place what it will drive over this soon
TURN_RAD_S = 5.0  # how fast the legs turn to a new heading
KEEP_M = 0.30  # distance to what stands on the floor at which a person turns back
WALK_M_S = 0.2, 0.8  # how fast people walk
PATIENCE_S, ASIDE_M = 0.5, 2.0  # how long a person turns to and fro before stepping aside, and how far
ASIDE_S, DIRECTIONS = 3.0, 12
AWAY_M = 1e3

Room = Callable[[np.ndarray], np.ndarray]  # positions (n, k, 2) [m] -> free distance (n, k) [m]


class Walkers:
    """k people on each of n floors, every one to and fro between two ends; arrays are (n, k, ...).

    A person turns back at an end, before what stands on the floor, and before a vehicle that is close ahead: people
    avoid a vehicle that they see, but cross its way as they like. Who finds no way out steps aside of the vehicle.
    """

    def __init__(self, floors: int, people: int) -> None:
        self.position_m = np.full((floors, people, 2), AWAY_M)
        self.ends_m = np.full((floors, people, 2, 2), AWAY_M)  # (n, k, end, xy)
        self.speed_m_s = np.zeros((floors, people))
        self.towards = np.ones((floors, people), dtype=int)
        self._hemmed_s, self._aside_s = np.zeros((floors, people)), np.zeros((floors, people))
        self.facing_rad = np.zeros((floors, people))  # modulo pi: who turns back keeps the legs in their places

    def place(self, floor: int, ends_m: np.ndarray, share: np.ndarray, speed_m_s: np.ndarray) -> None:
        """Put j people on a floor, a share (j,) of the way between their ends (j, 2, 2), and nobody else."""
        count = len(ends_m)
        self.position_m[floor], self.ends_m[floor], self.speed_m_s[floor] = AWAY_M, AWAY_M, 0.0
        self.ends_m[floor, :count] = ends_m
        self.position_m[floor, :count] = ends_m[:, 0] + share[:, None] * (ends_m[:, 1] - ends_m[:, 0])
        self.speed_m_s[floor, :count] = speed_m_s
        self.towards[floor], self._hemmed_s[floor], self._aside_s[floor] = 1, 0.0, 0.0
        ahead = self.heading()[floor]
        self.facing_rad[floor] = np.arctan2(ahead[:, 1], ahead[:, 0])

    def heading(self) -> np.ndarray:
        """Unit vectors (n, k, 2) in which people walk."""
        return self._heading()[0]

    def _heading(self) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors (n, k, 2) to the ends that people walk to, and how far these are (n, k)."""
        offset = np.where(self.towards[..., None] == 1, self.ends_m[:, :, 1], self.ends_m[:, :, 0]) - self.position_m
        far_m = length(offset[..., 0], offset[..., 1])
        return offset / np.maximum(far_m, 1e-9)[..., None], far_m

    def legs(self) -> np.ndarray:
        """Axes (n, 2 k, 2) [m] of the legs, left and right of each person."""
        aside = LEG_ASIDE_M * np.stack([-np.sin(self.facing_rad), np.cos(self.facing_rad)], axis=-1)
        both = np.stack([self.position_m + aside, self.position_m - aside], axis=2)
        return both.reshape(len(both), -1, 2)

    def step(self, seconds: float, vehicle: np.ndarray, linear_m_s: np.ndarray, base: BaseConfig, room: Room) -> None:
        """Walk on. vehicle: (n, 3) poses x, y [m], yaw [rad]; linear_m_s: (n,); room: free distance around points."""
        ahead, far_m = self._heading()
        then = self.position_m + ahead * (self.speed_m_s * seconds)[..., None]
        soon_m = FORESIGHT_S * linear_m_s
        both = np.concatenate([self.position_m, then], axis=1)
        gap, free, count = outline_gap(both, vehicle, base, soon_m), room(both), then.shape[1]
        gap_now, gap_then = gap[:, :count], gap[:, count:]
        room_now, room_then = free[:, :count], free[:, count:]
        squeeze = np.where(self._aside_s > 0.0, 0.6, 1.0)  # who steps aside goes closer past things
        nearer = gap_now - gap_then > 0.3 * self.speed_m_s * seconds  # who walks past does not turn back
        meets = (gap_then < COURTESY_M * squeeze) & nearer
        meets |= (room_then < KEEP_M * squeeze) & (room_then < room_now)
        self._aside_s = np.maximum(self._aside_s - seconds, 0.0)
        turn = meets | (far_m < 0.05)
        self.towards = np.where(turn, 1 - self.towards, self.towards)
        self.position_m = np.where(turn[..., None], self.position_m, then)
        self._hemmed_s = np.where(turn, self._hemmed_s + seconds, np.maximum(self._hemmed_s - seconds / 8, 0.0))
        off = (np.arctan2(ahead[..., 1], ahead[..., 0]) - self.facing_rad + np.pi / 2) % np.pi - np.pi / 2
        self.facing_rad += np.clip(off, -TURN_RAD_S * seconds, TURN_RAD_S * seconds)
        for floor, person in np.argwhere(self._hemmed_s > PATIENCE_S):
            self._step_aside(int(floor), int(person), vehicle[floor], base, room)

    def _step_aside(self, floor: int, person: int, vehicle: np.ndarray, base: BaseConfig, room: Room) -> None:
        """Walk to a new end, in the direction that leads away from the vehicle and from what stands around."""
        self._hemmed_s[floor, person], self._aside_s[floor, person] = 0.0, ASIDE_S
        at, angles = self.position_m[floor, person], np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
        ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        tried = np.full((len(self.position_m), 2 * DIRECTIONS, 2), AWAY_M)
        tried[floor] = np.concatenate([at + 0.5 * KEEP_M * ways, at + 2.0 * KEEP_M * ways])
        free_m, gap_m = room(tried)[floor], outline_gap(tried[floor][None], vehicle[None], base)[0]
        worth = np.minimum(free_m, 1.2 * KEEP_M) * 2 + np.minimum(gap_m, COURTESY_M)
        score = worth[:DIRECTIONS] + worth[DIRECTIONS:]
        self.ends_m[floor, person] = np.stack([at, at + ASIDE_M * ways[score.argmax()]])
        self.towards[floor, person] = 1


def outline_gap(
    points_m: np.ndarray, vehicle: np.ndarray, base: BaseConfig, soon_m: np.ndarray | float = 0.0
) -> np.ndarray:
    """Distance (n, k) [m] of points (n, k, 2) to the vehicle's outline at poses (n, 3); negative inside.

    soon_m: (n,) by how much the outline is stretched ahead, or backwards where negative.
    """
    c, s = np.cos(vehicle[:, 2, None]), np.sin(vehicle[:, 2, None])
    dx, dy = points_m[..., 0] - vehicle[:, 0, None], points_m[..., 1] - vehicle[:, 1, None]
    half = np.broadcast_to(np.asarray(soon_m) / 2, len(vehicle))[:, None]
    beyond_x = np.abs(c * dx + s * dy - half) - base.length_m / 2 - np.abs(half)
    beyond_y = np.abs(-s * dx + c * dy) - base.width_m / 2
    outside = length(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0))


def add_people(spec: Any, count: int, floor_z_m: float) -> None:
    """Add people as mocap bodies "person_0"... to an MjSpec, far off the floor until they are placed."""
    kinds = mujoco.mjtGeom
    cloth, vest, skin = (0.13, 0.17, 0.28, 1.0), (0.95, 0.62, 0.08, 1.0), (0.85, 0.66, 0.54, 1.0)
    for i in range(count):
        body = spec.worldbody.add_body(name=f"person_{i}", pos=(50.0 + i, 50.0, floor_z_m), mocap=True)
        for side, name in ((1, "left"), (-1, "right")):
            leg = body.add_geom(
                name=f"person_{i}_{name}", type=kinds.mjGEOM_CYLINDER, pos=(0.0, side * LEG_ASIDE_M, LEG_HEIGHT_M / 2),
                size=(LEG_RADIUS_M, LEG_HEIGHT_M / 2, 0), rgba=cloth,
            )  # fmt: skip
            solid(leg, STATIC, visible=True)
        visual(body.add_geom(type=kinds.mjGEOM_CAPSULE, pos=(0, 0, 1.12), size=(0.16, 0.22, 0), rgba=vest))
        visual(body.add_geom(type=kinds.mjGEOM_SPHERE, pos=(0, 0, 1.60), size=(0.11, 0, 0), rgba=skin))


class CellPeople:
    """Walkers in one MuJoCo cell: `step` moves their mocap bodies. The model must hold `add_people`'s bodies."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, profile: Profile, room: Room) -> None:
        """room: free distance around positions, as Walkers.step takes it."""
        names = [model.body(i).name for i in range(model.nbody)]
        self._mocap = [int(model.body(name).mocapid[0]) for name in names if name.startswith("person_")]
        self._data, self._base, self._room = data, profile.base, room
        self._z_m = profile.catalogue.floor_z_m
        self.walkers = Walkers(1, len(self._mocap))

    def step(self, seconds: float, vehicle: np.ndarray, linear_m_s: float) -> None:
        """Walk on; vehicle: true pose (3,) x, y [m], yaw [rad]; linear_m_s: its true speed."""
        self.walkers.step(seconds, vehicle[None], np.array([linear_m_s]), self._base, self._room)
        self.show()

    def show(self) -> None:
        """Put the bodies where the walkers are."""
        for slot, position, facing in zip(
            self._mocap, self.walkers.position_m[0], self.walkers.facing_rad[0], strict=True
        ):
            half = facing / 2
            self._data.mocap_pos[slot] = (*position, self._z_m)
            self._data.mocap_quat[slot] = (cos(half), 0.0, 0.0, sin(half))
