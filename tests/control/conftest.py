"""The cell with three parts."""

from __future__ import annotations

import pytest

from luban.task import Scene, ScenePart
from sim.world import World


@pytest.fixture
def world(profile):
    """A gear, a shaft and a nut with room around them."""
    parts = (
        ScenePart("g", "gear", "red", (0.45, 0.10), 0.4),
        ScenePart("s", "shaft", "white", (0.47, -0.10), 0.9),
        ScenePart("n", "nut", "blue", (0.57, 0.02), -0.3),
    )
    world = World(profile, Scene(5, parts))
    yield world
    world.close()
