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
from luban.motion.part_view import Look, PartSeen, find_part
from luban.observation import CameraView
from luban.policy_contract import ARM_TICKS
from luban.pose import Pose
from luban.profile import Profile, load_profile
from luban.randomization import InsertRandomization
from luban.skill import SkillGoal
from luban.state import ArmState, GripperState
from luban.step import Skill
from luban_nodes import conversion
from luban_nodes.eye import Eye
from luban_nodes.images import view_messages
from luban_nodes.quality import CONTROL, IMAGE
from policies.control.arm_skill import ArmSkill, Moves
from policies.control.insert import Insert
from policies.control.learned_pick import CAMERA as WRIST
from policies.control.learned_pick import LearnedPick
from policies.control.learned_place import LearnedPlace
from sim import wrist_eye
from sim.insert_env import InsertEnv
from sim.part_env import LIFT_M
from sim.pick_env import PickEnv
from sim.place_env import PlaceEnv
from sim.task_env import TaskEnv

STEPS = 25
RECEIVED_S = 5.0
START_S = 10.0
CAMERA = load_profile("sim").cameras[WRIST]
PERIOD_S = 1.0 / load_profile("sim").arm.rate_hz


@dataclass
class Shot:
    """A look of the wrist camera: the steps in which it was taken and handed to the law, and its depth image [m]."""

    taken: int
    told: int
    depth_m: np.ndarray


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


def film(env: PickEnv, monkeypatch: pytest.MonkeyPatch) -> list[Shot]:
    """Keep from now on the images behind the looks of an environment of one slot: what its rays measured, by pixel."""
    shots: list[Shot] = []
    see, size = env._law.see, (CAMERA.height_px, CAMERA.width_px)

    def step() -> int:
        return round(env._elapsed_s[0] / env.period_s)

    def find(look: Look, points_m: np.ndarray, seen: np.ndarray, *rest: Any) -> PartSeen:
        image = np.zeros(size, np.float32)
        u, v = look.pixels()[0][seen].astype(int).T
        image[v, u] = ((points_m - look.camera[:, None, :3, 3]) @ look.camera[0, :3, :3])[seen][:, 2]
        shots.append(Shot(step(), STEPS, image))
        return find_part(look, points_m, seen, *rest)

    def tell(*told: Any) -> None:
        shots[-1].told = step()
        see(*told)

    monkeypatch.setattr(wrist_eye, "find_part", find)
    monkeypatch.setattr(env._law, "see", tell)
    return shots


class RecordedPolicy:
    """Stands where a learned policy would: keeps what it is shown and answers as in the recording.

    then: called with the step's number before the answer.
    """

    def __init__(self, actions: np.ndarray, then: Callable[[int], None] = lambda step: None) -> None:
        self.contract = type("contract", (), {"action": range(actions.shape[1])})
        self.actions, self.shown, self._then = actions, [], then

    def act(self, observation: np.ndarray) -> np.ndarray:
        self.shown.append(observation.copy())
        self._then(len(self.shown) - 1)
        return self.actions[len(self.shown) - 1]

    def out_of_range(self, observation: np.ndarray) -> list[str]:
        return []


class Wire:
    """Publishes measured states and images on real topics and hands back what a subscriber received."""

    def __init__(self, profile: Profile) -> None:
        import rclpy
        from geometry_msgs.msg import WrenchStamped
        from sensor_msgs.msg import CameraInfo, Image, JointState

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
        self._views: list[CameraView] = []
        self._eye = Eye(self._node, profile, WRIST, self._views.append)
        self._images = [
            self._node.create_publisher(kind, f"/camera/{WRIST}/{name}", IMAGE)
            for kind, name in ((CameraInfo, "color/camera_info"), (Image, "depth/image_rect_raw"))
        ]
        self._spin(lambda: all(p.get_subscription_count() for p in [*self._publishers.values(), *self._images]))

    def pass_on(self, arm: ArmState, gripper: GripperState) -> tuple[ArmState, GripperState]:
        self._received.clear()
        joints, wrench = conversion.arm_state_messages(arm)
        messages = (wrench, conversion.gripper_state_message(gripper), joints)
        for publisher, message in zip(self._publishers.values(), messages, strict=True):
            publisher.publish(message)
        self._spin(lambda: len(self._received) == 3)
        arrived = self._received
        self._eye.remember(arrived["/arm/joint_states"])
        state = conversion.arm_state(arrived["/arm/joint_states"], arrived["/arm/wrench"])
        return state, conversion.gripper_state(arrived["/arm/gripper/state"])

    def show(self, stamp_s: float, depth_m: np.ndarray) -> CameraView:
        """Pass on a depth image of the wrist camera, taken at a time at which the arm's state was passed on."""
        color = np.zeros((*depth_m.shape, 3), np.uint8)
        taken = CameraView(WRIST, stamp_s, color, depth_m, CAMERA.intrinsics(), np.eye(4))
        _, depth, calibration = view_messages(taken)
        for publisher, message, arrived in zip(
            self._images,
            (calibration, depth),
            (lambda: self._eye._intrinsics is not None, lambda: self._views),
            strict=True,
        ):
            publisher.publish(message)
            self._spin(arrived)
        return self._views.pop()

    def close(self) -> None:
        self._node.destroy_node()
        self._rclpy.try_shutdown()

    def _spin(self, holds: Any) -> None:
        deadline_s = time.monotonic() + RECEIVED_S
        while not holds():
            assert time.monotonic() < deadline_s, "a message did not arrive"
            self._rclpy.spin_once(self._node, timeout_sec=0.1)


@pytest.fixture
def wire(ros_domain, profile):
    wire = Wire(profile)
    yield wire
    wire.close()


def shown_on_the_robot(
    skill: ArmSkill, goal: SkillGoal, contact_phase: Callable[[], Moves], recorded: Recorded, wire: Wire, waits: str
) -> np.ndarray:
    """Tick a controller from the beginning of its contact phase with the recorded states as they arrive over topics.

    waits: the phase in which it still stands and waits; the recording begins after it.
    """
    policy: RecordedPolicy = skill._pilot.policy
    stamp_s, picked = START_S, goal.skill is not Skill.PICK
    names = skill.profile.arm.arm_model().joint_names

    def states(sense: Any) -> tuple[ArmState, GripperState]:
        arm = ArmState(stamp_s, names, sense.position_rad[0], sense.velocity_rad_s[0], np.zeros(6), sense.wrench[0])
        gripper = GripperState(
            stamp_s, float(sense.opening_m[0]), float(sense.grip_n[0]), picked or bool(sense.holding[0])
        )
        return wire.pass_on(arm, gripper)

    skill.start(goal, *states(recorded.senses[0]))
    skill._moves = contact_phase()  # the way there is not part of the recording
    if picked:
        skill.carry()
    tick = 0
    while len(policy.shown) < STEPS:
        stamp_s += PERIOD_S
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


def test_picking_sees_on_the_robot_what_it_saw_in_training(wire, profile, kinematics, monkeypatch):
    env = PickEnv(1, autoreset=False)
    shots = film(env, monkeypatch)
    recorded, law = record(env, 8), env._law  # its second look is told when the tool is too low for another one
    target = upright(law.goal[:1])[0]
    above = target.copy()
    above[2, 3] += LIFT_M

    def look(step: int) -> None:
        for shot in shots:
            if shot.told == step:
                pick.see(wire.show(START_S + PERIOD_S * (1 + ARM_TICKS * shot.taken), shot.depth_m))

    pick = LearnedPick(profile, kinematics, RecordedPolicy(recorded.actions, look))
    goal = SkillGoal(Skill.PICK, Pose.from_matrix(target), None, float(law.width_m[0]), float(law.protrusion_m[0]))
    shown = shown_on_the_robot(pick, goal, lambda: pick._grip(target, above), recorded, wire, "")
    assert sum(shot.told < STEPS for shot in shots) >= 2, "nothing was looked at in the recording"
    np.testing.assert_allclose(shown, np.array(recorded.observations), atol=1e-6)
