"""Robot states, commands and goals as ROS messages, and back. Lengths [m], angles [rad], times [s]."""

from __future__ import annotations

import math

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Pose as PoseMessage
from geometry_msgs.msg import PoseStamped, Quaternion, TwistStamped, WrenchStamped
from luban_interfaces.action import RunSkill
from luban_interfaces.msg import GripperCommand as GripperCommandMessage
from luban_interfaces.msg import GripperState as GripperStateMessage
from luban_interfaces.msg import JointCommand
from nav_msgs.msg import Odometry
from sensor_msgs.msg import JointState, LaserScan
from std_msgs.msg import Header

from luban.pose import Pose
from luban.skill import SkillGoal
from luban.state import ArmCommand, ArmState, BaseCommand, BaseState, GripperCommand, GripperState, LidarScan
from luban.step import Skill

CELL_FRAME = "cell"
TOOL_FRAME = "tool"
BASE_FRAME = "agv"


def time_message(seconds: float) -> Time:
    """Return a time message, rounded to the nanosecond. Raises ValueError for a negative or non-finite time."""
    if not (math.isfinite(seconds) and seconds >= 0.0):
        raise ValueError(f"{seconds} is not a time: a finite number of seconds >= 0 is needed")
    whole = math.floor(seconds)
    nanoseconds = round((seconds - whole) * 1e9)
    return Time(sec=whole + nanoseconds // 1_000_000_000, nanosec=nanoseconds % 1_000_000_000)


def time_s(message: Time) -> float:
    return float(message.sec + message.nanosec * 1e-9)


def header(stamp_s: float, frame: str = "") -> Header:
    return Header(stamp=time_message(stamp_s), frame_id=frame)


def arm_state_messages(state: ArmState) -> tuple[JointState, WrenchStamped]:
    joints = JointState(
        header=header(state.stamp_s),
        name=list(state.joint_names),
        position=state.position_rad.tolist(),
        velocity=state.velocity_rad_s.tolist(),
        effort=state.effort_nm.tolist(),
    )
    wrench = WrenchStamped(header=header(state.stamp_s, TOOL_FRAME))
    force, torque = wrench.wrench.force, wrench.wrench.torque
    force.x, force.y, force.z, torque.x, torque.y, torque.z = map(float, state.wrench)
    return joints, wrench


def arm_state(joints: JointState, wrench: WrenchStamped | None = None) -> ArmState:
    """Return the arm's state; without a wrench yet, its wrench is NaN, which no limit takes for harmless."""
    values = np.full(6, np.nan)
    if wrench is not None:
        force, torque = wrench.wrench.force, wrench.wrench.torque
        values = np.array([force.x, force.y, force.z, torque.x, torque.y, torque.z])
    return ArmState(
        stamp_s=time_s(joints.header.stamp),
        joint_names=tuple(joints.name),
        position_rad=np.array(joints.position),
        velocity_rad_s=np.array(joints.velocity),
        effort_nm=np.array(joints.effort),
        wrench=values,
    )


def arm_command_message(command: ArmCommand) -> JointCommand:
    return JointCommand(
        header=header(command.stamp_s),
        valid_until=time_message(command.valid_until_s),
        name=list(command.joint_names),
        position=command.position_rad.tolist(),
        velocity=command.velocity_rad_s.tolist(),
    )


def arm_command(message: JointCommand) -> ArmCommand:
    """Return the command as it was received; the gate beside the driver judges it."""
    return ArmCommand(
        stamp_s=time_s(message.header.stamp),
        valid_until_s=time_s(message.valid_until),
        joint_names=tuple(message.name),
        position_rad=np.array(message.position),
        velocity_rad_s=np.array(message.velocity),
    )


def gripper_state_message(state: GripperState) -> GripperStateMessage:
    return GripperStateMessage(
        header=header(state.stamp_s), opening_m=state.opening_m, force_n=state.force_n, holding=state.holding
    )


def gripper_state(message: GripperStateMessage) -> GripperState:
    return GripperState(time_s(message.header.stamp), message.opening_m, message.force_n, message.holding)


def gripper_command_message(command: GripperCommand) -> GripperCommandMessage:
    return GripperCommandMessage(
        header=header(command.stamp_s),
        valid_until=time_message(command.valid_until_s),
        opening_m=command.opening_m,
        force_n=command.force_n,
    )


def gripper_command(message: GripperCommandMessage) -> GripperCommand:
    stamp_s, valid_until_s = time_s(message.header.stamp), time_s(message.valid_until)
    return GripperCommand(stamp_s, valid_until_s, message.opening_m, message.force_n)


def base_state_message(state: BaseState) -> Odometry:
    message = Odometry(header=header(state.stamp_s, CELL_FRAME), child_frame_id=BASE_FRAME)
    message.pose.pose.position.x, message.pose.pose.position.y = state.x_m, state.y_m
    message.pose.pose.orientation = yaw_quaternion(state.yaw_rad)
    message.twist.twist.linear.x, message.twist.twist.angular.z = state.linear_m_s, state.angular_rad_s
    return message


def base_state(message: Odometry) -> BaseState:
    return BaseState(
        stamp_s=time_s(message.header.stamp),
        x_m=message.pose.pose.position.x,
        y_m=message.pose.pose.position.y,
        yaw_rad=quaternion_yaw(message.pose.pose.orientation),
        linear_m_s=message.twist.twist.linear.x,
        angular_rad_s=message.twist.twist.angular.z,
    )


def base_command_message(command: BaseCommand) -> TwistStamped:
    """Return the velocity as a TwistStamped, which has no deadline: the receiver counts its own from the stamp."""
    message = TwistStamped(header=header(command.stamp_s, BASE_FRAME))
    message.twist.linear.x, message.twist.angular.z = command.linear_m_s, command.angular_rad_s
    return message


def base_command(message: TwistStamped, timeout_s: float) -> BaseCommand:
    """Return the command, valid for `timeout_s` [s] after its stamp."""
    stamp_s = time_s(message.header.stamp)
    return BaseCommand(stamp_s, stamp_s + timeout_s, message.twist.linear.x, message.twist.angular.z)


def scan_message(scan: LidarScan, period_s: float) -> LaserScan:
    """Return a scan taken every `period_s` [s]."""
    beams = len(scan.ranges_m)
    return LaserScan(
        header=header(scan.stamp_s, BASE_FRAME),
        angle_min=scan.angle_min_rad,
        angle_max=scan.angle_min_rad + (beams - 1) * scan.angle_increment_rad,
        angle_increment=scan.angle_increment_rad,
        scan_time=period_s,
        range_max=scan.range_max_m,
        ranges=np.asarray(scan.ranges_m, dtype=np.float32).tolist(),
    )


def lidar_scan(message: LaserScan) -> LidarScan:
    return LidarScan(
        stamp_s=time_s(message.header.stamp),
        angle_min_rad=message.angle_min,
        angle_increment_rad=message.angle_increment,
        range_max_m=message.range_max,
        ranges_m=np.array(message.ranges, dtype=float),
    )


def pose_message(pose: Pose) -> PoseMessage:
    message = PoseMessage()
    message.position.x, message.position.y, message.position.z = map(float, pose.position_m)
    orientation = message.orientation
    orientation.w, orientation.x, orientation.y, orientation.z = map(float, pose.quaternion_wxyz)
    return message


def pose(message: PoseMessage) -> Pose:
    position, q = message.position, message.orientation
    return Pose(np.array([position.x, position.y, position.z]), np.array([q.w, q.x, q.y, q.z]))


def goal_message(goal: SkillGoal, stamp_s: float) -> RunSkill.Goal:
    """Return the goal; a goal without a pose has an empty frame, which `skill_goal` reads back as None."""
    message = RunSkill.Goal(
        skill=goal.skill.value,
        station=goal.station or "",
        width_m=goal.width_m,
        protrusion_m=goal.protrusion_m,
        depth_m=goal.depth_m,
        label=goal.label,
    )
    if goal.pose is not None:
        message.pose = PoseStamped(header=header(stamp_s, CELL_FRAME), pose=pose_message(goal.pose))
    return message


def skill_goal(message: RunSkill.Goal) -> SkillGoal:
    """Return the goal. Raises ValueError for an unknown skill, a pose in another frame or one that is not finite."""
    target = None
    if frame := message.pose.header.frame_id:
        if frame != CELL_FRAME:
            raise ValueError(f"the target's frame is {frame!r}; only {CELL_FRAME!r} is understood")
        target = pose(message.pose.pose)
        if not np.isfinite([*target.position_m, *target.quaternion_wxyz]).all():
            raise ValueError(f"the target {target.position_m.tolist()} is not finite")
    return SkillGoal(
        skill=Skill(message.skill),
        pose=target,
        station=message.station or None,
        width_m=message.width_m,
        protrusion_m=message.protrusion_m,
        depth_m=message.depth_m,
        label=message.label,
    )


def yaw_quaternion(yaw_rad: float) -> Quaternion:
    return Quaternion(z=math.sin(yaw_rad / 2), w=math.cos(yaw_rad / 2))


def quaternion_yaw(q: Quaternion) -> float:
    """Return the heading [rad] of a quaternion about any axis (its projection on the floor)."""
    return math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
