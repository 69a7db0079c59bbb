"""The housing: a pillow block on the bench whose horizontal bore takes a shaft."""

from __future__ import annotations

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
    _add_bore(body, fixture)
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


def _add_bore(body: mujoco.MjsBody, fixture: Fixture) -> None:
    """Flats around the bore, and slanted ones around its mouth: a chamfer of CHAMFER_M under 45 degrees."""
    radius, depth = fixture.bore_radius_m, fixture.bore_depth_m
    straight_half, thick = (depth - CHAMFER_M) / 2, RING_M / 2
    for k in range(SIDES):
        angle = 2 * np.pi * (k + 0.5) / SIDES
        outward = np.array([cos(angle), sin(angle), 0.0])
        turn = np.array([cos(angle / 2), 0, 0, sin(angle / 2)])
        width = (radius + RING_M) * tan(np.pi / SIDES)
        position = outward * (radius + thick) + [0, 0, CHAMFER_M + straight_half]
        geom = body.add_geom(type=_BOX, pos=position, quat=turn, size=[thick, width, straight_half], **_CONTACT)
        solid(geom, STATIC)
        # The slanted flat: its face runs from (radius + chamfer, 0) to (radius, chamfer) in (outward, depth).
        inward = -(outward + np.array([0, 0, 1])) / np.sqrt(2)  # its normal, towards the axis and out of the mouth
        face = outward * (radius + CHAMFER_M / 2) + [0, 0, CHAMFER_M / 2]
        half = 0.0015
        slant = np.empty(4)
        mujoco.mju_mulQuat(slant, turn, np.array([cos(-np.pi / 8), 0, sin(-np.pi / 8), 0]))
        size = [half, (radius + CHAMFER_M) * tan(np.pi / SIDES), CHAMFER_M / np.sqrt(2)]
        solid(body.add_geom(type=_BOX, pos=face - inward * half, quat=slant, size=size, **_CONTACT), STATIC)


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
