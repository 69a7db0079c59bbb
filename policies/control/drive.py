"""The classical controller of the mobile base: map, scan matching, shortest path, pursuit, straight docking."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from luban.catalogue import Station
from luban.errors import SkillError, unknown
from luban.motion import driving
from luban.profile import Profile
from luban.skill import BaseAction, SkillGoal, Status
from luban.state import BaseCommand, BaseState, LidarScan
from policies.control.floor_map import FloorMap
from policies.control.localization import Localizer, invert, scan_points, transform, wrap
from policies.control.route import BEND_M, Follow, Leg, RoutePlanner, Straight, Turn

MATCH_PERIOD_S, EXACT_PERIOD_S = 0.2, 0.05  # between two looks at the map; the shorter in lanes and at standstill
STAND_S = 0.25
SEEN_S = 1.0  # how long something that is not on the map is remembered in the shadow of something else
UNMAPPED_M = 0.12  # a point farther than this from the map is something new
LOOK_M = 4.0
PATH_FREE_M = 0.27  # a path with less clearance to something new is planned anew
REPLAN_S = 0.7
AHEAD_POINTS = 36  # of a path, every 5 cm, that are watched for something new
BLOCKED_S, LONGEST_S = 12.0, 120.0
ARRIVED_M, ARRIVED_RAD = 0.035, 0.03  # good enough when tries are used up
EXACT_M, EXACT_RAD, ASIDE_M = 0.006, 0.008, 0.008  # what a dock is corrected to
TURN_SHARE, BRAKE_SHARE = driving.TURN_SHARE, driving.BRAKE_SHARE
DOCKING_M_S, SLOWEST_M_S = 0.45, 0.03
LANE_M = 0.15, 0.30  # length over which a straight leg comes back to its line, shorter near its end
REACTION_S = 0.06  # from a command to the wheels
NEAR_M = 0.8  # a way blocked only farther away than this is driven all the same
BEND_RAD = 0.8  # a path that begins at less than this to the side is bent into
RETRIES = 4
HELD_S, BACK_M = 2.0, 0.1  # so long without progress in a lane: back out, so far behind its beginning
DEGREES = 360
CLEARED_M = 0.15  # a beam that reaches this much farther shows that a remembered thing has gone


class DriveBaseline:
    """BaseController for the skill `drive`. Between goals it keeps what it learned of the odometry's drift."""

    def __init__(self, profile: Profile) -> None:
        self._base, self._catalogue = profile.base, profile.catalogue
        self._floor = FloorMap(profile.catalogue)
        self._planner = RoutePlanner(self._floor, profile.base, tuple(profile.catalogue.stations.values()))
        self._localizer = Localizer(self._floor)
        self._paths = driving.Paths(1, profile.base.limits)
        self._seen_s = np.full(self._floor.shape, -np.inf)
        self._legs: list[Leg] = []
        self._station: Station | None = None
        self._name = ""

    def start(self, goal: SkillGoal, base: BaseState, scan: LidarScan) -> None:
        """Raises SkillError when the station is unknown; a blocked way is waited for."""
        stations = self._catalogue.stations
        if goal.station not in stations:
            raise SkillError("cannot drive: " + unknown("station", goal.station or "", stations))
        self._name, self._station = goal.station, stations[goal.station]
        self._seen_s.fill(-np.inf)
        points = scan_points(scan)
        for _ in range(3):
            self._localizer.correct(base, points, gain=1.0)
        self._start_s = self._progress_s = self._planned_s = self._matched_s = base.stamp_s
        self._set = np.zeros(2)
        self._tick_s = base.stamp_s
        self._retries = 0
        self._stood_s: float | None = None
        self._realigned_s = -np.inf
        self._on_path: Follow | None = None
        self._blocked = False
        self._moved_from = self._localizer.pose(base)
        self._look(points, self._moved_from, base.stamp_s)
        self._plan(self._moved_from, base.stamp_s)

    def tick(self, base: BaseState, scan: LidarScan) -> BaseAction:
        """Return the next command; its deadline is the profile's timeout after the state's stamp."""
        if self._station is None:
            raise SkillError("cannot drive: tick needs a started goal; call start first")
        now_s = base.stamp_s
        points = scan_points(scan)
        pose = self._localize(base, points)
        self._look(points, pose, now_s)
        failure = self._give_up(pose, now_s)
        if failure:
            return self._action(Status.FAILED, np.zeros(2), now_s, "stopped", failure)
        self._watch_path(pose, now_s)
        self._realign(now_s)
        if self._blocked:
            return self._action(Status.RUNNING, np.zeros(2), now_s, "waiting")
        while self._legs:
            wanted = self._follow_leg(self._legs[0], pose, base)
            if wanted is not None:
                return self._action(Status.RUNNING, wanted, now_s, type(self._legs[0]).__name__.lower())
            self._legs.pop(0)
        return self._finish(pose, base)

    def _localize(self, base: BaseState, points: np.ndarray) -> np.ndarray:
        exact = not self._set.any() or (bool(self._legs) and isinstance(self._legs[0], Straight))
        period_s = EXACT_PERIOD_S if exact else MATCH_PERIOD_S
        if base.stamp_s - self._matched_s < period_s - 1e-6:
            return self._localizer.pose(base)
        self._matched_s = base.stamp_s
        return self._localizer.correct(base, points)

    def _look(self, points: np.ndarray, pose: np.ndarray, now_s: float) -> None:
        """Remember where the scan shows things that are not on the map; forget those that it looks through."""
        self._forget(points, pose, now_s)
        near = transform(pose, points[np.hypot(points[:, 0], points[:, 1]) < LOOK_M])
        new = near[self._floor.surface(near)[0] > UNMAPPED_M]
        self._seen_s[tuple(self._floor.cell(new).T)] = now_s

    def _forget(self, points: np.ndarray, pose: np.ndarray, now_s: float) -> None:
        cells = np.argwhere(self._occupied(now_s))
        reach_m = np.zeros(DEGREES)
        reach_m[_degree(points)] = np.hypot(points[:, 0], points[:, 1])
        local = transform(invert(pose), self._floor.position(cells))
        beams = (_degree(local)[:, None] + np.arange(-2, 3)) % DEGREES
        gone = np.hypot(local[:, 0], local[:, 1]) + CLEARED_M < reach_m[beams].min(axis=1)
        self._seen_s[tuple(cells[gone].T)] = -np.inf

    def _occupied(self, now_s: float) -> np.ndarray:
        return self._seen_s > now_s - SEEN_S

    def _plan(self, pose: np.ndarray, now_s: float) -> None:
        assert self._station is not None
        self._planned_s = now_s
        occupied = self._occupied(now_s)
        legs = self._planner.legs(pose, self._station, occupied)
        if legs is None:  # whoever stands farther away may have gone by then
            cells = np.argwhere(occupied)
            far = cells[np.hypot(*(self._floor.position(cells) - pose[:2]).T) > NEAR_M]
            occupied[tuple(far.T)] = False
            legs = self._planner.legs(pose, self._station, occupied)
        self._blocked = legs is None
        self._legs = self._without_stop(legs or [], pose)

    def _without_stop(self, legs: list[Leg], pose: np.ndarray) -> list[Leg]:
        """Leave out the turn before a path that the vehicle can bend into as it drives."""
        if len(legs) < 2 or not isinstance(legs[0], Turn) or not isinstance(legs[1], Follow):
            return legs
        room = float(self._floor.along(pose[None, :2], self._floor.static_m)[0])
        return legs[1:] if abs(wrap(legs[0].yaw_rad - pose[2])) < BEND_RAD and room > BEND_M else legs

    def _watch_path(self, pose: np.ndarray, now_s: float) -> None:
        """Plan anew when something new stands on what lies ahead, or while the way is blocked."""
        if now_s - self._planned_s < REPLAN_S:
            return
        if self._blocked:
            self._plan(pose, now_s)
            return
        occupied = self._occupied(now_s)
        if not occupied.any() or not self._legs:
            return
        things = self._floor.position(np.argwhere(occupied))
        for leg in self._legs:
            if isinstance(leg, Follow):
                first = int(self._paths.at[0]) if leg is self._on_path else 0
                ahead = leg.path_m[first : first + AHEAD_POINTS]
                gaps = np.hypot(*(things[:, None] - ahead[None]).transpose(2, 0, 1))
                if gaps.min() < PATH_FREE_M:
                    self._plan(pose, now_s)
                return
            if isinstance(leg, Straight):
                if leg is self._legs[0] and self._lane_blocked(leg, pose, things):
                    self._plan(pose, now_s)
                return

    def _lane_blocked(self, leg: Straight, pose: np.ndarray, things: np.ndarray) -> bool:
        c, s = np.cos(leg.yaw_rad) * leg.direction, np.sin(leg.yaw_rad) * leg.direction
        offset = things - pose[:2]
        along, aside = offset @ (c, s), offset @ (-s, c)
        to_go = float((leg.target_m - pose[:2]) @ (c, s))
        front = self._base.length_m / 2
        beside = np.abs(aside) < self._base.width_m / 2 + 0.02
        return bool((beside & (along > 0) & (along < to_go + front + 0.05)).any())

    def _realign(self, now_s: float) -> None:
        """Back out of a lane in which the protective field holds the vehicle, to come in straighter."""
        assert self._station is not None
        last = len(self._legs) == 1 and isinstance(self._legs[0], Straight) and self._legs[0].direction > 0
        if not last or now_s - self._progress_s < HELD_S or self._realigned_s > now_s - BLOCKED_S:
            return
        self._realigned_s = now_s
        yaw, goal = self._station.yaw_rad, self._legs[0].target_m
        lane = self._planner.lane_start(self._station, self._floor.static_m, np.empty((0, 2)))
        if lane is not None:
            ahead = np.array([np.cos(yaw), np.sin(yaw)])
            self._legs = [Straight(lane - BACK_M * ahead, yaw, -1), Turn(yaw), Straight(goal, yaw)]

    def _give_up(self, pose: np.ndarray, now_s: float) -> str:
        """Return why the drive has failed, or an empty string."""
        moved = float(np.hypot(*(pose[:2] - self._moved_from[:2])) + 0.3 * abs(wrap(pose[2] - self._moved_from[2])))
        if moved > 0.05:
            self._moved_from, self._progress_s = pose, now_s
        standing_s = now_s - self._progress_s
        at = f"({pose[0]:.2f}, {pose[1]:.2f})"
        if standing_s > BLOCKED_S:
            return f"the way is blocked: no progress for {standing_s:.0f} s at {at} on the way to {self._name!r}"
        if now_s - self._start_s > LONGEST_S:
            return f"{self._name!r} not reached within {LONGEST_S:.0f} s; the AGV is at {at}"
        return ""

    def _follow_leg(self, leg: Leg, pose: np.ndarray, base: BaseState) -> np.ndarray | None:
        """Return linear and angular velocity (2,), or None when the leg is done."""
        if isinstance(leg, Turn):
            return self._turn(leg, pose, base)
        if isinstance(leg, Straight):
            return self._straight(leg, pose)
        return self._pursue(leg, pose)

    def _turn(self, leg: Turn, pose: np.ndarray, base: BaseState) -> np.ndarray | None:
        error = wrap(leg.yaw_rad - pose[2])
        if abs(error) < leg.tolerance_rad and (abs(base.angular_rad_s) < 0.08 or leg.tolerance_rad > 0.1):
            return None
        limits = self._base.limits
        left = max(abs(error) - leg.tolerance_rad / 2, 0.0)
        brake = sqrt(2 * BRAKE_SHARE * limits.angular_acceleration_rad_s2 * left)
        speed = min(TURN_SHARE * limits.angular_rad_s, 3.0 * abs(error) + 0.03, brake + 0.03)
        return np.array([0.0, np.copysign(speed, error)])

    def _straight(self, leg: Straight, pose: np.ndarray) -> np.ndarray | None:
        """Steer onto the line, critically damped, and stop at the target."""
        ahead = np.array([np.cos(leg.yaw_rad), np.sin(leg.yaw_rad)])
        offset = leg.target_m - pose[:2]
        to_go = float(offset @ ahead) * leg.direction
        if to_go < REACTION_S * abs(self._set[0]) + 0.001:
            return None
        aside = float(ahead[1] * offset[0] - ahead[0] * offset[1])  # of the vehicle, left of the line
        reach = min(max(to_go / 3.5, LANE_M[0]), LANE_M[1])
        bend = -leg.direction * np.clip(aside, -0.06, 0.06) / reach**2 - 2 * wrap(pose[2] - leg.yaw_rad) / reach
        speed = min(max(self._braking(to_go), SLOWEST_M_S), DOCKING_M_S, 0.5 / max(abs(bend), 1e-3))
        return np.array([leg.direction * speed, speed * bend])

    def _pursue(self, leg: Follow, pose: np.ndarray) -> np.ndarray | None:
        here = pose[None]
        if leg is not self._on_path:
            self._paths.put(0, leg.path_m, self._floor.along(leg.path_m, self._floor.static_m), leg.exit_m_s)
            self._on_path = leg
        self._paths.locate(here)
        return None if self._paths.done(here)[0] else self._steer(here)

    def _steer(self, pose: np.ndarray) -> np.ndarray:
        """Return linear and angular velocity (2,) along the path, at a pose (1, 3)."""
        return np.asarray(driving.pursue(self._paths, pose, self._set[:1])[0])

    def _braking(self, to_go_m: float) -> float:
        return float(driving.braking(np.array(to_go_m), self._base.limits))

    def _finish(self, pose: np.ndarray, base: BaseState) -> BaseAction:
        """Stand still, look closely, and correct along the lane, the heading, or by coming in again."""
        assert self._station is not None
        now_s, station = base.stamp_s, self._station
        if abs(base.linear_m_s) > 0.02 or abs(base.angular_rad_s) > 0.05 or self._set.any() or self._stood_s is None:
            self._stood_s = now_s
        if now_s - self._stood_s < STAND_S:
            return self._action(Status.RUNNING, np.zeros(2), now_s, "standing")
        goal, ahead = np.array([station.x_m, station.y_m]), np.array([np.cos(station.yaw_rad), np.sin(station.yaw_rad)])
        off, off_rad = goal - pose[:2], wrap(station.yaw_rad - pose[2])
        along, aside, off_m = float(off @ ahead), float(ahead[0] * off[1] - ahead[1] * off[0]), float(np.hypot(*off))
        if abs(along) <= EXACT_M and abs(aside) <= ASIDE_M and abs(off_rad) <= EXACT_RAD:
            return self._action(Status.SUCCEEDED, np.zeros(2), now_s, "arrived")
        self._retries += 1
        self._stood_s = None
        if self._retries > RETRIES and off_m <= ARRIVED_M and abs(off_rad) <= ARRIVED_RAD:
            return self._action(Status.SUCCEEDED, np.zeros(2), now_s, "arrived")
        if self._retries > RETRIES:
            reason = f"{self._name!r} missed by {off_m * 1000:.0f} mm and {off_rad:.3f} rad after {RETRIES} corrections"
            return self._action(Status.FAILED, np.zeros(2), now_s, "missed", reason)
        self._legs = self._correction(along, aside, off_rad, goal)
        return self._action(Status.RUNNING, np.zeros(2), now_s, "correcting")

    def _correction(self, along: float, aside: float, off_rad: float, goal: np.ndarray) -> list[Leg]:
        assert self._station is not None
        yaw = self._station.yaw_rad
        lane = self._planner.lane_start(self._station, self._floor.static_m, np.empty((0, 2)))
        if abs(aside) > ASIDE_M and lane is not None and np.hypot(*(goal - lane)) > 0.1:
            return [Straight(lane, yaw, -1), Straight(goal, yaw)]
        legs: list[Leg] = [Straight(goal, yaw, 1 if along > 0 else -1)] if abs(along) > EXACT_M else []
        return [*legs, Turn(yaw, EXACT_RAD / 2)]

    def _action(self, status: Status, wanted: np.ndarray, now_s: float, phase: str, reason: str = "") -> BaseAction:
        """Ramp towards the wanted velocities and wrap them."""
        limits = self._base.limits
        elapsed_s = float(np.clip(now_s - self._tick_s, 0.0, 0.1)) or 1.0 / self._base.rate_hz
        self._tick_s = now_s
        step = elapsed_s * np.array([limits.linear_acceleration_m_s2, limits.angular_acceleration_rad_s2])
        self._set = self._set + np.clip(wanted - self._set, -step, step)
        linear, angular = map(float, self._set)
        command = BaseCommand(now_s, now_s + self._base.command_timeout_s, linear, angular)
        return BaseAction(status, command, phase, reason)


def _degree(points: np.ndarray) -> np.ndarray:
    """Directions (n,) of points (n, 2) in the frame of the base, in whole degrees 0..359."""
    turn = np.arctan2(points[:, 1], points[:, 0]) / (2 * pi)
    return np.asarray(np.round(turn * DEGREES).astype(int) % DEGREES)
