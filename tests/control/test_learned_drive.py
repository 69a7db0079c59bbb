"""The learned drive is the classical one plus actions, sees what training saw, and hands over when it should."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from luban.motion import driving
from luban.profile import Profile
from luban.skill import SkillGoal, Status
from luban.state import BaseState, LidarScan
from luban.step import Skill
from policies.control.drive import DriveBaseline
from policies.control.learned_drive import LearnedDrive
from policies.control.network import Network
from policies.control.policy import Policy, Provenance, Scaling
from policies.control.training.drive_scoring import Floor, dock_with_drift, drive_among_people
from sim.drive_env import BEAMS, DriveEnv

COUNT = len(driving.OBSERVATIONS)


def _policy(profile: Profile, bias: tuple[float, float] = (0.0, 0.0), span: float = 9.0) -> Policy:
    """Always answers `bias`; knows observations up to ±span."""
    layers = [(np.zeros((2, COUNT), np.float32), np.array(bias, np.float32))]
    zeros, ones = np.zeros(COUNT, np.float32), np.ones(COUNT, np.float32)
    scaling = Scaling(zeros, ones, -span * ones, span * ones)
    return Policy(driving.contract(profile.base), Network(layers, "elu"), scaling, Provenance("test", 0, 0, 0.0, ""))


def test_a_policy_that_answers_zero_is_the_classical_controller(profile: Profile) -> None:
    plain = drive_among_people(profile, DriveBaseline, 3)
    learned = drive_among_people(profile, lambda own: LearnedDrive(own, _policy(own)), 3)
    assert learned == plain and plain.success


def test_a_policy_that_slows_down_takes_longer_and_still_arrives(profile: Profile) -> None:
    plain = drive_among_people(profile, DriveBaseline, 5, people=0)
    slow = drive_among_people(profile, lambda own: LearnedDrive(own, _policy(own, (-0.5, 0.0))), 5, people=0)
    assert slow.success and slow.seconds > plain.seconds + 1.0


def _on_path(profile: Profile, policy: Policy) -> tuple[Floor, LearnedDrive]:
    """A learned drive that has just begun to follow its path."""
    floor = Floor(profile, "assembly", 1)
    learned = LearnedDrive(profile, policy)
    learned.start(SkillGoal(Skill.DRIVE, station="warehouse"), floor.gate.read(), floor.gate.scan())
    for _ in range(200):
        action = learned.tick(floor.gate.read(), floor.gate.scan())
        assert action.base is not None
        floor.gate.send(action.base)
        floor.advance()
        if action.phase == "follow":
            return floor, learned
    raise AssertionError("no path was followed")


def test_it_hands_over_when_it_sees_what_training_has_not(profile: Profile) -> None:
    floor, learned = _on_path(profile, _policy(profile, (1.0, 1.0), span=1e-4))
    for _ in range(6):
        action = learned.tick(floor.gate.read(), floor.gate.scan())
        assert action.base is not None
        floor.gate.send(action.base)
        floor.advance()
    assert "not as in training" in learned.reason and action.status is Status.RUNNING


def test_a_measurement_that_is_not_a_number_ends_the_policys_turn(profile: Profile) -> None:
    floor, learned = _on_path(profile, _policy(profile))
    for _ in range(2):  # the policy is asked at every second tick
        state = replace(floor.gate.read(), linear_m_s=float("nan"))
        action = learned.tick(state, floor.gate.scan())
        floor.advance()
    assert "linear" in learned.reason and "not finite" in learned.reason
    assert action.base is not None and np.isfinite([action.base.linear_m_s, action.base.angular_rad_s]).all()


def test_standing_too_long_ends_the_policys_turn(profile: Profile) -> None:
    floor, learned = _on_path(profile, _policy(profile, (-1.0, 0.0)))
    for _ in range(140):
        action = learned.tick(floor.gate.read(), floor.gate.scan())
        assert action.base is not None
        floor.gate.send(action.base)
        floor.advance()
    assert "no progress" in learned.reason
    assert floor.truth()[1] > 0.2  # the classical controller drives on


def test_the_robot_sees_what_the_environment_sees(profile: Profile) -> None:
    env = DriveEnv(1, autoreset=False)
    env.reset(seed=8)
    learned = LearnedDrive(profile, _policy(profile))
    learned._paths = env.paths
    for _ in range(8):
        seen = env.step(np.array([[0.2, -0.1]]))[0]
        (x, y, yaw), (linear, angular) = env.pose[0], env.velocity[0]
        ranges = np.hypot(*env.points_m[0].T)
        angles = np.degrees(env._angles)
        learned._scan = LidarScan(
            0.0, np.radians(angles[0]), 2 * np.pi / BEAMS, 10.0, np.where(ranges < 100, ranges, np.inf)
        )
        learned._base_state = BaseState(0.0, x, y, yaw, linear, angular)
        if learned._eyes is None:
            learned._eyes = deepcopy(env.eyes)
        else:
            learned._eyes.action[:] = (0.2, -0.1)
            own = learned._observe(env.pose + env._shift, env._wanted)
            np.testing.assert_allclose(own, seen, atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_it_docks_to_a_centimetre_and_a_degree_though_odometry_drifts(profile: Profile, seed: int) -> None:
    trip = dock_with_drift(profile, DriveBaseline, seed)
    assert trip.docked, trip
