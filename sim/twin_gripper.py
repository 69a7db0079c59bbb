"""The gripper of the twin: opening and force in, measured opening, force and "holding" out."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import mujoco

from luban.errors import DeviceError
from luban.profile import GripperConfig
from luban.state import GripperCommand, GripperState
from sim.gripper import STIFFNESS_N_M

STOPPED_M_S = 0.004  # slower than this counts as stopped
BLOCKED_M = 0.002  # this far from the commanded opening counts as blocked
LEAST_FORCE_N = 3.0


class TwinGripper:
    """Gripper over a MuJoCo model. Whoever steps the physics calls `advance` before every step.

    `holding` comes from what a real gripper measures: closing has stopped short of the command, with force.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, gripper: GripperConfig) -> None:
        self._data, self._config = data, gripper
        self._qpos = [int(model.joint(f"gripper/{side}").qposadr[0]) for side in ("left", "right")]
        self._dof = [int(model.joint(f"gripper/{side}").dofadr[0]) for side in ("left", "right")]
        self._ctrl = model.actuator("gripper").id
        self._timestep_s = model.opt.timestep
        self._force_n = gripper.force_n
        self._connected = False
        self.hold()

    def connect(self) -> None:
        self._connected = True

    def close(self) -> None:
        self._connected = False

    def stop(self) -> None:
        """Stop moving; what is held stays held, as with the brake of a real gripper."""
        if not self._holding():
            self.hold()

    def hold(self) -> None:
        self._target_m = self._ramp_m = self._opening()

    def read(self) -> GripperState:
        """Raises DeviceError when not connected."""
        self._require_connection("read")
        return GripperState(float(self._data.time), self._opening(), self._grip_force(), self._holding())

    def send(self, command: GripperCommand) -> GripperCommand:
        """Move to an opening with a force; return both as sent, within stroke and force limit.

        Raises DeviceError when not connected or when a number is not finite.
        """
        self._require_connection("send")
        if not (isfinite(command.opening_m) and isfinite(command.force_n)):
            raise DeviceError(
                f"gripper {self._config.id!r}: send needs finite numbers, got {command}; nothing was sent"
            )
        self._target_m = min(max(command.opening_m, 0.0), self._config.stroke_m)
        self._force_n = min(max(command.force_n, LEAST_FORCE_N), self._config.force_n)
        return replace(command, opening_m=self._target_m, force_n=self._force_n)

    def advance(self, steps: int) -> None:
        """Ramp towards the target at the gripper's speed and set the motor: never more than the commanded force.

        The motor drives one finger and the coupling the other, so it pushes with twice the force of a pad.
        """
        step = self._config.speed_m_s * self._timestep_s * steps
        self._ramp_m += min(max(self._target_m - self._ramp_m, -step), step)
        finger_m = float(self._data.qpos[self._qpos[0]])
        most = 2 * self._force_n / STIFFNESS_N_M
        self._data.ctrl[self._ctrl] = min(max(self._ramp_m / 2, finger_m - most), finger_m + most)

    def _opening(self) -> float:
        return float(sum(self._data.qpos[address] for address in self._qpos))

    def _grip_force(self) -> float:
        return max(0.0, -float(self._data.actuator_force[self._ctrl]) / 2)

    def _holding(self) -> bool:
        speed = abs(sum(float(self._data.qvel[address]) for address in self._dof))
        blocked = self._opening() - self._target_m > BLOCKED_M
        return blocked and speed < STOPPED_M_S and self._grip_force() > LEAST_FORCE_N - 1.0

    def _require_connection(self, operation: str) -> None:
        if not self._connected:
            raise DeviceError(
                f"gripper {self._config.id!r}: {operation} needs a connection, it is closed; call connect()"
            )
