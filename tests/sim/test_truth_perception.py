"""Image points grounded in truth: the part that is meant, grips that keep clear, places that fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from luban.errors import SkillError
from luban.observation import Observation
from luban.pose import Pose
from luban.profile import load_profile
from luban.step import ImagePoint, Skill, Step
from luban.task import Scene, ScenePart
from sim.grip_choice import choose_grip, choose_release, finger_clearance, tool_pose, yaw_of
from sim.parts import SHAPES
from sim.truth_perception import TruthPerception
from sim.world import World
from tests.sim.arm_motion import Motion

PROFILE = load_profile("sim")
SCENE = Scene(
    2,
    (
        ScenePart("p1", "nut", "red", (0.50, 0.00), 0.2),
        ScenePart("p2", "nut", "blue", (0.50, 0.075), 0.0),
        ScenePart("p3", "shaft", "green", (0.42, -0.15), 2.0),
        ScenePart("p4", "bolt", "white", (0.60, -0.20), -1.0),
    ),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    result = World(PROFILE, SCENE)
    yield result
    result.close()


@pytest.fixture(scope="module")
def seen(world: World) -> Observation:
    views = {"overview": world.render("overview")}
    return Observation(world.time_s, views, world.arm.read(), world.gripper.read(), world.base.read())


@pytest.fixture(scope="module")
def perception(world: World) -> TruthPerception:
    return TruthPerception(world.truth, PROFILE)


def _at(seen: Observation, position_m: np.ndarray) -> ImagePoint:
    return seen.views["overview"].project(position_m)


def test_each_part_is_found_at_its_pixel(world: World, seen: Observation, perception: TruthPerception) -> None:
    for part in world.truth().parts.values():
        goal = perception.locate(seen, Step(Skill.PICK, _at(seen, part.pose.position_m)))
        assert goal.label == f"{part.color} {part.shape}" and goal.pose is not None
        assert np.linalg.norm(goal.pose.position_m[:2] - part.pose.position_m[:2]) < 0.02
        np.testing.assert_allclose(goal.pose.matrix()[:3, 2], [0, 0, -1], atol=1e-9)
        assert 0.0 < goal.width_m <= PROFILE.gripper.stroke_m - 0.02
        assert (goal.protrusion_m > 0) == (part.shape == "shaft")


def test_fingers_come_down_beside_the_neighbour_not_on_it(
    world: World, seen: Observation, perception: TruthPerception
) -> None:
    truth = world.truth()
    for name, other in (("p1", "p2"), ("p2", "p1")):
        goal = perception.locate(seen, Step(Skill.PICK, _at(seen, truth.parts[name].pose.position_m)))
        assert goal.pose is not None
        outline = SHAPES["nut"].outline(truth.parts[other].pose)
        assert finger_clearance(goal.pose.position_m, yaw_of(goal.pose), goal.width_m + 0.024, outline) > 0.004


def test_a_shaft_is_gripped_behind_its_middle(world: World, seen: Observation, perception: TruthPerception) -> None:
    shaft = world.truth().parts["p3"].pose
    goal = perception.locate(seen, Step(Skill.PICK, _at(seen, shaft.position_m)))
    assert goal.pose is not None
    ahead = (shaft.position_m - goal.pose.position_m) @ goal.pose.matrix()[:3, 0]
    assert ahead == pytest.approx(0.018, abs=0.001)
    assert goal.protrusion_m == pytest.approx(SHAPES["shaft"].half_m[0] + 0.018, abs=0.001)


def test_nothing_lies_on_the_bare_bench(seen: Observation, perception: TruthPerception) -> None:
    with pytest.raises(SkillError, match=r"nothing to grip at pixel \(\d+, \d+\): the nearest part lies \d+ mm away"):
        perception.locate(seen, Step(Skill.PICK, _at(seen, np.array([0.45, 0.2, 0.0]))))
    with pytest.raises(SkillError, match="outside the 640x480 image"):
        perception.locate(seen, Step(Skill.PICK, ImagePoint(700.0, 10.0)))
    with pytest.raises(SkillError, match="unknown camera 'ceiling'"):
        perception.locate(seen, Step(Skill.PICK, ImagePoint(10.0, 10.0, camera="ceiling")))


def test_an_empty_gripper_cannot_place_or_insert(world: World, seen: Observation, perception: TruthPerception) -> None:
    spot = _at(seen, world.truth().containers["red_bin"].position_m)
    for skill in (Skill.PLACE, Skill.INSERT):
        with pytest.raises(SkillError, match=f"cannot {skill}: the gripper holds nothing"):
            perception.locate(seen, Step(skill, spot))


def test_a_held_part_is_let_go_inside_the_container_that_is_pointed_at() -> None:
    world = World(PROFILE, SCENE)
    perception, motion = TruthPerception(world.truth, PROFILE), Motion(world)
    view = world.render("overview")
    seen = Observation(world.time_s, {"overview": view}, world.arm.read(), world.gripper.read(), world.base.read())
    goal = perception.locate(seen, Step(Skill.PICK, _at(seen, world.truth().parts["p4"].pose.position_m)))
    assert goal.pose is not None
    above = goal.pose.matrix()
    above[2, 3] += 0.12
    motion.to(above, 1.5)
    motion.grip(goal.width_m + 0.024, 0.3)
    motion.to(goal.pose.matrix(), 0.8)
    motion.grip(0.0, 0.7)
    motion.to(above, 0.8)
    assert world.truth().held == "p4"
    for name, container in PROFILE.catalogue.containers.items():
        frame = world.truth().containers[name].matrix()
        half = np.array(container.inner_size_m[:2]) / 2
        for corner in ((0, 0), (0.8, 0.8), (-0.8, 0.8)):
            point = _at(seen, frame[:3, 3] + frame[:3, :3] @ [*(half * corner), 0.0])
            place = perception.locate(seen, Step(Skill.PLACE, point))
            assert place.pose is not None and place.label == name
            offset = (place.pose.position_m - frame[:3, 3]) @ frame[:3, :3]
            assert np.all(np.abs(offset[:2]) < half - 0.02)
            assert 0.01 < offset[2] < 0.05
    with pytest.raises(SkillError, match="no container to place into"):
        perception.locate(seen, Step(Skill.PLACE, _at(seen, np.array([0.5, 0.0, 0.0]))))
    with pytest.raises(SkillError, match="only a shaft can be inserted, the gripper holds the white bolt"):
        perception.locate(seen, Step(Skill.INSERT, _at(seen, world.truth().fixtures["housing"].position_m)))
    world.close()


def test_free_spots_keep_away_from_what_lies_there(world: World, perception: TruthPerception) -> None:
    center = world.truth().containers["blue_bin"].position_m
    np.testing.assert_allclose(perception.free_spot("blue_bin"), center, atol=1e-6)
    with pytest.raises(SkillError, match="unknown container 'blue_bim'; did you mean 'blue_bin'"):
        perception.free_spot("blue_bim")


def test_a_part_in_the_bin_pushes_the_free_spot_away() -> None:
    world = World(PROFILE, SCENE)
    center = world.truth().containers["blue_bin"].position_m
    address = world.model.joint("part/p1").qposadr[0]
    state = world.data.qpos
    state[address : address + 3] = center + np.array([0, 0, 0.02])
    world.step(0.5)
    assert world.holds(("in", "p1", "blue_bin")) and not world.holds(("not_in", "p1", "blue_bin"))
    spot = TruthPerception(world.truth, PROFILE).free_spot("blue_bin")
    assert np.linalg.norm(spot - center) > 0.04
    world.close()


def test_a_fallen_part_is_gripped_across_its_narrow_side() -> None:
    gear = SHAPES["gear"]
    on_edge = Pose(np.array([0.5, 0.0, 0.028]), np.array([np.sqrt(0.5), np.sqrt(0.5), 0, 0]))  # its axis along -y
    choice = choose_grip(gear, on_edge, np.empty((0, 3)), 0.0, PROFILE.gripper.stroke_m)
    assert choice is not None
    pose, width, _ = choice
    assert width < 0.06
    assert pose.position_m[2] >= 0.009


def test_nothing_is_let_go_where_the_hand_does_not_fit() -> None:
    held = SHAPES["nut"].outline(tool_pose(np.zeros(3), 0.0))
    assert choose_release(np.zeros(2), np.array([0.03, 0.03]), held, False, 0.0, 0.085) is None
    choice = choose_release(np.array([0.2, 0.0]), np.array([0.10, 0.10]), held, False, 0.0, 0.085)
    assert choice is not None and abs(choice[0][0]) < 0.09
