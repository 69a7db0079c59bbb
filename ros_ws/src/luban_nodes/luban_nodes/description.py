"""/robot_description and /tf: what RViz and Foxglove need to show the cell."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from luban.pose import Pose
from luban.profile import load_profile
from luban.task import Scene
from luban_nodes import conversion
from luban_nodes.process import run
from luban_nodes.quality import CONTROL, LATCHED
from luban_nodes.robot_frames import RobotFrames
from sim.description import urdf
from sim.world import World

TF_PERIOD_S = 0.04


class DescriptionNode(Node):
    """Publishes the URDF once, fixed frames once, and the frames of the arm's links and of the AGV at 25 Hz."""

    def __init__(self) -> None:
        super().__init__("description")
        profile = load_profile(self.declare_parameter("profile", "sim").value)
        world = World(profile, Scene(seed=0))
        text = urdf(world.model, "world", "luban_cell")
        world.close()
        self._frames = RobotFrames(text)
        self._published_s = -1.0
        self._description = self.create_publisher(String, "/robot_description", LATCHED)
        self._tf = self.create_publisher(TFMessage, "/tf", CONTROL)
        self._static = self.create_publisher(TFMessage, "/tf_static", LATCHED)
        self._description.publish(String(data=text))
        fixed = [_transform(0.0, parent, child, matrix) for parent, child, matrix in self._frames.fixed()]
        fixed.append(_transform(0.0, conversion.CELL_FRAME, "world", np.eye(4)))
        self._static.publish(TFMessage(transforms=fixed))
        self.create_subscription(JointState, "/arm/joint_states", self._on_joints, CONTROL)
        self.create_subscription(Odometry, "/agv/odom", self._on_odometry, CONTROL)

    def _on_joints(self, message: JointState) -> None:
        stamp_s = conversion.time_s(message.header.stamp)
        if 0.0 <= stamp_s - self._published_s < TF_PERIOD_S:
            return
        self._published_s = stamp_s
        positions = dict(zip(message.name, message.position, strict=True))
        moved = self._frames.moving(positions)
        self._tf.publish(TFMessage(transforms=[_transform(stamp_s, *frame) for frame in moved]))

    def _on_odometry(self, message: Odometry) -> None:
        frame = TransformStamped(header=message.header, child_frame_id=message.child_frame_id)
        position = message.pose.pose.position
        frame.transform.translation.x, frame.transform.translation.y = position.x, position.y
        frame.transform.translation.z = position.z
        frame.transform.rotation = message.pose.pose.orientation
        self._tf.publish(TFMessage(transforms=[frame]))


def _transform(stamp_s: float, parent: str, child: str, matrix: np.ndarray) -> TransformStamped:
    """The transform of `child` in `parent` as a message. matrix: (4, 4)."""
    message = TransformStamped(header=conversion.header(stamp_s, parent), child_frame_id=child)
    pose = conversion.pose_message(Pose.from_matrix(matrix))
    translation = message.transform.translation
    translation.x, translation.y, translation.z = pose.position.x, pose.position.y, pose.position.z
    message.transform.rotation = pose.orientation
    return message


def main() -> None:
    run(lambda: [DescriptionNode()])
