"""Depth images of the camera on the flange, with where it was when each was taken: for controllers that look."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image, JointState

from luban.observation import CameraView
from luban.profile import Profile
from luban_nodes.conversion import time_s
from luban_nodes.images import depth_m
from luban_nodes.quality import IMAGE

REMEMBERED_S = 1.0  # an image older than this is of no use to a controller
NEAREST_S = 0.02  # how far the arm's state may be from the image in time


class Eye:
    """Hands every depth image of `camera` to `look`, as a CameraView without colour. Told of every joint state."""

    def __init__(self, node: Node, profile: Profile, camera: str, look: Callable[[CameraView], None]) -> None:
        self._arm, self._camera, self._look = profile.arm.arm_model(), camera, look
        self._optical = profile.cameras[camera].optical_pose()
        self._states: deque[tuple[float, np.ndarray]] = deque(maxlen=round(REMEMBERED_S * profile.arm.rate_hz))
        self._intrinsics: np.ndarray | None = None
        node.create_subscription(CameraInfo, f"/camera/{camera}/color/camera_info", self._on_calibration, IMAGE)
        node.create_subscription(Image, f"/camera/{camera}/depth/image_rect_raw", self._on_depth, IMAGE)

    def remember(self, joints: JointState) -> None:
        self._states.append((time_s(joints.header.stamp), np.array(joints.position)))

    def _on_calibration(self, message: CameraInfo) -> None:
        self._intrinsics = np.array(message.k, dtype=float).reshape(3, 3)

    def _on_depth(self, message: Image) -> None:
        """An image without calibration, or from a moment at which the arm is not known, is left out."""
        stamp_s = time_s(message.header.stamp)
        if self._intrinsics is None or not self._states:
            return
        state_s, position_rad = min(self._states, key=lambda state: abs(state[0] - stamp_s))
        if abs(state_s - stamp_s) > NEAREST_S:
            return
        depth = depth_m(message)
        camera_to_cell = self._arm.flange_transform(position_rad) @ self._optical
        color = np.zeros((*depth.shape, 3), np.uint8)
        self._look(CameraView(self._camera, stamp_s, color, depth, self._intrinsics, camera_to_cell))
