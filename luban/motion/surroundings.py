"""What a profile's catalogue says about where solid things stand, as boxes that an arm keeps clear of."""

from __future__ import annotations

import numpy as np

from luban.catalogue import Catalogue
from luban.motion.clearance import Boxes

_WALL_M = 0.008  # of a container, rim included
_FIXTURE_HALF_M = 0.065  # across a fixture's bore: foot and ring
_RING_M = 0.016  # above the bore

Box = tuple[tuple[float, float, float], tuple[float, float, float], float]  # centre, half sizes, yaw


def bench_boxes(catalogue: Catalogue) -> Boxes:
    """The benches alone, (1, b)."""
    return _boxes(_benches(catalogue))


def cell_boxes(catalogue: Catalogue) -> Boxes:
    """Benches, containers on them (as blocks up to the rim) and fixtures, (1, b)."""
    return _boxes([*_benches(catalogue), *_containers(catalogue), *_fixtures(catalogue)])


def joined(*boxes: Boxes) -> Boxes:
    """All boxes of several sets for the same arms."""
    return Boxes(
        np.concatenate([each.centre_m for each in boxes], axis=1),
        np.concatenate([each.half_m for each in boxes], axis=1),
        np.concatenate([each.yaw_rad for each in boxes], axis=1),
    )


def _benches(catalogue: Catalogue) -> list[Box]:
    result = []
    for bench in catalogue.obstacles:
        if bench.kind == "bench":
            length, width, height = bench.size_m
            centre = (bench.x_m, bench.y_m, catalogue.floor_z_m + height / 2)
            result.append((centre, (length / 2, width / 2, height / 2), bench.yaw_rad))
    return result


def _containers(catalogue: Catalogue) -> list[Box]:
    result = []
    for container in catalogue.containers.values():
        if container.on == "bench":
            (x, y, z), (length, width, depth) = container.position_m, container.inner_size_m
            top = z + depth
            result.append(((x, y, top / 2), (length / 2 + _WALL_M, width / 2 + _WALL_M, top / 2), 0.0))
    return result


def _fixtures(catalogue: Catalogue) -> list[Box]:
    result = []
    for fixture in catalogue.fixtures.values():
        x, y, z = fixture.position_m
        cos, sin, half = np.cos(fixture.yaw_rad), np.sin(fixture.yaw_rad), fixture.bore_depth_m / 2
        top = z + fixture.bore_radius_m + _RING_M
        centre = (x + half * cos, y + half * sin, top / 2)
        result.append((centre, (half, _FIXTURE_HALF_M, top / 2), fixture.yaw_rad))
    return result


def _boxes(listed: list[Box]) -> Boxes:
    centre = np.array([box[0] for box in listed]).reshape(1, -1, 3)
    half = np.array([box[1] for box in listed]).reshape(1, -1, 3)
    return Boxes(centre, half, np.array([[box[2] for box in listed]]).reshape(1, -1))
