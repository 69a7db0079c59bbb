"""Camera views as ROS images and camera calibrations, and back."""

from __future__ import annotations

from array import array

import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from luban.observation import CameraView
from luban_nodes.conversion import header, time_s


def optical_frame(camera: str) -> str:
    """Name of a camera's optical frame: x right, y down, z ahead (REP 103)."""
    return f"{camera}_optical_frame"


def view_messages(view: CameraView) -> tuple[Image, Image, CameraInfo]:
    """Return colour (rgb8), depth (32FC1 [m], 0 = no return) and calibration, all with the view's stamp."""
    height, width = view.depth_m.shape
    color = _image(view, view.color.astype(np.uint8, copy=False), "rgb8")
    depth = _image(view, view.depth_m.astype(np.float32, copy=False), "32FC1")
    calibration = CameraInfo(
        header=_header(view), height=height, width=width, distortion_model="plumb_bob", d=[0.0] * 5
    )
    calibration.k = view.intrinsics.ravel().tolist()
    calibration.r = np.eye(3).ravel().tolist()
    calibration.p = np.hstack([view.intrinsics, np.zeros((3, 1))]).ravel().tolist()
    return color, depth, calibration


def camera_view(
    name: str, color: Image, depth: Image, calibration: CameraInfo, transform_camera_to_cell: np.ndarray
) -> CameraView:
    """Return the view of three messages that belong together. transform_camera_to_cell: (4, 4), from /tf.

    Raises ValueError when the stamps or sizes differ or an encoding is not the one of `view_messages`.
    """
    stamps = {time_s(message.header.stamp) for message in (color, depth, calibration)}
    sizes = {(message.height, message.width) for message in (color, depth, calibration)}
    if len(stamps) != 1 or len(sizes) != 1:
        raise ValueError(f"images of camera {name!r} do not belong together: stamps {stamps}, sizes {sizes}")
    return CameraView(
        name=name,
        stamp_s=stamps.pop(),
        color=_pixels(color, "rgb8", np.dtype(np.uint8), 3),
        depth_m=depth_m(depth),
        intrinsics=np.array(calibration.k, dtype=float).reshape(3, 3),
        transform_camera_to_cell=transform_camera_to_cell,
    )


def depth_m(message: Image) -> np.ndarray:
    """Return a depth image (height, width) float32 [m]. Raises ValueError for another encoding than 32FC1."""
    return _pixels(message, "32FC1", np.dtype(np.float32), 1)[..., 0]


def _header(view: CameraView) -> Header:
    return header(view.stamp_s, optical_frame(view.name))


def _image(view: CameraView, pixels: np.ndarray, encoding: str) -> Image:
    message = Image(header=_header(view), height=pixels.shape[0], width=pixels.shape[1], encoding=encoding)
    message.step = pixels.nbytes // pixels.shape[0]
    message.data = array("B", np.ascontiguousarray(pixels).tobytes())  # rclpy checks any other type byte by byte
    return message


def _pixels(message: Image, encoding: str, kind: np.dtype, channels: int) -> np.ndarray:
    if message.encoding != encoding or message.is_bigendian:
        raise ValueError(
            f"image encoding {message.encoding!r} (big endian: {message.is_bigendian}); {encoding!r} is needed"
        )
    rows = np.frombuffer(message.data, dtype=np.uint8).reshape(message.height, message.step)
    rows = rows[:, : message.width * channels * kind.itemsize]
    return np.ascontiguousarray(rows).view(kind).reshape(message.height, message.width, channels)
