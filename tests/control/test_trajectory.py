"""Motion laws: limits hold at every instant, ends are met, braking comes to rest."""

from __future__ import annotations

import numpy as np
import pytest

from luban.errors import SkillError
from policies.control.trajectory import Brake, Line, MotionLimits, PointToPoint
from tests.control.skill_run import tool_down

LIMITS = MotionLimits(np.array([1.0, 2.0, 0.5]), np.array([4.0, 5.0, 3.0]), np.array([50.0, 50.0, 40.0]))
START, GOAL = np.array([0.0, 0.1, -0.2]), np.array([1.2, -0.9, 0.3])


def samples(motion) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns = [motion.at(time) for time in np.arange(0.0, motion.duration_s + 0.002, 0.001)]
    return tuple(np.array(part) for part in zip(*columns, strict=True))


def assert_within_limits(motion) -> None:
    position, velocity, acceleration = samples(motion)
    assert (np.abs(velocity) <= LIMITS.velocity + 1e-6).all()
    assert (np.abs(acceleration) <= LIMITS.acceleration + 1e-6).all()
    assert (np.abs(np.diff(acceleration, axis=0)) / 0.001 <= LIMITS.jerk * 1.01).all()
    np.testing.assert_allclose(np.diff(position, axis=0) / 0.001, velocity[1:], atol=0.01)


def test_point_to_point_keeps_limits_and_goes_straight():
    motion = PointToPoint(START, GOAL, LIMITS)
    assert_within_limits(motion)
    position, _, _ = samples(motion)
    np.testing.assert_allclose(position[0], START)
    np.testing.assert_allclose(position[-1], GOAL, atol=1e-6)
    share = (position - START) / (GOAL - START)
    np.testing.assert_allclose(share, share[:, :1] @ np.ones((1, 3)), atol=1e-5)


def test_point_to_point_is_as_fast_as_its_slowest_axis_allows():
    motion = PointToPoint(START, GOAL, LIMITS)
    _, velocity, _ = samples(motion)
    assert (np.abs(velocity).max(axis=0) / LIMITS.velocity).max() > 0.99


def test_times_beyond_the_ends_are_held():
    motion = PointToPoint(START, GOAL, LIMITS)
    np.testing.assert_allclose(motion.at(-1.0)[0], START)
    np.testing.assert_allclose(motion.at(motion.duration_s + 5.0)[0], GOAL, atol=1e-6)


def test_brake_comes_to_rest_within_limits():
    motion = Brake(START, np.array([0.9, -1.5, 0.4]), LIMITS)
    assert_within_limits(motion)
    np.testing.assert_allclose(motion.at(motion.duration_s)[1], 0.0, atol=1e-9)


def test_an_impossible_motion_is_refused():
    with pytest.raises(SkillError, match="no motion"):
        PointToPoint(START, GOAL, MotionLimits(-LIMITS.velocity, LIMITS.acceleration, LIMITS.jerk))


def test_a_line_is_straight_and_turns_evenly():
    start, goal = tool_down([0.4, 0.1, 0.2], 0.2).matrix(), tool_down([0.5, 0.0, 0.1], 1.2).matrix()
    line = Line(start, goal)
    np.testing.assert_allclose(line.at(0.0), start, atol=1e-12)
    np.testing.assert_allclose(line.at(line.length_m), goal, atol=1e-9)
    middle = line.at(line.length_m / 2)
    np.testing.assert_allclose(middle, tool_down([0.45, 0.05, 0.15], 0.7).matrix(), atol=1e-9)


def test_a_line_without_length_stays():
    start = tool_down([0.4, 0.1, 0.2], 0.2).matrix()
    np.testing.assert_allclose(Line(start, start).at(0.0), start)
