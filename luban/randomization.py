"""What training varies from episode to episode; a profile may set any of it. SI units, ranges as (low, high)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from luban.catalogue import strict


def _ordered(values: tuple[float, float]) -> tuple[float, float]:
    if values[0] > values[1]:
        raise ValueError(f"the lower end {values[0]} is above the upper end {values[1]}")
    return values


Span = Annotated[tuple[float, float], AfterValidator(_ordered)]
Size = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, config=strict)
class ArmRandomization:
    """Servos and sensors of the arm.

    servo_scale: of stiffness and of damping. delay_ticks: most periods between command and servo. The errors are
    drawn once an episode (bias) and every period (noise).
    """

    servo_scale: Span = (0.75, 1.3)
    joint_damping_scale: Span = (0.5, 2.0)
    delay_ticks: Annotated[int, Field(ge=0, le=2)] = 2
    force_noise_n: Size = 0.3
    force_bias_n: Size = 0.5
    torque_noise_nm: Size = 0.01
    torque_bias_nm: Size = 0.02
    joint_bias_rad: Size = 0.0003


@dataclass(frozen=True, config=strict)
class InsertRandomization:
    """A held shaft before a bore.

    clearance_m: between the radii. aside_m, along_m, tilt_rad: largest error, per axis, of where the bore was seen.
    chamfer_m: at the bore's mouth. place_m, turn_rad: how far the fixture stands from its place. grip_m: how far off
    its middle the shaft is gripped. depth_m: how deep it shall go.
    """

    arm: ArmRandomization = ArmRandomization()
    clearance_m: Span = (0.0003, 0.0012)
    aside_m: Size = 0.004
    along_m: Size = 0.001
    tilt_rad: Size = 0.05
    chamfer_m: Span = (0.0002, 0.004)
    friction: Span = (0.1, 0.5)
    place_m: Size = 0.06
    turn_rad: Size = 0.3
    grip_m: Size = 0.002
    depth_m: Span = (0.035, 0.046)


@dataclass(frozen=True, config=strict)
class ReachRandomization:
    """Boxes between an arm and its goal, and goals at the edge of what the joints can do.

    boxes: how many at most, and least. place_m, size_m: largest error of where a box is thought to be (per axis) and
    of how much larger than it is. hard: share of the goals with a stretched elbow or an aligned wrist. range_rad: how
    near to start or goal the end of a joint's range may be, where a joint is `limited` (share of all joints).
    """

    arm: ArmRandomization = ArmRandomization()
    boxes: tuple[Annotated[int, Field(ge=0, le=4)], Annotated[int, Field(ge=0, le=4)]] = (0, 4)
    place_m: Size = 0.006
    size_m: Size = 0.004
    hard: Annotated[float, Field(ge=0, le=1)] = 0.5
    limited: Annotated[float, Field(ge=0, le=1)] = 0.3
    range_rad: Span = (0.02, 0.3)


@dataclass(frozen=True, config=strict)
class PickRandomization:
    """A part on the bench that was seen a little off.

    aside_m, height_m, turn_rad: largest error, per axis, of the believed grip. depth_noise_m, depth_dropout: of the
    wrist camera. late_s: between an image and the corrected grip. camera_m, camera_rad: how far off the camera's
    place on the flange is known. pad_friction, mass_scale: of pads and part.
    """

    arm: ArmRandomization = ArmRandomization()
    aside_m: Size = 0.025
    height_m: Size = 0.001
    turn_rad: Size = 0.35
    depth_noise_m: Span = (0.0005, 0.002)
    depth_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    late_s: Span = (0.02, 0.2)
    camera_m: Size = 0.001
    camera_rad: Size = 0.005
    pad_friction: Span = (0.7, 1.1)
    mass_scale: Span = (0.6, 1.6)


@dataclass(frozen=True, config=strict)
class PlaceRandomization:
    """A held part above where it is to stand.

    height_m: largest error of the believed height of the surface. aside_m, turn_rad: how far off the middle of its
    grip, and how turned, the part is held. friction: of the surface.
    """

    arm: ArmRandomization = ArmRandomization()
    height_m: Size = 0.010
    aside_m: Size = 0.004
    turn_rad: Size = 0.1
    pad_friction: Span = (0.7, 1.1)
    friction: Span = (0.3, 0.8)
    mass_scale: Span = (0.6, 1.6)


@dataclass(frozen=True, config=strict)
class DriveRandomization:
    """The mobile base among obstacles and people.

    people, walk_m_s: how many, how fast. lidar_sigma_m, lidar_dropout: noise and share of lost beams. wheel_scale,
    wheel_mismatch: of the wheels' speed, together and against each other. delay_ticks: most periods of the base
    between command and wheel. place_m, turn_rad: largest constant error of the localisation. clearance_m: of the path
    from what stands beside it. mapped: share of the things that the map knows.
    """

    people: tuple[Annotated[int, Field(ge=0, le=3)], Annotated[int, Field(ge=0, le=3)]] = (0, 3)
    walk_m_s: Span = (0.2, 0.8)
    lidar_sigma_m: Span = (0.005, 0.030)
    lidar_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.01
    wheel_scale: Span = (0.9, 1.1)
    wheel_mismatch: Size = 0.01
    delay_ticks: Annotated[int, Field(ge=0, le=1)] = 1
    place_m: Size = 0.02
    turn_rad: Size = 0.02
    clearance_m: Span = (0.34, 0.9)
    mapped: Annotated[float, Field(ge=0, le=1)] = 0.6


@dataclass(frozen=True, config=strict)
class Randomization:
    """By task."""

    pick: PickRandomization = PickRandomization()
    place: PlaceRandomization = PlaceRandomization()
    insert: InsertRandomization = InsertRandomization()
    reach: ReachRandomization = ReachRandomization()
    drive: DriveRandomization = DriveRandomization()
