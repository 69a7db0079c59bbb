"""Bring n arms to poses among known obstacles: a route of joint postures, a servo that follows it, a damper that keeps
clear, and what a policy may add.

The damper is the classical one: Faverjon & Tournassoud, "A local based approach for path planning of manipulators with
a high number of degrees of freedom" (ICRA 1987): the speed towards an obstacle falls with the distance. It has the last
word, after the policy, so that nothing known is driven into on purpose. A silent policy is the classical law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.motion.chain import Chain, turn_between
from luban.motion.clearance import GROUPS, Boxes, Hull, Nearest
from luban.motion.sense import ArmSense
from luban.profile import ArmConfig

WAYPOINTS = 3  # two at most on the way, and the goal
ROUTES_AT_ONCE, COARSE, FINE = 12, 5, 24  # how many are looked at together, and samples of a leg
SHORTEN, LOOK_AHEAD = 6, 12  # periods between two looks for a shorter way, samples of it
SECONDS_PER_M = 200.0  # what missing clearance counts as
LOOK = 2  # periods between two looks for what is near; a divisor of the periods per action
ACTIONS = ("pan", "lift", "elbow", "wrist_1", "wrist_2", "wrist_3")
OBSERVATIONS = (
    *(f"to_next_{joint}" for joint in ACTIONS),
    *(f"to_goal_{joint}" for joint in ACTIONS),
    *(f"speed_{joint}" for joint in ACTIONS),
    *(f"range_{joint}" for joint in ACTIONS),
    *(f"{group}_{part}" for group in GROUPS for part in ("near", "x", "y", "z")),
    *(f"last_{joint}" for joint in ACTIONS),
)


@dataclass(frozen=True)
class ReachTuning:
    """How fast and how near. Speeds and accelerations are shares of the profile's limits."""

    speed: float = 0.9
    acceleration: float = 0.9
    braking: float = 0.7  # of what the arm can brake, planned with before the goal and the ends of the joints' range
    arrive_s: float = 0.05  # time constant of the last approach
    pass_s: float = 0.06  # a posture on the way counts as passed when it is so near, in time at full speed
    keep_m: float = 0.016  # the damper stops here; the outlines in `clearance` are a few millimetres too large besides
    damper_s: float = 0.12  # at a distance d beyond it, the approach is slower than d / damper_s
    brake_m_s2: float = 3.0  # and slower than what this can stop
    pairs: int = 8  # of arm and obstacle that the damper looks at
    sweeps: int = 6
    route_m: float = 0.030  # clearance that a route should have
    stuck_s: float = 0.4  # without progress before another route is sought
    residual_rad_s: float = 1.5  # what a policy adds at most
    fade_s: float = 0.25  # this near to the goal, in time at full speed, the policy's part begins to fade


class ReachLaw:
    """State of n reaches. Call `begin` for the rows that start, then every period `observe` (if a policy is asked) and
    `command`. Boxes are what the robot knows of its surroundings, at most `boxes` of them.

    avoid: without it the law is a plain servo in joint space. route: without it the servo goes straight to the goal.
    """

    def __init__(
        self, config: ArmConfig, count: int, boxes: int, tuning: ReachTuning | None = None,
        avoid: bool = True, route: bool = True,
    ) -> None:  # fmt: skip
        self.chain, self.tuning, self.count = Chain.of(config), tuning or ReachTuning(), count
        self.hull, self._avoid, self._route = Hull(self.chain), avoid, route
        limits, joints = config.limits, len(config.home_rad)
        self._speed_rad_s = self.tuning.speed * np.array(limits.velocity_rad_s)
        self._accelerate = self.tuning.acceleration * np.array(limits.acceleration_rad_s2)
        self._brake = self.tuning.acceleration * np.array(limits.stop_acceleration_rad_s2)
        self._space_m = np.array([limits.workspace_x_m, limits.workspace_y_m, limits.workspace_z_m]).T
        self.boxes = Boxes.none(count, boxes)
        self.goal = np.tile(np.eye(4), (count, 1, 1))
        self.position_rad, self.velocity_rad_s = np.zeros((count, joints)), np.zeros((count, joints))  # the command
        self.way_rad = np.zeros((count, WAYPOINTS, joints))
        self.next = np.zeros(count, dtype=int)
        self.range_rad = np.tile(self.chain.arm.position_limit_rad, (count, 1, 1))
        self.clearance_m = np.full(count, np.inf)
        self.last = np.zeros((count, len(ACTIONS)))
        self.alone = np.zeros(count, dtype=bool)  # the classical law goes on without the policy
        self._least_s, self._stuck_s = np.full(count, np.inf), np.zeros(count)
        self._age = 0

    def begin(
        self, rows: np.ndarray, position_rad: np.ndarray, goal_rad: np.ndarray, boxes: Boxes, range_rad: np.ndarray
    ) -> None:
        """Start rows (k,) at rest. position_rad, goal_rad: (k, joints) postures; boxes: of k rows; range_rad:
        (k, joints, 2), what the joints may use."""
        for held, given in (
            (self.boxes.centre_m, boxes.centre_m), (self.boxes.half_m, boxes.half_m),
            (self.boxes.yaw_rad, boxes.yaw_rad), (self.range_rad, range_rad), (self.position_rad, position_rad),
            (self.velocity_rad_s, 0.0), (self.last, 0.0), (self.clearance_m, np.inf), (self._least_s, np.inf),
            (self._stuck_s, 0.0), (self.alone, False),
        ):  # fmt: skip
            held[rows] = given
        self._age = 0
        self.goal[rows] = self.chain.tool(goal_rad)
        self.way_rad[rows], self.next[rows] = goal_rad[:, None], WAYPOINTS - 1
        if self._route:
            for row, start, goal in zip(rows, position_rad, goal_rad, strict=True):
                self._lay_route(int(row), start, goal)

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, len(OBSERVATIONS)), each about one in size."""
        position = sense.position_rad
        frames = self.chain.frames(position)
        rows = np.arange(self.count)
        near = self._groups(frames)
        low, high = self.range_rad[..., 0], self.range_rad[..., 1]
        room = np.exp(-np.maximum(position - low, 0) / 0.2) - np.exp(-np.maximum(high - position, 0) / 0.2)
        return np.column_stack(
            [
                np.tanh(self.way_rad[rows, self.next] - position), np.tanh(self.way_rad[:, -1] - position),
                sense.velocity_rad_s / 2.0, room, near, self.last,
            ]
        )  # fmt: skip

    def command(self, action: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return joint targets (n, joints) [rad] and their speeds [rad/s] for the coming period.

        action: (n, joints) in -1..1; zeros are the classical law.
        """
        self._pass_on()
        self._find_another_way(step_s)
        fade = np.minimum(1.0, self._seconds(self.way_rad[:, -1] - self.position_rad) / self.tuning.fade_s)
        fade = np.where(self.alone, 0.0, self.tuning.residual_rad_s * fade)
        wanted = self._servo(step_s) + fade[:, None] * action
        low, high = self._bounds(step_s)
        wanted = np.clip(wanted, low, high)
        if self._avoid:
            wanted = self._damped(wanted, low, high)
        self.velocity_rad_s = wanted
        self.position_rad = self.position_rad + step_s * wanted
        self.last[:] = action
        return self.position_rad, self.velocity_rad_s

    def to_go_s(self, position_rad: np.ndarray) -> np.ndarray:
        """How long (n,) the rest of the route takes at full speed from joint angles (n, joints)."""
        rows = np.arange(self.count)
        left = self._seconds(self.way_rad[rows, self.next] - position_rad)
        for leg in range(WAYPOINTS - 1):
            ahead = self._seconds(self.way_rad[:, leg + 1] - self.way_rad[:, leg])
            left = left + np.where(self.next <= leg, ahead, 0.0)
        return left

    def missing(self, position_rad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance [m] and angle [rad] (n,) of the tools from their goals at joint angles (n, joints)."""
        tool = self.chain.tool(position_rad)
        aside = np.linalg.norm(tool[:, :3, 3] - self.goal[:, :3, 3], axis=1)
        return aside, np.linalg.norm(turn_between(tool, self.goal), axis=1)

    # The servo ----------------------------------------------------------------------------------------------------

    def _seconds(self, way_rad: np.ndarray) -> np.ndarray:
        """Time (...,) that ways (..., joints) take at full speed."""
        return np.asarray((np.abs(way_rad) / self._speed_rad_s).max(axis=-1))

    def _pass_on(self) -> None:
        """Go on to the next posture of the route where the arm is at the present one, or sees a straight way past it.

        Looked for once per action: whoever sees the goal goes there.
        """
        last = WAYPOINTS - 1
        rows = np.flatnonzero(self.next < last)
        if not len(rows):
            return
        near = self._seconds(self.way_rad[rows, self.next[rows]] - self.position_rad[rows]) < self.tuning.pass_s
        if self._age % SHORTEN == 0:
            for stop in range(1, WAYPOINTS):
                ahead = rows[self.next[rows] < stop]
                if len(ahead):
                    free = self._sees(ahead, stop) >= self.tuning.route_m
                    self.next[ahead[free]] = stop
        self.next[rows[near]] = np.minimum(self.next[rows[near]] + 1, last)

    def _sees(self, rows: np.ndarray, stop: int) -> np.ndarray:
        """The least clearance (k,) of rows (k,) on the straight way to a stop of their routes."""
        share = np.linspace(0.0, 1.0, LOOK_AHEAD + 1)[1:, None]
        postures = (1 - share) * self.position_rad[rows, None] + share * self.way_rad[rows, stop][:, None]
        boxes = self.boxes.of(np.repeat(rows, LOOK_AHEAD))
        room_m = self.room(postures.reshape(-1, postures.shape[-1]), boxes)
        return np.asarray(room_m.reshape(len(rows), -1).min(axis=1))

    def _find_another_way(self, step_s: float) -> None:
        """Lay the route anew where the arm has come no nearer for a while; a policy has no say from then on."""
        left = self.to_go_s(self.position_rad)
        nearer = (left < self._least_s - 0.02) | (left < 0.02)
        self._least_s = np.where(nearer, left, self._least_s)
        self._stuck_s = np.where(nearer, 0.0, self._stuck_s + step_s)
        if self._route and self._avoid:
            for row in np.flatnonzero(self._stuck_s > self.tuning.stuck_s):
                self._lay_route(int(row), self.position_rad[row], self.way_rad[row, -1])
                self._least_s[row], self._stuck_s[row], self.alone[row] = np.inf, 0.0, True

    def _servo(self, step_s: float) -> np.ndarray:
        """All joints together, straight to the next posture, braking before the last."""
        tuning, rows = self.tuning, np.arange(self.count)
        way = self.way_rad[rows, self.next] - self.position_rad
        left = np.maximum(self._seconds(way), 1e-9)
        full = way / left[:, None]
        # In time at full speed as the path's own coordinate, so that every joint keeps its acceleration limit.
        slow = tuning.braking * (self._brake / np.maximum(np.abs(full), 1e-9)).min(axis=1)
        pace = np.minimum(np.sqrt(2 * slow * left), left / max(tuning.arrive_s, 2 * step_s))
        pace = np.where(self.next == WAYPOINTS - 1, np.minimum(pace, 1.0), 1.0)
        return np.asarray(full * pace[:, None])

    def _bounds(self, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Joint speeds (n, joints) that speed, acceleration and the joints' range allow, least and most."""
        now, top = self.velocity_rad_s, self._speed_rad_s
        below = np.maximum(self.position_rad - self.range_rad[..., 0], 0.0)
        above = np.maximum(self.range_rad[..., 1] - self.position_rad, 0.0)
        gain = 2 * self.tuning.braking * self._brake
        high = np.minimum(np.minimum(top, np.sqrt(gain * above)), above / (2 * step_s))
        low = -np.minimum(np.minimum(top, np.sqrt(gain * below)), below / (2 * step_s))
        up = np.where(now < 0, self._brake, self._accelerate) * step_s
        down = np.where(now > 0, self._brake, self._accelerate) * step_s
        return np.clip(low, now - down, now + up), np.clip(high, now - down, now + up)

    # The damper ---------------------------------------------------------------------------------------------------

    def _damped(self, wanted: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The nearest joint speeds to those wanted that approach nothing too fast (Hildreth's iteration, 1957)."""
        tuning = self.tuning
        distance, gain = self._looked()
        beyond = distance - tuning.keep_m
        most = np.minimum(beyond / tuning.damper_s, np.sqrt(2 * tuning.brake_m_s2 * np.maximum(beyond, 0.0)))
        size = np.maximum((gain * gain).sum(axis=2), 1e-6)
        force = np.zeros_like(most)
        for _ in range(tuning.sweeps):
            # Arm by arm: what one does must not depend on how long another takes.
            due = ((gain @ wanted[..., None])[..., 0] + most < -1e-4).any(axis=1)
            if not due.any():
                break
            for pair in range(most.shape[1]):
                row = gain[:, pair]
                step = -((row * wanted).sum(axis=1) + most[:, pair]) / size[:, pair]
                step = np.where(due, np.maximum(step, -force[:, pair]), 0.0)
                force[:, pair] += step
                wanted = wanted + step[:, None] * row
            wanted = np.clip(wanted, low, high)
        return wanted

    def _looked(self) -> tuple[np.ndarray, np.ndarray]:
        """Distances (n, k) and gains (n, k, joints); looked for every LOOK periods, foretold in between."""
        if self._age % LOOK == 0:
            frames = self.chain.frames(self.position_rad)
            near = self.hull.nearest(frames, self.boxes, self.tuning.pairs)
            self._seen = (*self._with_workspace(frames, near), self.position_rad)
        self._age += 1
        distance, gain, since_rad = self._seen
        distance = distance + (gain @ (self.position_rad - since_rad)[..., None])[..., 0]
        self.clearance_m = distance[:, :-1].min(axis=1)
        return distance, gain

    def _with_workspace(self, frames: np.ndarray, near: Nearest) -> tuple[np.ndarray, np.ndarray]:
        """Distances and gains of the pairs, and of the tool's point from the nearest wall of the workspace."""
        at = frames[:, -1, :3, 3]
        room = np.concatenate([at - self._space_m[0], self._space_m[1] - at], axis=1)
        wall, rows = room.argmin(axis=1), np.arange(self.count)
        axis, origin = frames[:, :-1, :3, 2], frames[:, :-1, :3, 3]
        lever = at[:, None] - origin
        other, third = (wall + 1) % 3, (wall + 2) % 3
        r = rows[:, None]
        j = np.arange(axis.shape[1])
        moved = axis[r, j, other[:, None]] * lever[r, j, third[:, None]]
        moved -= axis[r, j, third[:, None]] * lever[r, j, other[:, None]]
        gain = moved * np.where(wall < 3, 1.0, -1.0)[:, None]
        return (
            np.concatenate([near.distance_m, room[rows, wall][:, None]], axis=1),
            np.concatenate([near.gain, gain[:, None]], axis=1),
        )

    def _groups(self, frames: np.ndarray) -> np.ndarray:
        """For each part of the arm how near the nearest obstacle is, and the way out of it: (n, 4 * groups)."""
        near = self.hull.nearest(frames, self.boxes, len(GROUPS) * self.boxes.yaw_rad.shape[1])
        rows = np.arange(self.count)
        features = []
        for group in range(len(GROUPS)):
            first = (near.group == group).argmax(axis=1)  # sorted by distance
            nearness = np.exp(-np.maximum(near.distance_m[rows, first], -0.05) / 0.1)[:, None]
            features += [nearness, nearness * near.away[rows, first]]
        return np.column_stack(features)

    # The route ----------------------------------------------------------------------------------------------------

    def _lay_route(self, row: int, start_rad: np.ndarray, goal_rad: np.ndarray) -> None:
        """Straight where that is free, else by the quickest of many pairs of postures that is free."""
        boxes, need_m = self.boxes.of(np.array([row])).standing(), self.tuning.route_m
        self.next[row] = WAYPOINTS - 1
        if self._leg_room(start_rad[None], goal_rad[None], boxes, FINE)[0] >= need_m:
            return
        low, high = self.range_rad[row, :, 0] + 0.01, self.range_rad[row, :, 1] - 0.01
        routes = np.clip(detours(start_rad, goal_rad), np.minimum(low, start_rad), np.maximum(high, start_rad))
        stops = np.concatenate([_repeat(start_rad, routes), routes, _repeat(goal_rad, routes)], axis=1)
        seconds = self._seconds(np.diff(stops, axis=1)).sum(axis=1)
        room_m = np.minimum(*(self.room(routes[:, stop], boxes) for stop in (0, 1)))
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
        self.way_rad[row, :2], self.next[row] = routes[best], 0

    def _route_room(self, stops_rad: np.ndarray, boxes: Boxes, samples: int) -> np.ndarray:
        """The least clearance (k,) on routes (k, stops, joints)."""
        legs = [self._leg_room(stops_rad[:, i], stops_rad[:, i + 1], boxes, samples) for i in range(WAYPOINTS)]
        return np.asarray(np.min(legs, axis=0))

    def _leg_room(self, start_rad: np.ndarray, end_rad: np.ndarray, boxes: Boxes, samples: int) -> np.ndarray:
        """The least clearance (k,) on straight legs in joint space."""
        share = np.linspace(0.0, 1.0, samples + 2)[1:-1, None, None]
        postures = (1 - share) * start_rad + share * end_rad
        return np.asarray(self.room(postures.reshape(-1, postures.shape[-1]), boxes).reshape(samples, -1).min(axis=0))

    def room(self, position_rad: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Clearance (k,) from obstacles and, of the tool, from the walls of the workspace, at postures (k, joints)."""
        frames = self.chain.frames(position_rad)
        at = frames[:, -1, :3, 3]
        inside = np.minimum(at - self._space_m[0], self._space_m[1] - at).min(axis=1)
        return np.asarray(np.minimum(self.hull.clearance(frames, boxes), inside))


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
