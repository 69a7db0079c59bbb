"""What every test may use: the shipped profile, a small scene, and the arm's kinematics from its description."""

from __future__ import annotations

import os

os.environ.setdefault("MUJOCO_GL", "egl")

import pytest

from luban.profile import Profile, load_profile
from luban.task import Scene, ScenePart
from policies.control.kinematics import ArmKinematics
from sim.cell import build_cell
from sim.description import urdf


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


@pytest.fixture(scope="session")
def description(profile, scene) -> str:
    return urdf(build_cell(profile, scene), "world", "cell")


@pytest.fixture(scope="session")
def kinematics(profile, description) -> ArmKinematics:
    return ArmKinematics(description, profile.arm)
