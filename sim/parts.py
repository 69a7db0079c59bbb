"""The six shapes as machined solids: what they look like, how they collide, how they lie and where to grip them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mujoco
import numpy as np

from luban.errors import SkillError, unknown
from luban.pose import Pose
from luban.task import ScenePart
from sim.collision import PART, solid, visual
from sim.solid_mesh import SolidMesh, box_outline, circle, lathe, polygon, ring, teeth

BOX, CYLINDER, MESH = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_MESH
COLORS = {
    "red": (0.80, 0.06, 0.05),
    "blue": (0.06, 0.20, 0.75),
    "green": (0.05, 0.50, 0.14),
    "yellow": (0.95, 0.74, 0.03),
    "white": (0.93, 0.93, 0.92),
    "black": (0.045, 0.045, 0.05),
    "gray": (0.42, 0.44, 0.46),
}
# Not measured: textbook values for painted steel on rubber. Rolling friction matters for what is round.
_CONTACT = {"friction": [0.6, 0.005, 0.0004], "solref": [0.006, 1.0], "solimp": [0.95, 0.99, 0.001, 0.5, 2]}


@dataclass(frozen=True)
class Grip:
    """One way to grip: tool origin in the part's frame, yaw of the tool's x axis about the part's z, pad gap."""

    offset_m: tuple[float, float, float]
    yaw_rad: float
    width_m: float


@dataclass(frozen=True, eq=False)
class PartShape:
    """A shape in its own frame: z up as it rests, x along its length; origin at its middle, `rest_m` above the bench.

    half_m: half extents [m] of its bounding box. solids: keywords of the collision geoms; details are drawn darker;
    hull: the mesh of a collision geom of type mesh; rolls: resting on a round side, held by rolling friction.
    """

    name: str
    mass_kg: float
    rest_m: float
    half_m: tuple[float, float, float]
    grips: tuple[Grip, ...]
    looks: SolidMesh
    details: SolidMesh | None
    solids: tuple[dict, ...]
    hull: SolidMesh | None = None
    rolls: bool = False

    def outline(self, pose: Pose) -> np.ndarray:
        """Return points (n, 3) of the cell frame on the solid's bounding box or cylinder at a pose."""
        half_x, half_y, top = self.half_m
        grid = np.stack(np.meshgrid(np.linspace(-half_x, half_x, 13), np.linspace(-half_y, half_y, 9)), -1).reshape(
            -1, 2
        )
        if half_x == half_y:  # round
            grid = np.concatenate([grid[np.hypot(*grid.T) <= half_x], circle(half_x, 24)])
        points = np.concatenate([np.column_stack([grid, np.full(len(grid), z)]) for z in (-self.rest_m, top)])
        transform = pose.matrix()
        return points @ transform[:3, :3].T + transform[:3, 3]


def _turns(
    count: int, width_m: float, start_rad: float = 0.0, offset_m: tuple[float, float, float] = (0, 0, 0)
) -> tuple[Grip, ...]:
    return tuple(Grip(offset_m, start_rad + 2 * np.pi * k / count, width_m) for k in range(count))


def _along_x(mesh: SolidMesh, x_m: float) -> SolidMesh:
    """Turn a mesh made along z so that it runs along x from x_m."""
    return mesh.transformed(np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]), np.array([x_m, 0, 0]))


def _gear() -> PartShape:
    radius, height = 0.028, 0.017
    outline = teeth(18, 0.0232, radius)
    bore = np.column_stack([np.cos(a := np.arctan2(outline[:, 1], outline[:, 0])), np.sin(a)])
    looks = ring(outline, bore * 0.0195, -height / 2, height / 2)
    hub = ring(circle(0.012, 48), circle(0.0065, 48), -height / 2, height / 2, 0.0008)
    web = ring(circle(0.0196, 48), circle(0.0115, 48), -height / 4, height / 4)
    solids = ({"type": CYLINDER, "size": [radius, height / 2, 0]},)
    return PartShape(
        "gear", 0.16, height / 2, (radius, radius, height / 2), _turns(12, 2 * radius), looks + hub, web, solids
    )


def _bearing() -> PartShape:
    radius, height = 0.027, 0.016
    races = ring(circle(radius, 64), circle(0.0222, 64), -height / 2, height / 2, 0.001)
    races = races + ring(circle(0.0158, 64), circle(0.0110, 64), -height / 2, height / 2, 0.0008)
    shield = ring(circle(0.0224, 64), circle(0.0156, 64), -height / 2 + 0.0016, height / 2 - 0.0016)
    solids = ({"type": CYLINDER, "size": [radius, height / 2, 0]},)
    return PartShape(
        "bearing", 0.14, height / 2, (radius, radius, height / 2), _turns(12, 2 * radius), races, shield, solids
    )


def _nut() -> PartShape:
    inradius, height = 0.020, 0.018
    points = 48
    looks = ring(polygon(6, inradius, points), circle(0.0118, points), -height / 2, height / 2, 0.0012)
    thread = ring(circle(0.0119, points), circle(0.0108, points), -height / 2 + 0.0012, height / 2 - 0.0012)
    hull = ring(polygon(6, inradius, 6 * 2), np.zeros((12, 2)), -height / 2, height / 2)
    half = (inradius / np.cos(np.pi / 6), inradius, height / 2)
    return PartShape("nut", 0.11, height / 2, half, _turns(6, 2 * inradius), looks, thread, ({"type": MESH},), hull)


def _bolt() -> PartShape:
    """Lies on a flat of its head and the tip of its shank, a little tilted; the frame ignores the tilt."""
    head, head_length, shank, length = 0.0125, 0.011, 0.008, 0.066
    start = -length / 2
    looks = _along_x(ring(polygon(6, head, 48), np.zeros((48, 2)), 0, head_length, 0.0010), start)
    plain = start + head_length + 0.010
    looks = looks + lathe(
        np.array([[start + head_length, 0], [start + head_length, shank], [plain, shank], [plain, 0]]), 32
    )
    profile = [[plain, 0.0]]
    for x in np.arange(plain, length / 2 - 0.003, 0.002):
        profile += [[x, shank * 0.84], [x + 0.001, shank]]
    profile += [[length / 2 - 0.002, shank * 0.84], [length / 2, shank * 0.66], [length / 2, 0.0]]
    details = lathe(np.array(profile), 32)
    hull = _along_x(ring(polygon(6, head, 12), np.zeros((12, 2)), 0, head_length), start)
    middle = (start + head_length + length / 2) / 2
    shank_half = (length - head_length) / 2
    solids = (
        {"type": MESH},
        {"type": CYLINDER, "fromto": [middle - shank_half, 0, 0, middle + shank_half, 0, 0], "size": [shank, 0, 0]},
    )
    grips = _turns(2, 2 * shank, 0.0, (-0.004, 0, 0))
    return PartShape(
        "bolt",
        0.12,
        0.0105,
        (length / 2, head / np.cos(np.pi / 6), head),
        grips,
        looks,
        details,
        solids,
        hull,
        rolls=True,
    )


def _shaft() -> PartShape:
    """A pin with chamfered ends and two grooves; gripped behind its middle so that it can be pushed into a bore."""
    radius, half, chamfer = 0.0115, 0.0425, 0.003
    groove = 0.0105
    profile = [[-half, 0], [-half, radius - chamfer], [-half + chamfer, radius]]
    for x in (-0.034, 0.030):
        profile += [[x, radius], [x, groove], [x + 0.003, groove], [x + 0.003, radius]]
    profile += [[half - chamfer, radius], [half, radius - chamfer], [half, 0]]
    solids = ({"type": CYLINDER, "fromto": [-half, 0, 0, half, 0, 0], "size": [radius, 0, 0]},)
    grips = tuple(Grip((-GRIP_BEHIND_M * np.cos(yaw), 0, 0), yaw, 2 * radius) for yaw in (0.0, np.pi))
    return PartShape(
        "shaft", 0.15, radius, (half, radius, radius), grips, lathe(np.array(profile), 48), None, solids, rolls=True
    )


def _bracket() -> PartShape:
    """An angle bracket: foot with two holes, upright at its end, a rib between them."""
    half_x, half_y, thick, height = 0.026, 0.017, 0.006, 0.030
    low = -0.010  # the frame's origin lies above the foot's underside, near the centre of mass
    points = 64
    foot = ring(box_outline(half_x / 2, half_y, points), _hole(0.0055, half_x / 2, half_y, points), low, low + thick)
    foot = foot.transformed(np.eye(3), np.array([half_x / 2, 0, 0]))
    heel = _block(-half_x, 0.0, -half_y, half_y, low, low + thick)
    upright = _block(-half_x, -half_x + thick, -half_y, half_y, low, low + height)
    rib = _wedge(-half_x + thick, 0.004, 0.003, low + thick, low + height - 0.004)
    solids = (
        {"type": BOX, "pos": [0, 0, low + thick / 2], "size": [half_x, half_y, thick / 2]},
        {"type": BOX, "pos": [-half_x + thick / 2, 0, low + height / 2], "size": [thick / 2, half_y, height / 2]},
    )
    grips = _turns(2, 2 * half_y, 0.0, (-0.014, 0, -0.0005))
    half = (half_x, half_y, height + low)
    return PartShape("bracket", 0.09, -low, half, grips, foot + heel + upright, rib, solids)


def _hole(radius_m: float, half_x_m: float, half_y_m: float, points: int) -> np.ndarray:
    outline = box_outline(half_x_m, half_y_m, points)
    return radius_m * outline / np.linalg.norm(outline, axis=1, keepdims=True)


def _block(x0: float, x1: float, y0: float, y1: float, z0: float, z1: float) -> SolidMesh:
    outline = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    center = outline.mean(axis=0)
    mesh = ring(outline - center, np.zeros((4, 2)), z0, z1)
    return mesh.transformed(np.eye(3), np.array([*center, 0]))


def _wedge(x0: float, x1: float, half_y: float, z0: float, z1: float) -> SolidMesh:
    """A triangular rib between an upright at x0 and a foot at z0."""
    outline = np.array([[x0, z0], [x1, z0], [x0, z1]])
    center = outline.mean(axis=0)
    mesh = ring(outline - center, np.zeros((3, 2)), -half_y, half_y)
    # Outline in (x, z), thickness along -y.
    return mesh.transformed(np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]), np.array([center[0], 0, center[1]]))


GRIP_BEHIND_M = 0.018
_BUILDERS: tuple[Callable[[], PartShape], ...] = (_gear, _bolt, _nut, _bracket, _bearing, _shaft)
SHAPES = {shape.name: shape for shape in (build() for build in _BUILDERS)}
SHAFT_RADIUS_M = SHAPES["shaft"].half_m[1]


def shape_of(name: str) -> PartShape:
    """Raises SkillError for a shape that this simulation has no solid for."""
    if name not in SHAPES:
        raise SkillError(unknown("shape", name, SHAPES))
    return SHAPES[name]


def darker(rgb: np.ndarray, color: str) -> np.ndarray:
    """The colour of the details of a part that is painted rgb (3,); black ones are a little lighter, to be seen."""
    return np.asarray(rgb * 0.55 + 0.10 * (color == "black"))


def add_part(spec: mujoco.MjSpec, part: ScenePart) -> None:
    """Add a free part as it rests on the bench: body `part/ID`."""
    shape = shape_of(part.shape)
    for suffix, mesh in (("", shape.looks), ("_detail", shape.details), ("_hull", shape.hull)):
        if mesh is not None and spec.mesh(shape.name + suffix) is None:
            mesh.add_to(spec, shape.name + suffix)
    half_yaw = part.yaw / 2
    body = spec.worldbody.add_body(
        name=f"part/{part.id}", pos=[*part.xy, shape.rest_m], quat=[np.cos(half_yaw), 0, 0, np.sin(half_yaw)]
    )
    body.add_freejoint(name=f"part/{part.id}")
    color = np.array(COLORS[part.color])
    visual(body.add_geom(type=MESH, meshname=shape.name, rgba=[*color, 1], material="paint"))
    if shape.details is not None:
        dark = darker(color, part.color)
        visual(body.add_geom(type=MESH, meshname=f"{shape.name}_detail", rgba=[*dark, 1], material="paint"))
    for values in shape.solids:
        geom = body.add_geom(
            **values, **_CONTACT, mass=shape.mass_kg / len(shape.solids), condim=6 if shape.rolls else 4
        )
        if values["type"] == MESH:
            geom.meshname = f"{shape.name}_hull"
        solid(geom, PART)
