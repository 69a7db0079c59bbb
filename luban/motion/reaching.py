"""Bring n arms to poses among known obstacles: a route of joint postures, a servo that follows it, a damper that keeps
clear, and what a policy may add.

The damper has the last word, after the policy, so that nothing known is driven into on purpose. A silent policy is the
classical law.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from luban.motion.chain import turn_between
from luban.motion.clearance import GROUPS, Boxes
from luban.motion.damper import Damper, DamperTuning
from luban.motion.detour import WAYPOINTS, RouteSearch
from luban.motion.free_space import FreeSpace
from luban.motion.sense import ArmSense
from luban.profile import ArmConfig

SHORTEN = 6  # periods between two looks for a shorter way
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
    damper: DamperTuning = field(default_factory=DamperTuning)
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
        self.tuning, self.count, self.space = tuning or ReachTuning(), count, FreeSpace(config)
        self.chain, self._avoid, self._route = self.space.chain, avoid, route
        limits, joints = config.limits, len(config.home_rad)
        self._speed_rad_s = self.tuning.speed * np.array(limits.velocity_rad_s)
        self._accelerate = self.tuning.acceleration * np.array(limits.acceleration_rad_s2)
        self._brake = self.tuning.acceleration * np.array(limits.stop_acceleration_rad_s2)
        self._search = RouteSearch(self.space, self._speed_rad_s, self.tuning.route_m)
        self.damper = Damper(self.space, count, self.tuning.damper)
        self.boxes = Boxes.none(count, boxes)
        self.goal = np.tile(np.eye(4), (count, 1, 1))
        self.position_rad, self.velocity_rad_s = np.zeros((count, joints)), np.zeros((count, joints))  # the command
        self.way_rad = np.zeros((count, WAYPOINTS, joints))
        self.next = np.zeros(count, dtype=int)
        self.range_rad = np.tile(self.chain.arm.position_limit_rad, (count, 1, 1))
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
            (self.velocity_rad_s, 0.0), (self.last, 0.0), (self._least_s, np.inf), (self._stuck_s, 0.0),
            (self.alone, False),
        ):  # fmt: skip
            held[rows] = given
        self._age = 0
        self.damper.begin(rows)
        self.goal[rows] = self.chain.tool(goal_rad)
        self.way_rad[rows], self.next[rows] = goal_rad[:, None], WAYPOINTS - 1
        if self._route:
            for row in rows:
                self._lay_route(int(row))

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
        fade = np.minimum(1.0, self._search.seconds(self.way_rad[:, -1] - self.position_rad) / self.tuning.fade_s)
        fade = np.where(self.alone, 0.0, self.tuning.residual_rad_s * fade)
        wanted = self._servo(step_s) + fade[:, None] * action
        low, high = self._bounds(step_s)
        wanted = np.clip(wanted, low, high)
        if self._avoid:
            wanted = self.damper.damped(wanted, low, high, self.position_rad, self.boxes)
        self._age += 1
        self.velocity_rad_s = wanted
        self.position_rad = self.position_rad + step_s * wanted
        self.last[:] = action
        return self.position_rad, self.velocity_rad_s

    def to_go_s(self, position_rad: np.ndarray) -> np.ndarray:
        """How long (n,) the rest of the route takes at full speed from joint angles (n, joints)."""
        rows = np.arange(self.count)
        left = self._search.seconds(self.way_rad[rows, self.next] - position_rad)
        for leg in range(WAYPOINTS - 1):
            ahead = self._search.seconds(self.way_rad[:, leg + 1] - self.way_rad[:, leg])
            left = left + np.where(self.next <= leg, ahead, 0.0)
        return left

    def missing(self, position_rad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance [m] and angle [rad] (n,) of the tools from their goals at joint angles (n, joints)."""
        tool = self.chain.tool(position_rad)
        aside = np.linalg.norm(tool[:, :3, 3] - self.goal[:, :3, 3], axis=1)
        return aside, np.linalg.norm(turn_between(tool, self.goal), axis=1)

    # The servo ----------------------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        """Go on to the next posture of the route where the arm is at the present one, or sees a straight way past it.

        Looked for once per action: whoever sees the goal goes there.
        """
        last = WAYPOINTS - 1
        rows = np.flatnonzero(self.next < last)
        if not len(rows):
            return
        near = self._search.seconds(self.way_rad[rows, self.next[rows]] - self.position_rad[rows]) < self.tuning.pass_s
        if self._age % SHORTEN == 0:
            for stop in range(1, WAYPOINTS):
                ahead = rows[self.next[rows] < stop]
                if len(ahead):
                    free = self._search.sees(self.position_rad[ahead], self.way_rad[ahead, stop], self.boxes.of(ahead))
                    self.next[ahead[free]] = stop
        self.next[rows[near]] = np.minimum(self.next[rows[near]] + 1, last)

    def _lay_route(self, row: int) -> None:
        """Look for a way from where a row is."""
        goal, boxes = self.way_rad[row, -1], self.boxes.of(np.array([row]))
        stops = self._search.find(self.position_rad[row], goal, self.range_rad[row], boxes)
        self.next[row] = WAYPOINTS - 1
        if stops is not None:
            self.way_rad[row, :-1], self.next[row] = stops, 0

    def _find_another_way(self, step_s: float) -> None:
        """Lay the route anew where the arm has come no nearer for a while; a policy has no say from then on."""
        left = self.to_go_s(self.position_rad)
        nearer = (left < self._least_s - 0.02) | (left < 0.02)
        self._least_s = np.where(nearer, left, self._least_s)
        self._stuck_s = np.where(nearer, 0.0, self._stuck_s + step_s)
        if self._route and self._avoid:
            for row in np.flatnonzero(self._stuck_s > self.tuning.stuck_s):
                self._lay_route(int(row))
                self._least_s[row], self._stuck_s[row], self.alone[row] = np.inf, 0.0, True

    def _servo(self, step_s: float) -> np.ndarray:
        """All joints together, straight to the next posture, braking before the last."""
        tuning, rows = self.tuning, np.arange(self.count)
        way = self.way_rad[rows, self.next] - self.position_rad
        left = np.maximum(self._search.seconds(way), 1e-9)
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

    def _groups(self, frames: np.ndarray) -> np.ndarray:
        """For each part of the arm how near the nearest obstacle is, and the way out of it: (n, 4 * groups)."""
        near = self.space.hull.nearest(frames, self.boxes, len(GROUPS) * self.boxes.yaw_rad.shape[1])
        rows = np.arange(self.count)
        features = []
        for group in range(len(GROUPS)):
            first = (near.group == group).argmax(axis=1)  # sorted by distance
            nearness = np.exp(-np.maximum(near.distance_m[rows, first], -0.05) / 0.1)[:, None]
            features += [nearness, nearness * near.away[rows, first]]
        return np.column_stack(features)
