"""The vehicle as its odometry tells: at which station it stands, and where what it carries is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan2, cos, hypot, sin

import numpy as np

from luban.catalogue import Catalogue, Container, Station
from luban.state import BaseState

STANDING_M_S, STANDING_RAD_S = 0.02, 0.03
JUMP_M = 0.01  # more than a vehicle that stands may seem to move


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


@dataclass
class Odometry:
    """Odometry set right: a drive ends where its station is, however far the wheels have slipped by then.

    The correction is kept for as long as the readings go on without a jump: one that nobody drove means that the
    odometry itself has been set anew.
    """

    _read: BaseState | None = None
    _turn_rad: float = 0.0
    _about: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # x, y as read, x, y as it was [m]

    def corrected(self, base: BaseState, drive: Station | None = None, driven: bool = False) -> BaseState:
        """Return where the vehicle is. drive: the station that a drive has just reached; driven: one was tried."""
        jumped = self._read is not None and hypot(base.x_m - self._read.x_m, base.y_m - self._read.y_m) > JUMP_M
        if drive is not None:
            self._turn_rad, self._about = drive.yaw_rad - base.yaw_rad, (base.x_m, base.y_m, drive.x_m, drive.y_m)
        elif jumped and not driven:
            self._turn_rad, self._about = 0.0, (0.0, 0.0, 0.0, 0.0)
        self._read = base
        c, s = cos(self._turn_rad), sin(self._turn_rad)
        from_x, from_y, to_x, to_y = self._about
        x, y = base.x_m - from_x, base.y_m - from_y
        yaw = base.yaw_rad + self._turn_rad
        return replace(base, x_m=to_x + c * x - s * y, y_m=to_y + s * x + c * y, yaw_rad=yaw)
