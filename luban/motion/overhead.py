"""Tools that work from above, pointing straight down: what picking and placing sense, command and obey alike.

A law says which way it wants to move; a policy adds bounded velocities to that (residual reinforcement learning:
Johannink et al. 2019), so that a silent policy is the classical law.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from luban.motion.chain import Chain, wrap
from luban.motion.sense import ArmSense

_ACCELERATION = np.array([2.0, 2.0, 3.0, 8.0])  # of the command: m/s², yaw in rad/s²; stopping takes no longer
_BRAKE = np.array([4.0, 4.0, 8.0, 16.0])
_STILL = np.array([0.0, 0.0, 1.0, 0.0])  # up and down only


@dataclass(frozen=True)
class OverheadTuning:
    """How fast and how careful. Ways [m], forces [N], times [s]."""

    free_m_s: float
    touch_m_s: float  # where something may be touched
    slow_m: float  # above the goal: from here on no faster than that
    brake_m_s2: float
    lift_m_s: float
    deepest_m: float  # below the goal
    limit_n: float  # above this nothing may push on
    give_m_s: float
    smooth_s: float
    residual_m_s: tuple[float, float, float]  # what a policy adds at most
    residual_rad_s: float
    sideways_m_s: float = 0.25
    turn_rad_s: float = 1.5
    gain_1_s: float = 8.0


class Felt(NamedTuple):
    """What n arms measure. at_m: (n, 3) of the tools. force: (n, 3) of the contact in the tools' frames; force_n: (n,)
    its size [N]."""

    sense: ArmSense
    at_m: np.ndarray
    force: np.ndarray
    force_n: np.ndarray


def observation_names(
    seen: Sequence[str], spare: str, phases: Sequence[str], known: Sequence[str], actions: Sequence[str]
) -> tuple[str, ...]:
    """Columns of `OverheadLaw.observe`, around those that a law has of its own. spare: opening beyond the part."""
    return (
        "height", "height_fine", "error_x", "error_y", "error_yaw", *seen, "force_x", "force_y", "force_z",
        "smooth_force_x", "smooth_force_y", "smooth_force_z", "torque_x", "torque_y", "torque_z", "speed_x", "speed_y",
        "speed_z", "speed_yaw", "opening", spare, "grip_force", "holding", *phases, "in_phase", "elapsed",
        *known, *(f"last_{action}" for action in actions),
    )  # fmt: skip


class OverheadLaw(ABC):
    """State of n tools. A subclass's `begin` starts rows; then every period `observe` (if a policy is asked) and
    `command`. Poses are (n, 4): x, y, z [m], yaw [rad], cell frame. The last of a policy's actions is the gripper's.
    """

    actions: ClassVar[int]
    phases: ClassVar[int]
    near: ClassVar[tuple[float, float, float]]  # scale of the pose's error [m, m, rad] in what a policy sees
    long_s: ClassVar[float]  # and of the time

    def __init__(self, chain: Chain, count: int, tuning: OverheadTuning) -> None:
        self.chain, self.count, self._tuning = chain, count, tuning
        self._residual = np.array([*tuning.residual_m_s, tuning.residual_rad_s])
        self.goal, self.target, self.at, self.speed = (np.zeros((count, 4)) for _ in range(4))
        self.position_rad = np.zeros((count, len(chain.arm.joint_names)))  # the command
        self.phase = np.zeros(count, dtype=int)
        self.width_m, self.lift_m, self.elapsed_s, self.in_phase_s = (np.zeros(count) for _ in range(4))
        self.pressed_s, self.aim_m, self._lowest_m, self._highest_m = (np.zeros(count) for _ in range(4))
        self.rest = np.zeros((count, 6))
        self.smooth_n, self.last = np.zeros((count, 3)), np.zeros((count, self.actions))

    @abstractmethod
    def _change_phase(self, felt: Felt, eager: np.ndarray, step_s: float) -> None:
        """Set `phase` and `aim_m`. eager: (n,) the policy's action for the gripper."""

    @abstractmethod
    def _wanted(self, felt: Felt, action: np.ndarray) -> np.ndarray:
        """Velocities (n, 4) that the law asks for, with what a policy adds."""

    def _seen(self, error_m: np.ndarray, yaw_rad: np.ndarray) -> list[np.ndarray]:
        """What else a policy sees of the goal, with the tools' yaw (n,) and error (n, 2) along their axes."""
        return []

    @abstractmethod
    def _known(self) -> list[np.ndarray]:
        """What else a policy knows."""

    def _start(
        self, rows: np.ndarray, sense: ArmSense, goal: np.ndarray, lift_m: np.ndarray | float, top_m: np.ndarray | float
    ) -> None:
        """Start rows (k,) from where they are, above goals (k, 4), to be left to lift_m, and never to more than top_m,
        above them. sense: of all n."""
        self.goal[rows] = self.target[rows] = goal
        self.at[rows] = flat_pose(self.chain.tool(sense.position_rad[rows]))
        self.at[rows, 3] = goal[:, 3] + wrap(self.at[rows, 3] - goal[:, 3])
        self.position_rad[rows], self.rest[rows] = sense.position_rad[rows], sense.wrench[rows]
        self.lift_m[rows] = lift_m
        self._lowest_m[rows], self._highest_m[rows] = goal[:, 2] - self._tuning.deepest_m, goal[:, 2] + top_m
        self.phase[rows] = 0
        for values in (self.speed, self.smooth_n, self.last, self.elapsed_s, self.in_phase_s, self.pressed_s):
            values[rows] = 0.0

    def observe(self, sense: ArmSense) -> np.ndarray:
        """Return what a policy sees (n, observations), each about one in size."""
        tool, jacobian = self.chain.tool_and_jacobian(sense.position_rad)
        now = flat_pose(tool)
        height, yaw = now[:, 2] - self.goal[:, 2], now[:, 3]
        error = in_tool_xy(self.target[:, :2] - now[:, :2], yaw)
        twist = (jacobian @ sense.velocity_rad_s[..., None])[..., 0]
        wrench = sense.wrench - self.rest
        return np.column_stack(
            [
                height / 0.1, np.tanh(height / 0.01), error / self.near[:2],
                wrap(self.target[:, 3] - yaw) / self.near[2], *self._seen(error, yaw),
                wrench[:, :3] / 20.0, self.smooth_n / 20.0, wrench[:, 3:], in_tool_xy(twist[:, :2], yaw) / 0.1,
                twist[:, 2] / 0.2, twist[:, 5] / 0.5, sense.opening_m / 0.04, (sense.opening_m - self.width_m) / 0.02,
                sense.grip_n / 40.0, sense.holding, *(self.phase == phase for phase in range(self.phases)),
                np.minimum(self.in_phase_s, 2.0), self.elapsed_s / self.long_s, *self._known(), self.last,
            ]
        )  # fmt: skip

    def command(self, sense: ArmSense, action: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return joint targets (n, joints) [rad], their speeds [rad/s] and openings (n,) [m] for the coming period.

        action: (n, actions) in -1..1; zeros are the classical law.
        """
        force = sense.wrench[:, :3] - self.rest[:, :3]
        felt = Felt(sense, self.chain.tool(sense.position_rad)[:, :3, 3], force, length(force))
        self.smooth_n += min(1.0, step_s / self._tuning.smooth_s) * (force - self.smooth_n)
        self._change_phase(felt, action[:, -1], step_s)
        self._move(self._wanted(felt, action), step_s)
        self.last[:] = action
        self.elapsed_s += step_s
        self.in_phase_s += step_s
        before = self.position_rad
        self.position_rad = self.chain.follow(before, upright(self.at))
        return self.position_rad, (self.position_rad - before) / step_s, self.aim_m

    # For laws -----------------------------------------------------------------------------------------------------

    def _offset(self) -> np.ndarray:
        """The way (n, 4) from the commanded pose to the target."""
        offset = self.target - self.at
        offset[:, 3] = wrap(offset[:, 3])
        return offset

    def _towards(self, offset: np.ndarray, vertical: np.ndarray, aligning: np.ndarray) -> np.ndarray:
        """Velocities (n, 4): up and down as given (n,), sideways and turning towards the target where `aligning`."""
        tuning = self._tuning
        wanted = tuning.gain_1_s * offset
        size = np.maximum(length(wanted[:, :2]), 1e-9)
        wanted[:, :2] *= (aligning * np.minimum(1.0, tuning.sideways_m_s / size))[:, None]
        wanted[:, 2] = vertical
        wanted[:, 3] = aligning * np.minimum(np.maximum(wanted[:, 3], -tuning.turn_rad_s), tuning.turn_rad_s)
        return wanted

    def _down(self, height: np.ndarray, slow_m: np.ndarray | float) -> np.ndarray:
        """Speed (n,) of the descent at heights (n,) above the goal, braking in time for the touch."""
        tuning = self._tuning
        square = tuning.touch_m_s**2 + 2 * tuning.brake_m_s2 * np.maximum(height - slow_m, 0.0)
        return np.asarray(np.minimum(np.sqrt(square), tuning.free_m_s))

    def _up(self, height: np.ndarray, top_m: np.ndarray) -> np.ndarray:
        """Speed (n,) of the way up to `top_m` (n,) above the goal."""
        tuning = self._tuning
        return np.asarray(np.minimum(tuning.lift_m_s, tuning.gain_1_s * np.maximum(top_m - height, 0.0)))

    def _add(self, wanted: np.ndarray, action: np.ndarray) -> None:
        """Add what a policy asks for, along the tool's axes, to velocities (n, 4)."""
        more = action[:, :4] * self._residual
        wanted[:, :2] += in_tool_xy(more[:, :2], self.at[:, 3])  # a reflection: its own inverse
        wanted[:, 2:] += more[:, 2:]

    def _move(self, wanted: np.ndarray, step_s: float) -> None:
        """Follow velocities (n, 4) as far as arms and gates do, and never out of the range of heights."""
        speed = self.speed
        slower = (np.abs(wanted) < np.abs(speed)) | (wanted * speed < 0)
        most = np.where(slower, _BRAKE * step_s, _ACCELERATION * step_s)
        self.speed = speed = speed + np.minimum(np.maximum(wanted - speed, -most), most)
        z = self.at[:, 2]
        lowest = (self._lowest_m - z) / step_s
        highest = np.maximum((self._highest_m - z) / step_s, 0.0)
        speed[:, 2] = np.minimum(np.maximum(speed[:, 2], lowest), highest)
        self.at += step_s * speed


def only_vertical(wanted: np.ndarray, where: np.ndarray) -> None:
    """Take everything but up and down from velocities (n, 4), where (n,) so."""
    wanted *= np.where(where[:, None], _STILL, 1.0)


def length(vectors: np.ndarray) -> np.ndarray:
    """Lengths (n,) of vectors (n, k), several times quicker than NumPy's norm."""
    return np.asarray(np.sqrt(np.add.reduce(vectors * vectors, axis=1)))


def upright(pose: np.ndarray) -> np.ndarray:
    """Transforms (n, 4, 4) of tools that point straight down at x, y, z [m] with yaw [rad] of their x axis, (n, 4)."""
    c, s = np.cos(pose[:, 3]), np.sin(pose[:, 3])
    result = np.zeros((len(pose), 4, 4))
    result[:, 0, 0], result[:, 1, 0], result[:, 0, 1], result[:, 1, 1] = c, s, s, -c
    result[:, 2, 2], result[:, 3, 3] = -1.0, 1.0
    result[:, :3, 3] = pose[:, :3]
    return result


def flat_pose(tool: np.ndarray) -> np.ndarray:
    """x, y, z [m] and yaw [rad] (n, 4) of tools (n, 4, 4) that point down."""
    pose = np.empty((len(tool), 4))
    pose[:, :3], pose[:, 3] = tool[:, :3, 3], np.arctan2(tool[:, 1, 0], tool[:, 0, 0])
    return pose


def in_tool_xy(vector: np.ndarray, yaw_rad: np.ndarray) -> np.ndarray:
    """Horizontal vectors (n, 2) of the cell frame along the x and y axes of tools that point down."""
    c, s, x, y = np.cos(yaw_rad), np.sin(yaw_rad), vector[:, 0], vector[:, 1]
    result = np.empty_like(vector)
    result[:, 0], result[:, 1] = c * x + s * y, s * x - c * y
    return result
