"""What lies where, as far as finding the parts of an instruction needs it: made from a detector or from truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SeenPart:
    """position_m: (3,) [m], cell frame; container, fixture: what it lies in, None on the bench and in the gripper."""

    id: str
    shape: str
    color: str
    position_m: np.ndarray
    container: str | None = None
    fixture: str | None = None

    @property
    def loose(self) -> bool:
        return not (self.container or self.fixture)


@dataclass(frozen=True, eq=False)
class SceneView:
    """parts: in any order, each id once. places: where containers and fixtures are, (3,) [m], cell frame."""

    parts: tuple[SeenPart, ...]
    places: Mapping[str, np.ndarray]

    def part(self, part: str) -> SeenPart:
        """Return a part by its id. Raises KeyError."""
        return {seen.id: seen for seen in self.parts}[part]
