"""Decides from true poses whether a goal holds: where a part lies and whether a shaft sits."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from luban.catalogue import Catalogue, Container, Fixture
from luban.errors import LubanError, unknown
from luban.pose import Pose
from luban.task import Predicate
from sim.parts import SHAPES

if TYPE_CHECKING:
    from sim.truth import Truth

INSIDE_MARGIN_M = 0.003
AXIS_TOLERANCE_RAD = np.deg2rad(6.0)
LATERAL_MARGIN_M = 0.0015


def holds(truth: Truth, predicate: Predicate) -> bool:
    """Whether a goal predicate holds. Raises LubanError for a name that the cell does not have."""
    kind, subject, place = predicate
    if kind == "at":
        return truth.agv_station == place
    if subject not in truth.parts:
        raise LubanError("goal: " + unknown("part", subject, truth.parts))
    part = truth.parts[subject]
    if kind == "inserted":
        return part.fixture == place
    return (part.container == place) == (kind == "in")


def inside(position_m: np.ndarray, container_pose: Pose, container: Container) -> bool:
    """Whether a point (3,) of the cell frame is within a container's inner footprint and below its rim."""
    transform = container_pose.matrix()
    x, y, z = transform[:3, :3].T @ (position_m - transform[:3, 3])
    length, width, depth = container.inner_size_m
    within = abs(x) <= length / 2 + INSIDE_MARGIN_M and abs(y) <= width / 2 + INSIDE_MARGIN_M
    return bool(within and -INSIDE_MARGIN_M <= z <= depth + INSIDE_MARGIN_M)


def container_of(part_pose: Pose, poses: Mapping[str, Pose], catalogue: Catalogue) -> str | None:
    """Return the container that a part's centre is in, or None."""
    for name, pose in poses.items():
        if inside(part_pose.position_m, pose, catalogue.containers[name]):
            return name
    return None


def fixture_of(part_pose: Pose, shape: str, poses: Mapping[str, Pose], catalogue: Catalogue) -> str | None:
    """Return the fixture that a shaft is seated in, or None."""
    for name, pose in poses.items():
        if shape == "shaft" and seated(part_pose, pose, catalogue.fixtures[name]):
            return name
    return None


def seated(shaft_pose: Pose, bore_pose: Pose, fixture: Fixture) -> bool:
    """Whether a shaft is coaxial with a bore and its leading end deep enough."""
    return bool(
        misalignment_rad(shaft_pose, bore_pose) <= AXIS_TOLERANCE_RAD
        and _offset_m(shaft_pose, bore_pose) <= fixture.bore_radius_m - SHAPES["shaft"].half_m[1] + LATERAL_MARGIN_M
        and inserted_depth_m(shaft_pose, bore_pose) >= fixture.seated_depth_m
    )


def misalignment_rad(shaft_pose: Pose, bore_pose: Pose) -> float:
    cosine = abs(shaft_pose.matrix()[:3, 0] @ bore_pose.matrix()[:3, 2])
    return float(np.arccos(np.clip(cosine, 0.0, 1.0)))


def inserted_depth_m(shaft_pose: Pose, bore_pose: Pose) -> float:
    """Depth of the shaft's leading end below the mouth; negative outside."""
    return float(_in_bore(shaft_pose, bore_pose)[1][2])


def _offset_m(shaft_pose: Pose, bore_pose: Pose) -> float:
    """Largest distance from the bore's axis of the shaft's axis, between the mouth and the leading end."""
    trailing, leading = _in_bore(shaft_pose, bore_pose)
    fraction = np.clip(-trailing[2] / max(leading[2] - trailing[2], 1e-6), 0.0, 1.0)
    mouth = trailing + fraction * (leading - trailing)
    return float(max(hypot(*mouth[:2]), hypot(*leading[:2])))


def _in_bore(shaft_pose: Pose, bore_pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Return the shaft's trailing and leading end (3,), (3,) in the frame of the bore."""
    shaft, half = shaft_pose.matrix(), SHAPES["shaft"].half_m[0]
    bore = bore_pose.matrix()
    ends = [shaft[:3, 3] + sign * half * shaft[:3, 0] for sign in (-1, 1)]
    a, b = (bore[:3, :3].T @ (end - bore[:3, 3]) for end in ends)
    return (a, b) if a[2] <= b[2] else (b, a)
