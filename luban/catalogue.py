"""What exists in a plant, by name, with synonyms in both languages and places: the vocabulary of every check."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Name = str
Positive = Annotated[float, Field(gt=0)]
strict = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=strict)
class Words:
    """How people call a thing. The first word of each language is the one that Luban says itself."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


@dataclass(frozen=True, config=strict)
class Container:
    """A box that parts are put into. position_m: centre of the inner floor, cell frame; inner_size_m: x, y, depth.

    `on` = "agv": the position is in the frame of the mobile base (its axle centre on the floor) instead.
    """

    words: Words
    color: str
    position_m: tuple[float, float, float]
    inner_size_m: tuple[float, float, float]
    on: Literal["bench", "agv"] = "bench"


@dataclass(frozen=True, config=strict)
class Fixture:
    """A block with a bore for a shaft. position_m: centre of the bore's mouth; yaw_rad: direction of insertion
    (0 = +x, pi/2 = +y), horizontal; bore_radius_m, bore_depth_m, and how deep a shaft must sit to count."""

    words: Words
    position_m: tuple[float, float, float]
    yaw_rad: float
    bore_radius_m: Positive
    bore_depth_m: Positive
    seated_depth_m: Positive


@dataclass(frozen=True, config=strict)
class Station:
    """Where the mobile base can be sent: axle centre in the cell frame and heading. Tolerances decide "at"."""

    words: Words
    x_m: float
    y_m: float
    yaw_rad: float
    tolerance_m: Positive = 0.10
    tolerance_rad: Positive = 0.17


@dataclass(frozen=True, config=strict)
class Obstacle:
    """A fixed thing on the floor: an upright box. size_m: x, y, height, in its own frame turned by yaw_rad."""

    kind: Literal["shelf", "pallet", "bench"]
    x_m: float
    y_m: float
    yaw_rad: float
    size_m: tuple[float, float, float]


@dataclass(frozen=True, config=strict)
class Area:
    """Where parts may lie on the bench [m]."""

    x_m: tuple[float, float]
    y_m: tuple[float, float]


@dataclass(frozen=True, config=strict)
class Catalogue:
    shapes: Mapping[Name, Words]
    colors: Mapping[Name, Words]
    containers: Mapping[Name, Container]
    fixtures: Mapping[Name, Fixture]
    stations: Mapping[Name, Station]
    parts_area: Area
    part_words: Words
    agv_words: Words
    floor_z_m: float
    floor: Area
    obstacles: tuple[Obstacle, ...] = ()

    @property
    def loading_station(self) -> str:
        """The station closest to the arm's base: only from there the arm reaches what is on the vehicle."""
        return min(self.stations, key=lambda name: hypot(self.stations[name].x_m, self.stations[name].y_m))
