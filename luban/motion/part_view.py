"""Where parts lie, from the wrist camera's depth: one look becomes a corrected grip. NumPy only, n looks at once.

A look reads the depth at GRID x GRID pixels, those where a square lattice on the surface below the part would appear.
What rises above that surface and hangs together is the part: its middle, weighted by height, and its long axis say
where and how to grip. On the robot the depths come from an image, in training from rays through the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GRID = 25  # lattice points along a side
WIDE_M, CLOSE_M = 0.007, 0.0045  # spacing of the first look, and of those that know where the part is
RISE_M = 0.004  # above the surface: more than the depth's noise
TALLEST_M = 0.050  # of a part; what is higher are the fingers
LEAST_LIFT_M = 0.060  # of the tool above the surface: closer, the fingers themselves look like parts
LEAST_CELLS = 6
ELONGATED = 0.25  # from this difference of the two axes' variances on, share of their sum, a part has a direction
WIDER, WIDER_M, LONGEST_M = 1.4, 0.008, 0.105  # bounds of what can be one part
MOST_TURN_RAD = 0.7  # what is believed is never this wrong: another axis of a half-hidden part was found
_SPREAD = 20  # cells from a part's first cell to its last


@dataclass(frozen=True, eq=False)
class PartSeen:
    """What n looks tell, in the cell frame. valid: (n,) bool; the rest is meaningless where it is False.

    grip: (n, 3) x, y [m] and yaw [rad] of a tool that grips the part. middle_m: (n, 2) of the part.
    """

    grip: np.ndarray
    middle_m: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True, eq=False)
class Look:
    """Where n looks are aimed: lattices of `spacing_m` (n,) about points `centre_m` (n, 3) on the surface.

    intrinsics: (3, 3) [px]. camera: (n, 4, 4) transforms of the optical frames to the cell, as the robot knows them.
    size_px: width, height.
    """

    centre_m: np.ndarray
    spacing_m: np.ndarray
    intrinsics: np.ndarray
    camera: np.ndarray
    size_px: tuple[int, int]

    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """Return pixels (n, GRID², 2), u and v, whole numbers, and whether (n, GRID²) they lie in the image."""
        step = np.arange(GRID) - (GRID - 1) / 2
        lattice = np.stack(np.meshgrid(step, step, indexing="ij"), axis=-1).reshape(-1, 2)
        points = np.repeat(self.centre_m[:, None, :], len(lattice), axis=1)
        points[..., :2] += self.spacing_m[:, None, None] * lattice
        seen = (points - self.camera[:, None, :3, 3]) @ self.camera[:, :3, :3]
        ahead = seen[..., 2] > 1e-3
        ray = seen[..., :2] / np.where(ahead, seen[..., 2], 1.0)[..., None]
        focal, middle = np.diag(self.intrinsics)[:2], self.intrinsics[:2, 2]
        pixels = np.round(ray * focal + middle)
        return pixels, ahead & ((pixels >= 0) & (pixels < self.size_px)).all(axis=-1)

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Return directions (n, GRID², 3) in the optical frames, one metre ahead, of pixels."""
        focal, middle = np.diag(self.intrinsics)[:2], self.intrinsics[:2, 2]
        return np.asarray(np.concatenate([(pixels - middle) / focal, np.ones((*pixels.shape[:2], 1))], axis=-1))

    def points(self, pixels: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
        """Return the points (n, GRID², 3) of the cell frame that depths (n, GRID²) along the optical axis stand for."""
        seen = self.rays(pixels) * depth_m[..., None]
        return np.asarray(seen @ self.camera[:, :3, :3].transpose(0, 2, 1) + self.camera[:, None, :3, 3])


def find_part(
    look: Look,
    points_m: np.ndarray,
    seen: np.ndarray,
    tool_z_m: np.ndarray,
    believed_yaw_rad: np.ndarray,
    width_m: np.ndarray,
    protrusion_m: np.ndarray,
) -> PartSeen:
    """Find the part nearest to the middle of each look and say how to grip it.

    points_m: (n, GRID², 3); seen: (n, GRID²) bool, which of them the camera measured. believed_yaw_rad: (n,) of the
    tool: it decides between the two ends of a part, and stays where the part has no direction. width_m: (n,) between
    the pads, for a look that sees something much wider is not at the part alone. protrusion_m: (n,) how far the part is
    to stick out along the tool's x axis; 0: grip it at its middle.
    """
    surface_m = _surface(points_m[..., 2], seen)
    rise_m = points_m[..., 2] - surface_m[:, None]
    cell = np.round((points_m[..., :2] - look.centre_m[:, None, :2]) / look.spacing_m[:, None, None]).astype(int)
    cell += (GRID - 1) // 2
    raised = seen & (rise_m > RISE_M) & (rise_m < TALLEST_M) & ((cell >= 0) & (cell < GRID)).all(axis=-1)
    index = np.clip(cell, 0, GRID - 1) @ [GRID, 1]
    top_m, count = _raster(index, raised, rise_m)
    measured = _raster(index, seen, rise_m)[1] > 0
    # What is hidden, behind a steep side of the part, may belong to it and joins what lies on both sides.
    part = _connected((count > 0).reshape(-1, GRID, GRID), ~measured.reshape(-1, GRID, GRID)).reshape(count.shape)
    own = raised & np.take_along_axis(part, index, axis=1)
    # Every cell counts once with its height: a steep face catches many rays but is no more of the part for it.
    share = top_m / np.maximum(count, 1)
    weight = np.where(own, np.take_along_axis(share, index, axis=1), 0.0)
    total = np.maximum(weight.sum(axis=1), 1e-12)
    middle = (weight[..., None] * points_m[..., :2]).sum(axis=1) / total[:, None]
    away = points_m[..., :2] - middle[:, None]
    xx, yy, xy = (
        (weight * a * b).sum(axis=1) / total
        for a, b in ((away[..., 0], away[..., 0]), (away[..., 1], away[..., 1]), (away[..., 0], away[..., 1]))
    )
    apart = np.hypot(xx - yy, 2 * xy)
    axis = 0.5 * np.arctan2(2 * xy, xx - yy)
    off = (axis - believed_yaw_rad + np.pi / 2) % np.pi - np.pi / 2
    directed = (apart > ELONGATED * (xx + yy)) & (np.abs(off) < MOST_TURN_RAD)
    yaw = believed_yaw_rad + np.where(directed, off, 0.0)
    # Half the length of an even bar with this variance; the grip lies behind its leading end by the protrusion.
    half_m = np.sqrt(1.5 * (xx + yy + apart))
    ahead = np.where(protrusion_m > 0, half_m - protrusion_m, 0.0)
    grip = np.column_stack([middle + ahead[:, None] * np.column_stack([np.cos(yaw), np.sin(yaw)]), yaw])
    across_m = np.sqrt(6.0 * np.maximum(xx + yy - apart, 0.0))
    alone = (across_m < WIDER * width_m + WIDER_M) & (half_m < LONGEST_M / 2)
    valid = alone & (part.sum(axis=1) >= LEAST_CELLS) & (tool_z_m - surface_m > LEAST_LIFT_M)
    return PartSeen(grip, middle, valid)


def _surface(height_m: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Height (n,) of the surface below the part: the middle of what is not covered by it, were a fifth covered."""
    ordered = np.sort(np.where(seen, height_m, np.inf), axis=1)
    rank = (0.4 * seen.sum(axis=1)).astype(int)
    surface = ordered[np.arange(len(ordered)), rank]
    return np.where(np.isfinite(surface), surface, 0.0)


def _raster(index: np.ndarray, raised: np.ndarray, rise_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest rise and number of points in each cell, (n, GRID²)."""
    rows = np.arange(len(index))[:, None] * GRID**2
    flat = (rows + index)[raised]
    top, count = np.zeros(len(index) * GRID**2), np.bincount(flat, minlength=len(index) * GRID**2)
    np.maximum.at(top, flat, rise_m[raised])
    return top.reshape(len(index), -1), count.reshape(len(index), -1)


def _connected(cells: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the cells (n, GRID, GRID) that hang together, also through hidden ones, with the one nearest to the
    middle."""
    count = len(cells)
    step = np.arange(GRID) - (GRID - 1) / 2
    distance = np.hypot(*np.meshgrid(step, step, indexing="ij")).ravel()
    firm = (cells & (_neighbours(cells) >= 4)).reshape(count, -1)  # itself and three more: not a speck
    first = np.where(firm, distance, np.inf).argmin(axis=1)
    seed = np.zeros((count, GRID * GRID), dtype=bool)
    seed[np.arange(count), first] = firm[np.arange(count), first]
    grown = seed.reshape(cells.shape)
    passable = cells | hidden
    for _ in range(_SPREAD):
        wider = (_neighbours(grown) > 0) & passable
        if (wider == grown).all():
            break
        grown = wider
    return np.asarray(grown & cells)


def _neighbours(cells: np.ndarray) -> np.ndarray:
    """How many of the nine cells around and at each one are set."""
    padded = np.pad(cells.astype(np.int8), ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return np.asarray(rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:])
