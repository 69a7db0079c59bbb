"""The housing: a pillow block on the bench whose horizontal bore takes a shaft."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin, tan

import mujoco
import numpy as np

from luban.catalogue import Fixture
from luban.pose import Pose
from sim.collision import STATIC, solid, visual
from sim.solid_mesh import circle, ring

SIDES = 12  # flats of the bore; a shaft touches two or three
CHAMFER_M = 0.004
RING_M = 0.013  # radial thickness around the bore
FOOT_HALF_X_M, FOOT_HEIGHT_M = 0.062, 0.016
CAST, STEEL = (0.12, 0.33, 0.37, 1.0), (0.66, 0.68, 0.70, 1.0)
_BOX, _CYLINDER, _MESH = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_MESH
_CONTACT = {"friction": [0.25, 0.005, 0.0004], "solref": [0.006, 1.0]}  # a machined, oiled bore


def site_of(fixture_name: str) -> str:
    """Name of the site of a fixture's bore: origin at its mouth, z along the insertion, y up."""
    return f"fixture/{fixture_name}"


def bore_pose(fixture: Fixture) -> Pose:
    """Pose of the bore in the cell frame: origin at its mouth, z along the insertion, y up."""
    along = np.array([np.cos(fixture.yaw_rad), np.sin(fixture.yaw_rad), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    transform = np.eye(4)
    transform[:3, :3] = np.column_stack([np.cross(up, along), up, along])
    transform[:3, 3] = fixture.position_m
    return Pose.from_matrix(transform)


def add_housing(spec: mujoco.MjSpec, fixture: Fixture, name: str) -> None:
    """Add a fixture to the world: body `fixture/NAME`, its frame is the bore's."""
    pose = bore_pose(fixture)
    body = spec.worldbody.add_body(name=f"fixture/{name}", pos=pose.position_m, quat=pose.quaternion_wxyz)
    body.add_site(name=site_of(name), group=4)
    _add_bore(body, fixture, name)
    bottom, middle = -fixture.position_m[2], fixture.bore_depth_m / 2
    foot_y = bottom + FOOT_HEIGHT_M / 2
    foot = {"type": _BOX, "pos": [0, foot_y, middle], "size": [FOOT_HALF_X_M, FOOT_HEIGHT_M / 2, middle]}
    solid(body.add_geom(**foot, **_CONTACT, rgba=CAST, material="enamel"), STATIC, visible=True)
    web_top = -fixture.bore_radius_m - RING_M * 0.6
    web = {
        "type": _BOX,
        "pos": [0, (bottom + web_top) / 2, middle],
        "size": [0.028, (web_top - bottom) / 2, middle * 0.94],
    }
    visual(body.add_geom(**web, rgba=CAST, material="enamel"))
    _dress(spec, body, fixture, bottom)


@dataclass(frozen=True, eq=False)
class BoreBoxes:
    """The flats around a bore and the slanted ones around its mouth, in the bore's frame: centres (k, 3),
    quaternions (k, 4) and half sizes (k, 3) of boxes."""

    position_m: np.ndarray
    quaternion_wxyz: np.ndarray
    half_m: np.ndarray

    @classmethod
    def around(cls, radius_m: float, depth_m: float, chamfer_m: float = CHAMFER_M) -> BoreBoxes:
        """A bore with a chamfer of 45 degrees at its mouth."""
        straight_half, thick = (depth_m - chamfer_m) / 2, RING_M / 2
        positions, quaternions, sizes = [], [], []
        for k in range(SIDES):
            angle = 2 * np.pi * (k + 0.5) / SIDES
            outward = np.array([cos(angle), sin(angle), 0.0])
            turn = np.array([cos(angle / 2), 0, 0, sin(angle / 2)])
            positions.append(outward * (radius_m + thick) + [0, 0, chamfer_m + straight_half])
            quaternions.append(turn)
            sizes.append([thick, (radius_m + RING_M) * tan(np.pi / SIDES), straight_half])
            # The slanted flat's face runs from (radius + chamfer, 0) to (radius, chamfer) in (outward, depth).
            inward = -(outward + np.array([0, 0, 1])) / np.sqrt(2)  # its normal, towards the axis and out of the mouth
            face = outward * (radius_m + chamfer_m / 2) + [0, 0, chamfer_m / 2]
            slant = np.empty(4)
            mujoco.mju_mulQuat(slant, turn, np.array([cos(-np.pi / 8), 0, sin(-np.pi / 8), 0]))
            half = min(0.0015, chamfer_m / 2)
            positions.append(face - inward * half)
            quaternions.append(slant)
            sizes.append([half, (radius_m + chamfer_m) * tan(np.pi / SIDES), chamfer_m / np.sqrt(2)])
        return cls(np.array(positions), np.array(quaternions), np.array(sizes))


def bore_geom(fixture_name: str, index: int) -> str:
    """Name of one of the boxes of `BoreBoxes`."""
    return f"fixture/{fixture_name}/bore{index}"


def _add_bore(body: mujoco.MjsBody, fixture: Fixture, name: str) -> None:
    boxes = BoreBoxes.around(fixture.bore_radius_m, fixture.bore_depth_m)
    placed = zip(boxes.position_m, boxes.quaternion_wxyz, boxes.half_m, strict=True)
    for index, (position, turn, half) in enumerate(placed):
        geom = body.add_geom(type=_BOX, name=bore_geom(name, index), pos=position, quat=turn, size=half, **_CONTACT)
        solid(geom, STATIC)


def _dress(spec: mujoco.MjSpec, body: mujoco.MjsBody, fixture: Fixture, bottom: float) -> None:
    radius, depth = fixture.bore_radius_m, fixture.bore_depth_m
    names = ("housing_block", "housing_insert", "housing_mouth")
    if spec.mesh(names[0]) is None:
        outer = radius + RING_M + 0.006
        ring(circle(outer, 48), circle(radius + 0.006, 48), 0.001, depth - 0.001, 0.002).add_to(spec, names[0])
        ring(circle(radius + 0.0065, 48), circle(radius, 48), CHAMFER_M, depth).add_to(spec, names[1])
        mouth = ring(circle(radius + 0.0068, 48), circle(radius + CHAMFER_M * 0.98, 48), -0.0005, 0.001)
        mouth.add_to(spec, names[2])
    for name, color, finish in zip(names, (CAST, STEEL, STEEL), ("enamel", "metal", "metal"), strict=True):
        visual(body.add_geom(type=_MESH, meshname=name, rgba=color, material=finish))
    for side in (-1, 1):
        for z in (depth * 0.25, depth * 0.75):
            low = bottom + FOOT_HEIGHT_M
            for radius_m, height, color in ((0.0085, 0.002, STEEL), (0.006, 0.008, (0.3, 0.31, 0.33, 1.0))):
                ends = [side * 0.047, low, z, side * 0.047, low + height, z]
                visual(body.add_geom(type=_CYLINDER, fromto=ends, size=[radius_m, 0, 0], rgba=color, material="metal"))
