"""The arm of the twin behind the same protocol as a real one: streamed joint targets in, measured states out."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np

from luban.errors import DeviceError
from luban.profile import ArmConfig
from luban.state import ArmCommand, ArmState
from sim.arm import SERVOS
from sim.gripper import centre_of_mass_m

_SENSORS = ("force", "torque", "acceleration")


class TwinArm:
    """Arm over a MuJoCo model. Whoever steps the physics calls `advance` before every step.

    Between two commands the target moves on with the commanded velocity for at most one period, then rests: limits
    and deadlines belong to the safety gate around it.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, arm: ArmConfig) -> None:
        self._model, self._data, self._config = model, data, arm
        self._names = arm.arm_model().joint_names
        self._qpos = np.array([model.joint(name).qposadr[0] for name in self._names])
        self._dof = np.array([model.joint(name).dofadr[0] for name in self._names])
        self._ctrl = np.array([model.actuator(name).id for name in self._names])
        self._setpoint = np.array([model.actuator(name).actadr[0] for name in self._names])
        self._lead_s = np.array([servo.damping / servo.stiffness for servo in SERVOS])
        self._period_s = 1.0 / arm.rate_hz
        self._sensors = wrist_sensors(model)
        self._tool_mass_kg = float(model.body_subtreemass[model.body("gripper").id])
        self._lever_m = centre_of_mass_m(arm.tool_length_m)
        self._connected = False
        self.hold()

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self._connected = False

    def stop(self) -> None:
        """Hold the measured position."""
        self.hold()

    def hold(self) -> None:
        self._target = self._data.qpos[self._qpos].copy()
        self._velocity = np.zeros(len(self._names))
        self._sent_s = float(self._data.time)
        self._state: ArmState | None = None

    def read(self) -> ArmState:
        """Return what encoders, motor currents and the wrist sensor say. Raises DeviceError when not connected."""
        self._require_connection("read")
        data = self._data
        if self._state is not None and self._state.stamp_s == data.time:
            return self._state  # several look at one instant: gate, controller, publisher
        self._state = ArmState(
            float(data.time),
            self._names,
            data.qpos[self._qpos].copy(),
            data.qvel[self._dof].copy(),
            data.qfrc_actuator[self._dof].copy(),
            self._wrench(),
        )
        return self._state

    def send(self, command: ArmCommand) -> ArmCommand:
        """Follow a target; return it as sent, clipped to the joints' range.

        Raises DeviceError when not connected, for other joints, or when a number is not finite.
        """
        self._require_connection("send")
        if tuple(command.joint_names) != self._names:
            raise DeviceError(
                f"arm {self._config.id!r}: send needs the joints {', '.join(self._names)}, "
                f"got {', '.join(command.joint_names) or 'none'}; nothing was sent"
            )
        position, velocity = np.asarray(command.position_rad, float), np.asarray(command.velocity_rad_s, float)
        for what, values in (("position_rad", position), ("velocity_rad_s", velocity)):
            if values.shape != (len(self._names),) or not np.isfinite(values).all():
                raise DeviceError(
                    f"arm {self._config.id!r}: {what} needs {len(self._names)} finite numbers, "
                    f"got {np.array2string(values)}; nothing was sent"
                )
        limits = self._config.arm_model().position_limit_rad
        self._target = np.clip(position, limits[:, 0], limits[:, 1])
        self._velocity = velocity.copy()
        self._sent_s = float(self._data.time)
        return replace(command, position_rad=self._target.copy(), velocity_rad_s=velocity.copy())

    def advance(self) -> None:
        """Set the servos for the coming physics steps, at most one period of the arm.

        The velocity is fed forward for one period after its command, then the arm holds.
        """
        since_s = float(self._data.time) - self._sent_s
        moving = since_s < self._period_s - 1e-9
        ahead_s = since_s + self._lead_s if moving else self._period_s
        self._data.act[self._setpoint] = self._target + self._velocity * ahead_s
        self._data.ctrl[self._ctrl] = self._velocity if moving else 0.0

    def _wrench(self) -> np.ndarray:
        """Force and torque on the tool at the wrist sensor, in the tool frame, the tool's own weight and inertia
        removed."""
        return contact_wrench(self._data.sensordata[None], self._sensors, self._tool_mass_kg, self._lever_m)[0]

    def _require_connection(self, operation: str) -> None:
        if not self._connected:
            raise DeviceError(f"arm {self._config.id!r}: {operation} needs a connection, it is closed; call connect()")


def wrist_sensors(model: mujoco.MjModel) -> tuple[int, int, int]:
    """Where force, torque and acceleration begin in the sensor data."""
    force, torque, acceleration = (int(model.sensor(f"wrist/{name}").adr[0]) for name in _SENSORS)
    return force, torque, acceleration


def contact_wrench(
    sensordata: np.ndarray, sensors: tuple[int, int, int], tool_mass_kg: float, lever_m: float
) -> np.ndarray:
    """Return the wrench (n, 6) on the tool at the wrist, tool frame, from sensor data (n, sensors).

    The wrist reads what the flange exerts on the tool, so F = m (a - g) - reading; the accelerometer at the tool's
    centre of mass, `lever_m` ahead, measures a - g.
    """
    force, torque, acceleration = sensors
    carried_n = tool_mass_kg * sensordata[:, acceleration : acceleration + 3]
    wrench = np.empty((len(sensordata), 6))
    wrench[:, :3] = carried_n - sensordata[:, force : force + 3]
    wrench[:, 3:] = -sensordata[:, torque : torque + 3]
    wrench[:, 3] -= lever_m * carried_n[:, 1]
    wrench[:, 4] += lever_m * carried_n[:, 0]
    return wrench
