"""Where there is room in a container."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WALL_M = 0.05  # the middle of what is put down stays so far from the walls
ENOUGH_M = 0.10  # more distance from what lies there is not better
GRID = 9


def free_spot(frame: np.ndarray, inner_size_m: tuple[float, float, float], lying_m: Sequence[np.ndarray]) -> np.ndarray:
    """Return the point (3,) of a container's floor, cell frame, that is farthest from what lies in it already; among
    equals the one nearest to the centre.

    frame: (4, 4) of the inner floor's centre, z up, in the cell frame; lying_m: positions (3,) of what lies in it.
    """
    half = np.array(inner_size_m[:2]) / 2 - WALL_M
    axes = [np.linspace(-h, h, GRID) for h in half]
    spots = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    score = -0.1 * np.linalg.norm(spots, axis=1)
    if lying_m:
        inside = (np.array(lying_m) - frame[:3, 3]) @ frame[:3, :3]
        distance = np.linalg.norm(spots[:, None] - inside[None, :, :2], axis=-1).min(axis=1)
        score += np.minimum(distance, ENOUGH_M)
    spot = spots[int(np.argmax(np.round(score, 9)))]
    return np.asarray(frame[:3, 3] + frame[:3, :3] @ np.array([*spot, 0.0]))
