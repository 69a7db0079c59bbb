"""The mobile base of the twin behind the same protocol as a real one: encoders, gyro, lidar, wheel servos."""

from __future__ import annotations

from dataclasses import replace
from math import atan2, cos, inf, isfinite, pi, sin

import mujoco
import numpy as np

from luban.errors import DeviceError
from luban.profile import Profile
from luban.state import BaseCommand, BaseState, LidarScan
from sim.agv import FREE_JOINT, GYRO, MOTORS, WHEELS
from sim.lidar import Lidar

ENCODER_TICKS = 4096  # per turn of the wheel
GYRO_NOISE_RAD_S, GYRO_BIAS_RAD_S = 0.003, 0.0002  # per sample; constant of one run (industrial MEMS after calibration)
DRIVE_RAMP_M_S2 = 1.5  # the wheel amplifiers' own ramp, also when commands stop coming
TICK_RAD = 2 * pi / ENCODER_TICKS
NOISE_BLOCK = 512  # samples drawn at once: one by one they would cost as much as all the rest
EARLY = 0.1  # share of a period by which a scan may come early: clocks of 8 ms do not divide 50 ms


class TwinBase:
    """MobileBase over a MuJoCo model. Whoever steps the physics calls `advance` after every few steps (<= 10 ms).

    The pose is dead reckoning in the cell frame: distance from the wheel encoders, heading from the gyro. It starts
    at the vehicle's true pose turned and shifted by `start_error` (x [m], y [m], yaw [rad]) and drifts like a real one.
    """

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, profile: Profile, seed: int,
        start_error: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> None:  # fmt: skip
        self._data = data
        self._base = profile.base
        lidar_seed, gyro_seed = np.random.SeedSequence([seed, 0xA61]).spawn(2)
        self._lidar = Lidar(model, np.random.default_rng(lidar_seed))
        self._generator = np.random.default_rng(gyro_seed)
        self._gyro_bias = float(self._generator.normal(0.0, GYRO_BIAS_RAD_S))
        self._left_qpos, self._right_qpos = (int(model.joint(name).qposadr[0]) for name in WHEELS)
        self._left_motor, self._right_motor = (model.actuator(name).id for name in MOTORS)
        # Views into the simulation's own arrays, which never move.
        self._qpos, self._ctrl, self._sensordata = data.qpos, data.ctrl, data.sensordata
        self._gyro_z = int(model.sensor(GYRO).adr[0]) + 2
        self._noise: list[float] = []
        self._period_s = 1.0 / profile.base.rate_hz
        start = int(model.joint(FREE_JOINT).qposadr[0])
        x, y = data.qpos[start : start + 2]
        w, _, _, z = data.qpos[start + 3 : start + 7]
        self._x_m, self._y_m = float(x) + start_error[0], float(y) + start_error[1]
        self._yaw_rad = 2 * atan2(z, w) + start_error[2]
        self._left_rad, self._right_rad = self._read_encoders()
        self._linear_m_s, self._angular_rad_s = 0.0, 0.0  # measured, low-passed
        self._time_s = float(data.time)
        self._target = (0.0, 0.0)  # linear, angular: where the amplifiers ramp to
        self._set = (0.0, 0.0)
        self._valid_until_s = -inf
        self._scan: LidarScan | None = None
        self._connected = False

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self.stop()
        self._connected = False

    def stop(self) -> None:
        """Ramp to a stand-still; a later command moves the base again."""
        self._valid_until_s = -inf

    def read(self) -> BaseState:
        """Return what odometry believes. Raises DeviceError when not connected."""
        self._require_connection("read")
        yaw = (self._yaw_rad + pi) % (2 * pi) - pi
        return BaseState(self._time_s, self._x_m, self._y_m, yaw, self._linear_m_s, self._angular_rad_s)

    def scan(self) -> LidarScan:
        """Return the newest scan; a new one is made once per period of the base."""
        self._require_connection("scan")
        if self._scan is None or not 0 <= self._data.time - self._scan.stamp_s < (1 - EARLY) * self._period_s:
            self._scan = self._lidar.scan(self._data)
        return self._scan

    def send(self, command: BaseCommand) -> BaseCommand:
        """Set body velocities until the command's deadline; return them as sent: never faster than the wheels turn.

        Raises DeviceError when not connected or when a number is not finite.
        """
        self._require_connection("send")
        if not all(isfinite(v) for v in (command.linear_m_s, command.angular_rad_s, command.valid_until_s)):
            raise DeviceError(f"base {self._base.id!r}: send needs finite numbers, got {command}; nothing was sent")
        limits = self._base.limits
        linear = _clip(command.linear_m_s, limits.linear_m_s)
        angular = _clip(command.angular_rad_s, limits.angular_rad_s)
        self._target = (linear, angular)
        self._valid_until_s = command.valid_until_s
        return replace(command, linear_m_s=linear, angular_rad_s=angular)

    def advance(self) -> None:
        """Let the vehicle's own electronics catch up with the physics: odometry, deadline, ramps."""
        now_s = float(self._data.time)
        elapsed_s, self._time_s = now_s - self._time_s, now_s
        if elapsed_s <= 0.0:
            return
        self._integrate(elapsed_s)
        base = self._base
        target = self._target if now_s <= self._valid_until_s else (0.0, 0.0)
        ramp = elapsed_s * DRIVE_RAMP_M_S2
        linear = self._set[0] + _clip(target[0] - self._set[0], ramp)
        angular = self._set[1] + _clip(target[1] - self._set[1], 2 * ramp / base.wheel_separation_m)
        self._set = (linear, angular)
        turn = angular * base.wheel_separation_m / 2
        self._ctrl[self._left_motor] = (linear - turn) / base.wheel_radius_m
        self._ctrl[self._right_motor] = (linear + turn) / base.wheel_radius_m

    def _integrate(self, elapsed_s: float) -> None:
        left, right = self._read_encoders()
        distance = (left - self._left_rad + right - self._right_rad) / 2 * self._base.wheel_radius_m
        moved = left != self._left_rad or right != self._right_rad
        self._left_rad, self._right_rad = left, right
        if not self._noise:
            self._noise = self._generator.normal(0.0, GYRO_NOISE_RAD_S, NOISE_BLOCK).tolist()
        rate = float(self._sensordata[self._gyro_z]) + self._gyro_bias + self._noise.pop()
        if not moved and self._set == (0.0, 0.0):
            rate = 0.0  # standing still: the usual zero-rate update keeps the gyro from drifting
        heading = self._yaw_rad + rate * elapsed_s / 2
        self._x_m += distance * cos(heading)
        self._y_m += distance * sin(heading)
        self._yaw_rad += rate * elapsed_s
        blend = min(elapsed_s / 0.05, 1.0)
        self._linear_m_s += blend * (distance / elapsed_s - self._linear_m_s)
        self._angular_rad_s += blend * (rate - self._angular_rad_s)

    def _read_encoders(self) -> tuple[float, float]:
        """Angles of the left and the right wheel, in whole ticks [rad]."""
        left, right = float(self._qpos[self._left_qpos]), float(self._qpos[self._right_qpos])
        return round(left / TICK_RAD) * TICK_RAD, round(right / TICK_RAD) * TICK_RAD

    def _require_connection(self, operation: str) -> None:
        if not self._connected:
            raise DeviceError(f"base {self._base.id!r}: {operation} needs a connection, it is closed; call connect()")


def _clip(value: float, most: float) -> float:
    return min(max(value, -most), most)
