"""The factory floor around the bench: painted floor, walls, shelves, pallets. What is drawn is where it collides."""

from __future__ import annotations

from math import cos, sin
from typing import Any

import mujoco
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from luban.catalogue import Catalogue, Obstacle, Station
from sim.collision import STATIC, solid, visual

PIXELS_PER_M = 160
WALL_M, WALL_HEIGHT_M = 0.08, 1.1
EPOXY, GRID, LANE, DARK = (128, 133, 137), (119, 124, 128), (232, 185, 28), (70, 74, 78)
ZONES = ((36, 113, 163), (30, 132, 73), (175, 96, 26), (125, 60, 152), (20, 143, 119))  # border colours, in turn

_BOX, _PLANE = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_PLANE
_BLUE, _ORANGE, _STEEL = (0.10, 0.26, 0.50, 1.0), (0.90, 0.42, 0.08, 1.0), (0.62, 0.64, 0.66, 1.0)
_BOXES = (
    (0.72, 0.55, 0.36, 1.0), (0.16, 0.38, 0.66, 1.0), (0.66, 0.50, 0.32, 1.0), (0.72, 0.18, 0.15, 1.0),
    (0.20, 0.50, 0.30, 1.0), (0.78, 0.60, 0.40, 1.0), (0.88, 0.70, 0.16, 1.0), (0.45, 0.47, 0.50, 1.0),
)  # fmt: skip


def add_floor(spec: Any, catalogue: Catalogue) -> None:
    """Add the floor with its markings, the walls at its edges and every shelf and pallet to an MjSpec."""
    (x_low, x_high), (y_low, y_high) = catalogue.floor.x_m, catalogue.floor.y_m
    middle = ((x_low + x_high) / 2, (y_low + y_high) / 2, catalogue.floor_z_m)
    _material(spec, "floor", paint(catalogue), specular=0.25, shininess=0.4, reflectance=0.0)
    _material(spec, "planks", _planks(), specular=0.05)
    _material(spec, "carton", _carton(), specular=0.05)
    plane = spec.worldbody.add_geom(
        name="floor", type=_PLANE, pos=middle, size=((x_high - x_low) / 2, (y_high - y_low) / 2, 0.1), material="floor",
        friction=(1.0, 0.005, 0.0001),
    )  # fmt: skip
    solid(plane, STATIC, visible=True)
    _add_walls(spec.worldbody, catalogue)
    for i, obstacle in enumerate(catalogue.obstacles):
        if obstacle.kind == "bench":
            continue  # belongs to the cell
        body = spec.worldbody.add_body(
            name=f"{obstacle.kind}_{i}",
            pos=(obstacle.x_m, obstacle.y_m, catalogue.floor_z_m),
            quat=(cos(obstacle.yaw_rad / 2), 0, 0, sin(obstacle.yaw_rad / 2)),
        )
        x, y, z = obstacle.size_m
        half = (x / 2, y / 2, z / 2)
        solid(body.add_geom(name=f"{obstacle.kind}_{i}", type=_BOX, pos=(0, 0, z / 2), size=half), STATIC)
        (_add_shelf if obstacle.kind == "shelf" else _add_pallet)(body, obstacle, np.random.default_rng(i))


def paint(catalogue: Catalogue) -> np.ndarray:
    """Return the floor as an image (rows, columns, 3) uint8, +x to the right and +y up: grid, lanes, station zones."""
    (x_low, x_high), (y_low, y_high) = catalogue.floor.x_m, catalogue.floor.y_m
    width, height = int((x_high - x_low) * PIXELS_PER_M), int((y_high - y_low) * PIXELS_PER_M)
    generator = np.random.default_rng(7)
    speckle = generator.normal(0.0, 2.5, (height, width, 1))
    patches = np.kron(generator.normal(0.0, 1.2, (height // 40 + 1, width // 40 + 1)), np.ones((40, 40)))
    base = np.array(EPOXY) + speckle + patches[:height, :width, None]
    image = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)

    def pixel(x: float, y: float) -> tuple[float, float]:
        return (x - x_low) * PIXELS_PER_M, (y_high - y) * PIXELS_PER_M

    for i in range(int(x_high - x_low) + 1):
        draw.line([pixel(x_low + i, y_low), pixel(x_low + i, y_high)], fill=GRID, width=2)
    for i in range(int(y_high - y_low) + 1):
        draw.line([pixel(x_low, y_low + i), pixel(x_high, y_low + i)], fill=GRID, width=2)
    inset = 0.18
    corners = [(x_low + inset, y_low + inset), (x_high - inset, y_high - inset)]
    draw.rectangle([pixel(corners[0][0], corners[1][1]), pixel(corners[1][0], corners[0][1])], outline=LANE, width=8)
    for obstacle in catalogue.obstacles:
        _paint_around(draw, pixel, obstacle)
    for (name, station), color in zip(catalogue.stations.items(), _repeat(ZONES), strict=False):
        _paint_station(image, pixel, name, station, color)
    return np.asarray(image)


def _repeat(colors: tuple[tuple[int, int, int], ...]) -> Any:
    while True:
        yield from colors


def _paint_around(draw: ImageDraw.ImageDraw, pixel: Any, obstacle: Obstacle) -> None:
    """A yellow line around what stands on the floor, darker under it."""
    c, s = cos(obstacle.yaw_rad), sin(obstacle.yaw_rad)
    for grow, options in ((0.10, {"outline": LANE, "width": 8}), (0.0, {"fill": DARK})):
        x, y = obstacle.size_m[0] / 2 + grow, obstacle.size_m[1] / 2 + grow
        ring = [(x, y), (-x, y), (-x, -y), (x, -y)]
        draw.polygon([pixel(obstacle.x_m + c * a - s * b, obstacle.y_m + s * a + c * b) for a, b in ring], **options)


def _paint_station(image: Image.Image, pixel: Any, name: str, station: Station, color: tuple[int, int, int]) -> None:
    """A parking bay with a coloured border, its name and an arrow in the direction of travel."""
    length, width = int(1.10 * PIXELS_PER_M), int(0.46 * PIXELS_PER_M)
    bay = Image.new("RGBA", (length, width), (*color, 60))
    draw = ImageDraw.Draw(bay)
    draw.rectangle([0, 0, length - 1, width - 1], outline=(*color, 255), width=8)
    tip, middle = length - 16, width / 2
    draw.polygon([(tip, middle), (tip - 18, middle - 16), (tip - 18, middle + 16)], fill=(245, 245, 245, 255))
    font = ImageFont.load_default(18)
    draw.text((16, middle), name.upper(), fill=(245, 245, 245, 255), font=font, anchor="lm")
    turned = bay.rotate(np.degrees(station.yaw_rad), expand=True, resample=Image.Resampling.BICUBIC)
    x, y = pixel(station.x_m, station.y_m)
    image.paste(turned, (int(x - turned.width / 2), int(y - turned.height / 2)), turned)


def _material(spec: Any, name: str, image: np.ndarray, **finish: float) -> None:
    """Add a 2-D texture and its material; the first row of `image` lies at +y of a plane."""
    height, width = image.shape[:2]
    texture = spec.add_texture(name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=width, height=height, nchannel=3)
    texture.data = np.ascontiguousarray(image).tobytes()
    material = spec.add_material(name=name, **finish)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name


def _planks() -> np.ndarray:
    """Raw pallet wood: boards with gaps."""
    generator = np.random.default_rng(3)
    rows = np.repeat(generator.normal(0, 9, 8), 16)
    grain = generator.normal(0, 6, (128, 1)) + np.kron(generator.normal(0, 3, (128, 8)), np.ones((1, 16)))
    image = np.array([183, 145, 97]) + (rows[:, None] + grain)[:, :, None]
    image[np.arange(128) % 16 < 2] = (74, 54, 34)
    return np.clip(image, 0, 255).astype(np.uint8)


def _carton() -> np.ndarray:
    """Cardboard with a strip of tape and a label."""
    image = np.full((128, 128, 3), (186, 143, 95)) + np.random.default_rng(4).normal(0, 3, (128, 128, 1))
    image[:, 58:70] = (205, 176, 130)
    image[20:52, 78:118] = (236, 236, 232)
    image[26:30, 82:112] = image[34:37, 82:106] = image[40:48, 82:100] = (40, 40, 40)
    image[:2] = image[-2:] = image[:, :2] = image[:, -2:] = (140, 104, 66)
    return np.clip(image, 0, 255).astype(np.uint8)


def _see(body: Any, position: tuple[float, ...], size: tuple[float, ...], rgba: Any = None, **more: Any) -> None:
    """Add a box that is only looked at; full sizes."""
    if rgba is not None:
        more["rgba"] = rgba
    half = tuple(s / 2 for s in size)
    visual(body.add_geom(type=_BOX, pos=position, size=half, **more))


def _add_walls(world: Any, catalogue: Catalogue) -> None:
    """Low walls whose inner faces are the floor's edges, with a stripe at hand height."""
    (x_low, x_high), (y_low, y_high) = catalogue.floor.x_m, catalogue.floor.y_m
    x, y = (x_low + x_high) / 2, (y_low + y_high) / 2
    length, width = x_high - x_low + 2 * WALL_M, y_high - y_low
    walls = (
        (x_low - WALL_M / 2, y, WALL_M, width), (x_high + WALL_M / 2, y, WALL_M, width),
        (x, y_low - WALL_M / 2, length, WALL_M), (x, y_high + WALL_M / 2, length, WALL_M),
    )  # fmt: skip
    for i, (at_x, at_y, size_x, size_y) in enumerate(walls):
        middle = catalogue.floor_z_m + WALL_HEIGHT_M / 2
        wall = world.add_geom(
            name=f"wall_{i}", type=_BOX, pos=(at_x, at_y, middle), size=(size_x / 2, size_y / 2, WALL_HEIGHT_M / 2),
            rgba=(0.80, 0.82, 0.83, 1.0),
        )  # fmt: skip
        solid(wall, STATIC, visible=True)
        _see(world, (at_x, at_y, catalogue.floor_z_m + 0.9), (size_x + 0.004, size_y + 0.004, 0.10), _BLUE)
        skirting = (at_x, at_y, catalogue.floor_z_m + 0.04)
        _see(world, skirting, (size_x + 0.004, size_y + 0.004, 0.08), (0.3, 0.32, 0.34, 1))


def _add_shelf(body: Any, obstacle: Obstacle, generator: np.random.Generator) -> None:
    """A pallet rack: blue uprights, orange beams, steel decks, boxes; a kick plate where the lidar looks."""
    x, y, z = obstacle.size_m
    along_y = y > x
    long, deep = max(x, y), min(x, y)

    def place(along: float, across: float, up: float) -> tuple[float, float, float]:
        return (across, along, up) if along_y else (along, across, up)

    _see(body, (0, 0, 0.08), (x, y, 0.16), (0.35, 0.37, 0.40, 1.0))
    for a in (-1, 0, 1):
        for b in (-1, 1):
            at = place(a * (long / 2 - 0.03), b * (deep / 2 - 0.03), z / 2)
            _see(body, at, (0.06, 0.06, z), _BLUE)
    levels = (0.16, 0.16 + (z - 0.3) / 2, z - 0.25)
    for level in levels:
        for side in (-1, 1):
            _see(body, place(0, side * (deep / 2 - 0.015), level), place(long, 0.03, 0.07), _ORANGE)
        _see(body, place(0, 0, level + 0.02), place(long - 0.02, deep - 0.04, 0.02), _STEEL)
        start = -long / 2 + 0.10
        while start < long / 2 - 0.35:
            width, height = generator.uniform(0.28, 0.48), generator.uniform(0.18, 0.42)
            width = min(width, long / 2 - 0.08 - start)
            at = place(start + width / 2, generator.uniform(-0.03, 0.03), level + 0.03 + height / 2)
            size = place(width, deep - 0.14, height)
            choice = int(generator.integers(len(_BOXES)))
            if choice in (0, 2, 5):
                _see(body, at, size, material="carton")
            else:
                _see(body, at, size, _BOXES[choice])
            start += width + generator.uniform(0.06, 0.30)


def _add_pallet(body: Any, obstacle: Obstacle, generator: np.random.Generator) -> None:
    """A wooden pallet and, where the obstacle is higher, cartons strapped on it."""
    x, y, z = obstacle.size_m
    deck = min(z, 0.15)
    for side in (-1, 0, 1):
        _see(body, (0, side * (y / 2 - 0.05), deck / 2 - 0.025), (x, 0.10, deck - 0.05), (0.62, 0.48, 0.31, 1.0))
    _see(body, (0, 0, deck - 0.025), (x, y, 0.05), material="planks")
    if z - deck < 0.1:
        return
    columns, rows, layers = (2, 2, 2) if z - deck > 0.3 else (2, 2, 1)
    size = (x / columns, y / rows, (z - deck) / layers)
    for layer in range(layers):
        for i in range(columns):
            for j in range(rows):
                at = (
                    (i + 0.5) * size[0] - x / 2,
                    (j + 0.5) * size[1] - y / 2,
                    deck + (layer + 0.5) * size[2],
                )
                shrunk = tuple(s - generator.uniform(0.006, 0.02) for s in size)
                _see(body, at, shrunk, material="carton")
