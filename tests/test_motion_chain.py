"""Laws of the vectorised kinematics: the maker's figures, finite differences, round trips, bounded steps."""

from __future__ import annotations

import numpy as np
import pytest

from luban.motion.chain import DAMPING, Chain, cross, damped_step, rotation, shorten, small_turn, turn_between

COUNT = 40


@pytest.fixture(scope="module")
def chain(profile) -> Chain:
    return Chain.of(profile.arm)


@pytest.fixture
def postures() -> np.ndarray:
    """Postures of the home family, well away from singularities."""
    low, high = [-2.0, -2.6, 0.5, -2.4, -2.2, -2.0], [2.0, -0.8, 2.4, -0.8, -0.9, 2.0]
    return np.random.default_rng(1).uniform(low, high, (COUNT, 6))


def test_frames_equal_the_makers_figures(chain):
    angles = np.random.default_rng(0).uniform(-np.pi, np.pi, (COUNT, 6))
    for row, frames in zip(angles, chain.frames(angles), strict=True):
        expected = chain.arm.link_transforms(row)
        np.testing.assert_allclose(frames[1:-1], expected[:-1], atol=1e-12)
        expected[-1][:3, 3] += chain.tool_length_m * expected[-1][:3, 2]
        np.testing.assert_allclose(frames[-1], expected[-1], atol=1e-12)


def test_tool_and_jacobian_equal_the_robot_description(chain, kinematics):
    angles = np.random.default_rng(3).uniform(-np.pi, np.pi, (COUNT, 6))
    tool, jacobian = chain.tool_and_jacobian(angles)
    for row in range(COUNT):
        np.testing.assert_allclose(tool[row], kinematics.forward(angles[row]), atol=1e-6)
        np.testing.assert_allclose(jacobian[row], kinematics.jacobian(angles[row]), atol=1e-6)


def test_jacobian_equals_finite_differences(chain, postures):
    tool, jacobian = chain.tool_and_jacobian(postures)
    step = 1e-6
    for joint in range(6):
        there = chain.tool(postures + step * np.eye(6)[joint])
        np.testing.assert_allclose(jacobian[:, :3, joint], (there - tool)[:, :3, 3] / step, atol=1e-5)
        np.testing.assert_allclose(jacobian[:, 3:, joint], turn_between(tool, there) / step, atol=1e-5)


def test_inverse_leads_back_to_the_pose_from_a_posture_nearby(chain, postures):
    nearby = postures + np.random.default_rng(2).uniform(-0.25, 0.25, postures.shape)
    target = chain.tool(postures)
    reached = chain.tool(chain.inverse(nearby, target, steps=40))
    assert np.linalg.norm((reached - target)[:, :3, 3], axis=1).max() < 1e-5
    assert np.linalg.norm(turn_between(reached, target), axis=1).max() < 1e-5


def test_following_a_moving_target_stays_on_it(chain, postures):
    """A fifth of a millimetre a period (25 mm/s), for a hundred periods."""
    start, now = chain.tool(postures), postures
    aside = shorten(np.random.default_rng(4).normal(size=(COUNT, 3)), 0.0002)
    for period in range(1, 101):
        target = start.copy()
        target[:, :3, 3] += period * aside
        now = chain.follow(now, target)
    assert np.linalg.norm((chain.tool(now) - target)[:, :3, 3], axis=1).max() < 2e-4


@pytest.mark.parametrize("joint", [2, 4])  # elbow stretched; wrist aligned
def test_damping_bounds_the_step_in_a_singular_posture(chain, postures, joint):
    postures[:, joint] = 0.0
    jacobian = chain.tool_and_jacobian(postures)[1]
    assert np.linalg.svd(jacobian, compute_uv=False)[:, -1].max() < 0.01, "the posture must be singular"
    error = np.random.default_rng(5).normal(size=(COUNT, 6))
    bound = np.linalg.norm(error, axis=1) / (2 * DAMPING)  # the largest value of s / (s² + damping²)
    assert (np.linalg.norm(damped_step(jacobian, error), axis=1) <= bound * (1 + 1e-9)).all()


def test_joints_never_leave_their_range(chain, postures):
    limit = chain.arm.position_limit_rad[:, 1]
    at_the_end = np.tile(limit, (COUNT, 1))
    assert (np.abs(chain.follow(at_the_end, chain.tool(postures))) <= limit).all()


def test_rotations_and_their_vectors_belong_together():
    random = np.random.default_rng(6)
    vector = shorten(random.normal(size=(COUNT, 3)) * 3.0, 3.0)
    now, target = np.tile(np.eye(4), (COUNT, 1, 1)), np.tile(np.eye(4), (COUNT, 1, 1))
    now[:, :3, :3] = rotation(random.normal(size=(COUNT, 3)))
    target[:, :3, :3] = rotation(vector) @ now[:, :3, :3]
    np.testing.assert_allclose(turn_between(now, target), vector, atol=1e-7)
    target[:, :3, :3] = rotation(0.01 * vector) @ now[:, :3, :3]
    np.testing.assert_allclose(small_turn(now, target), 0.01 * vector, atol=1e-5)


def test_one_robot_is_computed_like_many(chain, postures):
    whole = chain.inverse(postures + 0.1, chain.tool(postures))
    for row in range(3):
        alone = chain.inverse(postures[row : row + 1] + 0.1, chain.tool(postures[row : row + 1]))
        np.testing.assert_allclose(alone[0], whole[row], atol=1e-9)


def test_vector_helpers():
    random = np.random.default_rng(8)
    a, b = random.normal(size=(2, COUNT, 3))
    np.testing.assert_allclose(cross(a, b), np.cross(a, b), atol=1e-12)
    size = np.linalg.norm(shorten(a, 0.7), axis=1)
    np.testing.assert_allclose(size, np.minimum(np.linalg.norm(a, axis=1), 0.7), atol=1e-12)
