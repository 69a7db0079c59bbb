"""What every test may use: the shipped profile and a small scene with one part of each shape."""

from __future__ import annotations

import os

os.environ.setdefault("MUJOCO_GL", "egl")

import pytest

from luban.profile import Profile, load_profile
from luban.task import Scene, ScenePart


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile("sim")


@pytest.fixture(scope="session")
def scene() -> Scene:
    return Scene(
        seed=3,
        parts=(
            ScenePart("g", "gear", "red", (0.44, 0.14), 0.4),
            ScenePart("s", "shaft", "white", (0.47, -0.02), 0.9),
            ScenePart("n", "nut", "blue", (0.57, 0.10), -0.3),
        ),
    )
