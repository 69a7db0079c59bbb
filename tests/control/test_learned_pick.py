"""Pick with eyes and place by feel on the physical twin: they make up for errors and hand over when they must."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from luban.errors import PolicyError
from luban.local_runner import LocalRunner
from luban.motion.picking import ACTIONS, OBSERVATIONS, PickLaw
from luban.motion.sense import ArmSense
from luban.policy_contract import PolicyContract
from luban.pose import Pose
from luban.skill import SkillGoal, Status
from luban.state import ArmState, GripperState
from luban.step import Skill
from policies.control.controllers import CHECKPOINTS
from policies.control.learned_pick import LearnedPick, pick_contract
from policies.control.learned_place import LearnedPlace, place_contract
from policies.control.network import Network
from policies.control.policy import Policy, Provenance, Scaling
from sim.pick_env import PickEnv
from tests.control.skill_run import PERIOD_S, Eyes, carry_out, pick_goal, tool_down


def policy_of(contract: PolicyContract, bias: float, span: float = 1e3) -> Policy:
    """A network of one layer that answers the same whatever it sees, and has seen observations within ±span."""
    count, actions = len(contract.observation), len(contract.action)
    layer = (np.zeros((actions, count), np.float32), np.full(actions, bias, np.float32))
    low = np.full(count, span, np.float32)
    scaling = Scaling(np.zeros(count, np.float32), np.ones(count, np.float32), -low, low)
    return Policy(contract, Network([layer], "elu"), scaling, Provenance("test", 0, 0, 0.0, "none"))


def off(goal: SkillGoal, aside_m: tuple[float, float], turn_rad: float) -> SkillGoal:
    """The same goal as a perception would give it that is wrong by so much."""
    matrix = goal.pose.matrix()
    yaw = np.arctan2(matrix[1, 0], matrix[0, 0]) + turn_rad
    return replace(goal, pose=tool_down([*(matrix[:2, 3] + aside_m), matrix[2, 3]], yaw))


@pytest.mark.parametrize("part", ["g", "s", "n"])
def test_looks_make_up_for_a_wrong_pose(world, profile, kinematics, part) -> None:
    pick = LearnedPick(profile, kinematics)
    eyes = Eyes(world, pick)
    run = carry_out(world, pick, off(pick_goal(world, part), (0.022, -0.024), 0.32), eyes)
    assert run.status is Status.SUCCEEDED, run
    assert world.truth().held == part and eyes.shown >= 2
    assert run.peak_n < 60.0
    speed = np.abs(np.diff(run.positions_rad, axis=0)) * profile.arm.rate_hz
    assert (speed.max(axis=0) <= np.array(profile.arm.limits.velocity_rad_s)).all()


def test_without_images_it_is_the_classical_pick(world, profile, kinematics) -> None:
    pick = LearnedPick(profile, kinematics, policy_of(pick_contract(profile.arm), 0.0))
    run = carry_out(world, pick, pick_goal(world, "n"))
    assert run.status is Status.SUCCEEDED, run
    assert world.truth().held == "n"


def test_images_without_depth_are_as_none(world, profile, kinematics) -> None:
    pick = LearnedPick(profile, kinematics)
    eyes = Eyes(world, pick, lambda view: replace(view, depth_m=np.full_like(view.depth_m, np.nan)))
    run = carry_out(world, pick, pick_goal(world, "g"), eyes)
    assert run.status is Status.SUCCEEDED and eyes.shown > 1, run


def test_nothing_there_fails_at_home(world, profile, kinematics) -> None:
    pick = LearnedPick(profile, kinematics)
    goal = replace(pick_goal(world, "g"), pose=tool_down([0.50, 0.22, 0.0095], 0.2))
    run = carry_out(world, pick, goal, Eyes(world, pick))
    assert run.status is Status.FAILED and "nothing in the gripper" in run.reason
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.02)


@pytest.mark.parametrize("what", ["strange", "stubborn"])
def test_a_policy_that_does_not_fit_the_moment_hands_over(world, profile, kinematics, what) -> None:
    """strange: sees what it never saw in training. stubborn: holds the tool up and gets nowhere."""
    contract = pick_contract(profile.arm)
    policy = policy_of(contract, 0.0, span=1e-3) if what == "strange" else _holding_up(contract)
    pick = LearnedPick(profile, kinematics, policy)
    run = carry_out(world, pick, pick_goal(world, "n"), Eyes(world, pick))
    assert run.status is Status.SUCCEEDED, run
    assert any("classical: " in phase for phase in run.phases), run.phases


def _holding_up(contract: PolicyContract) -> Policy:
    policy = policy_of(contract, 0.0)
    policy.network.layers[-1][1][list(contract.action).index("z")] = 5.0
    return policy


def test_a_policy_of_another_robot_is_refused(profile, tmp_path) -> None:
    contract = pick_contract(profile.arm)
    policy_of(replace(contract, rate_hz=10.0), 0.0).save(tmp_path / "pick.json")
    with pytest.raises(PolicyError, match="Hz"):
        Policy.load(tmp_path / "pick.json", contract)


@pytest.mark.parametrize("height_off_m", [-0.008, 0.009])
def test_place_feels_for_the_surface(world, profile, kinematics, height_off_m) -> None:
    assert carry_out(world, LearnedPick(profile, kinematics), pick_goal(world, "g")).status is Status.SUCCEEDED
    spot = np.add(world.truth().containers["blue_bin"].position_m, [0.0, 0.0, 0.016 + height_off_m])
    run = carry_out(world, LearnedPlace(profile, kinematics), SkillGoal(Skill.PLACE, tool_down(spot, 1.2)))
    assert run.status is Status.SUCCEEDED, run
    world.step(0.2)
    assert world.holds(("in", "g", "blue_bin")) and run.peak_n < 80.0
    pose: Pose = world.truth().parts["g"].pose
    assert pose.matrix()[2, 2] > np.cos(np.deg2rad(10.0))
    assert np.linalg.norm(pose.position_m[:2] - spot[:2]) < 0.010


def test_place_does_not_let_go_in_the_air(world, profile, kinematics) -> None:
    assert carry_out(world, LearnedPick(profile, kinematics), pick_goal(world, "g")).status is Status.SUCCEEDED
    run = carry_out(world, LearnedPlace(profile, kinematics), SkillGoal(Skill.PLACE, tool_down([0.40, 0.2, 0.09], 0)))
    assert run.status is Status.FAILED and "no ground" in run.reason
    assert world.truth().held == "g"


def test_the_robot_computes_the_observations_of_the_environment(profile, kinematics) -> None:
    """Replay one recorded episode through the states that drivers publish."""
    env = PickEnv(1, autoreset=False)
    env.reset(seed=12)
    twin = LearnedPick(profile, kinematics)._law
    names, law, row = profile.arm.arm_model().joint_names, env._law, np.array([0])

    def as_published(sense: ArmSense) -> ArmSense:
        none = np.zeros(len(names))
        arm = ArmState(1.0, names, sense.position_rad[0], sense.velocity_rad_s[0], none, sense.wrench[0])
        gripper = GripperState(1.0, float(sense.opening_m[0]), float(sense.grip_n[0]), bool(sense.holding[0]))
        return ArmSense.of(arm, gripper)

    twin.begin(row, as_published(env._arms.sense()), law.goal, law.width_m, law.protrusion_m, law.lift_m)
    log: list = []
    _record(law, log)
    draw = np.random.default_rng(0)
    for _ in range(30):
        seen = env._observe()[0]
        np.testing.assert_allclose(twin.observe(as_published(env._arms.sense()))[0], seen, atol=1e-6)
        log.clear()
        *_, terminated, truncated, _ = env.step(draw.uniform(-0.5, 0.5, (1, len(ACTIONS))))
        if terminated or truncated:
            break
        for name, arguments in log:
            if name == "see":
                twin.see(*arguments)
            else:
                sense, action, step_s = arguments
                twin.command(as_published(sense), action, step_s)
    assert len(seen) == len(OBSERVATIONS) and law.looks[0] > 0


def _record(law: PickLaw, log: list) -> None:
    """Write down what the environment tells its law."""
    for name in ("see", "command"):
        inner = getattr(law, name)

        def told(*arguments, name=name, inner=inner):
            log.append((name, arguments))
            return inner(*arguments)

        setattr(law, name, told)


def test_the_runner_shows_images_only_to_who_wants_them(world, profile, kinematics) -> None:
    shown: list[str] = []

    def look(camera: str):
        shown.append(camera)
        return world.render(camera)

    pick = LearnedPick(profile, kinematics)
    place = LearnedPlace(profile, kinematics)
    runner = LocalRunner(
        world.arm, world.gripper, world.base, {Skill.PICK: pick, Skill.PLACE: place}, None, world.step,
        1.0 / profile.arm.rate_hz, 0.05, look=look, camera_period_s=PERIOD_S,
    )  # fmt: skip
    result = runner.run(off(pick_goal(world, "n"), (0.02, 0.02), -0.3), threading.Event())
    assert result.succeeded, result
    taken = len(shown)
    assert set(shown) == {"wrist"} and taken <= result.seconds / PERIOD_S
    runner.run(SkillGoal(Skill.PLACE, tool_down([0.40, 0.2, 0.02], 0.0)), threading.Event())
    assert len(shown) == taken


def test_a_tilted_grip_is_left_to_the_classical_pick(world, profile, kinematics) -> None:
    pick = LearnedPick(profile, kinematics)
    goal = pick_goal(world, "g")
    tilted = goal.pose.matrix().copy()
    c, s = np.cos(0.3), np.sin(0.3)
    tilted[:3, :3] = tilted[:3, :3] @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    eyes = Eyes(world, pick)
    run = carry_out(world, pick, replace(goal, pose=Pose.from_matrix(tilted)), eyes)
    assert eyes.shown == 0 and "descend" in run.phases


@pytest.mark.parametrize(("name", "contract"), [("pick", pick_contract), ("place", place_contract)])
def test_shipped_policies_fit_this_robot(profile, name, contract) -> None:
    policy = Policy.load(Path(CHECKPOINTS) / f"{name}.json", contract(profile.arm))
    assert policy.provenance.episodes >= 200
