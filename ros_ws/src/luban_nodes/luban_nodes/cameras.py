"""The cameras of the twin, in a process of their own: rendering must never delay the control loop."""

from __future__ import annotations

import os
from functools import partial

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from luban.profile import load_profile
from luban_nodes.images import view_messages
from luban_nodes.process import run
from luban_nodes.quality import IMAGE
from luban_nodes.twin_mirror import TwinMirror

NICENESS = 10  # below the control loop


class TwinCameraNode(Node):
    """Renders what the cameras of the profile see from the twin's newest state: RGB, depth [m] and calibration."""

    def __init__(self) -> None:
        super().__init__("twin_cameras")
        profile = load_profile(self.declare_parameter("profile", "sim").value)
        self._mirror = TwinMirror(self, profile)
        self._outputs = {}
        for name, camera in profile.cameras.items():
            prefix = f"/camera/{name}"
            self._outputs[name] = (
                self.create_publisher(Image, f"{prefix}/color/image_raw", IMAGE),
                self.create_publisher(Image, f"{prefix}/depth/image_rect_raw", IMAGE),
                self.create_publisher(CameraInfo, f"{prefix}/color/camera_info", IMAGE),
            )
            self.create_timer(1.0 / camera.rate_hz, partial(self._publish, name))

    def _publish(self, name: str) -> None:
        world = self._mirror.world
        if world is None:
            return
        for publisher, message in zip(self._outputs[name], view_messages(world.render(name)), strict=True):
            publisher.publish(message)


def main() -> None:
    os.nice(NICENESS)
    run(lambda: [TwinCameraNode()])
