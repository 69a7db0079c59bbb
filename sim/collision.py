"""Which geoms may touch: one contact bit per kind of body, so that hopeless pairs cost nothing."""

from __future__ import annotations

import mujoco

STATIC = 1  # floor, bench, containers, fixtures: rigid surroundings; the tote's walls too
PART = 2
ROBOT = 4  # arm and gripper
AGV = 8

# What each kind tests itself against; a pair needs only one side to name the other.
_AGAINST = {STATIC: 0, PART: STATIC | PART, ROBOT: STATIC | PART, AGV: STATIC | PART | ROBOT}
VISUAL_GROUP = 2
COLLISION_GROUP = 3  # not drawn


def solid(geom: mujoco.MjsGeom, kind: int, visible: bool = False) -> mujoco.MjsGeom:
    """Make a geom collide as `kind`; unless visible it belongs to the hidden collision group."""
    geom.contype = kind
    geom.conaffinity = _AGAINST[kind]
    geom.group = VISUAL_GROUP if visible else COLLISION_GROUP
    return geom


def visual(geom: mujoco.MjsGeom) -> mujoco.MjsGeom:
    """Make a geom that is only looked at: no contact, no mass."""
    geom.contype = geom.conaffinity = 0
    geom.mass = 0.0
    geom.group = VISUAL_GROUP
    return geom
