"""The classical controller of the mobile base: map, scan matching, shortest path, pursuit, straight docking."""

from __future__ import annotations

from math import sqrt

import numpy as np

from luban.catalogue import Station
from luban.errors import SkillError, unknown
from luban.profile import Profile
from luban.skill import BaseAction, SkillGoal, Status
from luban.state import BaseCommand, BaseState, LidarScan
from policies.control.floor_map import FloorMap
from policies.control.localization import Localizer, scan_points, transform, wrap
from policies.control.route import Follow, Leg, RoutePlanner, Straight, Turn

MATCH_PERIOD_S = 0.2
SEEN_S = 3.0  # how long something that is not on the map is remembered
UNMAPPED_M = 0.12  # a point farther than this from the map is something new
LOOK_M = 4.0
PATH_FREE_M = 0.27  # a path with less clearance to something new is planned anew
REPLAN_S = 0.7
BLOCKED_S, LONGEST_S = 12.0, 120.0
ARRIVED_M, ARRIVED_RAD = 0.035, 0.03
ASIDE_ACCELERATION_M_S2 = 0.45
TURN_SHARE, BRAKE_SHARE = 0.85, 0.6  # of the profile's limits
DOCKING_M_S, SLOWEST_M_S = 0.45, 0.04


class DriveBaseline:
    """BaseController for the skill `drive`. Between goals it keeps what it learned of the odometry's drift."""

    def __init__(self, profile: Profile) -> None:
        self._base, self._catalogue = profile.base, profile.catalogue
        self._floor = FloorMap(profile.catalogue)
        self._planner = RoutePlanner(self._floor, profile.base, tuple(profile.catalogue.stations.values()))
        self._localizer = Localizer(self._floor)
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
        if self._blocked:
            return self._action(Status.RUNNING, np.zeros(2), now_s, "waiting")
        while self._legs:
            wanted = self._follow_leg(self._legs[0], pose, base)
            if wanted is not None:
                return self._action(Status.RUNNING, wanted, now_s, type(self._legs[0]).__name__.lower())
            self._legs.pop(0)
            self._path_index = 0
        return self._finish(pose, base)

    def _localize(self, base: BaseState, points: np.ndarray) -> np.ndarray:
        if base.stamp_s - self._matched_s < MATCH_PERIOD_S - 1e-6:
            return self._localizer.pose(base)
        self._matched_s = base.stamp_s
        return self._localizer.correct(base, points)

    def _look(self, points: np.ndarray, pose: np.ndarray, now_s: float) -> None:
        """Remember where the scan shows things that are not on the map."""
        near = transform(pose, points[np.hypot(points[:, 0], points[:, 1]) < LOOK_M])
        new = near[self._floor.surface(near)[0] > UNMAPPED_M]
        self._seen_s[tuple(self._floor.cell(new).T)] = now_s

    def _occupied(self, now_s: float) -> np.ndarray:
        return self._seen_s > now_s - SEEN_S

    def _plan(self, pose: np.ndarray, now_s: float) -> None:
        assert self._station is not None
        self._planned_s = now_s
        legs = self._planner.legs(pose, self._station, self._occupied(now_s))
        self._blocked = legs is None
        self._legs = legs or []
        self._path_index = 0

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
                ahead = leg.path_m[self._path_index : self._path_index + 60]
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
        ahead = np.array([np.cos(leg.yaw_rad), np.sin(leg.yaw_rad)])
        offset = leg.target_m - pose[:2]
        to_go = float(offset @ ahead) * leg.direction
        if to_go < 0.008:
            return None
        aside = float(ahead[1] * offset[0] - ahead[0] * offset[1])  # of the vehicle, left of the line
        tilt = -leg.direction * float(np.clip(np.arctan(aside / 0.35), -0.3, 0.3))
        speed = np.clip(self._braking(to_go), SLOWEST_M_S, DOCKING_M_S)
        turn = np.clip(2.0 * wrap(leg.yaw_rad + tilt - pose[2]), -0.6, 0.6)
        return np.array([leg.direction * speed, turn])

    def _pursue(self, leg: Follow, pose: np.ndarray) -> np.ndarray | None:
        """Regulated pure pursuit (Coulter 1992; slower in curves and in narrow places)."""
        path, limits = leg.path_m, self._base.limits
        window = path[self._path_index : self._path_index + 20]
        self._path_index += int(np.hypot(*(window - pose[:2]).T).argmin())
        end_m = float(np.hypot(*(path[-1] - pose[:2])))
        to_go = (len(path) - 1 - self._path_index) * float(np.hypot(*(path[1] - path[0])))
        if end_m < 0.05 or (to_go < 0.05 and end_m < 0.12 and (path[-1] - path[-2]) @ (path[-1] - pose[:2]) <= 0):
            return None
        reach = float(np.clip(0.25 + 0.35 * abs(self._set[0]), 0.25, 0.6))
        distances = np.hypot(*(path[self._path_index :] - pose[:2]).T)
        beyond = np.flatnonzero(distances >= reach)
        aim = path[self._path_index + int(beyond[0])] if beyond.size else path[-1]
        angle = wrap(float(np.arctan2(*(aim - pose[:2])[::-1])) - pose[2])
        if abs(angle) > 0.9:
            return np.array([0.0, np.copysign(min(1.0, 2.0 * abs(angle)) * TURN_SHARE * limits.angular_rad_s, angle)])
        curvature = 2 * np.sin(angle) / max(float(np.hypot(*(aim - pose[:2]))), 0.15)
        room = float(self._floor.along(pose[None, :2], self._floor.static_m)[0])
        speed = min(
            limits.linear_m_s,
            sqrt(ASIDE_ACCELERATION_M_S2 / max(abs(curvature), 1e-3)),
            TURN_SHARE * limits.angular_rad_s / max(abs(curvature), 1e-3),
            0.35 + 2.5 * max(room - 0.30, 0.0),
            max(self._braking(max(to_go, end_m)), SLOWEST_M_S),
        )
        return np.array([speed, speed * curvature])

    def _braking(self, to_go_m: float) -> float:
        """The speed from which the vehicle still stops within a distance [m]."""
        acceleration = BRAKE_SHARE * self._base.limits.linear_acceleration_m_s2
        return min(sqrt(2 * acceleration * max(to_go_m, 0.0)), 1.8 * max(to_go_m, 0.0) + 0.02)

    def _finish(self, pose: np.ndarray, base: BaseState) -> BaseAction:
        """Stand still and judge; come in again from the start of the lane when too far beside it."""
        assert self._station is not None
        now_s = base.stamp_s
        goal = np.array([self._station.x_m, self._station.y_m])
        off_m, off_rad = float(np.hypot(*(goal - pose[:2]))), wrap(self._station.yaw_rad - pose[2])
        if abs(base.linear_m_s) > 0.02 or abs(base.angular_rad_s) > 0.05 or self._set.any():
            return self._action(Status.RUNNING, np.zeros(2), now_s, "standing")
        if off_m <= ARRIVED_M and abs(off_rad) <= ARRIVED_RAD:
            return self._action(Status.SUCCEEDED, np.zeros(2), now_s, "arrived")
        self._retries += 1
        if self._retries > 4:
            tries = self._retries - 1
            reason = f"{self._name!r} missed by {off_m * 1000:.0f} mm and {off_rad:.3f} rad after {tries} tries"
            return self._action(Status.FAILED, np.zeros(2), now_s, "missed", reason)
        lane = self._planner.lane_start(self._station, self._floor.static_m, np.empty((0, 2)))
        if off_m <= ARRIVED_M or lane is None:
            self._legs = [Turn(self._station.yaw_rad, 0.012)]
        else:
            yaw = self._station.yaw_rad
            self._legs = [Straight(lane, yaw, -1), Turn(yaw), Straight(goal, yaw)]
        return self._action(Status.RUNNING, np.zeros(2), now_s, "retrying")

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
