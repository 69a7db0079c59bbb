"""Look for a way of an arm past known boxes: straight in joint space, else by two postures out of the way."""

from __future__ import annotations

import numpy as np

from luban.motion.clearance import Boxes
from luban.motion.free_space import FreeSpace

WAYPOINTS = 3  # two at most on the way, and the goal
ROUTES_AT_ONCE, COARSE, FINE = 12, 5, 24  # how many are looked at together, and samples of a leg
LOOK_AHEAD = 12  # samples of the straight way to a stop
SECONDS_PER_M = 200.0  # what missing clearance counts as


class RouteSearch:
    """Finds ways with a clearance of `need_m` where there are any. speed_rad_s: (joints,), what a way's time is
    reckoned with."""

    def __init__(self, space: FreeSpace, speed_rad_s: np.ndarray, need_m: float) -> None:
        self._space, self._speed_rad_s, self._need_m = space, speed_rad_s, need_m

    def seconds(self, way_rad: np.ndarray) -> np.ndarray:
        """Time (...,) that ways (..., joints) take at full speed."""
        return np.asarray((np.abs(way_rad) / self._speed_rad_s).max(axis=-1))

    def find(
        self, start_rad: np.ndarray, goal_rad: np.ndarray, range_rad: np.ndarray, boxes: Boxes
    ) -> np.ndarray | None:
        """The two postures (2, joints) to go by: of the quickest of many pairs that is free, of the best where none
        is; None where the straight way is free. boxes: of one row."""
        boxes, need_m = boxes.standing(), self._need_m
        if self._leg_room(start_rad[None], goal_rad[None], boxes, FINE)[0] >= need_m:
            return None
        low, high = range_rad[:, 0] + 0.01, range_rad[:, 1] - 0.01
        routes = np.clip(detours(start_rad, goal_rad), np.minimum(low, start_rad), np.maximum(high, start_rad))
        stops = np.concatenate([_repeat(start_rad, routes), routes, _repeat(goal_rad, routes)], axis=1)
        seconds = self.seconds(np.diff(stops, axis=1)).sum(axis=1)
        room_m = np.minimum(*(self._space.room(routes[:, stop], boxes) for stop in (0, 1)))
        order = np.argsort(seconds + SECONDS_PER_M * np.maximum(0.0, need_m - room_m))
        best, least = order[0], np.inf
        for some in np.array_split(order, len(order) // ROUTES_AT_ONCE):
            room_m[some] = self._route_room(stops[some], boxes, COARSE)
            for route in some[room_m[some] >= need_m]:
                room_m[route] = self._route_room(stops[route][None], boxes, FINE)[0]
                if room_m[route] >= need_m:
                    break
            cost = seconds[some] + SECONDS_PER_M * np.maximum(0.0, need_m - room_m[some])
            if cost.min() < least:
                best, least = some[cost.argmin()], cost.min()
            if room_m[best] >= need_m:
                break
        return np.asarray(routes[best])

    def sees(self, start_rad: np.ndarray, stop_rad: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Whether (k,) the straight ways from postures to postures (k, joints) are free. boxes: of k rows."""
        share = np.linspace(0.0, 1.0, LOOK_AHEAD + 1)[1:, None]
        postures = (1 - share) * start_rad[:, None] + share * stop_rad[:, None]
        boxes = boxes.of(np.repeat(np.arange(len(start_rad)), LOOK_AHEAD))
        room_m = self._space.room(postures.reshape(-1, postures.shape[-1]), boxes)
        return np.asarray(room_m.reshape(len(start_rad), -1).min(axis=1) >= self._need_m)

    def _route_room(self, stops_rad: np.ndarray, boxes: Boxes, samples: int) -> np.ndarray:
        """The least clearance (k,) on routes (k, stops, joints)."""
        legs = [self._leg_room(stops_rad[:, i], stops_rad[:, i + 1], boxes, samples) for i in range(WAYPOINTS)]
        return np.asarray(np.min(legs, axis=0))

    def _leg_room(self, start_rad: np.ndarray, end_rad: np.ndarray, boxes: Boxes, samples: int) -> np.ndarray:
        """The least clearance (k,) on straight legs in joint space."""
        share = np.linspace(0.0, 1.0, samples + 2)[1:-1, None, None]
        postures = (1 - share) * start_rad + share * end_rad
        room_m = self._space.room(postures.reshape(-1, postures.shape[-1]), boxes)
        return np.asarray(room_m.reshape(samples, -1).min(axis=0))


# Lift and elbow [rad] of postures out of the way: folded back, raised, and between.
_OUT_OF_THE_WAY = np.array(
    [[-2.6, 2.5], [-2.2, 2.3], [-1.9, 2.0], [-1.6, 1.3], [-2.3, 1.5], [-2.0, 2.6], [-1.3, 2.0], [-1.5, 2.3]]
)


# The same relative to the straight way [rad].
_BACK = np.array([[-0.5, 0.4], [-0.4, 0.0], [0.0, -0.5], [-0.3, 0.8], [-0.8, 0.6], [0.3, 0.4]])


# Postures anywhere in the home family, the same ones always: the last resort.
_ELSEWHERE = np.random.default_rng(7).uniform(
    [-2.3, -2.8, 0.2, -0.9, -2.4, -2.0], [2.3, -0.6, 2.5, 0.9, -0.8, 2.0], (160, 6)
)
_ELSEWHERE[:, 3] -= np.pi / 2 + _ELSEWHERE[:, 1] + _ELSEWHERE[:, 2]


def detours(start_rad: np.ndarray, goal_rad: np.ndarray) -> np.ndarray:
    """Pairs of postures (k, 2, joints) on the way from one to another: out of the way or drawn back at one share of
    the way, or from one share to a later one. The tool keeps its inclination."""
    share = np.array([0.0, 0.5, 1.0])[:, None]
    way = (1 - share) * start_rad + share * goal_rad
    shapes = np.concatenate([np.tile(_OUT_OF_THE_WAY[:, None], (1, len(share), 1)), way[:, 1:3] + _BACK[:, None]])
    via = np.tile(way, (len(shapes), 1, 1))
    via[..., 1:3] = shapes
    via[..., 3] += way[:, 1] + way[:, 2] - shapes.sum(axis=-1)
    pairs = [np.stack([via[:, first], via[:, then]], axis=1) for first in range(3) for then in range(first, 3)]
    return np.concatenate([*pairs, np.stack([_ELSEWHERE, _ELSEWHERE], axis=1)])


def _repeat(posture_rad: np.ndarray, routes: np.ndarray) -> np.ndarray:
    return np.broadcast_to(posture_rad, (len(routes), 1, len(posture_rad)))
