"""Every shape is lifted, shaken and put into a bin by contact and friction alone; a shaft is pushed into its bore."""

from __future__ import annotations

import numpy as np
import pytest

from luban.observation import Observation
from luban.profile import load_profile
from luban.skill import SkillGoal
from luban.step import Skill, Step
from luban.task import Scene, ScenePart
from sim.parts import SHAPES
from sim.truth_perception import TruthPerception
from sim.world import World
from tests.sim.arm_motion import Motion, tool_down

PROFILE = load_profile("sim")
UP_M = np.array([0.0, 0.0, 1.0])


def _goal(world: World, skill: Skill, position_m: np.ndarray) -> SkillGoal:
    view = world.render("overview")
    seen = Observation(world.time_s, {"overview": view}, world.arm.read(), world.gripper.read(), world.base.read())
    return TruthPerception(world.truth, PROFILE).locate(seen, Step(skill, view.project(position_m)))


def _lift(world: World, motion: Motion, part: str) -> SkillGoal:
    goal = _goal(world, Skill.PICK, world.truth().parts[part].pose.position_m)
    assert goal.pose is not None
    at = goal.pose.matrix()
    above = at.copy()
    above[2, 3] += 0.15
    motion.to(above, 1.5)
    motion.grip(goal.width_m + 0.024, 0.3)
    motion.to(at, 0.8)
    assert not world.gripper.read().holding
    motion.grip(0.0, 0.7)
    motion.to(above, 0.8)
    return goal


def _part_in_tool(world: World, part: str) -> np.ndarray:
    truth = world.truth()
    return np.linalg.inv(truth.tool.matrix()) @ truth.parts[part].pose.matrix()


@pytest.mark.parametrize("shape", SHAPES)
def test_pick_shake_and_place_by_friction(shape: str) -> None:
    yaw = 0.4 + list(SHAPES).index(shape)
    world = World(PROFILE, Scene(3, (ScenePart("p1", shape, "red", (0.46, -0.06), yaw),)))
    motion = Motion(world)
    goal = _lift(world, motion, "p1")
    gripper = world.gripper.read()
    assert gripper.holding and world.truth().held == "p1"
    assert gripper.opening_m == pytest.approx(goal.width_m, abs=0.002)
    assert gripper.force_n == pytest.approx(PROFILE.gripper.force_n, rel=0.1)
    assert world.arm.read().wrench[2] == pytest.approx(9.81 * SHAPES[shape].mass_kg, rel=0.1)
    before = _part_in_tool(world, "p1")
    center = world.truth().tool.position_m
    for k in range(4):  # about 8 m/s2 and 30 degrees, to and fro
        motion.to(tool_down(center + np.array([0.04 * (-1) ** k, 0.04 * (-1) ** (k // 2), 0]), 0.5 * (-1) ** k), 0.3)
    slip = np.linalg.norm(_part_in_tool(world, "p1")[:3, 3] - before[:3, 3])
    assert world.truth().held == "p1" and slip < 0.004
    place = _goal(world, Skill.PLACE, world.truth().containers["blue_bin"].position_m)
    assert place.pose is not None
    low = place.pose.matrix()
    high = low.copy()
    high[2, 3] += 0.15
    motion.to(high, 1.5)
    assert not world.holds(("in", "p1", "blue_bin"))
    motion.to(low, 0.8)
    motion.grip(PROFILE.gripper.stroke_m, 0.6)
    motion.to(high, 0.8)
    assert world.holds(("in", "p1", "blue_bin"))
    assert not world.gripper.read().holding and world.truth().held is None
    world.close()


def test_holding_is_not_claimed_for_thin_air() -> None:
    world = World(PROFILE, Scene(1))
    motion = Motion(world)
    motion.grip(0.0, 1.0)
    gripper = world.gripper.read()
    assert not gripper.holding and gripper.opening_m < 0.001
    world.close()


@pytest.mark.parametrize("aside_m", [0.0, 0.0015])
def test_insert_a_shaft(aside_m: float) -> None:
    """The chamfer catches a shaft that comes a little aside; nothing but contact guides it."""
    world = World(PROFILE, Scene(5, (ScenePart("p1", "shaft", "red", (0.46, -0.06), 1.1),)))
    motion = Motion(world)
    _lift(world, motion, "p1")
    goal = _goal(world, Skill.INSERT, world.truth().fixtures["housing"].position_m)
    assert goal.pose is not None
    bore = goal.pose.matrix()
    along, yaw = bore[:3, 2], np.arctan2(bore[1, 2], bore[0, 2])
    start = bore[:3, 3] - along * (goal.protrusion_m + 0.03) + np.array([aside_m, 0, 0])
    motion.to(tool_down(start + UP_M * 0.10, yaw), 1.8)
    motion.to(tool_down(start, yaw), 0.8)
    assert not world.holds(("inserted", "p1", "housing"))
    for fraction in np.linspace(0.1, 1.0, 10):  # short joint lines, so that the path is straight
        motion.to(tool_down(start + along * (goal.depth_m + 0.03) * fraction, yaw), 0.2)
    assert not world.holds(("inserted", "p1", "housing"))  # still in the gripper
    motion.grip(0.06, 0.5)
    motion.to(tool_down(world.truth().tool.position_m + UP_M * 0.12, yaw), 0.8)
    assert world.holds(("inserted", "p1", "housing"))
    world.close()
