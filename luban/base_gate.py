"""The safety gate in front of a mobile base: deadlines, limits, a latched stop and a protective field."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from luban.device import MobileBase
from luban.errors import CommandRejected
from luban.profile import BaseConfig
from luban.state import BaseCommand, BaseState, LidarScan

STALE_S = 0.3  # scan or state older than this: the vehicle is blind
SIDE_MARGIN_M = 0.025  # the closest that anything may come to the outline; docking keeps 6 cm
SAMPLES = 12  # poses looked at along the way to a stand-still
SLOWER = (1.0, 0.7, 0.45, 0.25, 0.1)  # shares of the asked speed that are tried before standing still
STANDSTILL_M_S = 0.02
BESIDE_M = 0.25  # the vehicle stands while something that moves by itself is this close to its outline, on any side
WALKED_M, WALKED_S = 0.06, 0.3  # moves by itself: lies so far from all that was seen so long ago
WALKED_BEAMS = 2  # that tell so: one alone may be noise at an edge


@dataclass
class BaseGate:
    """Wraps any MobileBase with the same `read`, `scan` and `send`; `cycle` runs at `config.rate_hz` beside the driver.

    The protective field is what the vehicle's outline sweeps on the asked arc until it stands, plus
    `limits.protective_m` ahead; beside what walks, the vehicle stands. It slows and stops the vehicle but does not
    latch: a person who steps away frees it.
    """

    base: MobileBase
    config: BaseConfig
    reason: str = ""
    obstructed: bool = False

    def __post_init__(self) -> None:
        self._command: BaseCommand | None = None
        self._linear, self._angular = 0.0, 0.0
        self._seen: deque[tuple[float, np.ndarray]] = deque()  # stamps and hits (n, 2) in the frame of odometry

    @property
    def stopped(self) -> bool:
        """True while a stop is latched."""
        return bool(self.reason)

    def connect(self) -> None:
        self.base.connect()

    def close(self) -> None:
        self.base.close()

    def read(self) -> BaseState:
        return self.base.read()

    def scan(self) -> LidarScan:
        return self.base.scan()

    def send(self, command: BaseCommand) -> BaseCommand:
        """Accept a command for the coming cycles; return it with speeds limited.

        Raises:
            CommandRejected: a value that is not finite, expired, valid for too long, or a latched stop.
        """
        if self.stopped:
            raise CommandRejected(f"AGV command refused: stopped ({self.reason}); reset first")
        numbers = (command.linear_m_s, command.angular_rad_s, command.stamp_s, command.valid_until_s)
        if not all(map(math.isfinite, numbers)):
            raise CommandRejected("AGV command refused: finite numbers required, got NaN or infinity; nothing moves")
        now_s = self.base.read().stamp_s
        if command.valid_until_s < now_s:
            raise CommandRejected(f"AGV command refused: it expired {now_s - command.valid_until_s:.3f} s ago")
        if command.valid_until_s > now_s + 2 * self.config.command_timeout_s:
            raise CommandRejected(
                f"AGV command refused: valid for {command.valid_until_s - now_s:.3f} s, "
                f"at most {2 * self.config.command_timeout_s:.3f} s allowed"
            )
        limits = self.config.limits
        self._command = replace(
            command,
            linear_m_s=_clip(command.linear_m_s, limits.linear_m_s),
            angular_rad_s=_clip(command.angular_rad_s, limits.angular_rad_s),
        )
        return self._command

    def cycle(self, now_s: float) -> None:
        """Ramp towards what is asked and allowed, and send it. Call at `config.rate_hz` with the states' clock."""
        scan = self.base.scan()
        self._watch(scan, now_s)
        if self._command is not None and now_s > self._command.valid_until_s:
            self._command = None
        linear, angular, points_m = 0.0, 0.0, _points(scan)
        if self._command is not None and not self.stopped:
            linear, angular = self._allowed(self._command, points_m)
        if self._walks_beside(points_m, scan.stamp_s):
            linear, angular, self.obstructed = 0.0, 0.0, True
        limits, period_s = self.config.limits, 1.0 / self.config.rate_hz
        self._linear += _clip(linear - self._linear, limits.linear_acceleration_m_s2 * period_s)
        self._angular += _clip(angular - self._angular, limits.angular_acceleration_rad_s2 * period_s)
        self.base.send(BaseCommand(now_s, now_s + 2 * period_s, self._linear, self._angular))

    def stop(self, reason: str = "stop requested") -> None:
        """Latch a stop: brake at the acceleration limit and stand until `reset`."""
        self.reason = self.reason or reason
        self._command = None

    def reset(self) -> None:
        """Release a latched stop. Raises CommandRejected while the vehicle still moves."""
        speed = abs(self.base.read().linear_m_s)
        if speed > STANDSTILL_M_S:
            raise CommandRejected(
                f"reset: AGV at standstill required, it moves at {speed:.2f} m/s; wait and reset again"
            )
        self.reason = ""
        self._command = None
        self._linear, self._angular = 0.0, 0.0

    def _watch(self, scan: LidarScan, now_s: float) -> None:
        state = self.base.read()
        for name, stamp_s in (("lidar", scan.stamp_s), ("odometry", state.stamp_s)):
            if now_s - stamp_s > STALE_S:
                self.stop(f"the AGV's {name} has been silent for {now_s - stamp_s:.2f} s")
        if not (math.isfinite(state.linear_m_s) and math.isfinite(state.angular_rad_s)):
            self.stop("the AGV reports velocities that are not numbers")

    def _allowed(self, command: BaseCommand, points_m: np.ndarray) -> tuple[float, float]:
        """Return the fastest tried share of the asked velocity whose protective field is free."""
        for share in SLOWER:
            linear, angular = share * command.linear_m_s, share * command.angular_rad_s
            if self._is_free(linear, angular, points_m):
                self.obstructed = share < 1.0
                return linear, angular
        self.obstructed = True
        return 0.0, 0.0

    def _is_free(self, linear: float, angular: float, points_m: np.ndarray) -> bool:
        """Whether nothing comes too close on the arc. points_m: (n, 2) in the frame of the base.

        What is too close already does not forbid to drive away from it.
        """
        if (linear == 0.0 and angular == 0.0) or not len(points_m):
            return True
        now_m = self._clearance_m(points_m, 0.0, 0.0, 0.0)
        near = points_m[now_m < self._stopping_m(linear) + self.config.limits.protective_m + self.config.length_m]
        if not len(near):
            return True
        now_m = self._clearance_m(near, 0.0, 0.0, 0.0)
        for x, y, yaw in self._arc(linear, angular):
            then_m = self._clearance_m(near, x, y, yaw)
            if np.any((then_m < SIDE_MARGIN_M) & (then_m < now_m - 1e-3)):
                return False
        return True

    def _walks_beside(self, points_m: np.ndarray, now_s: float) -> bool:
        """Whether something close by has moved: a person who closes in is not driven past, nor away from blindly.

        points_m: (n, 2) in the frame of the base; now_s: stamp of their scan.
        """
        state = self.base.read()
        c, s = math.cos(state.yaw_rad), math.sin(state.yaw_rad)
        turned = np.array([[c, -s], [s, c]])
        here_m = points_m @ turned.T + (state.x_m, state.y_m)
        if not self._seen or now_s > self._seen[-1][0]:
            self._seen.append((now_s, here_m))
        while len(self._seen) > 1 and now_s - self._seen[1][0] >= WALKED_S:
            self._seen.popleft()
        stamp_s, past_m = self._seen[0]
        near_m = here_m[self._clearance_m(points_m, 0.0, 0.0, 0.0) < BESIDE_M]
        if now_s - stamp_s < WALKED_S / 2 or not len(near_m):
            return False
        if not len(past_m):
            return True
        away_m = np.hypot(*(near_m[:, None] - past_m[None]).transpose(2, 0, 1)).min(axis=1)
        return int((away_m > WALKED_M).sum()) >= WALKED_BEAMS

    def _arc(self, linear: float, angular: float) -> list[tuple[float, float, float]]:
        """Poses (x, y, yaw) on the way to a stand-still and beyond it by the protective distance."""
        limits = self.config.limits
        if abs(linear) < 1e-3:
            turn = angular**2 / (2 * limits.angular_acceleration_rad_s2) + abs(angular) * 2 / self.config.rate_hz
            steps = np.linspace(0.0, math.copysign(turn, angular), SAMPLES + 1)[1:]
            return [(0.0, 0.0, float(yaw)) for yaw in steps]
        curvature = angular / linear
        reach_m = self._stopping_m(linear) + limits.protective_m
        poses = []
        for s in np.linspace(0.0, math.copysign(reach_m, linear), SAMPLES + 1)[1:]:
            yaw = float(curvature * s)
            x = float(math.sin(yaw) / curvature if abs(curvature) > 1e-6 else s)
            y = float((1 - math.cos(yaw)) / curvature if abs(curvature) > 1e-6 else 0.0)
            poses.append((x, y, yaw))
        return poses

    def _stopping_m(self, linear: float) -> float:
        """Distance until standstill: two periods of reaction, then braking at the limit."""
        return abs(linear) * 2 / self.config.rate_hz + linear**2 / (2 * self.config.limits.linear_acceleration_m_s2)

    def _clearance_m(self, points_m: np.ndarray, x_m: float, y_m: float, yaw_rad: float) -> np.ndarray:
        """Distance (n,) of points to the outline at a pose; negative inside."""
        c, s = math.cos(yaw_rad), math.sin(yaw_rad)
        dx, dy = points_m[:, 0] - x_m, points_m[:, 1] - y_m
        beyond_x = np.abs(c * dx + s * dy) - self.config.length_m / 2
        beyond_y = np.abs(-s * dx + c * dy) - self.config.width_m / 2
        outside = np.hypot(np.maximum(beyond_x, 0.0), np.maximum(beyond_y, 0.0))
        return np.asarray(outside + np.minimum(np.maximum(beyond_x, beyond_y), 0.0))


def _points(scan: LidarScan) -> np.ndarray:
    """Hits of a scan (n, 2) in the frame of the base."""
    angles = scan.angle_min_rad + scan.angle_increment_rad * np.arange(len(scan.ranges_m))
    seen = np.isfinite(scan.ranges_m)
    ranges_m, angles = scan.ranges_m[seen], angles[seen]
    return np.stack([ranges_m * np.cos(angles), ranges_m * np.sin(angles)], axis=1)


def _clip(value: float, most: float) -> float:
    return min(max(value, -most), most)
