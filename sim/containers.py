"""Open boxes that parts are put into: a floor and four walls."""

from __future__ import annotations

from typing import Any

import mujoco

from luban.catalogue import Container
from sim.collision import STATIC, solid

FLOOR_M = 0.005
WALL_M = 0.004
RIM_M = 0.003  # how far the stiffening rim stands out
RGBA = {
    "red": (0.76, 0.10, 0.09, 1.0),
    "blue": (0.07, 0.25, 0.66, 1.0),
    "green": (0.13, 0.55, 0.25, 1.0),
    "yellow": (0.93, 0.74, 0.12, 1.0),
    "gray": (0.45, 0.47, 0.50, 1.0),
    "white": (0.90, 0.90, 0.90, 1.0),
    "black": (0.10, 0.10, 0.11, 1.0),
}
_BOX = mujoco.mjtGeom.mjGEOM_BOX


def site_of(container_name: str) -> str:
    """Name of the site at the centre of a container's inner floor, z up."""
    return f"container/{container_name}"


def add_container(body: Any, container: Container, name: str) -> None:
    """Add a container's floor, walls and rim to an MjsBody, at the container's place in that body's frame."""
    x, y, z = container.position_m
    length, width, depth = container.inner_size_m
    rgba = RGBA.get(container.color, RGBA["gray"])
    half_x, half_y, half_wall = length / 2 + WALL_M, width / 2 + WALL_M, WALL_M / 2
    middle, half_depth = z + (depth - FLOOR_M) / 2, (depth + FLOOR_M) / 2
    boxes = {
        "floor": ((x, y, z - FLOOR_M / 2), (half_x, half_y, FLOOR_M / 2)),
        "front": ((x + half_x - half_wall, y, middle), (half_wall, half_y, half_depth)),
        "back": ((x - half_x + half_wall, y, middle), (half_wall, half_y, half_depth)),
        "left": ((x, y + half_y - half_wall, middle), (half_x, half_wall, half_depth)),
        "right": ((x, y - half_y + half_wall, middle), (half_x, half_wall, half_depth)),
    }
    for side, (position, size) in boxes.items():
        geom = body.add_geom(
            name=f"{name}_{side}",
            type=_BOX,
            pos=position,
            size=size,
            rgba=rgba,
            mass=0.2,
            friction=[0.6, 0.005, 0.0004],
            solref=[0.006, 1.0],
            material="plastic",
        )
        solid(geom, STATIC, visible=True)
    _add_rim(body, (x, y, z + depth - 0.006), (half_x, half_y), rgba)
    body.add_site(name=site_of(name), pos=container.position_m, group=4)


def _add_rim(body: Any, top: tuple[float, float, float], half: tuple[float, float], rgba: tuple[float, ...]) -> None:
    """The flange around the opening, for the eye only."""
    x, y, z = top
    bars = (
        ((x + half[0] + RIM_M / 2, y), (RIM_M / 2, half[1] + RIM_M)),
        ((x - half[0] - RIM_M / 2, y), (RIM_M / 2, half[1] + RIM_M)),
        ((x, y + half[1] + RIM_M / 2), (half[0], RIM_M / 2)),
        ((x, y - half[1] - RIM_M / 2), (half[0], RIM_M / 2)),
    )
    for (at_x, at_y), (size_x, size_y) in bars:
        body.add_geom(
            type=_BOX, pos=(at_x, at_y, z), size=(size_x, size_y, 0.006), rgba=rgba, mass=0, contype=0, conaffinity=0,
            material="plastic",
        )  # fmt: skip
