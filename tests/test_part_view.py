"""Looks at boxes on a plane, whose depths are known exactly: where the grip is found, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from luban.motion.part_view import CLOSE_M, WIDE_M, Look, PartSeen, find_part

INTRINSICS = np.array([[216.5, 0, 159.5], [0, 216.5, 119.5], [0, 0, 1]])
PART = (np.array([0.45, 0.10]), 0.4, np.array([0.030, 0.010, 0.020]))  # middle, yaw, length, width and height (halved)


def camera_at(height_m: float) -> np.ndarray:
    """Looking down and ahead from beside the tool, as the wrist camera does."""
    tilt = 0.44
    right, ahead = np.array([0.0, -1.0, 0.0]), np.array([np.sin(tilt), 0.0, -np.cos(tilt)])
    pose = np.eye(4)
    pose[:3] = np.column_stack([right, np.cross(ahead, right), ahead, [0.45 - 0.085, 0.10, height_m + 0.154]])
    return pose


def depths(look: Look, pixels: np.ndarray, boxes) -> np.ndarray:
    """Depth along the optical axis of the nearest box, or of the plane z = 0."""
    origin, ray = look.camera[0, :3, 3], look.rays(pixels)[0] @ look.camera[0, :3, :3].T
    depth = -origin[2] / ray[:, 2]
    for (x, y), yaw, half in boxes:
        c, s = np.cos(yaw), np.sin(yaw)
        turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        start, way = turn @ (origin - [x, y, half[2] / 2]), ray @ turn.T
        size = half * [1, 1, 0.5]
        with np.errstate(divide="ignore"):
            near, far = np.sort(np.stack([(-size - start) / way, (size - start) / way]), axis=0)
        enter, leave = near.max(axis=1), far.min(axis=1)
        depth = np.where((enter < leave) & (enter > 0), np.minimum(depth, enter), depth)
    return depth[None]


def look_at(
    boxes,
    believed=(0.45, 0.10),
    yaw=0.4,
    width=0.02,
    protrusion=0.0,
    height=0.12,
    spacing=CLOSE_M,
    noise=0.0,
    tool=None,
) -> PartSeen:
    look = Look(np.array([[*believed, 0.0]]), np.array([spacing]), INTRINSICS, camera_at(height)[None], (320, 240))
    pixels, inside = look.pixels()
    depth = depths(look, pixels, boxes) + noise * np.random.default_rng(1).standard_normal(pixels.shape[:2])
    return find_part(
        look, look.points(pixels, depth), inside, np.array([height if tool is None else tool]), np.array([yaw]),
        np.array([width]), np.array([protrusion]),
    )  # fmt: skip


@pytest.mark.parametrize("noise", [0.0, 0.0015])
@pytest.mark.parametrize("spacing", [WIDE_M, CLOSE_M])
def test_finds_middle_and_axis(noise, spacing) -> None:
    seen = look_at([PART], (0.465, 0.085), yaw=0.1, spacing=spacing, noise=noise)
    assert seen.valid[0]
    np.testing.assert_allclose(seen.grip[0, :2], PART[0], atol=0.004)
    assert abs(seen.grip[0, 2] - PART[1]) < 0.08


def test_keeps_the_end_that_was_believed() -> None:
    assert abs(look_at([PART], yaw=0.2 + np.pi).grip[0, 2] - (PART[1] + np.pi)) < 0.08


def test_a_square_part_keeps_the_believed_yaw() -> None:
    square = (PART[0], 0.3, np.array([0.02, 0.02, 0.02]))
    seen = look_at([square], yaw=-0.05, width=0.04)
    assert seen.valid[0] and seen.grip[0, 2] == -0.05


def test_grips_behind_the_leading_end() -> None:
    seen = look_at([PART], protrusion=0.042)
    ahead = np.array([np.cos(PART[1]), np.sin(PART[1])])
    np.testing.assert_allclose(seen.grip[0, :2], PART[0] - 0.012 * ahead, atol=0.004)
    np.testing.assert_allclose(seen.middle_m[0], PART[0], atol=0.004)


def test_a_neighbour_apart_does_not_matter() -> None:
    other = (PART[0] + [0.0, -0.05], 0.0, np.array([0.012, 0.012, 0.02]))
    alone, beside = look_at([PART]), look_at([PART, other])
    assert beside.valid[0]
    np.testing.assert_allclose(beside.grip, alone.grip, atol=0.003)


def test_what_is_wider_than_the_part_is_refused() -> None:
    assert not look_at([(PART[0], 0.0, np.array([0.04, 0.03, 0.02]))], width=0.02).valid[0]


def test_too_near_or_nothing_there_is_refused() -> None:
    assert not look_at([PART], tool=0.05).valid[0]
    assert not look_at([]).valid[0]


def test_no_depth_at_all_is_refused() -> None:
    look = Look(np.array([[0.45, 0.1, 0.0]]), np.array([CLOSE_M]), INTRINSICS, camera_at(0.12)[None], (320, 240))
    pixels, inside = look.pixels()
    points = look.points(pixels, np.zeros(pixels.shape[:2]))
    one = np.ones(1)
    assert not find_part(look, points, np.zeros_like(inside), 0.2 * one, 0 * one, 0.02 * one, 0 * one).valid[0]
