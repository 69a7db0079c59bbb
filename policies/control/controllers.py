"""The controllers of a profile: for each skill the classical one, or the same with a learned policy that adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from luban.motion import driving
from luban.policy_contract import PolicyContract
from luban.profile import Profile
from luban.skill import ArmController, BaseController
from luban.step import Skill
from policies.control.arm_skill import ArmSkill
from policies.control.drive import DriveBaseline
from policies.control.insert import Insert, insert_contract
from policies.control.kinematics import ArmKinematics
from policies.control.learned_drive import LearnedDrive
from policies.control.learned_pick import LearnedPick, pick_contract
from policies.control.learned_place import LearnedPlace, place_contract
from policies.control.learned_reach import ReachTransit, reach_contract
from policies.control.pick import Pick
from policies.control.place import Place
from policies.control.policy import Policy

CHECKPOINTS = Path(__file__).resolve().parent.parent / "checkpoints"


def arm_controllers(profile: Profile, urdf: str, checkpoints: Path = CHECKPOINTS) -> Mapping[Skill, ArmController]:
    """Return one controller per skill of the arm, as `profile.control` says; `reach` is how all of them move through
    the air.

    Raises:
        SkillError: the robot description does not fit.
        PolicyError: a policy is missing, damaged or made for another robot.
    """
    kinematics, arm = ArmKinematics(urdf, profile.arm), profile.arm

    def policy(task: str, contract: PolicyContract) -> Policy | None:
        learned = getattr(profile.control, task) == "rl"
        return Policy.load(checkpoints / f"{task}.json", contract) if learned else None

    pick, place = policy("pick", pick_contract(arm)), policy("place", place_contract(arm))
    controllers: dict[Skill, ArmSkill] = {
        Skill.PICK: LearnedPick(profile, kinematics, pick) if pick else Pick(profile, kinematics),
        Skill.PLACE: LearnedPlace(profile, kinematics, place) if place else Place(profile, kinematics),
        Skill.INSERT: Insert(profile, kinematics, policy("insert", insert_contract(arm))),
    }
    if reach := policy("reach", reach_contract(arm)):
        for controller in controllers.values():
            controller.transit = ReachTransit(profile, reach)
    return controllers


def base_controller(profile: Profile, checkpoints: Path = CHECKPOINTS) -> BaseController:
    """Return the controller of the mobile base. Raises PolicyError as above."""
    if profile.control.drive == "baseline":
        return DriveBaseline(profile)
    return LearnedDrive(profile, Policy.load(checkpoints / "drive.json", driving.contract(profile.base)))
