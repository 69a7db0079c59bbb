"""What a policy saw in training and what the controller computes from real topics are the same numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

pytest.importorskip("luban_interfaces", reason="the ROS workspace is not built: run `make setup`")

from luban_interfaces.msg import GripperState as GripperStateMessage

from luban.motion.overhead import upright
from luban.pose import Pose
from luban.randomization import InsertRandomization
from luban.skill import SkillGoal
from luban.state import ArmState, GripperState
from luban.step import Skill
from luban_nodes import conversion
from luban_nodes.quality import CONTROL
from policies.control.arm_skill import ArmSkill, Moves
from policies.control.insert import Insert
from policies.control.learned_place import LearnedPlace
from sim.insert_env import InsertEnv
from sim.part_env import LIFT_M
from sim.place_env import PlaceEnv
from sim.task_env import TaskEnv

STEPS = 25
RECEIVED_S = 5.0
START_S = 10.0


@dataclass
class Recorded:
    """An episode as the environment saw it: every tick's measurements, every step's observation and action."""

    senses: list[Any]
    observations: list[np.ndarray]
    actions: np.ndarray


def record(env: TaskEnv, seed: int) -> Recorded:
    """Play random actions. Call it on an environment of one slot."""
    observation, _ = env.reset(seed=seed)
    arms, senses = env._arms, []
    tick = arms.tick
    arms.tick = lambda *targets: (senses.append(arms.sense()), tick(*targets))
    actions = np.random.default_rng(1).uniform(-0.6, 0.6, (STEPS, len(env.action_names)))
    observations = [observation[0]]
    for action in actions:
        observation, *_ = env.step(action[None])
        observations.append(observation[0])
    return Recorded(senses, observations[:STEPS], actions)


class RecordedPolicy:
    """Stands where a learned policy would: keeps what it is shown and answers as in the recording."""

    def __init__(self, actions: np.ndarray) -> None:
        self.contract = type("contract", (), {"action": range(actions.shape[1])})
        self.actions, self.shown = actions, []

    def act(self, observation: np.ndarray) -> np.ndarray:
        self.shown.append(observation.copy())
        return self.actions[len(self.shown) - 1]

    def out_of_range(self, observation: np.ndarray) -> list[str]:
        return []


class Wire:
    """Publishes measured states on real topics and hands back what a subscriber received."""

    def __init__(self) -> None:
        import rclpy
        from geometry_msgs.msg import WrenchStamped
        from sensor_msgs.msg import JointState

        rclpy.init()
        self._rclpy, self._node = rclpy, rclpy.create_node("parity")
        self._received: dict[str, Any] = {}
        self._publishers = {}
        kinds = {
            "/arm/wrench": WrenchStamped,
            "/arm/gripper/state": GripperStateMessage,
            "/arm/joint_states": JointState,
        }
        for name, kind in kinds.items():
            self._node.create_subscription(kind, name, partial(self._received.__setitem__, name), CONTROL)
            self._publishers[name] = self._node.create_publisher(kind, name, CONTROL)
        self._spin(lambda: all(p.get_subscription_count() for p in self._publishers.values()))

    def pass_on(self, arm: ArmState, gripper: GripperState) -> tuple[ArmState, GripperState]:
        self._received.clear()
        joints, wrench = conversion.arm_state_messages(arm)
        messages = (wrench, conversion.gripper_state_message(gripper), joints)
        for publisher, message in zip(self._publishers.values(), messages, strict=True):
            publisher.publish(message)
        self._spin(lambda: len(self._received) == 3)
        arrived = self._received
        state = conversion.arm_state(arrived["/arm/joint_states"], arrived["/arm/wrench"])
        return state, conversion.gripper_state(arrived["/arm/gripper/state"])

    def close(self) -> None:
        self._node.destroy_node()
        self._rclpy.try_shutdown()

    def _spin(self, holds: Any) -> None:
        deadline_s = time.monotonic() + RECEIVED_S
        while not holds():
            assert time.monotonic() < deadline_s, "a message did not arrive"
            self._rclpy.spin_once(self._node, timeout_sec=0.1)


@pytest.fixture
def wire(ros_domain):
    wire = Wire()
    yield wire
    wire.close()


def shown_on_the_robot(
    skill: ArmSkill, goal: SkillGoal, contact_phase: Callable[[], Moves], recorded: Recorded, wire: Wire, waits: str
) -> np.ndarray:
    """Tick a controller from the beginning of its contact phase with the recorded states as they arrive over topics.

    waits: the phase in which it still stands and waits; the recording begins after it.
    """
    policy: RecordedPolicy = skill._pilot.policy
    stamp_s, period_s = START_S, 1.0 / skill.profile.arm.rate_hz
    names = skill.profile.arm.arm_model().joint_names

    def states(sense: Any) -> tuple[ArmState, GripperState]:
        arm = ArmState(stamp_s, names, sense.position_rad[0], sense.velocity_rad_s[0], np.zeros(6), sense.wrench[0])
        gripper = GripperState(stamp_s, float(sense.opening_m[0]), float(sense.grip_n[0]), True)
        return wire.pass_on(arm, gripper)

    skill.start(goal, *states(recorded.senses[0]))
    skill._moves = contact_phase()  # the way there is not part of the recording
    skill.carry()
    tick = 0
    while len(policy.shown) < STEPS:
        stamp_s += period_s
        action = skill.tick(*states(recorded.senses[tick]))
        assert not action.reason, action.reason
        tick += action.phase != waits
    shown = np.array(policy.shown)
    assert np.ptp(shown, axis=0).max() > 0.5, "nothing happened in the recording"
    return shown


def test_insertion_sees_on_the_robot_what_it_saw_in_training(wire, profile, kinematics):
    clearance_m = 0.001  # what the drawings of the standard cell say
    env = InsertEnv(1, InsertRandomization(clearance_m=(clearance_m, clearance_m)), autoreset=False)
    recorded, law = record(env, 5), env._law
    goal = SkillGoal(
        Skill.INSERT, Pose.from_matrix(law.bore[0]), None, 0.023, float(law.protrusion_m[0]), float(env._depth_m[0])
    )
    insert = Insert(profile, kinematics, RecordedPolicy(recorded.actions))
    shown = shown_on_the_robot(insert, goal, insert._push, recorded, wire, "align")
    np.testing.assert_allclose(shown, np.array(recorded.observations), atol=1e-6)


def test_placing_sees_on_the_robot_what_it_saw_in_training(wire, profile, kinematics):
    env = PlaceEnv(1, autoreset=False)
    recorded = record(env, 8)
    target = upright(env._law.goal[:1])[0]
    above = target.copy()
    above[2, 3] += LIFT_M
    place = LearnedPlace(profile, kinematics, RecordedPolicy(recorded.actions))
    goal = SkillGoal(Skill.PLACE, Pose.from_matrix(target))
    shown = shown_on_the_robot(place, goal, lambda: place._put_down(target, above), recorded, wire, "")
    np.testing.assert_allclose(shown, np.array(recorded.observations), atol=1e-6)
