"""The classical controllers of the arm: yardstick of what is learned, and fallback."""

from __future__ import annotations

from collections.abc import Mapping

from luban.profile import Profile
from luban.skill import ArmController
from luban.step import Skill
from policies.control.insert import Insert
from policies.control.kinematics import ArmKinematics
from policies.control.pick import Pick
from policies.control.place import Place


def arm_controllers(profile: Profile, urdf: str) -> Mapping[Skill, ArmController]:
    """Return one controller per skill of the arm. Raises SkillError when the robot description does not fit."""
    kinematics = ArmKinematics(urdf, profile.arm)
    return {
        Skill.PICK: Pick(profile, kinematics),
        Skill.PLACE: Place(profile, kinematics),
        Skill.INSERT: Insert(profile, kinematics),
    }
