"""Triangle meshes of machined parts, made by code: prisms with a hole and turned profiles, with sharp edges."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import mujoco
import numpy as np


@dataclass(frozen=True, eq=False)
class SolidMesh:
    """corners_m: (triangles, 3, 3), counter-clockwise seen from outside; no corner is shared, so edges stay sharp."""

    corners_m: np.ndarray

    def __add__(self, other: SolidMesh) -> SolidMesh:
        return SolidMesh(np.concatenate([self.corners_m, other.corners_m]))

    def transformed(self, rotation: np.ndarray, offset_m: np.ndarray) -> SolidMesh:
        """Return the mesh turned by a (3, 3) rotation, then moved."""
        return SolidMesh(self.corners_m @ np.asarray(rotation, dtype=float).T + np.asarray(offset_m, dtype=float))

    def add_to(self, spec: mujoco.MjSpec, name: str) -> None:
        """Add as a mesh asset with one normal per facet."""
        edges = self.corners_m[:, 1:] - self.corners_m[:, :1]
        normals = np.cross(edges[:, 0], edges[:, 1])
        lengths = np.linalg.norm(normals, axis=1)
        keep = lengths > 1e-12
        corners, normals = self.corners_m[keep], normals[keep] / lengths[keep, None]
        faces = np.arange(corners.shape[0] * 3).reshape(-1, 3)
        mesh = spec.add_mesh(name=name)
        mesh.uservert = corners.ravel()
        mesh.userface = faces.ravel()
        mesh.usernormal = np.repeat(normals, 3, axis=0).ravel()
        mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL


def _strip(lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Triangles between two closed loops of points (points, 3), facing outwards for counter-clockwise loops."""
    lower_next, upper_next = np.roll(lower, -1, axis=0), np.roll(upper, -1, axis=0)
    first = np.stack([lower, lower_next, upper_next], axis=1)
    second = np.stack([lower, upper_next, upper], axis=1)
    return np.concatenate([first, second])


def ring(outer_m: np.ndarray, inner_m: np.ndarray, low_m: float, high_m: float, chamfer_m: float = 0.0) -> SolidMesh:
    """A prism along z between two outlines (points, 2) of equal length about one centre; inner may be all zeros."""

    def loop(outline: np.ndarray, z: float) -> np.ndarray:
        return np.column_stack([outline, np.full(len(outline), z)])

    radius = np.linalg.norm(outer_m, axis=1, keepdims=True)
    small = outer_m * (1 - chamfer_m / radius)
    loops = [loop(inner_m, low_m), loop(small, low_m), loop(outer_m, low_m + chamfer_m)]
    loops += [loop(outer_m, high_m - chamfer_m), loop(small, high_m), loop(inner_m, high_m)]
    if np.any(inner_m):
        loops.append(loop(inner_m, low_m))
    return SolidMesh(np.concatenate([_strip(a, b) for a, b in itertools.pairwise(loops)]))


def lathe(profile_m: np.ndarray, segments: int = 40) -> SolidMesh:
    """A solid turned about x: profile (points, 2) of x and radius, x growing, closed by its radius 0 at the ends."""
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    loops = [np.column_stack([np.full(segments, x), r * np.cos(angles), r * np.sin(angles)]) for x, r in profile_m]
    return SolidMesh(np.concatenate([_strip(a, b) for a, b in itertools.pairwise(loops)]))


def circle(radius_m: float, points: int) -> np.ndarray:
    """Counter-clockwise outline (points, 2)."""
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return radius_m * np.column_stack([np.cos(angles), np.sin(angles)])


def polygon(sides: int, inradius_m: float, points: int) -> np.ndarray:
    """Outline (points, 2) of a regular polygon whose flat faces +y; points must be a multiple of the sides."""
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    sector = 2 * np.pi / sides
    offset = (angles - np.pi / 2 + sector / 2) % sector - sector / 2
    return (inradius_m / np.cos(offset))[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])


def teeth(count: int, root_m: float, tip_m: float) -> np.ndarray:
    """Outline (8 * count, 2) of a spur gear with trapezoid teeth."""
    radii, angles = [], []
    for tooth in range(count):
        for fraction, radius in (
            (0, 0),
            (0.22, 0),
            (0.27, 0.25),
            (0.38, 0.9),
            (0.42, 1),
            (0.72, 1),
            (0.76, 0.9),
            (0.87, 0.25),
        ):
            angles.append(2 * np.pi * (tooth + fraction) / count)
            radii.append(root_m + (tip_m - root_m) * radius)
    return np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])


def box_outline(half_x_m: float, half_y_m: float, points: int) -> np.ndarray:
    """Outline (points, 2) of a rectangle, radially sampled; points a multiple of 8 keeps the corners of a square."""
    corner = np.arctan2(half_y_m, half_x_m)
    quarter = points // 4
    marks = [-corner, corner, np.pi - corner, np.pi + corner, 2 * np.pi - corner]
    angles = np.concatenate([np.linspace(a, b, quarter, endpoint=False) for a, b in itertools.pairwise(marks)])
    direction = np.column_stack([np.cos(angles), np.sin(angles)])
    scale = 1 / np.maximum(np.abs(direction[:, 0]) / half_x_m, np.abs(direction[:, 1]) / half_y_m)
    return scale[:, None] * direction
