"""Where n arms may be: clear of boxes, and with the tool inside the workspace that the safety gate lets through."""

from __future__ import annotations

import numpy as np

from luban.motion.chain import Chain
from luban.motion.clearance import Boxes, Hull
from luban.profile import ArmConfig

AT_ONCE = 250  # postures whose distances stay in a core's cache


class FreeSpace:
    """An arm's outline and its workspace. Raises LubanError for an arm without a known outline."""

    def __init__(self, config: ArmConfig) -> None:
        self.chain = Chain.of(config)
        self.hull = Hull(self.chain)
        limits = config.limits
        self._walls_m = np.array([limits.workspace_x_m, limits.workspace_y_m, limits.workspace_z_m]).T

    def room(self, position_rad: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Clearance (k,) from boxes and, of the tool, from the walls of the workspace, at postures (k, joints)."""
        room_m = np.empty(len(position_rad))
        for first in range(0, len(position_rad), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            frames = self.chain.frames(position_rad[part])
            at = frames[:, -1, :3, 3]
            inside = np.minimum(at - self._walls_m[0], self._walls_m[1] - at).min(axis=1)
            room_m[part] = np.minimum(self.hull.clearance(frames, boxes.of(part)), inside)
        return room_m

    def nearest_wall(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance (n,) of the tool's point from the nearest wall of the workspace, and how it changes with the joint
        angles (n, joints) [m/rad]. frames: as of `Chain.frames`."""
        at = frames[:, -1, :3, 3]
        room = np.concatenate([at - self._walls_m[0], self._walls_m[1] - at], axis=1)
        wall, rows = room.argmin(axis=1), np.arange(len(frames))
        axis, origin = frames[:, :-1, :3, 2], frames[:, :-1, :3, 3]
        lever = at[:, None] - origin
        other, third = (wall + 1) % 3, (wall + 2) % 3
        r = rows[:, None]
        j = np.arange(axis.shape[1])
        moved = axis[r, j, other[:, None]] * lever[r, j, third[:, None]]
        moved -= axis[r, j, third[:, None]] * lever[r, j, other[:, None]]
        return room[rows, wall], moved * np.where(wall < 3, 1.0, -1.0)[:, None]
