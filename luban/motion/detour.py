"""Look for ways of arms past known boxes: straight in joint space, else by one or two postures out of the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from luban.motion.clearance import Boxes
from luban.motion.free_space import FreeSpace

WAYPOINTS = 3  # two at most on the way, and the goal
AT_ONCE = 8  # detours of one arm that are looked at together
# Where a leg is looked at, as shares of it: at the first look, at the second, and on the way to a stop further on.
COARSE, FINE, LOOK_AHEAD = (np.linspace(0.0, 1.0, samples + 2)[1:-1, None] for samples in (5, 24, 10))
SECONDS_PER_M = 1e4  # what missing clearance counts as: more than any way round takes
END_M = 0.002  # how much less clearance than at its ends a way may have
SPARE_RAD = 0.01  # to the ends of the joints' range
SHARES = np.array([0.0, 0.5, 1.0])  # of the straight way, where it may be left

# Lift and elbow [rad] of postures out of the way: folded back, raised, and between.
_OUT_OF_THE_WAY = np.array(
    [[-2.6, 2.5], [-2.2, 2.3], [-1.9, 2.0], [-1.6, 1.3], [-2.3, 1.5], [-2.0, 2.6], [-1.3, 2.0], [-1.5, 2.3]]
)
# The same relative to the straight way [rad].
_BACK = np.array([[-0.5, 0.4], [-0.4, 0.0], [0.0, -0.5], [-0.3, 0.8], [-0.8, 0.6], [0.3, 0.4]])
# Postures anywhere in the home family, the same ones always: the last resort.
_ELSEWHERE = np.random.default_rng(7).uniform(
    [-2.3, -2.8, 0.2, -0.9, -2.4, -2.0], [2.3, -0.6, 2.5, 0.9, -0.8, 2.0], (480, 6)
)
_ELSEWHERE[:, 3] -= np.pi / 2 + _ELSEWHERE[:, 1] + _ELSEWHERE[:, 2]
# Which postures of `_beside` and of `_elsewhere` make a detour: the way is left at one share and met at a later one.
_PAIRS = np.array([(3 * i + j, 3 * i + k) for i in range(14) for j in range(3) for k in range(j, 3)])
_SINGLES = np.repeat(np.arange(len(_ELSEWHERE))[:, None], 2, axis=1)


@dataclass(frozen=True, eq=False)
class Routes:
    """Ways of k arms. stops_rad: (k, WAYPOINTS, joints), the goal last; first: (k,) index of the stop to begin with."""

    stops_rad: np.ndarray
    first: np.ndarray

    @classmethod
    def straight(cls, goal_rad: np.ndarray) -> Routes:
        """To goals (k, joints)."""
        return cls(np.repeat(goal_rad[:, None], WAYPOINTS, axis=1), np.full(len(goal_rad), WAYPOINTS - 1))

    @classmethod
    def stacked(cls, routes: Sequence[Routes]) -> Routes:
        return cls(np.concatenate([each.stops_rad for each in routes]), np.concatenate([each.first for each in routes]))

    def of(self, rows: np.ndarray | slice) -> Routes:
        return Routes(self.stops_rad[rows], self.first[rows])


class RouteSearch:
    """Finds ways with a clearance of `need_m` where there are any, else of `tight_m`; less where an end has less.

    speed_rad_s: (joints,), what a way's time is reckoned with.
    """

    def __init__(self, space: FreeSpace, speed_rad_s: np.ndarray, need_m: float, tight_m: float) -> None:
        self._space, self._speed_rad_s, self._need_m, self._tight_m = space, speed_rad_s, need_m, tight_m

    def seconds(self, way_rad: np.ndarray) -> np.ndarray:
        """Time (...,) that ways (..., joints) take at full speed."""
        return np.asarray((np.abs(way_rad) / self._speed_rad_s).max(axis=-1))

    def find(self, start_rad: np.ndarray, goal_rad: np.ndarray, range_rad: np.ndarray, boxes: Boxes) -> Routes:
        """Straight where that is free, else the quickest of many detours that is free, else the best of them.

        start_rad, goal_rad: (k, joints); range_rad: (k, joints, 2), what the joints may use; boxes: of k rows.
        """
        routes, ends = Routes.straight(goal_rad), np.stack([start_rad, goal_rad], axis=1)
        end_m = self._space.room(ends.reshape(-1, ends.shape[2]), boxes.of(np.repeat(np.arange(len(ends)), 2)))
        most_m = end_m.reshape(-1, 2).min(axis=1) - END_M
        low, high = range_rad[:, None, :, 0] + SPARE_RAD, range_rad[:, None, :, 1] - SPARE_RAD
        low, high = np.minimum(low, start_rad[:, None]), np.maximum(high, start_rad[:, None])
        rows = np.flatnonzero(~self._is_free(ends, boxes, np.minimum(self._need_m, most_m), FINE))
        for least_m in (self._need_m, self._tight_m):
            for beside, pairs in ((_beside, _PAIRS), (_elsewhere, _SINGLES)):
                if len(rows):
                    via = np.clip(beside(ends[rows]), low[rows], high[rows])
                    need_m = np.minimum(least_m, most_m[rows])[:, None]
                    stops, free = self._quickest(ends[rows], via, pairs, boxes.of(rows), need_m)
                    taken = free | (routes.first[rows] == WAYPOINTS - 1)
                    routes.stops_rad[rows[taken], :-1] = stops[taken]
                    routes.first[rows[taken]] = (stops[taken, 0] == stops[taken, 1]).all(axis=1)
                    rows = rows[~free]
        return routes

    def sees(self, start_rad: np.ndarray, stop_rad: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Whether (k,) the straight ways from postures to postures (k, joints) are free. boxes: of k rows."""
        legs = np.stack([start_rad, stop_rad], axis=1)
        return self._is_free(legs, boxes, np.full(len(legs), self._need_m), LOOK_AHEAD)

    def _is_free(self, legs_rad: np.ndarray, boxes: Boxes, need_m: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Whether (k,) legs (k, 2, joints) have clearances need_m (k,); most that have not show it at a few shares."""
        few = np.arange(len(shares)) % 4 == 2
        free = self._leg_room(legs_rad, boxes, shares[few]) >= need_m
        rows = np.flatnonzero(free)
        if len(rows):
            free[rows] = self._leg_room(legs_rad[rows], boxes.of(rows), shares[~few]) >= need_m[rows]
        return free

    def _quickest(
        self, ends_rad: np.ndarray, via_rad: np.ndarray, pairs: np.ndarray, boxes: Boxes, need_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The best detour (k, 2, joints) between ends (k, 2, joints), and whether it is free.

        pairs: (d, 2), which postures of (k, v, joints) detours go by; need_m: (k, 1), the clearance of a free one."""
        (count, postures, joints), detours_rad = via_rad.shape, via_rad[:, pairs]
        shape = count, len(pairs), 1, joints
        start, goal = (np.broadcast_to(ends_rad[:, None, [end]], shape) for end in (0, 1))
        stops = np.concatenate([start, detours_rad, goal], axis=2)
        seconds = self.seconds(np.diff(stops, axis=2)).sum(axis=2)
        via_m = self._space.room(via_rad.reshape(-1, joints), boxes.of(np.repeat(np.arange(count), postures)))
        room_m = via_m.reshape(count, postures)[:, pairs].min(axis=2)
        clear, order = room_m >= need_m, seconds.argsort(axis=1)
        # Those by clear postures first, the quickest first among them.
        order = _along(order, (~_along(clear, order)).argsort(axis=1, kind="stable"))
        seen, free, first = ~clear, np.zeros(count, dtype=bool), 0
        while len(row := np.flatnonzero(~free & (clear.sum(axis=1) > first))[:, None]):
            some = order[row[:, 0], first : first + AT_ONCE]
            first += AT_ONCE
            looked_at = self._looked_at(stops[row, some], room_m[row, some], boxes.of(row[:, 0]), need_m[row[:, 0]])
            room_m[row, some], seen[row, some] = looked_at, True
            free[row[:, 0]] = (looked_at >= need_m[row[:, 0]]).any(axis=1)
        cost = np.where(seen, seconds + SECONDS_PER_M * np.maximum(0.0, need_m - room_m), np.inf)
        return detours_rad[np.arange(count), cost.argmin(axis=1)], free

    def _looked_at(self, stops_rad: np.ndarray, room_m: np.ndarray, boxes: Boxes, need_m: np.ndarray) -> np.ndarray:
        """The least clearance (k, d) on routes (k, d, stops, joints), quickest first; looked at closely until one of
        each row is free. room_m: (k, d), that at the stops, which is enough where it is too little."""
        count, each = stops_rad.shape[:2]
        row, flat, room_m = (
            np.repeat(np.arange(count), each),
            stops_rad.reshape(-1, *stops_rad.shape[2:]),
            room_m.ravel(),
        )
        clear = np.flatnonzero(room_m >= need_m[row, 0])
        room_m[clear] = np.minimum(room_m[clear], self._route_room(flat[clear], boxes.of(row[clear]), COARSE))
        room_m, close = room_m.reshape(count, each), np.zeros((count, each), dtype=bool)
        while True:
            free = room_m >= need_m
            due = np.flatnonzero((free & ~close).any(axis=1) & ~(free & close).any(axis=1))
            if not len(due):
                return np.where(free & ~close, need_m - 1e-6, room_m)  # none of these is needed
            route = (free & ~close)[due].argmax(axis=1)
            room_m[due, route] = self._route_room(stops_rad[due, route], boxes.of(due), FINE)
            close[due, route] = True

    def _route_room(self, stops_rad: np.ndarray, boxes: Boxes, shares: np.ndarray) -> np.ndarray:
        """The least clearance (k,) on the legs of routes (k, stops, joints)."""
        legs = np.stack([stops_rad[:, :-1], stops_rad[:, 1:]], axis=2)
        row, leg = np.nonzero((legs[:, :, 0] != legs[:, :, 1]).any(axis=2))
        room_m = np.full(legs.shape[:2], np.inf)
        room_m[row, leg] = self._leg_room(legs[row, leg], boxes.of(row), shares)
        return np.asarray(room_m.min(axis=1))

    def _leg_room(self, legs_rad: np.ndarray, boxes: Boxes, shares: np.ndarray) -> np.ndarray:
        """The least clearance (k,) of straight legs (k, 2, joints) at shares (s, 1) of them."""
        postures = (1 - shares) * legs_rad[:, :1] + shares * legs_rad[:, 1:]
        boxes = boxes.of(np.repeat(np.arange(len(legs_rad)), len(shares)))
        room_m = self._space.room(postures.reshape(-1, postures.shape[2]), boxes)
        return np.asarray(room_m.reshape(-1, len(shares)).min(axis=1))


def _beside(ends_rad: np.ndarray) -> np.ndarray:
    """Postures (k, 42, joints) out of the way or drawn back at each of SHARES of the ways between ends (k, 2, joints).
    The tool keeps its inclination."""
    way = (1 - SHARES[:, None]) * ends_rad[:, :1] + SHARES[:, None] * ends_rad[:, 1:]
    aside = np.broadcast_to(_OUT_OF_THE_WAY[:, None], (len(way), len(_OUT_OF_THE_WAY), len(SHARES), 2))
    shapes = np.concatenate([aside, way[:, None, :, 1:3] + _BACK[:, None]], axis=1)
    via = np.repeat(way[:, None], shapes.shape[1], axis=1)
    via[..., 3] += via[..., 1:3].sum(axis=-1) - shapes.sum(axis=-1)
    via[..., 1:3] = shapes
    return via.reshape(len(way), -1, way.shape[2])


def _along(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Each row of values (k, d) in an order (k, d) of its own."""
    return np.take_along_axis(values, order, axis=1)


def _elsewhere(ends_rad: np.ndarray) -> np.ndarray:
    return np.broadcast_to(_ELSEWHERE, (len(ends_rad), *_ELSEWHERE.shape))
