"""Reaching on the physical twin: clear of what is known, and by the classical move where the law does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from luban.errors import PolicyError
from luban.motion.clearance import Boxes, Hull
from luban.motion.reaching import ACTIONS, OBSERVATIONS
from luban.motion.sense import ArmSense
from luban.motion.surroundings import cell_boxes
from luban.policy_contract import PolicyContract
from luban.profile import ControlConfig
from luban.skill import SkillGoal, Status
from luban.step import Skill
from policies.control.arm_skill import JERK_S
from policies.control.controllers import CHECKPOINTS, arm_controllers
from policies.control.learned_reach import ReachTransit, reach_contract
from policies.control.network import Network
from policies.control.policy import Policy, Provenance, Scaling
from policies.control.reach import Reach
from tests.control.skill_run import carry_out, pick_goal, tool_down
from tests.control.test_arm_skills import assert_smooth

LEFT, RIGHT = tool_down([0.42, 0.30, 0.22], 0.3), tool_down([0.42, -0.30, 0.22], -0.3)
PILLAR = Boxes(np.array([[[0.50, 0.0, 0.20]]]), np.array([[[0.05, 0.05, 0.20]]]), np.array([[0.4]]))


def policy_of(contract: PolicyContract, bias: float, reach: float = 1e3, weight: float = 0.0) -> Policy:
    """A network of one layer: `bias` plus `weight` times each feature. reach: what training has seen, either way."""
    count = len(OBSERVATIONS)
    layer = (np.full((len(ACTIONS), count), weight, np.float32), np.full(len(ACTIONS), bias, np.float32))
    span = np.full(count, reach, np.float32)
    scaling = Scaling(np.zeros(count, np.float32), np.ones(count, np.float32), -span, span)
    return Policy(contract, Network([layer], "elu"), scaling, Provenance("test", 0, 0, 0.0, "none"))


def reach_round(profile, kinematics, policy: Policy | None = None) -> Reach:
    """Reach by the law's way, with a policy or without."""
    reach = Reach(profile, kinematics)
    reach.transit = ReachTransit(profile, policy)
    return reach


class Watch:
    """The least true clearance from some boxes during a run, and whether the arm touched anything."""

    def __init__(self, world, boxes: Boxes, law_of) -> None:
        self.world, self.boxes, self.law_of = world, boxes, law_of
        self.least_m, self.touched = np.inf, False
        self.robot = [g for g in range(world.model.ngeom) if int(world.model.geom_contype[g]) == 4]

    def __call__(self, action) -> None:
        chain = self.law_of().chain
        position = self.world.arm.read().position_rad[None]
        self.least_m = min(self.least_m, float(Hull(chain).clearance(chain.frames(position), self.boxes)[0]))
        for contact in self.world.data.contact:
            self.touched |= contact.geom1 in self.robot or contact.geom2 in self.robot


def at(world, kinematics, reach, pose) -> None:
    run = carry_out(world, reach, SkillGoal(Skill.PICK, pose))
    assert run.status is Status.SUCCEEDED, run


@pytest.mark.parametrize("says", [None, "shipped", 0.0, 0.7, -0.7])
def test_goes_round_a_pillar_whatever_the_policy_says(world, profile, kinematics, says) -> None:
    contract = reach_contract(profile.arm)
    policy = policy_of(contract, says) if isinstance(says, float) else None
    policy = Policy.load(CHECKPOINTS / "reach.json", contract) if says == "shipped" else policy
    reach = reach_round(profile, kinematics, policy)
    at(world, kinematics, reach, LEFT)
    straight = Hull(reach.transit.law.chain).clearance(
        reach.transit.law.chain.frames(_straight(kinematics, LEFT, RIGHT)), PILLAR
    )
    assert straight.min() < 0.0, "the pillar must stand in the way for this test to mean anything"
    reach.transit.surround(PILLAR)
    watch = Watch(world, PILLAR, lambda: reach.transit.law)
    run = carry_out(world, reach, SkillGoal(Skill.PICK, RIGHT), watch)
    assert run.status is Status.SUCCEEDED, run
    assert watch.least_m > 0.005 and not watch.touched
    np.testing.assert_allclose(kinematics.forward(world.arm.read().position_rad)[:3, 3], RIGHT.position_m, atol=0.003)
    assert_within_limits(run, profile)


def test_ticks_that_come_late_and_early_never_ask_for_more_speed_than_allowed(profile, kinematics) -> None:
    transit, period_s = ReachTransit(profile), 1.0 / profile.arm.rate_hz
    start, goal = (kinematics.inverse(pose.matrix(), kinematics.home_rad) for pose in (LEFT, RIGHT))
    assert transit.begin(start, goal, False) == ""
    still = (np.zeros((1, 6)), np.zeros((1, 6)), np.zeros(1), np.zeros(1), np.zeros(1, bool))
    sense = ArmSense(start[None], *still)
    most, fastest = np.array(profile.arm.limits.velocity_rad_s), 0.0
    for tick in range(2000):
        if transit.arrived:
            break
        position_rad, velocity_rad_s = transit.command(sense, period_s * (0.4, 2.6, 0.5, 0.5)[tick % 4])
        fastest = max(fastest, float(np.max(np.abs(velocity_rad_s) / most)))
        sense = ArmSense(position_rad[None], velocity_rad_s[None], *still[1:])
    assert transit.arrived and 0.5 < fastest <= 1.0


def assert_within_limits(run, profile) -> None:
    """Speed, acceleration, and how quickly the acceleration rises: to its limits in JERK_S."""
    limits, rate_hz = profile.arm.limits, profile.arm.rate_hz
    speed = np.diff(run.positions_rad, axis=0) * rate_hz
    acceleration = np.diff(np.concatenate([np.zeros((1, 6)), speed]), axis=0) * rate_hz
    jerk = np.diff(acceleration, axis=0) * rate_hz
    gain, brake = np.array(limits.acceleration_rad_s2), np.array(limits.stop_acceleration_rad_s2)
    assert (np.abs(speed).max(axis=0) <= np.array(limits.velocity_rad_s)).all()
    assert (np.abs(acceleration).max(axis=0) <= brake).all()
    assert (np.abs(jerk).max(axis=0) <= (gain + brake) / JERK_S).all()


def _straight(kinematics, start, goal) -> np.ndarray:
    first = kinematics.inverse(start.matrix(), kinematics.home_rad)
    last = kinematics.inverse(goal.matrix(), first)
    return np.linspace(first, last, 20)


def test_is_not_slower_than_the_joint_move(world, profile, kinematics) -> None:
    seconds = {}
    for name, reach in (("classical", Reach(profile, kinematics)), ("law", reach_round(profile, kinematics))):
        at(world, kinematics, reach, LEFT)
        seconds[name] = carry_out(world, reach, SkillGoal(Skill.PICK, RIGHT)).seconds
    assert seconds["law"] <= seconds["classical"]


@pytest.mark.parametrize(
    ("policy", "reason"),
    [({"bias": 0.3, "reach": 1e-3}, "not as in training"), ({"bias": np.nan}, "finite")],
    ids=["unseen", "no number"],
)
def test_the_classical_law_goes_on_where_the_policy_must_not(world, profile, kinematics, policy, reason) -> None:
    held = policy_of(reach_contract(profile.arm), 0.0, policy.get("reach", 1e3))
    held.network.layers[-1][1][:] = policy["bias"]
    reach = reach_round(profile, kinematics, held)
    run = carry_out(world, reach, SkillGoal(Skill.PICK, LEFT))
    assert run.status is Status.SUCCEEDED, run
    assert any("classical" in phase and reason in phase for phase in run.phases), run.phases


def test_a_policy_that_pulls_back_for_ever_loses_its_say(world, profile, kinematics) -> None:
    at(world, kinematics, Reach(profile, kinematics), LEFT)
    policy = policy_of(reach_contract(profile.arm), 0.0)
    backwards = -np.sign(_straight(kinematics, LEFT, RIGHT)[-1] - _straight(kinematics, LEFT, RIGHT)[0])
    policy.network.layers[0][1][:] = backwards.astype(np.float32)
    reach = reach_round(profile, kinematics, policy)
    run = carry_out(world, reach, SkillGoal(Skill.PICK, RIGHT))
    assert run.status is Status.SUCCEEDED, run


def test_a_tight_goal_takes_the_classical_move(world, profile, kinematics) -> None:
    reach = reach_round(profile, kinematics)
    low = tool_down([0.50, 0.0, 0.02], 0.0)
    run = carry_out(world, reach, SkillGoal(Skill.PICK, low))
    assert run.status is Status.SUCCEEDED and "the goal is" in run.phases[0], run


def test_with_a_part_in_the_gripper_the_outline_does_not_hold(world, profile, kinematics, description) -> None:
    carry_out(world, arm_controllers(profile, description)[Skill.PICK], pick_goal(world, "g"))
    run = carry_out(world, reach_round(profile, kinematics), SkillGoal(Skill.PICK, LEFT))
    assert run.status is Status.SUCCEEDED and "a part is held" in run.phases[0], run


def test_the_profile_makes_it_the_way_of_every_skill(world, profile, description) -> None:
    """The empty arm goes the law's way, an arm that carries something the straight one."""
    reaching = replace(profile, control=ControlConfig(reach="rl"))
    skills = arm_controllers(reaching, description)
    start_rad = world.arm.read().position_rad
    picked = carry_out(world, skills[Skill.PICK], pick_goal(world, "g"))
    assert picked.status is Status.SUCCEEDED, picked
    assert picked.phases[0] == "approach" and picked.phases[-2] == "retreat (classical: a part is held)"
    spot = np.add(world.truth().containers["blue_bin"].position_m, [0.0, 0.0, 0.025])
    placed = carry_out(world, skills[Skill.PLACE], SkillGoal(Skill.PLACE, tool_down(spot, 1.2)))
    assert placed.status is Status.SUCCEEDED, placed
    assert placed.phases[-2] == "retreat"
    for run, first_rad in ((picked, start_rad), (placed, picked.positions_rad[-1])):
        assert_smooth(run, profile, first_rad)
    np.testing.assert_allclose(world.arm.read().position_rad, profile.arm.home_rad, atol=0.01)


def test_another_robots_policy_is_refused(profile, tmp_path) -> None:
    right = reach_contract(profile.arm)
    policy_of(replace(right, robot="ur10e"), 0.0).save(tmp_path / "reach.json")
    with pytest.raises(PolicyError, match="ur10e"):
        Policy.load(tmp_path / "reach.json", right)


def test_the_cells_boxes_enclose_what_stands_on_the_bench(world, profile) -> None:
    """Every solid of bench, containers and fixtures lies inside one of the boxes, to a centimetre."""
    boxes, model, data = cell_boxes(profile.catalogue), world.model, world.data
    names = [*profile.catalogue.containers, *profile.catalogue.fixtures]
    on_bench = [n for n in names if getattr(profile.catalogue.containers.get(n), "on", "bench") == "bench"]
    checked = 0
    for geom in range(model.ngeom):
        body = model.body(model.geom_bodyid[geom]).name
        name = model.geom(geom).name
        stands = any(name.startswith(f"{n}_") or body == f"fixture/{n}" for n in on_bench)
        if model.geom_contype[geom] != 1 or not stands:
            continue
        centre = data.geom_xpos[geom]
        half = np.abs(data.geom_xmat[geom].reshape(3, 3)) @ model.geom_aabb[geom, 3:]
        for corner in np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T:
            gap = _outside(boxes, centre + corner * half)
            assert gap < 0.010, (name, body, gap)
        checked += 1
    assert checked > 10


def _outside(boxes: Boxes, point: np.ndarray) -> float:
    """Distance of a point from the union of boxes."""
    cos, sin = np.cos(boxes.yaw_rad[0]), np.sin(boxes.yaw_rad[0])
    d = point - boxes.centre_m[0]
    local = np.stack([cos * d[:, 0] + sin * d[:, 1], cos * d[:, 1] - sin * d[:, 0], d[:, 2]], axis=1)
    beyond = np.maximum(np.abs(local) - boxes.half_m[0], 0.0)
    return float(np.linalg.norm(beyond, axis=1).min())
