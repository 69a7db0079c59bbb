"""The arm's skills on the physical twin: they do the work, and they fail with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from luban.errors import SkillError
from luban.motion.insertion import InsertTuning
from luban.pose import Pose
from luban.skill import SkillGoal, Status
from luban.state import GripperCommand
from luban.step import Skill
from policies.control.controllers import arm_controllers
from policies.control.insert import Insert
from policies.control.reach import Reach
from tests.control.skill_run import Eyes, carry_out, pick_goal, tool_down

WORKING_FORCE_N = 60.0


@pytest.fixture
def controllers(profile, description):
    return arm_controllers(profile, description)


def assert_smooth(run, profile, start_rad: np.ndarray) -> None:
    """The stream starts where the arm is and never asks for more than the profile allows."""
    positions = run.positions_rad
    assert np.abs(positions[0] - start_rad).max() < profile.arm.limits.resume_rad
    speed = np.abs(np.diff(positions, axis=0)) * profile.arm.rate_hz
    assert (speed.max(axis=0) <= np.array(profile.arm.limits.velocity_rad_s)).all()
    for action in run.actions:
        assert action.arm is None or action.arm.valid_until_s == action.arm.stamp_s + profile.arm.command_timeout_s


def test_pick_and_place_a_gear(world, controllers, profile):
    start_rad = world.arm.read().position_rad
    pick = controllers[Skill.PICK]
    picked = carry_out(world, pick, pick_goal(world, "g"), Eyes(world, pick))
    assert picked.status is Status.SUCCEEDED, picked
    assert world.truth().held == "g"
    assert picked.phases == ["approach", "descend", "close", "lift", "retreat", "done"]
    assert picked.seconds < 5.0 and picked.peak_n < WORKING_FORCE_N
    assert_smooth(picked, profile, start_rad)
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)

    start_rad = world.arm.read().position_rad
    spot = np.add(world.truth().containers["blue_bin"].position_m, [0.0, 0.0, 0.025])
    placed = carry_out(world, controllers[Skill.PLACE], SkillGoal(Skill.PLACE, tool_down(spot, 1.2)))
    assert placed.status is Status.SUCCEEDED, placed
    world.step(0.2)
    assert world.holds(("in", "g", "blue_bin"))
    assert placed.seconds < 6.0 and placed.peak_n < WORKING_FORCE_N
    assert_smooth(placed, profile, start_rad)


@pytest.mark.parametrize("error_m", [(0.0, 0.0), (0.0035, -0.003)])
def test_insert_a_shaft_even_where_the_bore_was_seen_a_little_off(world, controllers, profile, error_m):
    picked = carry_out(world, controllers[Skill.PICK], pick_goal(world, "s"))
    assert picked.status is Status.SUCCEEDED, picked
    bore = world.truth().fixtures["housing"].matrix()
    bore[:3, 3] += bore[:3, :2] @ np.array(error_m)
    depth_m = profile.catalogue.fixtures["housing"].seated_depth_m + 0.006
    goal = SkillGoal(Skill.INSERT, Pose.from_matrix(bore), None, 0.023, pick_protrusion(world), depth_m)
    run = carry_out(world, controllers[Skill.INSERT], goal)
    assert run.status is Status.SUCCEEDED, run
    world.step(0.2)
    assert world.holds(("inserted", "s", "housing"))
    assert run.peak_n < WORKING_FORCE_N


def pick_protrusion(world) -> float:
    """How far the held shaft's end lies along the tool's +x."""
    truth = world.truth()
    tool, shaft = truth.tool.matrix(), truth.parts["s"].pose.matrix()
    ends = [shaft[:3, 3] + side * 0.0425 * shaft[:3, 0] - tool[:3, 3] for side in (-1, 1)]
    return float(max(end @ tool[:3, 0] for end in ends))


def test_a_shaft_that_meets_no_bore_is_pulled_out_and_kept(world, controllers, profile, kinematics):
    carry_out(world, controllers[Skill.PICK], pick_goal(world, "s"))
    bore = world.truth().fixtures["housing"].matrix()
    bore[:3, 3] += bore[:3, 0] * 0.018  # the face beside the bore, out of the search's radius
    goal = SkillGoal(Skill.INSERT, Pose.from_matrix(bore), None, 0.023, pick_protrusion(world), 0.041)
    once = Insert(profile, kinematics, tuning=InsertTuning(search_m=0.003), tries=4)
    run = carry_out(world, once, goal)
    assert run.status is Status.FAILED and "jams" in run.reason, run
    assert "search" in run.phases and "pull out" in run.phases
    assert world.truth().held == "s"
    assert run.peak_n < 80.0


def test_reach_goes_home_and_to_a_pose(world, profile, kinematics):
    reach, target = Reach(profile, kinematics), tool_down([0.5, 0.1, 0.25], 0.4)
    run = carry_out(world, reach, SkillGoal(Skill.PICK, target))
    assert run.status is Status.SUCCEEDED, run
    np.testing.assert_allclose(kinematics.forward(world.arm.read().position_rad)[:3, 3], target.position_m, atol=0.003)
    assert carry_out(world, reach, SkillGoal(Skill.PICK)).status is Status.SUCCEEDED
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)


def test_nothing_to_grip_is_said_at_home(world, controllers, profile):
    goal = SkillGoal(Skill.PICK, tool_down([0.42, -0.20, 0.012], 0.0), None, 0.03)
    run = carry_out(world, controllers[Skill.PICK], goal)
    assert run.status is Status.FAILED and run.reason == "nothing in the gripper"
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)


def test_contact_on_the_way_down_stops_the_arm(world, controllers, profile):
    goal = SkillGoal(Skill.PICK, tool_down([0.42, -0.20, -0.004], 0.0), None, 0.03)  # below the bench top
    run = carry_out(world, controllers[Skill.PICK], goal)
    assert run.status is Status.FAILED and "touched something" in run.reason, run
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)
    assert run.peak_n < profile.arm.limits.force_n, "the gate would have stopped the arm for good"
    assert "close" not in run.phases


def test_a_part_that_slips_out_on_the_way_is_noticed(world, controllers, profile):
    carry_out(world, controllers[Skill.PICK], pick_goal(world, "g"))
    spot = np.add(world.truth().containers["red_bin"].position_m, [0.0, 0.0, 0.03])

    def tear_out(action) -> None:
        if action.phase == "approach":
            now_s = world.time_s
            world.gripper.send(GripperCommand(now_s, now_s + 1.0, 0.08))

    run = carry_out(world, controllers[Skill.PLACE], SkillGoal(Skill.PLACE, tool_down(spot, 0.0)), tear_out)
    assert run.status is Status.FAILED and "slipped" in run.reason, run
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)
    assert_smooth(run, profile, run.positions_rad[0])


def test_a_second_part_is_not_picked_on_top_of_the_first(world, controllers):
    carry_out(world, controllers[Skill.PICK], pick_goal(world, "g"))
    with pytest.raises(SkillError, match="holds something already"):
        controllers[Skill.PICK].start(pick_goal(world, "n"), world.arm.read(), world.gripper.read())


def test_an_arm_that_does_not_follow_is_noticed(world, controllers):
    """Somebody else holds the arm: the twin is told to stop after every command."""
    run = carry_out(world, controllers[Skill.PICK], pick_goal(world, "g"), lambda action: world.arm.stop())
    assert run.status is Status.FAILED and "does not follow" in run.reason, run
    assert run.seconds < 2.0


@pytest.mark.parametrize(
    ("skill", "goal", "reason"),
    [
        (Skill.PICK, SkillGoal(Skill.PICK, tool_down([1.3, 0.0, 0.02], 0.0), None, 0.03), "cannot reach"),
        (Skill.PICK, SkillGoal(Skill.PICK), "needs a pose"),
        (Skill.PICK, SkillGoal(Skill.PICK, tool_down([0.5, 0.0, 0.02], 0.0), None, 0.2), "200 mm wide"),
        (Skill.PICK, SkillGoal(Skill.PICK, tool_down([np.nan, 0.0, 0.02], 0.0), None, 0.03), "not finite"),
        (Skill.PLACE, SkillGoal(Skill.PLACE, tool_down([0.5, 0.4, 0.05], 0.0)), "nothing in the gripper"),
        (Skill.INSERT, SkillGoal(Skill.INSERT, tool_down([0.3, -0.3, 0.05], 0.0)), "sticks out"),
    ],
)
def test_an_unusable_goal_is_refused_before_anything_moves(world, controllers, skill, goal, reason):
    with pytest.raises(SkillError, match=reason):
        controllers[skill].start(goal, world.arm.read(), world.gripper.read())


def test_unusable_states_end_the_skill_without_a_command(world, controllers):
    controller, good = controllers[Skill.PICK], world.arm.read()
    for broken in (
        replace(good, position_rad=np.full(6, np.nan)),
        replace(good, wrench=np.full(6, np.inf)),
        replace(good, position_rad=np.zeros(2)),
        replace(good, joint_names=("a", "b")),
        None,
    ):
        controller.start(pick_goal(world, "g"), good, world.gripper.read())
        assert controller.tick(good, world.gripper.read()).status is Status.RUNNING
        action = controller.tick(broken, world.gripper.read())
        assert action.status is Status.FAILED and action.arm is None and action.gripper is None and action.reason


def test_a_late_tick_does_not_jump(world, controllers, profile):
    controller, state = controllers[Skill.PICK], world.arm.read()
    controller.start(pick_goal(world, "g"), state, world.gripper.read())
    last, limits = state.position_rad, np.array(profile.arm.limits.velocity_rad_s)
    for tick in range(30):
        late = replace(state, stamp_s=state.stamp_s + tick * 0.5, position_rad=last)
        action = controller.tick(late, world.gripper.read())
        assert np.abs(action.arm.position_rad - last).max() <= limits.max() * 3 / profile.arm.rate_hz
        last = action.arm.position_rad
