"""The safety gate in front of a mobile base: deadline, limits, latched stop and a protective field from the lidar."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from luban.device import MobileBase
from luban.errors import CommandRejected
from luban.profile import BaseConfig
from luban.state import BaseCommand, BaseState, LidarScan

STALE_SCAN_S = 0.3
STALE_STATE_S = 0.3
STANDSTILL_M_S, STANDSTILL_RAD_S = 0.02, 0.04
SIDE_M = 0.01  # kept free beside the vehicle; docking along a bench leaves 5 cm
REACTION_S = 0.15  # one scan, one cycle and the lag of the drives
SCALES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.12)  # tried in turn: the fastest that keeps the field free is sent
FIELD_STEP_M = 0.04  # between the poses at which the swept field is looked at
NEARER_M = 0.003  # a point that comes no nearer than this does not hold the vehicle where it is


@dataclass
class BaseGateCounters:
    """How often each rule acted since start; for diagnostics."""

    rejected: int = 0
    limited: int = 0
    silenced: int = 0
    latched: int = 0
    protected: int = 0


@dataclass
class BaseGate:
    """Wraps any MobileBase with the same `read`, `scan` and `send`; `cycle` must be called at `config.rate_hz`.

    A command is checked in `send` and followed in `cycle` within the limits of speed and acceleration, and only as fast
    as the protective field allows: the outline swept along the commanded arc over the braking distance, and
    `protective_m` beyond it, must be free in the newest scan. A blocked field slows and stops the base without latching
    (`blocked`); `stop` latches, and nothing moves until `reset`.
    """

    base: MobileBase
    config: BaseConfig
    counters: BaseGateCounters = field(default_factory=BaseGateCounters)
    reason: str = ""
    blocked: bool = False

    def __post_init__(self) -> None:
        self._command: BaseCommand | None = None
        self._set = np.zeros(2)  # linear [m/s], angular [rad/s]: what was last sent
        self._stamp_s = -math.inf
        self._seen_s = -math.inf

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
        """Accept a command for the coming cycles; return it with the speed limits applied.

        Raises:
            CommandRejected: a value that is not finite, an expired or too distant deadline, or a latched stop.
        """
        try:
            self._refuse_faulty(command)
        except CommandRejected:
            self.counters.rejected += 1
            raise
        limits = self.config.limits
        # Both speeds shrink together, so that the vehicle keeps to the arc that was asked for.
        excess = max(
            abs(command.linear_m_s) / limits.linear_m_s, abs(command.angular_rad_s) / limits.angular_rad_s, 1.0
        )
        self.counters.limited += excess > 1.0
        self._command = BaseCommand(
            command.stamp_s, command.valid_until_s, command.linear_m_s / excess, command.angular_rad_s / excess
        )
        return self._command

    def cycle(self, now_s: float) -> None:
        """Ramp by one period and send. Call at `config.rate_hz` with the clock of the base's states."""
        state, scan = self.base.read(), self.base.scan()
        self._watch(state, now_s)
        if self._command is not None and now_s > self._command.valid_until_s:
            self._command = None
            self.counters.silenced += 1
        target = np.zeros(2)
        if self._command is not None and not self.stopped:
            target = np.array([self._command.linear_m_s, self._command.angular_rad_s])
        if self.stopped and not self._set.any():
            self.base.stop()
            return
        self._set = self._protect(self._ramp(target), scan, now_s)
        self.base.send(BaseCommand(now_s, now_s + self.config.command_timeout_s, float(self._set[0]), float(self._set[1])))

    def stop(self, reason: str = "stop requested") -> None:
        """Latch a stop: brake at the acceleration limit and stand until `reset`."""
        if not self.stopped:
            self.reason = reason
            self.counters.latched += 1
        self._command = None

    def reset(self) -> None:
        """Release a latched stop at standstill.

        Raises:
            CommandRejected: the base still moves.
        """
        state = self.base.read()
        if abs(state.linear_m_s) > STANDSTILL_M_S or abs(state.angular_rad_s) > STANDSTILL_RAD_S:
            raise CommandRejected(
                f"reset: base at standstill required, it moves at {state.linear_m_s:.2f} m/s and "
                f"{state.angular_rad_s:.2f} rad/s; wait and reset again"
            )
        self.reason = ""
        self._command = None
        self._set = np.zeros(2)

    def _refuse_faulty(self, command: BaseCommand) -> None:
        if self.stopped:
            raise CommandRejected(f"base command refused: stopped ({self.reason}); reset first")
        numbers = (command.linear_m_s, command.angular_rad_s, command.stamp_s, command.valid_until_s)
        try:
            finite = all(math.isfinite(number) for number in numbers)
        except TypeError:
            raise CommandRejected(f"base command refused: numbers required, got {numbers}; nothing moves") from None
        if not finite:
            raise CommandRejected("base command refused: finite numbers required, got NaN or infinity; nothing moves")
        now_s = self.base.read().stamp_s
        if command.valid_until_s < now_s:
            raise CommandRejected(f"base command refused: it expired {now_s - command.valid_until_s:.3f} s ago")
        longest_s = 2 * self.config.command_timeout_s
        if command.valid_until_s > now_s + longest_s:
            raise CommandRejected(
                f"base command refused: valid for {command.valid_until_s - now_s:.3f} s, "
                f"at most {longest_s:.3f} s allowed"
            )

    def _watch(self, state: BaseState, now_s: float) -> None:
        """Latch a stop on a hung base or a state that is not a number."""
        if not all(math.isfinite(value) for value in (state.x_m, state.y_m, state.yaw_rad, state.linear_m_s)):
            self.stop("the base reports a pose that is not a number")
        if state.stamp_s != self._stamp_s:
            self._stamp_s, self._seen_s = state.stamp_s, now_s
        elif now_s - self._seen_s > STALE_STATE_S:
            self.stop(f"the base's state stands still for {now_s - self._seen_s:.2f} s")

    def _ramp(self, target: np.ndarray) -> np.ndarray:
        limits = self.config.limits
        step = np.array([limits.linear_acceleration_m_s2, limits.angular_acceleration_rad_s2]) / self.config.rate_hz
        return self._set + np.clip(target - self._set, -step, step)

    def _protect(self, wanted: np.ndarray, scan: LidarScan, now_s: float) -> np.ndarray:
        """Return the fastest part of the wanted motion that keeps the field free; braking harder than the ramp if need be."""
        self.blocked = False
        if not wanted.any():
            return wanted
        if not now_s - scan.stamp_s <= STALE_SCAN_S:
            self.blocked = True
            self.counters.protected += 1
            return self._ramp(np.zeros(2))
        points = scan_points(scan)
        for scale in SCALES:
            if self._field_free(wanted * scale, points):
                self.counters.protected += scale < 1.0
                return wanted * scale
        self.blocked = True
        self.counters.protected += 1
        return np.zeros(2)

    def _field_free(self, speeds: np.ndarray, points: np.ndarray) -> bool:
        """Whether no point (n, 2) of the base frame lies in the field swept while reacting and braking from `speeds`."""
        limits = self.config.limits
        linear, angular = speeds
        brake_s = max(abs(linear) / limits.linear_acceleration_m_s2, abs(angular) / limits.angular_acceleration_rad_s2)
        travel_s = REACTION_S + brake_s / 2  # at constant speed as far as the braking takes
        half = np.array([self.config.length_m / 2, self.config.width_m / 2])
        reach = float(np.hypot(*half))
        steps = 2 + int((abs(linear) + abs(angular) * reach) * travel_s / FIELD_STEP_M)
        near = points[np.abs(points).max(axis=1) < reach + abs(linear) * travel_s + limits.protective_m + 0.05]
        if near.size == 0:
            return True
        times = np.linspace(0.0, travel_s, steps)[1:]
        seen = _seen_along(near, linear, angular, times)  # (poses, points, 2)
        front = np.where(seen[..., 0] * linear > 0, limits.protective_m if linear else SIDE_M, SIDE_M)
        inside = (np.abs(seen[..., 0]) < half[0] + front) & (np.abs(seen[..., 1]) < half[1] + SIDE_M)
        nearer = _clearance(seen, half) < _clearance(near, half) - NEARER_M
        return not bool((inside & nearer).any())


def scan_points(scan: LidarScan) -> np.ndarray:
    """Return what a scan saw as points (n, 2) in the base frame [m]."""
    seen = np.isfinite(scan.ranges_m)
    angles = scan.angle_min_rad + scan.angle_increment_rad * np.flatnonzero(seen)
    ranges = np.asarray(scan.ranges_m)[seen]
    return np.stack([ranges * np.cos(angles), ranges * np.sin(angles)], axis=1)


def _seen_along(points: np.ndarray, linear: float, angular: float, times_s: np.ndarray) -> np.ndarray:
    """Return points (n, 2) of the base frame as seen from the arc's poses at `times_s`: (poses, n, 2)."""
    turn = angular * times_s
    # sin(a)/a and (1-cos(a))/a without the hole at zero
    forward = linear * times_s * np.sinc(turn / np.pi)
    aside = linear * times_s * np.sin(turn / 2) * np.sinc(turn / 2 / np.pi)
    shifted = points[None] - np.stack([forward, aside], axis=1)[:, None]
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.stack([c * shifted[..., 0] + s * shifted[..., 1], c * shifted[..., 1] - s * shifted[..., 0]], axis=-1)


def _clearance(points: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Signed distance [m] of points (..., 2) to a rectangle of half sizes (2,) about the origin."""
    outside = np.abs(points) - half
    return np.hypot(*np.moveaxis(np.maximum(outside, 0.0), -1, 0)) + np.minimum(outside.max(axis=-1), 0.0)
