"""The mobile base of the twin behind the same protocol as a real one: encoders, gyro, lidar, wheel servos."""

from __future__ import annotations

from dataclasses import replace
from math import atan2, cos, isfinite, pi, sin

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
        self._wheel_qpos = [int(model.joint(name).qposadr[0]) for name in WHEELS]
        self._motors = [model.actuator(name).id for name in MOTORS]
        self._gyro_z = int(model.sensor(GYRO).adr[0]) + 2
        self._period_s = 1.0 / profile.base.rate_hz
        self._timestep_s = model.opt.timestep
        start = int(model.joint(FREE_JOINT).qposadr[0])
        x, y = data.qpos[start : start + 2]
        w, _, _, z = data.qpos[start + 3 : start + 7]
        self._pose = np.array([x, y, 2 * atan2(z, w)]) + start_error
        self._wheels_rad = self._read_encoders()
        self._rates = np.zeros(2)  # linear, angular: low-passed
        self._time_s = float(data.time)
        self._target = np.zeros(2)  # linear, angular: where the amplifiers ramp to
        self._set = np.zeros(2)
        self._valid_until_s = -np.inf
        self._scan: LidarScan | None = None
        self._connected = False

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self.stop()
        self._connected = False

    def stop(self) -> None:
        """Ramp to a stand-still; a later command moves the base again."""
        self._valid_until_s = -np.inf

    def read(self) -> BaseState:
        """Return what odometry believes. Raises DeviceError when not connected."""
        self._require_connection("read")
        x, y, yaw = self._pose
        yaw = (yaw + pi) % (2 * pi) - pi
        return BaseState(self._time_s, float(x), float(y), float(yaw), float(self._rates[0]), float(self._rates[1]))

    def scan(self) -> LidarScan:
        """Return the newest scan; a new one is made once per period of the base."""
        self._require_connection("scan")
        if self._scan is None or self._data.time - self._scan.stamp_s >= self._period_s - self._timestep_s / 2:
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
        linear = float(np.clip(command.linear_m_s, -limits.linear_m_s, limits.linear_m_s))
        angular = float(np.clip(command.angular_rad_s, -limits.angular_rad_s, limits.angular_rad_s))
        self._target = np.array([linear, angular])
        self._valid_until_s = command.valid_until_s
        return replace(command, linear_m_s=linear, angular_rad_s=angular)

    def advance(self) -> None:
        """Let the vehicle's own electronics catch up with the physics: odometry, deadline, ramps."""
        elapsed_s = float(self._data.time) - self._time_s
        if elapsed_s <= 0.0:
            return
        self._time_s = float(self._data.time)
        self._integrate(elapsed_s)
        target = self._target if self._time_s <= self._valid_until_s else np.zeros(2)
        ramp = elapsed_s * np.array([DRIVE_RAMP_M_S2, 2 * DRIVE_RAMP_M_S2 / self._base.wheel_separation_m])
        self._set += np.clip(target - self._set, -ramp, ramp)
        turn = self._set[1] * self._base.wheel_separation_m / 2
        for motor, speed in zip(self._motors, (self._set[0] - turn, self._set[0] + turn), strict=True):
            self._data.ctrl[motor] = speed / self._base.wheel_radius_m

    def _integrate(self, elapsed_s: float) -> None:
        wheels = self._read_encoders()
        distance = float((wheels - self._wheels_rad).mean()) * self._base.wheel_radius_m
        self._wheels_rad = wheels
        noise = self._generator.normal(0.0, GYRO_NOISE_RAD_S)
        rate = float(self._data.sensordata[self._gyro_z]) + self._gyro_bias + noise
        if distance == 0.0 and not self._set.any():
            rate = 0.0  # standing still: the usual zero-rate update keeps the gyro from drifting
        heading = self._pose[2] + rate * elapsed_s / 2
        self._pose += (distance * cos(heading), distance * sin(heading), rate * elapsed_s)
        blend = min(elapsed_s / 0.05, 1.0)
        self._rates += blend * (np.array([distance / elapsed_s, rate]) - self._rates)

    def _read_encoders(self) -> np.ndarray:
        tick = 2 * pi / ENCODER_TICKS
        return np.round(self._data.qpos[self._wheel_qpos] / tick) * tick

    def _require_connection(self, operation: str) -> None:
        if not self._connected:
            raise DeviceError(f"base {self._base.id!r}: {operation} needs a connection, it is closed; call connect()")
