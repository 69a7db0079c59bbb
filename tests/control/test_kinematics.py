"""Kinematics laws: the maker's figures, round trips, finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from luban.errors import SkillError
from policies.control.kinematics import ArmKinematics, rotation_about, rotation_vector
from tests.control.skill_run import tool_down


def reachable_poses(profile, count: int) -> list[np.ndarray]:
    rng, area = np.random.default_rng(2), profile.catalogue.parts_area
    low, high = np.array([area.x_m, area.y_m, (0.01, 0.2), (-3.1, 3.1)]).T
    return [tool_down(row[:3], row[3]).matrix() for row in rng.uniform(low, high, (count, 4))]


def test_forward_equals_the_makers_figures(profile, kinematics):
    rng, arm = np.random.default_rng(0), profile.arm
    for _ in range(20):
        angles = rng.uniform(-np.pi, np.pi, 6)
        expected = arm.arm_model().flange_transform(angles)
        expected[:3, 3] += arm.tool_length_m * expected[:3, 2]
        np.testing.assert_allclose(kinematics.forward(angles), expected, atol=1e-6)


def test_jacobian_equals_finite_differences(kinematics):
    angles, step = np.array([0.3, -1.4, 1.9, -2.0, -1.5, 0.7]), 1e-6
    jacobian, here = kinematics.jacobian(angles), kinematics.forward(angles)
    for joint in range(6):
        there = kinematics.forward(angles + step * np.eye(6)[joint])
        np.testing.assert_allclose(jacobian[:3, joint], (there[:3, 3] - here[:3, 3]) / step, atol=1e-5)
        turn = rotation_vector(there[:3, :3] @ here[:3, :3].T) / step
        np.testing.assert_allclose(jacobian[3:, joint], turn, atol=1e-5)


def test_inverse_reaches_the_pose_without_flipping(profile, kinematics):
    home = kinematics.home_rad
    for pose in reachable_poses(profile, 40):
        angles = kinematics.inverse(pose, home)
        np.testing.assert_allclose(kinematics.forward(angles), pose, atol=1e-4)
        assert np.sign(np.sin(angles[2])) == np.sign(np.sin(home[2])), "the elbow flipped"
        assert np.sign(np.sin(angles[4])) == np.sign(np.sin(home[4])), "the wrist flipped"
        assert np.abs(angles - home).max() <= np.pi + 1e-6, "the long way round"


def test_inverse_chooses_the_turn_nearest_to_where_the_arm_is(profile, kinematics):
    pose = reachable_poses(profile, 1)[0]
    near = kinematics.inverse(pose, kinematics.home_rad)
    wound = near.copy()
    wound[5] += 2 * np.pi if near[5] < 0 else -2 * np.pi
    np.testing.assert_allclose(kinematics.inverse(pose, wound), wound, atol=1e-3)


def test_the_tote_on_the_docked_vehicle_is_in_reach(profile, kinematics):
    dock = profile.catalogue.stations["dock"]
    for x, y in ((-0.08, -0.04), (0.0, 0.0), (0.08, 0.04)):
        kinematics.inverse(tool_down([dock.x_m + x, dock.y_m + y, -0.10], 0.3).matrix(), kinematics.home_rad)


def test_out_of_reach_says_where_and_by_how_much(kinematics):
    with pytest.raises(SkillError, match=r"\[1.4, 0.2, 0.1\].*within \d+ mm"):
        kinematics.inverse(tool_down([1.4, 0.2, 0.1], 0.0).matrix(), kinematics.home_rad)


def test_follow_tracks_a_moving_target(kinematics):
    angles = kinematics.home_rad
    target = kinematics.forward(angles)
    for _ in range(100):
        target[:3, 3] += [0.001, 0.0005, -0.0005]
        angles = kinematics.follow(angles, target)
    np.testing.assert_allclose(kinematics.forward(angles), target, atol=1e-5)


def test_a_description_without_the_arm_is_refused(profile):
    with pytest.raises(SkillError, match="shoulder_pan_joint"):
        ArmKinematics('<robot name="x"><link name="world"/><link name="tool"/></robot>', profile.arm)


@pytest.mark.parametrize("vector", [[0, 0, 0], [0.3, -0.2, 0.5], [np.pi, 0, 0], [0, 1e-10, 0], [0, 0, -3.0]])
def test_rotation_vector_round_trip(vector):
    rotation = rotation_about(np.array(vector, dtype=float))
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(rotation_about(rotation_vector(rotation)), rotation, atol=1e-7)
