"""Forward and inverse kinematics of the arm, from its robot description."""

from __future__ import annotations

import mink
import mujoco
import numpy as np

from luban.errors import SkillError
from luban.pose import Pose
from luban.profile import ArmConfig

_POSITION_TOLERANCE_M = 1e-4
_ROTATION_TOLERANCE_RAD = 1e-3
_ITERATIONS = 60
_DAMPING = 1e-4  # of the tracking step; small beside the squared singular values of a posture far from a singularity


class ArmKinematics:
    """Where the tool is, how to bring it somewhere, and how to follow a moving target.

    All poses are of the frame `tool` in the cell frame. Postures stay in the family of the home posture (elbow up,
    same wrist side), so that the arm never flips.

    Raises:
        SkillError: the description lacks the arm's joints or the tool frame.
    """

    def __init__(self, urdf: str, arm: ArmConfig, tool: str = "tool") -> None:
        names = arm.arm_model().joint_names
        self.home_rad = np.array(arm.home_rad)
        self._model = _load(urdf, names, tool)
        self._data = mujoco.MjData(self._model)
        self._tool = self._model.body(tool).id
        self._order = np.array([self._model.joint(name).qposadr[0] for name in names])
        self.position_limit_rad = self._model.jnt_range[[self._model.joint(name).id for name in names]]
        self._qpos = np.zeros(self._model.nq)
        self._jacobian = np.zeros((2, 3, self._model.nv))
        self._solver = mink.Configuration(self._model)
        # The posture task only breaks ties: the tool pose is five orders of magnitude dearer.
        self._reach = mink.FrameTask(tool, "body", position_cost=1.0, orientation_cost=0.3, lm_damping=0.1)
        self._posture = mink.PostureTask(self._model, cost=1e-5)
        self._limits = [mink.ConfigurationLimit(self._model)]

    def forward(self, position_rad: np.ndarray) -> np.ndarray:
        """Return the (4, 4) transform of the tool to the cell frame at joint angles (joints,) [rad]."""
        self._update(position_rad)
        result = np.eye(4)
        result[:3, :3] = self._data.xmat[self._tool].reshape(3, 3)
        result[:3, 3] = self._data.xpos[self._tool]
        return result

    def jacobian(self, position_rad: np.ndarray) -> np.ndarray:
        """Return the (6, joints) Jacobian of the tool: linear [m/rad] above angular, both in the cell frame."""
        self._update(position_rad)
        mujoco.mj_jacBody(self._model, self._data, self._jacobian[0], self._jacobian[1], self._tool)
        return self._jacobian.reshape(6, -1)[:, self._order].copy()

    def inverse(self, transform_tool_to_cell: np.ndarray, near_rad: np.ndarray) -> np.ndarray:
        """Return joint angles (joints,) [rad] that bring the tool to a (4, 4) transform.

        The posture is of the home family; joints that can turn more than once choose the turn nearest to `near_rad`.

        Raises:
            SkillError: out of reach; the message gives the pose and how near the arm comes.
        """
        best, best_error = self.home_rad, np.inf
        for seed in self._seeds(transform_tool_to_cell, near_rad):
            found = self._solve(transform_tool_to_cell, seed)
            position_m, rotation_rad = _error(transform_tool_to_cell, self.forward(found))
            error = float(np.linalg.norm(position_m) + 0.3 * np.linalg.norm(rotation_rad))
            if error < best_error:
                best, best_error = found, error
            if (
                np.linalg.norm(position_m) < _POSITION_TOLERANCE_M
                and np.linalg.norm(rotation_rad) < _ROTATION_TOLERANCE_RAD
                and self._in_home_family(found)
            ):
                return self._nearest_turn(found, near_rad)
        reached = self.forward(best)
        missing_m, missing_rad = (float(np.linalg.norm(part)) for part in _error(transform_tool_to_cell, reached))
        wanted = np.round(transform_tool_to_cell[:3, 3], 3).tolist()
        raise SkillError(
            f"the arm cannot reach the tool pose at {wanted} m: it comes within {missing_m * 1000:.0f} mm and "
            f"{np.degrees(missing_rad):.0f} degrees; move the target towards the middle of the bench"
        )

    def follow(self, position_rad: np.ndarray, transform_tool_to_cell: np.ndarray) -> np.ndarray:
        """Return joint angles one damped Newton step nearer to a tool transform close by, within the joint limits."""
        jacobian = self.jacobian(position_rad)
        current = np.eye(4)
        current[:3, :3] = self._data.xmat[self._tool].reshape(3, 3)
        current[:3, 3] = self._data.xpos[self._tool]
        error = np.concatenate(_error(transform_tool_to_cell, current))
        step = jacobian.T @ np.linalg.solve(jacobian @ jacobian.T + _DAMPING**2 * np.eye(6), error)
        low, high = self.position_limit_rad.T
        return np.clip(position_rad + step, low, high)

    def _update(self, position_rad: np.ndarray) -> None:
        self._data.qpos[self._order] = position_rad
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)

    def _seeds(self, target: np.ndarray, near_rad: np.ndarray) -> list[np.ndarray]:
        """Start at home turned towards the target, with the last joint turned to its yaw; then where the arm is."""
        at_home = self.forward(self.home_rad)
        pan = np.arctan2(target[1, 3], target[0, 3]) - np.arctan2(at_home[1, 3], at_home[0, 3])
        pan = np.arctan2(np.sin(pan), np.cos(pan))
        facing = self.home_rad.copy()
        facing[0] += pan
        turned = self.forward(facing)[:3, :3]
        yaw = np.arctan2(*((turned.T @ target[:3, :3])[[1, 0], 0]))
        seeds = []
        for turn in (yaw, yaw - np.sign(yaw) * 2 * np.pi):
            seed = facing.copy()
            seed[-1] += turn
            seeds.append(seed)
        return [seeds[0], near_rad, seeds[1]]

    def _solve(self, target: np.ndarray, seed: np.ndarray) -> np.ndarray:
        qpos = self._qpos.copy()
        low, high = self.position_limit_rad.T
        qpos[self._order] = np.clip(seed, low, high)
        self._solver.update(qpos)
        pose = Pose.from_matrix(target)
        self._reach.set_target(mink.SE3(np.concatenate([pose.quaternion_wxyz, pose.position_m])))
        self._posture.set_target(qpos)
        for _ in range(_ITERATIONS):
            velocity = mink.solve_ik(
                self._solver, [self._reach, self._posture], 1.0, "daqp", damping=1e-9, limits=self._limits
            )
            size = float(np.abs(velocity).max())
            # A joint step above half a radian leaves the region where the linearisation means anything.
            self._solver.integrate_inplace(velocity * min(1.0, 0.5 / max(size, 1e-9)), 1.0)
            if size < 1e-6:
                break
        found = self._solver.q[self._order].copy()
        for _ in range(2):
            found = self.follow(found, target)
        return found

    def _in_home_family(self, position_rad: np.ndarray) -> bool:
        """Elbow and second wrist joint bend the same way as at home."""
        if len(position_rad) < 6:
            return True
        bends = np.sin(position_rad[[2, 4]]) * np.sin(self.home_rad[[2, 4]])
        return bool((bends > 0.0).all())

    def _nearest_turn(self, position_rad: np.ndarray, near_rad: np.ndarray) -> np.ndarray:
        low, high = self.position_limit_rad.T
        turned = position_rad + 2 * np.pi * np.round((near_rad - position_rad) / (2 * np.pi))
        return np.where((turned >= low) & (turned <= high), turned, position_rad)


def _load(urdf: str, joint_names: tuple[str, ...], tool: str) -> mujoco.MjModel:
    """Compile the kinematics alone: no geometry, and every joint that is not the arm's welded at zero."""
    try:
        spec = mujoco.MjSpec.from_string(urdf)
    except ValueError as error:
        raise SkillError(f"the robot description cannot be read: {error}") from error
    spec.compiler.fusestatic = False
    spec.compiler.boundmass, spec.compiler.boundinertia = 1e-9, 1e-9  # a bare link between two joints has none
    for item in [*spec.geoms, *spec.equalities]:
        spec.delete(item)
    for joint in list(spec.joints):
        if joint.name not in joint_names:
            spec.delete(joint)
    model = spec.compile()
    joints = {model.joint(index).name for index in range(model.njnt)}
    bodies = {model.body(index).name for index in range(model.nbody)}
    missing = sorted(set(joint_names) - joints) + [tool] * (tool not in bodies)
    if missing:
        raise SkillError(f"the robot description lacks {missing}; it has the joints {sorted(joints)}")
    return model


def _error(target: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the translation (3,) [m] and rotation vector (3,) [rad], cell frame, from current to target."""
    return target[:3, 3] - current[:3, 3], rotation_vector(target[:3, :3] @ current[:3, :3].T)


def rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Return the rotation vector (3,) [rad] of a rotation matrix (3, 3)."""
    axis = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]])
    sine, cosine = float(np.linalg.norm(axis)) / 2.0, float(np.trace(rotation) - 1.0) / 2.0
    if sine < 1e-9 and cosine < 0.0:  # half a turn: the axis is a column of R + I
        columns = rotation + np.eye(3)
        column = columns[:, int(np.argmax(np.diag(columns)))]
        return np.pi * column / np.linalg.norm(column)
    return axis / 2.0 if sine < 1e-9 else axis / (2.0 * sine) * np.arctan2(sine, cosine)


def rotation_about(vector_rad: np.ndarray) -> np.ndarray:
    """Return the rotation matrix (3, 3) of a rotation vector (3,) [rad]: Rodrigues' formula."""
    angle = float(np.linalg.norm(vector_rad))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector_rad / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
