"""Time-optimal, jerk-limited motion: joint moves, straight lines of the tool, and braking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import ruckig

from luban.errors import SkillError
from policies.control.kinematics import rotation_about, rotation_vector

_TURN_M_PER_RAD = 0.15  # a pure turn counts as this much way: the reach from the wrist to the tool's tip


@dataclass(frozen=True, eq=False)
class MotionLimits:
    """velocity, acceleration and jerk, each (axes,), in the axes' units per s, s² and s³."""

    velocity: np.ndarray
    acceleration: np.ndarray
    jerk: np.ndarray

    @classmethod
    def line(cls, velocity_m_s: float, acceleration_m_s2: float = 4.0, jerk_m_s3: float = 50.0) -> MotionLimits:
        """Limits of the way along a straight line."""
        return cls(np.array([velocity_m_s]), np.array([acceleration_m_s2]), np.array([jerk_m_s3]))


class Motion(Protocol):
    """A motion with a beginning and an end; times beyond them are held."""

    duration_s: float

    def at(self, time_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return position, velocity, acceleration, each (axes,)."""
        ...


class PointToPoint:
    """All axes leave and arrive together, as fast as the limits allow, on a straight line in their space.

    Raises:
        SkillError: no such motion exists (a limit that is not positive, an end velocity above its limit).
    """

    def __init__(
        self,
        start: np.ndarray,
        goal: np.ndarray,
        limits: MotionLimits,
        start_velocity: np.ndarray | None = None,
        goal_velocity: np.ndarray | None = None,
    ) -> None:
        order = _order(start, np.zeros_like(start) if start_velocity is None else start_velocity, limits)
        order.target_position = list(goal)
        order.target_velocity = list(np.zeros_like(start) if goal_velocity is None else goal_velocity)
        order.synchronization = ruckig.Synchronization.Phase
        self._trajectory = _calculate(order)
        self.duration_s: float = self._trajectory.duration

    def at(self, time_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _at(self._trajectory, time_s)


class Brake:
    """Come to rest from a moving state as fast as the limits allow."""

    def __init__(
        self, position: np.ndarray, velocity: np.ndarray, limits: MotionLimits, acceleration: np.ndarray | None = None
    ) -> None:
        order = _order(position, velocity, limits)
        if acceleration is not None:
            order.current_acceleration = list(np.clip(acceleration, -limits.acceleration, limits.acceleration))
        order.control_interface = ruckig.ControlInterface.Velocity
        order.target_velocity = [0.0] * len(position)
        self._trajectory = _calculate(order)
        self.duration_s: float = self._trajectory.duration

    def at(self, time_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _at(self._trajectory, time_s)


class Line:
    """The straight way of the tool between two (4, 4) transforms, turning about one axis as it goes."""

    def __init__(self, start: np.ndarray, goal: np.ndarray) -> None:
        self._start = start.copy()
        self._way_m = goal[:3, 3] - start[:3, 3]
        self._turn_rad = rotation_vector(start[:3, :3].T @ goal[:3, :3])
        self.length_m = max(float(np.linalg.norm(self._way_m)), _TURN_M_PER_RAD * float(np.linalg.norm(self._turn_rad)))

    def at(self, way_m: float) -> np.ndarray:
        """Return the (4, 4) transform after a way along the line, 0..length_m [m]."""
        share = way_m / self.length_m if self.length_m > 1e-9 else 1.0
        result = self._start.copy()
        result[:3, 3] += share * self._way_m
        result[:3, :3] = result[:3, :3] @ rotation_about(share * self._turn_rad)
        return result


def _order(position: np.ndarray, velocity: np.ndarray, limits: MotionLimits) -> ruckig.InputParameter:
    order = ruckig.InputParameter(len(position))
    order.current_position, order.current_velocity = list(position), list(velocity)
    order.max_velocity = list(limits.velocity)
    order.max_acceleration, order.max_jerk = list(limits.acceleration), list(limits.jerk)
    return order


def _calculate(order: ruckig.InputParameter) -> ruckig.Trajectory:
    trajectory = ruckig.Trajectory(order.degrees_of_freedom)
    try:
        result = ruckig.Ruckig(order.degrees_of_freedom).calculate(order, trajectory)
    except (RuntimeError, ruckig.RuckigError) as error:
        raise SkillError(f"no motion within the limits: {error}") from error
    if result not in (ruckig.Result.Working, ruckig.Result.Finished):
        raise SkillError(f"no motion within the limits ({result.name}): {order}")
    return trajectory


def _at(trajectory: ruckig.Trajectory, time_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    position, velocity, acceleration = trajectory.at_time(min(max(time_s, 0.0), trajectory.duration))
    return np.array(position), np.array(velocity), np.array(acceleration)
