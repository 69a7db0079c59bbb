"""The vehicle as its odometry tells: at which station it stands, and where what it carries is."""

from __future__ import annotations

from math import atan2, cos, hypot, sin

import numpy as np

from luban.catalogue import Catalogue, Container
from luban.state import BaseState

STANDING_M_S, STANDING_RAD_S = 0.02, 0.03


def station_of(base: BaseState, catalogue: Catalogue) -> str | None:
    """Return the station that a vehicle stands still at, or None."""
    if abs(base.linear_m_s) > STANDING_M_S or abs(base.angular_rad_s) > STANDING_RAD_S:
        return None
    for name, station in catalogue.stations.items():
        turn = base.yaw_rad - station.yaw_rad
        near = hypot(base.x_m - station.x_m, base.y_m - station.y_m) <= station.tolerance_m
        if near and abs(atan2(sin(turn), cos(turn))) <= station.tolerance_rad:
            return name
    return None


def floor_frame(container: Container, base: BaseState, floor_z_m: float) -> np.ndarray:
    """Return the frame (4, 4) of the centre of a container's inner floor, z up, in the cell frame."""
    frame = np.eye(4)
    frame[:3, 3] = container.position_m
    if container.on == "agv":
        vehicle = np.eye(4)
        c, s = cos(base.yaw_rad), sin(base.yaw_rad)
        vehicle[:2, :2] = [[c, -s], [s, c]]
        vehicle[:3, 3] = base.x_m, base.y_m, floor_z_m
        frame = vehicle @ frame
    return frame
