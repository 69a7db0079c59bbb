"""A differential-drive AGV with a tote: real wheels on a real floor, weight low, shell for the eye.

The body "agv" has its origin on the floor under the axle's centre, x forward: the frame of stations and of the tote.
"""

from __future__ import annotations

from math import cos, sin
from typing import Any

import mujoco

from luban.catalogue import Station
from luban.profile import BaseConfig, Profile
from sim.collision import AGV, solid, visual
from sim.collision import COLLISION_GROUP as HIDDEN
from sim.containers import add_container

BODY, FREE_JOINT = "agv", "agv_free"
WHEELS = ("agv_left_wheel", "agv_right_wheel")
MOTORS = ("agv_left_motor", "agv_right_motor")
GYRO, LIDAR = "agv_gyro", "agv_lidar"
LIDAR_HEIGHT_M = 0.12  # below the deck of a pallet that carries nothing (0.15 m)
TORQUE_NM = 12.0  # stall torque at a wheel
BODY_MASS_KG, BATTERY_MASS_KG, COLUMN_MASS_KG, WHEEL_MASS_KG = 22.0, 34.0, 5.0, 1.5
GROUND_CLEARANCE_M, DECK_M = 0.035, 0.26

_BOX, _CYLINDER, _SPHERE = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER, mujoco.mjtGeom.mjGEOM_SPHERE
_SHELL, _DARK, _YELLOW = (0.93, 0.94, 0.95, 1.0), (0.09, 0.10, 0.12, 1.0), (0.96, 0.76, 0.05, 1.0)
_CYAN, _STEEL, _RED = (0.10, 0.75, 0.85, 1.0), (0.55, 0.57, 0.60, 1.0), (0.85, 0.10, 0.08, 1.0)
_AMBER, _GREEN, _BLUE = (0.98, 0.60, 0.05, 1.0), (0.15, 0.75, 0.25, 1.0), (0.05, 0.25, 0.55, 1.0)


def add_agv(spec: Any, profile: Profile, station: Station) -> None:
    """Add the vehicle of a profile to an MjSpec, standing at a station."""
    body = spec.worldbody.add_body(
        name=BODY,
        pos=(station.x_m, station.y_m, profile.catalogue.floor_z_m),
        quat=(cos(station.yaw_rad / 2), 0.0, 0.0, sin(station.yaw_rad / 2)),
    )
    body.add_freejoint(name=FREE_JOINT)
    _add_chassis(body, profile.base)
    _add_wheels(spec, body, profile.base)
    _add_casters(body, profile.base)
    _add_shell(body, profile.base)
    _add_column(body, profile)
    body.add_site(name="agv_imu", pos=(0.0, 0.0, profile.base.wheel_radius_m))
    spec.add_sensor(name=GYRO, type=mujoco.mjtSensor.mjSENS_GYRO, objtype=mujoco.mjtObj.mjOBJ_SITE, objname="agv_imu")
    body.add_site(name=LIDAR, pos=(0.0, 0.0, LIDAR_HEIGHT_M), size=(0.005,) * 3, group=HIDDEN)


def _add_chassis(body: Any, base: BaseConfig) -> None:
    """The shape that collides, and the battery that keeps the centre of mass low."""
    half_height = (DECK_M - GROUND_CLEARANCE_M) / 2
    chassis = body.add_geom(
        name="agv_chassis", type=_BOX, mass=BODY_MASS_KG,
        pos=(0.0, 0.0, GROUND_CLEARANCE_M + half_height), size=(base.length_m / 2, base.width_m / 2, half_height),
    )  # fmt: skip
    solid(chassis, AGV)
    body.add_geom(
        name="agv_battery", type=_BOX, group=HIDDEN, mass=BATTERY_MASS_KG, contype=0, conaffinity=0,
        pos=(0.0, 0.0, 0.08), size=(0.18, 0.11, 0.035),
    )  # fmt: skip


def _add_wheels(spec: Any, body: Any, base: BaseConfig) -> None:
    radius = base.wheel_radius_m
    for wheel, motor, y in zip(WHEELS, MOTORS, (1, -1), strict=True):
        hub = body.add_body(name=wheel, pos=(0.0, y * base.wheel_separation_m / 2, radius))
        hub.add_joint(name=wheel, type=mujoco.mjtJoint.mjJNT_HINGE, axis=(0, 1, 0), armature=0.02, damping=0.02)
        tyre = hub.add_geom(
            name=wheel, type=_CYLINDER, mass=WHEEL_MASS_KG, size=(radius, 0.0125, 0),
            quat=(0.7071068, 0.7071068, 0, 0), friction=(1.0, 0.005, 0.0005), condim=3, priority=1,
            solref=(0.01, 1.0),
        )  # fmt: skip
        solid(tyre, AGV)
        drive = spec.add_actuator(
            name=motor, trntype=mujoco.mjtTrn.mjTRN_JOINT, target=wheel, forcerange=(-TORQUE_NM, TORQUE_NM),
            forcelimited=True,
        )  # fmt: skip
        drive.set_to_velocity(kv=40.0)  # stiff: the tyres scrub when the vehicle turns on the spot


def _add_casters(body: Any, base: BaseConfig) -> None:
    """Four swivel castors as nearly frictionless balls, sprung softer than the wheels so that these carry the load."""
    radius = 0.03
    for i, (x, y) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)]):
        ball = body.add_geom(
            name=f"agv_caster_{i}", type=_SPHERE, mass=0.3, size=(radius, 0, 0),
            pos=(x * (base.length_m / 2 - 0.06), y * (base.width_m / 2 - 0.07), radius),
            condim=1, priority=1, solref=(0.03, 1.0),
        )  # fmt: skip
        solid(ball, AGV)


def _see(body: Any, shape: Any, position: tuple[float, ...], size: tuple[float, ...], rgba: Any, **more: Any) -> None:
    """Add a shape that is only looked at."""
    size = (*size, 0.0, 0.0)[:3]
    visual(body.add_geom(type=shape, pos=position, size=size, rgba=rgba, **more))


def _add_shell(body: Any, base: BaseConfig) -> None:
    """Skirt, light band, bumpers, scanners, tower light: all inside the outline that collides."""
    x, y = base.length_m / 2, base.width_m / 2
    _see(body, _BOX, (0, 0, 0.065), (x - 0.004, y - 0.004, 0.03), _DARK)
    _see(body, _BOX, (0, 0, 0.12), (x - 0.02, y - 0.02, 0.028), (0.03, 0.03, 0.04, 1))  # slot of the scanners
    _see(body, _BOX, (0, 0, 0.195), (x - 0.002, y - 0.002, 0.05), _SHELL)
    _see(body, _BOX, (0, 0, 0.2525), (x - 0.012, y - 0.012, 0.0075), _STEEL)
    _see(body, _BOX, (0, 0, 0.158), (x - 0.001, y - 0.001, 0.005), _CYAN)
    for end in (1, -1):
        for i in range(-3, 4):  # hazard stripes
            _see(body, _BOX, (end * (x - 0.004), i * 0.046, 0.065), (0.0045, 0.011, 0.024), _YELLOW)
        _see(body, _CYLINDER, (end * (x - 0.045), end * (y - 0.045), 0.12), (0.036, 0.027), (0.9, 0.75, 0.1, 1))
        _see(body, _CYLINDER, (end * (x - 0.045), end * (y - 0.045), 0.12), (0.038, 0.012), _DARK)
        for side in (1, -1):
            light = (0.95, 0.98, 1.0, 1.0) if end > 0 else _RED
            _see(body, _BOX, (end * (x - 0.003), side * 0.12, 0.20), (0.004, 0.03, 0.010), light)
    for side in (1, -1):
        _see(body, _BOX, (0.0, side * (y - 0.003), 0.205), (0.12, 0.004, 0.022), _BLUE)
        wheel_at = (0.0, side * (base.wheel_separation_m / 2), base.wheel_radius_m)
        _see(body, _CYLINDER, wheel_at, (base.wheel_radius_m, 0.0125), _DARK, quat=(0.7071068, 0.7071068, 0, 0))
    tower_x, tower_y = -x + 0.04, y - 0.04
    _see(body, _CYLINDER, (tower_x, tower_y, 0.36), (0.008, 0.11), _STEEL)
    for i, rgba in enumerate((_GREEN, _AMBER, _RED)):
        _see(body, _CYLINDER, (tower_x, tower_y, 0.485 + 0.034 * i), (0.018, 0.0165), rgba)
    _see(body, _CYLINDER, (-x + 0.05, -y + 0.06, 0.268), (0.022, 0.008), _YELLOW)
    _see(body, _CYLINDER, (-x + 0.05, -y + 0.06, 0.282), (0.015, 0.010), _RED)


def _add_column(body: Any, profile: Profile) -> None:
    """Lift column and support plate under each container that rides on the vehicle."""
    for name, container in profile.catalogue.containers.items():
        if container.on != "agv":
            continue
        x, y, z = container.position_m
        top = z - 0.006
        middle, half = (DECK_M + top) / 2, (top - DECK_M) / 2
        column = body.add_geom(
            name=f"agv_column_{name}", type=_BOX, pos=(x, y, middle), size=(0.09, 0.075, half), rgba=_SHELL,
            mass=COLUMN_MASS_KG,
        )  # fmt: skip
        solid(column, AGV, visible=True)
        length, width = container.inner_size_m[0] / 2, container.inner_size_m[1] / 2
        _see(body, _BOX, (x, y, top - 0.008), (length + 0.006, width + 0.006, 0.008), _DARK)
        _see(body, _BOX, (x, y, DECK_M + 0.02), (0.11, 0.095, 0.02), _DARK)
        for side in (1, -1):
            _see(body, _BOX, (x + side * 0.0905, y, middle), (0.001, 0.02, half - 0.03), _CYAN)
        add_container(body, container, name)
