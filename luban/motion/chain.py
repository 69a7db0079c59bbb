"""Kinematics of n equal serial arms at once: where the tools are, how they move, which joint step moves them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from luban.arm_model import ArmModel
from luban.profile import ArmConfig

DAMPING = 0.02  # of the joint step: bounds joint speed near a singularity, costs 0.2 % of tracking elsewhere


@dataclass(frozen=True, eq=False)
class Chain:
    """An arm with its tool. All poses are (n, 4, 4) transforms of the tool to the cell frame."""

    arm: ArmModel
    tool_length_m: float

    @classmethod
    def of(cls, config: ArmConfig) -> Chain:
        return cls(config.arm_model(), config.tool_length_m)

    def __post_init__(self) -> None:
        rest = np.array(self.arm._after_turn)  # (joints, 4, 4)
        rest[-1] = rest[-1] @ _along_z(self.tool_length_m)
        base = np.eye(4)
        c, s = np.cos(self.arm.base_yaw_rad), np.sin(self.arm.base_yaw_rad)
        base[:2, :2] = [[c, -s], [s, c]]
        object.__setattr__(self, "_rest", rest)
        object.__setattr__(self, "_turned", np.stack([-rest[:, 1], rest[:, 0]], axis=1))
        object.__setattr__(self, "_base", base)

    def frames(self, position_rad: np.ndarray) -> np.ndarray:
        """Return (n, joints + 1, 4, 4) transforms to the cell frame: what each joint turns, base first, tool last."""
        rest, turned = self._rest, self._turned  # type: ignore[attr-defined]
        c, s = np.cos(position_rad)[..., None, None], np.sin(position_rad)[..., None, None]
        # Rz(q) @ rest, written out: only the first two rows of `rest` are mixed.
        links = np.empty((*position_rad.shape, 4, 4))
        np.multiply(c, rest[:, :2], out=links[..., :2, :])
        links[..., :2, :] += s * turned
        links[..., 2:, :] = rest[:, 2:]
        count = position_rad.shape[1]
        frames = np.empty((len(position_rad), count + 1, 4, 4))
        frames[:, 0] = self._base  # type: ignore[attr-defined]
        for joint in range(count):
            np.matmul(frames[:, joint], links[:, joint], out=frames[:, joint + 1])
        return frames

    def tool(self, position_rad: np.ndarray) -> np.ndarray:
        """Return the tools' transforms (n, 4, 4) at joint angles (n, joints) [rad]."""
        return np.asarray(self.frames(position_rad)[:, -1])

    def tool_and_jacobian(self, position_rad: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the tools (n, 4, 4) and Jacobians (n, 6, joints): linear [m/rad] above angular, in the cell frame."""
        frames = self.frames(position_rad)
        axis, origin, tool = frames[:, :-1, :3, 2], frames[:, :-1, :3, 3], frames[:, -1]
        jacobian = np.empty((len(position_rad), 6, position_rad.shape[1]))
        jacobian[:, :3] = cross(axis, tool[:, None, :3, 3] - origin).transpose(0, 2, 1)
        jacobian[:, 3:] = axis.transpose(0, 2, 1)
        return tool, jacobian

    def follow(self, position_rad: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return joint angles (n, joints) one damped Newton step nearer to tool transforms (n, 4, 4) close by.

        Damped least squares: Nakamura & Hanafusa 1986, Wampler 1986.
        """
        tool, jacobian = self.tool_and_jacobian(position_rad)
        error = np.concatenate([target[:, :3, 3] - tool[:, :3, 3], small_turn(tool, target)], axis=1)
        low, high = self.arm.position_limit_rad.T
        return np.asarray(np.clip(position_rad + damped_step(jacobian, error), low, high))

    def inverse(self, position_rad: np.ndarray, target: np.ndarray, steps: int = 12) -> np.ndarray:
        """Return joint angles that bring the tools to targets nearby, by repeated small steps from a posture."""
        for _ in range(steps):
            tool, jacobian = self.tool_and_jacobian(position_rad)
            error = np.concatenate([target[:, :3, 3] - tool[:, :3, 3], turn_between(tool, target)], axis=1)
            step = damped_step(jacobian, error, 1e-3)
            position_rad = position_rad + step * np.minimum(1.0, 0.4 / np.maximum(np.abs(step).max(1), 1e-9))[:, None]
        return position_rad


def damped_step(jacobian: np.ndarray, error: np.ndarray, damping: float = DAMPING) -> np.ndarray:
    """Return the joint step (n, joints) that makes up for pose errors (n, 6)."""
    across = jacobian.transpose(0, 2, 1)
    square = jacobian @ across + damping**2 * np.eye(6)
    return np.asarray((across @ np.linalg.solve(square, error[..., None]))[..., 0])


def small_turn(now: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the rotation vectors (n, 3) [rad], cell frame, from poses to poses less than some 20 degrees away."""
    turn = target[:, :3, :3] @ now[:, :3, :3].transpose(0, 2, 1)
    return 0.5 * np.stack(
        [turn[:, 2, 1] - turn[:, 1, 2], turn[:, 0, 2] - turn[:, 2, 0], turn[:, 1, 0] - turn[:, 0, 1]], axis=1
    )


def turn_between(now: np.ndarray, target: np.ndarray) -> np.ndarray:
    """As `small_turn`, for any angle below half a turn."""
    sine = small_turn(now, target)
    cosine = (np.einsum("nij,nij->n", target[:, :3, :3], now[:, :3, :3]) - 1.0) / 2.0
    size = np.linalg.norm(sine, axis=1)
    return sine * np.where(size > 1e-9, np.arctan2(size, cosine) / np.maximum(size, 1e-9), 1.0)[:, None]


def rotation(vector_rad: np.ndarray) -> np.ndarray:
    """Return rotation matrices (n, 3, 3) of rotation vectors (n, 3): Rodrigues' formula."""
    angle = np.linalg.norm(vector_rad, axis=1)
    x, y, z = (vector_rad / np.maximum(angle, 1e-12)[:, None]).T
    matrix = np.zeros((len(vector_rad), 3, 3))
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    matrix[:, 1, 0], matrix[:, 2, 0], matrix[:, 2, 1] = z, -y, x
    turned = np.sin(angle)[:, None, None] * matrix + (1 - np.cos(angle))[:, None, None] * (matrix @ matrix)
    return np.asarray(np.eye(3) + turned)


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product along the last axis, several times quicker than NumPy's."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def shorten(vectors: np.ndarray, most: np.ndarray | float) -> np.ndarray:
    """Shorten vectors (n, k) to a length."""
    size = np.linalg.norm(vectors, axis=1)
    return np.asarray(vectors * np.minimum(1.0, most / np.maximum(size, 1e-12))[:, None])


def wrap(angle_rad: np.ndarray) -> np.ndarray:
    """Return the same angles within -pi..pi."""
    return np.asarray((angle_rad + np.pi) % (2 * np.pi) - np.pi)


def _along_z(way_m: float) -> np.ndarray:
    result = np.eye(4)
    result[2, 3] = way_m
    return result
