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
from luban.motion.detour import WAYPOINTS, Routes, RouteSearch
from luban.motion.free_space import FreeSpace
from luban.motion.sense import ArmSense
from luban.profile import ArmConfig

THINK = 6  # periods between two thoughts about the way; the periods per action
ACTIONS = ("pan", "lift", "elbow", "wrist_1", "wrist_2", "wrist_3")
_ENDS = np.array([-1.0, 1.0])[:, None, None]  # of the joints' range: which way they lie
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
    pass_s: float = 0.08  # a posture on the way counts as passed when it is so near, in time at full speed
    damper: DamperTuning = field(default_factory=DamperTuning)
    route_m: float = 0.030  # clearance that a route should have
    tight_m: float = 0.020  # and one that it must do with where there is none better
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
        self._to_brake = 2 * self.tuning.braking * self._brake
        self.search = RouteSearch(self.space, self._speed_rad_s, self.tuning.route_m, self.tuning.tight_m)
        self.damper = Damper(self.space, count, boxes, self.tuning.damper)
        self.boxes = Boxes.none(count, boxes)
        self.goal = np.tile(np.eye(4), (count, 1, 1))
        self.position_rad, self.velocity_rad_s = np.zeros((count, joints)), np.zeros((count, joints))  # the command
        self.way_rad = np.zeros((count, WAYPOINTS, joints))
        self.next = np.zeros(count, dtype=int)
        self.range_rad = np.tile(self.chain.arm.position_limit_rad, (count, 1, 1))
        self.last = np.zeros((count, len(ACTIONS)))
        self.alone = np.zeros(count, dtype=bool)  # the classical law goes on without the policy
        self._least_s, self._stuck_s = np.full(count, np.inf), np.zeros(count)
        self._rows, self._age = np.arange(count), 0

    def begin(
        self, rows: np.ndarray, position_rad: np.ndarray, goal_rad: np.ndarray, boxes: Boxes, range_rad: np.ndarray,
        routes: Routes | None = None,
    ) -> None:  # fmt: skip
        """Start rows (k,) at rest. position_rad, goal_rad: (k, joints) postures; boxes: of k rows; range_rad:
        (k, joints, 2), what the joints may use; routes: what `search` has found for them already."""
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
        if routes is None and self._route:
            routes = self.search.find(position_rad, goal_rad, range_rad, boxes)
        routes = routes if routes and self._route else Routes.straight(goal_rad)
        self.way_rad[rows], self.next[rows] = routes.stops_rad, routes.first

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, len(OBSERVATIONS)), each about one in size. What is near is as of the command,
        as the damper looks."""
        position, rows = sense.position_rad, self._rows
        self.damper.look(self.position_rad, self.boxes)
        nearness = np.exp(-np.maximum(self.damper.near_m[:, : len(GROUPS), None], -0.05) / 0.1)
        around = np.concatenate([nearness, nearness * self.damper.away[:, : len(GROUPS)]], axis=2)
        low, high = self.range_rad[..., 0], self.range_rad[..., 1]
        room = np.exp(-np.maximum(position - low, 0) / 0.2) - np.exp(-np.maximum(high - position, 0) / 0.2)
        return np.column_stack(
            [
                np.tanh(self.way_rad[rows, self.next] - position), np.tanh(self.way_rad[:, -1] - position),
                sense.velocity_rad_s / 2.0, room, around.reshape(self.count, -1), self.last,
            ]
        )  # fmt: skip

    def command(self, action: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return joint targets (n, joints) [rad] and their speeds [rad/s] for the coming period.

        action: (n, joints) in -1..1; zeros are the classical law.
        """
        if self._route and self._age % THINK == 0:
            self._pass_on()
            self._find_another_way(THINK * step_s)
        self._age += 1
        fade = np.minimum(1.0, self.search.seconds(self.way_rad[:, -1] - self.position_rad) / self.tuning.fade_s)
        fade = np.where(self.alone, 0.0, self.tuning.residual_rad_s * fade)
        wanted = self._servo(step_s) + fade[:, None] * action
        low, high = self._bounds(step_s)
        wanted = np.minimum(np.maximum(wanted, low), high)
        if self._avoid:
            wanted = self.damper.damped(wanted, low, high, self.position_rad, self.boxes)
        self.velocity_rad_s = wanted
        self.position_rad = self.position_rad + step_s * wanted
        self.last[:] = action
        return self.position_rad, self.velocity_rad_s

    def to_go_s(self, position_rad: np.ndarray) -> np.ndarray:
        """How long (n,) the rest of the route takes at full speed from joint angles (n, joints)."""
        left = self.search.seconds(self.way_rad[self._rows, self.next] - position_rad)
        ahead = self.search.seconds(self.way_rad[:, 1:] - self.way_rad[:, :-1])
        for leg in range(WAYPOINTS - 1):
            left = left + np.where(self.next <= leg, ahead[:, leg], 0.0)
        return left

    def missing(self, tool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance [m] and angle [rad] (n,) of tools (n, 4, 4) from their goals."""
        aside = np.linalg.norm(tool[:, :3, 3] - self.goal[:, :3, 3], axis=1)
        return aside, np.linalg.norm(turn_between(tool, self.goal), axis=1)

    # The servo ----------------------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        """Go on to the next posture of the route where the arm is at the present one, or sees a way past it."""
        rows = np.flatnonzero(self.next < WAYPOINTS - 1)
        if len(rows):
            now_rad, stop = self.position_rad[rows], self.next[rows]
            past = self.search.seconds(self.way_rad[rows, stop] - now_rad) < self.tuning.pass_s
            far = np.flatnonzero(~past)
            past[far] = self.search.sees(now_rad[far], self.way_rad[rows, stop + 1][far], self.boxes.of(rows[far]))
            self.next[rows] += past

    def _find_another_way(self, step_s: float) -> None:
        """Search anew where the arm has come no nearer for a while; a policy has no say from then on."""
        left = self.to_go_s(self.position_rad)
        nearer = (left < self._least_s - 0.02) | (left < 0.02)
        self._least_s = np.where(nearer, left, self._least_s)
        self._stuck_s = np.where(nearer, 0.0, self._stuck_s + step_s)
        rows = np.flatnonzero(self._stuck_s > self.tuning.stuck_s)
        if self._avoid and len(rows):
            goal_rad = self.way_rad[rows, -1]
            routes = self.search.find(self.position_rad[rows], goal_rad, self.range_rad[rows], self.boxes.of(rows))
            self.way_rad[rows], self.next[rows] = routes.stops_rad, routes.first
            self._least_s[rows], self._stuck_s[rows], self.alone[rows] = np.inf, 0.0, True

    def _servo(self, step_s: float) -> np.ndarray:
        """All joints together, straight to the next posture, braking before the last."""
        tuning = self.tuning
        way = self.way_rad[self._rows, self.next] - self.position_rad
        left = np.maximum(self.search.seconds(way), 1e-9)
        full = way / left[:, None]
        # In time at full speed as the path's own coordinate, so that every joint keeps its acceleration limit.
        slow = tuning.braking * (self._brake / np.maximum(np.abs(full), 1e-9)).min(axis=1)
        pace = np.minimum(np.sqrt(2 * slow * left), left / max(tuning.arrive_s, 2 * step_s))
        pace = np.where(self.next == WAYPOINTS - 1, np.minimum(pace, 1.0), 1.0)
        return np.asarray(full * pace[:, None])

    def _bounds(self, step_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Joint speeds (n, joints) that speed, acceleration and the joints' range allow, least and most."""
        towards = _ENDS * self.velocity_rad_s  # towards the lower and the upper end
        room = np.maximum(_ENDS * (self.range_rad.transpose(2, 0, 1) - self.position_rad), 0.0)
        most = np.minimum(np.sqrt(self._to_brake * room), room / (2 * step_s))
        np.minimum(most, self._speed_rad_s, out=most)
        brake, accelerate = step_s * self._brake, step_s * self._accelerate
        np.minimum(most, towards + np.where(towards < 0, brake, accelerate), out=most)
        np.maximum(most, towards - np.where(towards > 0, brake, accelerate), out=most)
        return -most[0], most[1]
