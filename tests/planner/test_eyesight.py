"""Images that cannot be trusted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from luban.observation import Observation
from luban.profile import Profile
from luban.replies import Replies
from luban.state import ArmState, BaseState, GripperState
from luban.step import ImagePoint, Skill, Step, StepRecord
from policies.planner.eyesight import Eyesight
from tests.sim.cell_model import VIEW

PICKED = StepRecord(Step(Skill.PICK, ImagePoint(1, 1)), True)
DROVE = StepRecord(Step(Skill.DRIVE, station="dock"), True)


def scenery(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, VIEW.color.shape, dtype=np.uint8)


def seen(color: np.ndarray, stamp_s: float = 0.0, now_s: float = 0.0, depth: np.ndarray = VIEW.depth_m) -> Observation:
    zeros = np.zeros(6)
    arm = ArmState(now_s, (), zeros, zeros, zeros, zeros)
    view = replace(VIEW, color=color, depth_m=depth, stamp_s=stamp_s)
    base = BaseState(0, 0, 0, 0, 0, 0)
    return Observation(now_s, {"overview": view}, arm, GripperState(0, 0.08, 0, False), base)


@pytest.fixture
def eyesight(profile: Profile) -> Eyesight:
    return Eyesight("overview", profile.cameras["overview"])


def test_a_good_image_is_trusted(eyesight: Eyesight) -> None:
    assert eyesight.fault(seen(scenery(), 9.5, 10.0), None) is None


@pytest.mark.parametrize("value", [0, 3, 128, 255])
def test_a_blank_image(eyesight: Eyesight, value: int) -> None:
    noise = np.random.default_rng(0).integers(0, 6, VIEW.color.shape)
    blank = np.clip(value + noise, 0, 255).astype(np.uint8)
    assert eyesight.fault(seen(blank), None) == "blank"


OTHERS = {
    "half": scenery()[:240],
    "gray": scenery()[..., :1],
    "float": scenery().astype(float),
    "flat": scenery()[..., 0],
    "empty": np.zeros((0, 0, 3), np.uint8),
}


@pytest.mark.parametrize("color", OTHERS.values(), ids=OTHERS)
def test_an_image_of_another_size_or_format(eyesight: Eyesight, color: np.ndarray) -> None:
    assert eyesight.fault(seen(color), None) == "size"
    assert eyesight.fault(seen(scenery(), depth=np.ones((2, 2), np.float32)), None) == "size"


def test_an_old_image_and_none(eyesight: Eyesight) -> None:
    assert eyesight.fault(seen(scenery(), 1.0, 10.0), None) == "old"
    assert eyesight.fault(replace(seen(scenery()), views={}), None) == "missing"


def test_an_image_that_stays_the_same_though_the_arm_has_worked(eyesight: Eyesight) -> None:
    assert eyesight.fault(seen(scenery()), None) is None
    assert eyesight.fault(seen(scenery(), 5.0, 5.0), DROVE) is None
    assert eyesight.fault(seen(scenery(), 6.0, 6.0), replace(PICKED, succeeded=False)) is None
    assert eyesight.fault(seen(scenery(), 7.0, 7.0), PICKED) == "frozen"
    assert eyesight.fault(seen(scenery(1), 8.0, 8.0), PICKED) is None


@pytest.mark.parametrize("kind", ["missing", "size", "blank", "old", "frozen"])
def test_each_is_said_in_both_languages(profile: Profile, kind: str) -> None:
    english, chinese = (Replies(profile.catalogue, language).blind(kind) for language in ("en", "zh"))
    assert "camera" in english and "相机" in chinese
