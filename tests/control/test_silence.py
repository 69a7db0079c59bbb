"""A controller that loses its turn for a while: the gate holds the arm, the skill resumes from there and recovers."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from luban.errors import CommandRejected
from luban.observation import Observation
from luban.profile import Profile
from luban.skill import SkillGoal, Status
from luban.step import Skill, Step
from luban.task import Scene
from policies.control.controllers import arm_controllers
from sim.description import urdf
from sim.gated_cell import GatedCell
from sim.truth_perception import TruthPerception
from sim.world import World

SILENT_TICKS = 40  # 0.32 s


@pytest.mark.parametrize("silent_from_tick", [30, 60, 90, 120])
def test_a_gap_in_the_commands_never_drives_the_arm_into_something(
    profile: Profile, scene: Scene, silent_from_tick: int
) -> None:
    world = World(profile, scene)
    cell = GatedCell(world)
    pick = arm_controllers(profile, urdf(world.model, "world", "cell"))[Skill.PICK]
    cell.advance(0.1)
    pick.start(_goal(world, profile), cell.arm.read(), cell.gripper.read())
    status, forces, action = Status.RUNNING, [], None
    for tick in range(2500):
        if not silent_from_tick <= tick < silent_from_tick + SILENT_TICKS:
            action = pick.tick(cell.arm.read(), cell.gripper.read())
            status = action.status
            with contextlib.suppress(CommandRejected):  # the gate says: first the measured position
                cell.arm.send(action.arm)  # type: ignore[arg-type]
            if action.gripper is not None:
                cell.gripper.send(action.gripper)
        cell.tick()
        forces.append(np.linalg.norm(cell.arm.read().wrench[:3]))
        if status is not Status.RUNNING:
            break
    world.close()
    assert status is not Status.RUNNING
    assert not cell.stop_reason
    assert max(forces) < profile.arm.limits.force_n
    away = np.abs(cell.arm.read().position_rad - np.array(profile.arm.home_rad)).max()
    assert away < 0.05, f"the arm did not come home after the interruption: {action}"


def _goal(world: World, profile: Profile) -> SkillGoal:
    """What perception says about the gear."""
    view = world.render("overview")
    observation = Observation(0.0, {"overview": view}, world.arm.read(), world.gripper.read(), world.base.read())
    point = view.project(world.truth().parts["g"].pose.position_m)
    return TruthPerception(world.truth, profile).locate(observation, Step(Skill.PICK, point=point, label="red gear"))
