"""What goes into a message comes out again: laws over random states, commands, poses and images."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("luban_interfaces", reason="the ROS workspace is not built: run `make setup`")

from luban.observation import CameraView
from luban.pose import Pose
from luban.skill import SkillGoal
from luban.state import ArmCommand, ArmState, BaseCommand, BaseState, GripperCommand, GripperState, LidarScan
from luban.step import Skill
from luban_nodes import conversion, images

seconds = st.integers(0, 2**31 - 2).map(lambda n: n / 8.0 if n < 2**30 else float(n % 10**6))
number = st.floats(-1e3, 1e3)
six = st.lists(number, min_size=6, max_size=6).map(np.array)
names = st.just(tuple("abcdef"))
laws = settings(max_examples=25, deadline=None)


def assert_same(first: object, second: object) -> None:
    for field in fields(first):  # type: ignore[arg-type]
        one, other = getattr(first, field.name), getattr(second, field.name)
        np.testing.assert_allclose(one, other, atol=1e-9) if isinstance(one, np.ndarray | float) else None
        assert isinstance(one, np.ndarray | float) or one == other, field.name


@given(st.floats(0, 2e9))
@laws
def test_time_is_kept_to_the_nanosecond(time_s: float) -> None:
    message = conversion.time_message(time_s)
    assert 0 <= message.nanosec < 1_000_000_000
    assert conversion.time_s(message) == pytest.approx(time_s, abs=1e-6)


@pytest.mark.parametrize("time_s", [-0.1, math.nan, math.inf])
def test_a_time_that_is_none_is_refused(time_s: float) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        conversion.time_message(time_s)


@given(st.builds(ArmState, seconds, names, six, six, six, six))
@laws
def test_arm_state(state: ArmState) -> None:
    assert_same(state, conversion.arm_state(*conversion.arm_state_messages(state)))


def test_an_arm_without_wrench_has_nan_not_zero() -> None:
    joints, _ = conversion.arm_state_messages(ArmState(1.0, ("a",), np.zeros(1), np.zeros(1), np.zeros(1), np.ones(6)))
    assert np.isnan(conversion.arm_state(joints).wrench).all()


@given(st.builds(ArmCommand, seconds, seconds, names, six, six))
@laws
def test_arm_command(command: ArmCommand) -> None:
    assert_same(command, conversion.arm_command(conversion.arm_command_message(command)))


def test_nan_in_a_command_arrives_at_the_gate_as_nan() -> None:
    command = ArmCommand(1.0, 1.1, ("a",), np.array([np.nan]), np.zeros(1))
    assert np.isnan(conversion.arm_command(conversion.arm_command_message(command)).position_rad).all()


@given(st.builds(GripperState, seconds, number, number, st.booleans()))
@laws
def test_gripper_state(state: GripperState) -> None:
    assert_same(state, conversion.gripper_state(conversion.gripper_state_message(state)))


@given(st.builds(GripperCommand, seconds, seconds, number, number))
@laws
def test_gripper_command(command: GripperCommand) -> None:
    assert_same(command, conversion.gripper_command(conversion.gripper_command_message(command)))


@given(st.builds(BaseState, seconds, number, number, st.floats(-3.14, 3.14), number, number))
@laws
def test_base_state(state: BaseState) -> None:
    assert_same(state, conversion.base_state(conversion.base_state_message(state)))


@given(seconds, number, number)
@laws
def test_base_command_is_valid_from_its_stamp(stamp_s: float, linear_m_s: float, angular_rad_s: float) -> None:
    command = BaseCommand(stamp_s, stamp_s + 0.3, linear_m_s, angular_rad_s)
    assert_same(command, conversion.base_command(conversion.base_command_message(command), timeout_s=0.3))


def test_lidar_scan_keeps_what_saw_nothing() -> None:
    scan = LidarScan(2.0, -1.5, 0.01, 12.0, np.array([0.5, np.inf, 3.25]))
    message = conversion.scan_message(scan, period_s=0.05)
    back = conversion.lidar_scan(message)
    assert message.angle_max == pytest.approx(-1.48)
    np.testing.assert_array_equal(back.ranges_m, scan.ranges_m)
    assert back.angle_increment_rad == pytest.approx(0.01)


@pytest.mark.parametrize("skill", list(Skill))
def test_skill_goal(skill: Skill) -> None:
    target = Pose(np.array([0.4, -0.1, 0.02]), np.array([0.0, 1.0, 0.0, 0.0])) if skill.moves_arm else None
    goal = SkillGoal(skill, target, "dock" if skill is Skill.DRIVE else None, 0.03, 0.05, 0.04, "red gear")
    back = conversion.skill_goal(conversion.goal_message(goal, stamp_s=3.0))
    assert (back.skill, back.station, back.width_m, back.depth_m, back.label) == (
        skill,
        goal.station,
        0.03,
        0.04,
        "red gear",
    )
    assert back.protrusion_m == 0.05
    assert (back.pose is None) == (target is None)
    if target is not None and back.pose is not None:
        assert_same(target, back.pose)


def test_a_goal_in_another_frame_or_with_nan_is_refused() -> None:
    goal = SkillGoal(Skill.PICK, Pose(np.array([np.nan, 0, 0]), np.array([1.0, 0, 0, 0])))
    message = conversion.goal_message(goal, stamp_s=0.0)
    with pytest.raises(ValueError, match="not finite"):
        conversion.skill_goal(message)
    message.pose.header.frame_id = "map"
    with pytest.raises(ValueError, match=r"'map'.*'cell'"):
        conversion.skill_goal(message)


def test_camera_view() -> None:
    random = np.random.default_rng(1)
    view = CameraView(
        name="wrist",
        stamp_s=4.5,
        color=random.integers(0, 256, (24, 32, 3), dtype=np.uint8),
        depth_m=random.random((24, 32), dtype=np.float32),
        intrinsics=np.array([[30.0, 0, 16], [0, 30, 12], [0, 0, 1]]),
        transform_camera_to_cell=np.eye(4),
    )
    color, depth, calibration = images.view_messages(view)
    assert (color.encoding, depth.encoding, depth.step, color.header.frame_id) == (
        "rgb8",
        "32FC1",
        128,
        "wrist_optical_frame",
    )
    back = images.camera_view("wrist", color, depth, calibration, np.eye(4))
    np.testing.assert_array_equal(back.color, view.color)
    np.testing.assert_array_equal(back.depth_m, view.depth_m)
    np.testing.assert_array_equal(back.intrinsics, view.intrinsics)


def test_images_of_different_moments_do_not_make_a_view() -> None:
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    view = CameraView("overview", 1.0, pixels, np.zeros((4, 4), dtype=np.float32), np.eye(3), np.eye(4))
    color, depth, calibration = images.view_messages(view)
    depth.header.stamp.sec += 1
    with pytest.raises(ValueError, match="do not belong together"):
        images.camera_view("overview", color, depth, calibration, np.eye(4))
