"""What the planner's tests share: one question about a small image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from luban.profile import Profile
from policies.planner.teacher import TeacherQuestion

Ask = Callable[..., TeacherQuestion]


def picture(seed: int = 0) -> np.ndarray:
    """A small image of smooth colours, (96, 128, 3) uint8."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((16, 16, 1), np.uint8))


@pytest.fixture
def ask(profile: Profile) -> Ask:
    """Make a question; anything of it may be given."""

    def question(**given: object) -> TeacherQuestion:
        usual = {"image": picture(), "instruction": "把红色齿轮放进蓝色料箱", "language": "zh"}
        return TeacherQuestion(**{**usual, "catalogue": profile.catalogue, **given})  # type: ignore[arg-type]

    return question
