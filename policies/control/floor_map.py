"""The map of the floor from the catalogue: exact distances to what stands on it, and paths around it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from luban.catalogue import Catalogue
from luban.motion.driving import resample

RESOLUTION_M = 0.05
LETHAL_M = 0.30  # the axle's centre never comes nearer to anything on a planned path
COMFORT_M = 0.55  # from here on more clearance is worth no detour
NARROW_COST = 6.0


class FloorMap:
    """Walls at the floor's edges and the catalogue's obstacles as upright boxes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.low = np.array([catalogue.floor.x_m[0], catalogue.floor.y_m[0]])
        self.high = np.array([catalogue.floor.x_m[1], catalogue.floor.y_m[1]])
        boxes = catalogue.obstacles
        self._center = np.array([[box.x_m, box.y_m] for box in boxes]).reshape(-1, 2)
        self._half = np.array([box.size_m[:2] for box in boxes]).reshape(-1, 2) / 2
        yaw = np.array([box.yaw_rad for box in boxes])
        self._axes = np.stack([np.stack([np.cos(yaw), np.sin(yaw)], -1), np.stack([-np.sin(yaw), np.cos(yaw)], -1)], 1)
        self.shape = tuple(np.ceil((self.high - self.low) / RESOLUTION_M).astype(int))
        cells = np.stack(np.meshgrid(*map(np.arange, self.shape), indexing="ij"), -1).reshape(-1, 2)
        self.static_m = self.surface(self.position(cells))[0].reshape(self.shape)

    def cell(self, points_m: np.ndarray) -> np.ndarray:
        """Return grid indices (n, 2), clipped to the floor, of points (n, 2) [m]."""
        index = np.floor((np.asarray(points_m) - self.low) / RESOLUTION_M).astype(int)
        return np.clip(index, 0, np.array(self.shape) - 1)

    def position(self, cells: np.ndarray) -> np.ndarray:
        """Return the centres (n, 2) [m] of grid cells (n, 2)."""
        return self.low + (np.asarray(cells) + 0.5) * RESOLUTION_M

    def surface(self, points_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the signed distance (n,) [m] of points (n, 2) to the nearest surface, and its gradient (n, 2).

        Positive on the free floor; negative inside an obstacle or behind a wall.
        """
        points = np.asarray(points_m, dtype=float)
        distances, gradients = [], []
        for axis in range(2):
            normal = np.eye(2)[axis]
            distances += [points[:, axis] - self.low[axis], self.high[axis] - points[:, axis]]
            gradients += [np.broadcast_to(normal, points.shape), np.broadcast_to(-normal, points.shape)]
        for center, half, axes in zip(self._center, self._half, self._axes, strict=True):
            distance, gradient = _box_distance((points - center) @ axes.T, half)
            distances.append(distance)
            gradients.append(gradient @ axes)
        stacked = np.array(distances)
        nearest = stacked.argmin(axis=0)
        rows = np.arange(len(points))
        return stacked[nearest, rows], np.array(gradients)[nearest, rows]

    def clearance(self, occupied: np.ndarray | None = None) -> np.ndarray:
        """Return for each cell the distance [m] to the map and to extra occupied cells (a boolean grid)."""
        if occupied is None or not occupied.any():
            return self.static_m
        return np.minimum(self.static_m, distance_transform_edt(~occupied) * RESOLUTION_M)

    def path(self, start_m: np.ndarray, goal_m: np.ndarray, clearance_m: np.ndarray) -> np.ndarray | None:
        """Return the corners (n, 2) [m] of the cheapest way from start to goal; None when there is none."""
        free = clearance_m >= LETHAL_M  # a new array
        start, goal = self.cell(start_m), self.cell(goal_m)
        if not free[tuple(goal)]:
            return None
        for i in range(-4, 5):  # whatever stands beside the vehicle now, it may leave
            for j in range(-4, 5):
                x, y = start[0] + i, start[1] + j
                if 0 <= x < self.shape[0] and 0 <= y < self.shape[1]:
                    free[x, y] |= clearance_m[x, y] > 0.20
        free[tuple(start)] = True
        narrow = np.clip((COMFORT_M - clearance_m) / (COMFORT_M - LETHAL_M), 0.0, 2.0)
        graph = _grid_graph(free, 1.0 + NARROW_COST * narrow**2)
        first, last = (int(np.ravel_multi_index(tuple(cell), self.shape)) for cell in (start, goal))
        _, before = dijkstra(graph, indices=first, return_predecessors=True)
        if before[last] < 0 and first != last:
            return None
        route = [last]
        while route[-1] != first:
            route.append(int(before[route[-1]]))
        if first == last:
            return np.array([start_m, goal_m])
        points = self.position(np.array(np.unravel_index(route[::-1], self.shape)).T)
        points[0], points[-1] = start_m, goal_m
        return self._straighten(points, clearance_m)

    def along(self, points_m: np.ndarray, clearance_m: np.ndarray) -> np.ndarray:
        """Return the clearance (n,) [m] at points (n, 2)."""
        return clearance_m[tuple(self.cell(points_m).T)]

    def _straighten(self, points: np.ndarray, clearance_m: np.ndarray) -> np.ndarray:
        """Replace zigzags by straight stretches wherever that loses no needed clearance."""
        room = np.minimum(self.along(points, clearance_m), COMFORT_M - 0.05)
        kept, at = [points[0]], 0
        while at < len(points) - 1:
            ahead = len(points) - 1
            while ahead > at + 1:
                between = resample(points[[at, ahead]])
                if self.along(between, clearance_m).min() >= room[at : ahead + 1].min() - 1e-9:
                    break
                ahead = at + max(1, (ahead - at) * 3 // 4)
            kept.append(points[ahead])
            at = ahead
        return np.array(kept)


def _box_distance(local: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signed distance and gradient of points (n, 2) in a box's own frame."""
    outside = np.abs(local) - half
    away = np.maximum(outside, 0.0)
    far = np.hypot(away[:, 0], away[:, 1])
    side = np.where(local >= 0, 1.0, -1.0)
    nearest_face = np.eye(2)[outside.argmax(axis=1)] * side
    gradient = np.where(far[:, None] > 1e-9, away * side / np.maximum(far, 1e-9)[:, None], nearest_face)
    return far + np.minimum(outside.max(axis=1), 0.0), gradient


def _grid_graph(free: np.ndarray, cost: np.ndarray) -> coo_matrix:
    """Return the 8-connected graph of the free cells, edges weighted by length and mean cost."""
    index = np.arange(free.size).reshape(free.shape)
    rows, columns, weights = [], [], []
    width, height = free.shape
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
        a = np.s_[: width - dx, max(0, -dy) : height - max(0, dy)]
        b = np.s_[dx:, max(0, dy) : height + min(0, dy)]
        linked = free[a] & free[b]
        rows.append(index[a][linked])
        columns.append(index[b][linked])
        weights.append((np.hypot(dx, dy) * RESOLUTION_M * (cost[a] + cost[b]) / 2)[linked])
    i, j, weight = map(np.concatenate, (rows, columns, weights))
    ends = (np.concatenate([i, j]), np.concatenate([j, i]))
    return coo_matrix((np.concatenate([weight, weight]), ends), shape=(free.size, free.size)).tocsr()
