"""Plain scripted motion of the twin's arm for tests: damped least squares on the model's own Jacobian."""

from __future__ import annotations

import mujoco
import numpy as np

from luban.state import ArmCommand, GripperCommand
from sim.world import World


def tool_down(position_m, yaw_rad: float) -> np.ndarray:
    """Tool frame (4, 4) pointing down, its x axis turned by yaw about the cell's z."""
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    transform = np.eye(4)
    transform[:3, :3] = np.array([[c, s, 0], [s, -c, 0], [0, 0, -1]])
    transform[:3, 3] = position_m
    return transform


def joints_for(world: World, transform: np.ndarray, start_rad: np.ndarray) -> np.ndarray:
    """Joint angles that bring the tool frame to a transform."""
    model, data = world.model, mujoco.MjData(world.model)
    data.qpos[:] = world.data.qpos
    names = world.profile.arm.arm_model().joint_names
    qpos = [model.joint(name).qposadr[0] for name in names]
    dof = [model.joint(name).dofadr[0] for name in names]
    site = model.site("tool").id
    angles = np.array(start_rad, dtype=float)
    jacobian = np.zeros((6, model.nv))
    for _ in range(300):
        data.qpos[qpos] = angles
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        rotation = data.site_xmat[site].reshape(3, 3)
        difference, quaternion = np.zeros(3), np.zeros(4)
        mujoco.mju_mat2Quat(quaternion, (transform[:3, :3] @ rotation.T).ravel())
        mujoco.mju_quat2Vel(difference, quaternion, 1.0)
        error = np.concatenate([transform[:3, 3] - data.site_xpos[site], difference])
        if np.abs(error).max() < 1e-5:
            return angles
        mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], site)
        j = jacobian[:, dof]
        step = j.T @ np.linalg.solve(j @ j.T + 1e-5 * np.eye(6), error)
        angles += np.clip(step, -0.2, 0.2)
    raise AssertionError(f"no joint angles found for {transform[:3, 3]}: error {error}")


class Motion:
    """Moves a world's arm in straight joint lines and its gripper, always in simulated time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.period_s = 1.0 / world.profile.arm.rate_hz

    def to(self, transform: np.ndarray, seconds: float = 1.2) -> None:
        start = self.world.arm.read().position_rad
        goal = joints_for(self.world, transform, start)
        steps = round(seconds / self.period_s)
        for k in range(1, steps + 1):
            s = k / steps
            blend = 10 * s**3 - 15 * s**4 + 6 * s**5
            rate = (30 * s**2 - 60 * s**3 + 30 * s**4) / seconds
            self._send(start + blend * (goal - start), rate * (goal - start))
        self.rest(0.1)

    def rest(self, seconds: float) -> None:
        hold = self.world.arm.read().position_rad if not hasattr(self, "_last") else self._last
        for _ in range(round(seconds / self.period_s)):
            self._send(hold, np.zeros(6))

    def grip(self, opening_m: float, seconds: float = 0.8) -> None:
        now = self.world.time_s
        self.world.gripper.send(GripperCommand(now, now + 1.0, opening_m))
        self.rest(seconds)

    def _send(self, position_rad: np.ndarray, velocity_rad_s: np.ndarray) -> None:
        now = self.world.time_s
        names = self.world.profile.arm.arm_model().joint_names
        self.world.arm.send(ArmCommand(now, now + 0.1, names, position_rad, velocity_rad_s))
        self._last = position_rad
        self.world.step(self.period_s)
