"""Which controller a skill gets, and what happens when its policy is not fit to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from luban.errors import PolicyError, ProfileError
from luban.profile import ControlConfig, Profile
from luban.step import Skill
from policies.control.controllers import CHECKPOINTS, arm_controllers, base_controller


@pytest.fixture(scope="module")
def learned(profile: Profile) -> Profile:
    return profile.controlled_by("rl")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The shipped policies in a folder of their own."""
    for file in CHECKPOINTS.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_the_shipped_policies_fit_the_shipped_robot(learned: Profile, description: str) -> None:
    assert set(arm_controllers(learned, description)) == {Skill.PICK, Skill.PLACE, Skill.INSERT}
    base_controller(learned)


def test_the_profile_chooses_per_skill(profile: Profile) -> None:
    assert profile.controlled_by(None) is profile
    assert profile.controlled_by("rl").control == ControlConfig("rl", "rl", "rl", "rl", "rl")
    with pytest.raises(ProfileError, match="baseline"):
        profile.controlled_by("magic")


@pytest.mark.parametrize("skill", ["pick", "place", "insert", "reach"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "other robot"])
def test_a_policy_that_is_not_fit_is_refused(
    learned: Profile, description: str, copies: Path, skill: str, damage: str
) -> None:
    document = copies / f"{skill}.json"
    if damage == "missing":
        document.unlink()
    elif damage == "truncated":
        tensors = next(copies.glob(f"{skill}-*.safetensors"))
        tensors.write_bytes(tensors.read_bytes()[:-100])
    else:
        document.write_text(document.read_text().replace('"ur5e"', '"ur10e"'))
    with pytest.raises(PolicyError, match=skill):
        arm_controllers(learned, description, copies)
