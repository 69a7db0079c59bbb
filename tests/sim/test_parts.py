"""The six shapes: closed solids of the stated size that lie still and offer grips."""

from __future__ import annotations

import numpy as np
import pytest

from luban.errors import SkillError
from luban.pose import Pose
from luban.profile import load_profile
from luban.task import Scene, ScenePart
from sim.parts import COLORS, SHAPES, PartShape, shape_of
from sim.world import World

PROFILE = load_profile("sim")
ALL = [pytest.param(shape, id=shape.name) for shape in SHAPES.values()]


def test_every_shape_and_colour_of_the_catalogue_exists() -> None:
    assert set(PROFILE.catalogue.shapes) == set(SHAPES)
    assert set(PROFILE.catalogue.colors) <= set(COLORS)


def test_an_unknown_shape_is_named() -> None:
    with pytest.raises(SkillError, match="unknown shape 'bearnig'; did you mean 'bearing'"):
        shape_of("bearnig")


@pytest.mark.parametrize("shape", ALL)
def test_mesh_is_closed_and_faces_outwards(shape: PartShape) -> None:
    for mesh in filter(None, (shape.looks, shape.details, shape.hull)):
        a, b, c = (mesh.corners_m[:, i] for i in range(3))
        # A closed surface has no net area, and a positive volume when it faces outwards.
        area = np.cross(b - a, c - a) / 2
        assert np.abs(area.sum(axis=0)).max() < 1e-9
        volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
        assert 1e-7 < volume < 1e-4


@pytest.mark.parametrize("shape", ALL)
def test_size_mass_and_grips_are_sound(shape: PartShape) -> None:
    corners = shape.looks.corners_m.reshape(-1, 3)
    assert np.all(np.abs(corners).max(axis=0) <= np.array(shape.half_m) + 1e-6)
    assert 0.04 <= shape.mass_kg <= 0.25
    assert max(shape.half_m[:2]) <= 0.045
    outline = shape.outline(Pose(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])))
    for grip in shape.grips:
        across = outline[:, :2] @ np.array([np.sin(grip.yaw_rad), -np.cos(grip.yaw_rad)])
        assert grip.width_m <= np.ptp(across) + 1e-6
        assert grip.width_m + 0.024 <= PROFILE.gripper.stroke_m + 1e-9
        assert abs(np.hypot(*grip.offset_m[:2])) < max(shape.half_m)


def test_parts_lie_still_where_the_scene_puts_them() -> None:
    parts = tuple(
        ScenePart(name, name, color, (0.40 + 0.08 * (i % 3), -0.1 + 0.2 * (i // 3)), 0.7 * i)
        for i, (name, color) in enumerate(zip(SHAPES, COLORS, strict=False))
    )
    world = World(PROFILE, Scene(1, parts))
    world.step(3.0)
    for part in parts:
        pose = world.truth().parts[part.id].pose
        assert np.hypot(*(pose.position_m[:2] - part.xy)) < 0.004, part.shape
        assert pose.position_m[2] == pytest.approx(SHAPES[part.shape].rest_m, abs=0.002), part.shape
        x_axis = pose.matrix()[:3, 0]
        assert x_axis[:2] @ [np.cos(part.yaw), np.sin(part.yaw)] > np.cos(0.12), part.shape
    world.close()
