"""What the planner's tests share: one question about a small image."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from luban.profile import Profile
from policies.planner.teacher import TeacherQuestion
from tests.planner.pictures import picture

Ask = Callable[..., TeacherQuestion]


@pytest.fixture
def ask(profile: Profile) -> Ask:
    """Make a question; anything of it may be given."""

    def question(**given: object) -> TeacherQuestion:
        usual = {"image": picture(), "instruction": "把红色齿轮放进蓝色料箱", "language": "zh"}
        return TeacherQuestion(**{**usual, "catalogue": profile.catalogue, **given})  # type: ignore[arg-type]

    return question
