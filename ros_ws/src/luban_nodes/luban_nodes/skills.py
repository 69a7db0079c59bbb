"""The controllers as a lifecycle node: /arm/run_skill and /agv/run_skill, ticked by the robots' own states."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from geometry_msgs.msg import TwistStamped, WrenchStamped
from luban_interfaces.action import RunSkill
from luban_interfaces.msg import GripperCommand, GripperState, JointCommand, SafetyState
from nav_msgs.msg import Odometry
from rclpy.action import ActionServer, CancelResponse
from rclpy.clock import Clock, ClockType
from sensor_msgs.msg import JointState, LaserScan
from std_msgs.msg import String

from luban.errors import LubanError, SkillError
from luban.observation import CameraView
from luban.profile import load_profile
from luban.skill import ArmAction, ArmController, BaseAction, BaseController, Seeing, SkillGoal, Status
from luban.step import Skill
from luban_nodes import conversion
from luban_nodes.eye import Eye
from luban_nodes.heartbeat import Heartbeat, Presence
from luban_nodes.managed_node import ManagedNode
from luban_nodes.process import run
from luban_nodes.quality import CONTROL, LATCHED, SENSOR
from policies.control.controllers import arm_controllers, base_controller

WATCH_S = 0.1
WRIST = "wrist"  # the camera that controllers look through
SILENCE_S = 0.5  # wall clock: no state for so long means that the driver is gone
CLIENT_SILENCE_S = 1.0  # wall clock: nor does anything move for a planner that is gone


@dataclass
class Job:
    """One running skill."""

    handle: Any
    controller: ArmController | BaseController
    finish: Callable[[bool, str], None]
    client_lost: Callable[[], bool]
    phase: str = ""


@dataclass
class Lane:
    """One robot: at most one job at a time, and when its state was last heard."""

    name: str
    job: Job | None = None
    heard_s: float = field(default_factory=time.monotonic)

    def end(self, succeeded: bool, reason: str) -> None:
        if self.job is not None:
            job, self.job = self.job, None
            job.finish(succeeded, reason)


class SkillNode(ManagedNode):
    """Runs one skill on the arm and one on the AGV at a time. When a skill ends, for whatever reason, it goes silent
    and the gate beside the driver holds the robot still."""

    def __init__(self) -> None:
        super().__init__("skills")
        profile = load_profile(self.declare_parameter("profile", "sim").value)
        self._profile = profile.controlled_by(self.declare_parameter("control", "").value or None)

    def configure(self) -> None:
        self._arm, self._agv = Lane("arm"), Lane("agv")
        self._arm_controllers: Any = {}
        self._eye: Eye | None = None
        self._fault = self._drive_fault = ""  # why there are no controllers
        try:
            self._drive: BaseController | None = base_controller(self._profile)
        except LubanError as error:  # as below: refused, never replaced by what nobody asked for
            self._drive, self._drive_fault = None, str(error)
            self.get_logger().error(str(error))
        self._gripper: GripperState | None = None
        self._wrench: WrenchStamped | None = None
        self._scan: LaserScan | None = None
        self._joints: JointState | None = None
        self._odometry: Odometry | None = None
        self._stopped = ""
        self._results: dict[bytes, RunSkill.Result] = {}
        self._unanswered = 0
        self._watched_s = time.monotonic()
        self._planner = Presence(self, "planner", CLIENT_SILENCE_S)
        self._command = self.create_publisher(JointCommand, "/arm/joint_command", CONTROL)
        self._grip = self.create_publisher(GripperCommand, "/arm/gripper/command", CONTROL)
        self._velocity = self.create_publisher(TwistStamped, "/agv/cmd_vel", CONTROL)
        self.create_subscription(String, "/robot_description", self._on_description, LATCHED)
        self.create_subscription(SafetyState, "/safety/state", self._on_safety, LATCHED)
        self.create_subscription(GripperState, "/arm/gripper/state", lambda m: setattr(self, "_gripper", m), CONTROL)
        self.create_subscription(WrenchStamped, "/arm/wrench", lambda m: setattr(self, "_wrench", m), CONTROL)
        self.create_subscription(LaserScan, "/agv/scan", lambda m: setattr(self, "_scan", m), SENSOR)
        self.create_subscription(JointState, "/arm/joint_states", self._on_joints, CONTROL)
        self.create_subscription(Odometry, "/agv/odom", self._on_odometry, CONTROL)
        for lane, start in ((self._arm, self._start_arm), (self._agv, self._start_agv)):
            ActionServer(
                self,
                RunSkill,
                f"/{lane.name}/run_skill",
                self._answer,
                handle_accepted_callback=self._begin(lane, start),
                cancel_callback=lambda handle: CancelResponse.ACCEPT,
            )
        Heartbeat(self, self._ready)
        self.create_timer(WATCH_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def deactivate(self) -> None:
        for lane in (self._arm, self._agv):
            lane.end(False, "the controllers were deactivated")

    @property
    def busy(self) -> bool:
        return self._unanswered > 0

    def _begin(self, lane: Lane, start: Callable[[SkillGoal], ArmController | BaseController]) -> Callable[..., None]:
        """Return what starts an accepted goal's skill; ticks move it and its end executes the goal, which answers.

        Nothing awaits meanwhile: the events executor would turn a whole core on an unfinished future (rclpy 9.1).
        """

        def begin(handle: Any) -> None:
            self._unanswered += 1
            finish = partial(self._finish, handle, self._now_s())
            try:
                self._refuse(lane)
                controller = start(conversion.skill_goal(handle.request))
            except (LubanError, ValueError) as error:
                finish(False, str(error))
            except Exception as error:
                self.get_logger().error(f"{lane.name} controller broke: {type(error).__name__}: {error}")
                finish(False, f"the controller broke: {error}")
            else:
                lane.job = Job(handle, controller, finish, self._planner.watch())

        return begin

    def _finish(self, handle: Any, started_s: float, succeeded: bool, reason: str) -> None:
        seconds = self._now_s() - started_s
        self._results[bytes(handle.goal_id.uuid)] = RunSkill.Result(succeeded=succeeded, reason=reason, seconds=seconds)
        handle.execute()

    def _answer(self, handle: Any) -> RunSkill.Result:
        result = self._results.pop(bytes(handle.goal_id.uuid))
        self._unanswered -= 1
        if handle.is_cancel_requested:
            handle.canceled()
        elif result.succeeded:
            handle.succeed()
        else:
            handle.abort()
        return result

    def _refuse(self, lane: Lane) -> None:
        if not self.active:
            raise SkillError("the controllers are not active; activate the node 'skills' first")
        if self._stopped:
            raise SkillError(f"stopped ({self._stopped}); call /safety/reset first")
        if lane.job is not None:
            raise SkillError(f"the {lane.name} is busy with another skill; cancel it first")
        if time.monotonic() - lane.heard_s > SILENCE_S:
            raise SkillError(f"the driver of the {lane.name} is silent; is it running?")

    def _start_arm(self, goal: SkillGoal) -> ArmController:
        if self._fault:
            raise SkillError(self._fault)
        if not self._arm_controllers or self._joints is None or self._gripper is None or self._wrench is None:
            raise SkillError("not ready: /robot_description, joint states, gripper state and wrench are required")
        if goal.skill not in self._arm_controllers:
            raise SkillError(f"no arm controller for {goal.skill!r} (known: {', '.join(self._arm_controllers)})")
        controller = self._arm_controllers[goal.skill]
        controller.start(goal, *self._arm_states())
        return controller  # type: ignore[no-any-return]

    def _start_agv(self, goal: SkillGoal) -> BaseController:
        if goal.skill is not Skill.DRIVE:
            raise SkillError(f"the AGV can only drive, got {goal.skill!r}")
        if self._drive is None:
            raise SkillError(self._drive_fault)
        if self._odometry is None or self._scan is None:
            raise SkillError("not ready: odometry and a laser scan are required")
        self._drive.start(goal, conversion.base_state(self._odometry), conversion.lidar_scan(self._scan))
        return self._drive

    def _arm_states(self) -> Any:
        return conversion.arm_state(self._joints, self._wrench), conversion.gripper_state(self._gripper)

    def _on_joints(self, message: JointState) -> None:
        self._joints, self._arm.heard_s = message, time.monotonic()
        if self._eye is not None:
            self._eye.remember(message)
        if (job := self._arm.job) is None or self._cancelled(self._arm):
            return
        action: ArmAction | None = self._tick(self._arm, lambda: job.controller.tick(*self._arm_states()))
        if action is None:
            return
        if action.arm is not None:
            self._command.publish(conversion.arm_command_message(action.arm))
        if action.gripper is not None:
            self._grip.publish(conversion.gripper_command_message(action.gripper))
        self._report(self._arm, action)

    def _on_odometry(self, message: Odometry) -> None:
        self._odometry, self._agv.heard_s = message, time.monotonic()
        if (job := self._agv.job) is None or self._scan is None or self._cancelled(self._agv):
            return
        base, scan = conversion.base_state(message), conversion.lidar_scan(self._scan)
        action: BaseAction | None = self._tick(self._agv, lambda: job.controller.tick(base, scan))
        if action is None:
            return
        if action.base is not None:
            self._velocity.publish(conversion.base_command_message(action.base))
        self._report(self._agv, action)

    def _tick(self, lane: Lane, tick: Callable[[], Any]) -> Any:
        """A controller that fails in a way it did not foresee ends its skill; the gate stops the robot."""
        try:
            return tick()
        except Exception as error:
            self.get_logger().error(f"{lane.name} controller broke: {type(error).__name__}: {error}")
            lane.end(False, f"the controller broke: {error}")
            return None

    def _report(self, lane: Lane, action: ArmAction | BaseAction) -> None:
        job = lane.job
        if job is not None and action.phase != job.phase:
            job.phase = action.phase
            job.handle.publish_feedback(RunSkill.Feedback(phase=action.phase))
        if action.status is not Status.RUNNING:
            lane.end(action.status is Status.SUCCEEDED, action.reason)

    def _cancelled(self, lane: Lane) -> bool:
        if lane.job is None or not lane.job.handle.is_cancel_requested:
            return False
        lane.end(False, "cancelled")
        return True

    def _on_description(self, message: String) -> None:
        try:
            self._arm_controllers, self._fault = arm_controllers(self._profile, message.data), ""
        except LubanError as error:  # without its policy a skill is refused: nobody asked for another controller
            self._arm_controllers, self._fault = {}, str(error)
            self.get_logger().error(str(error))
        if self._eye is None and any(isinstance(c, Seeing) for c in self._arm_controllers.values()):
            self._eye = Eye(self, self._profile, WRIST, self._show)
        self._arm.heard_s = self._agv.heard_s = time.monotonic()  # nothing could be heard while this was made

    def _show(self, view: CameraView) -> None:
        """Hand a new image to the running controller, if it wants one of this camera."""
        controller = self._arm.job.controller if self._arm.job is not None else None
        if isinstance(controller, Seeing) and controller.camera == view.name:
            controller.see(view)

    def _on_safety(self, message: SafetyState) -> None:
        self._stopped = message.reason if message.stopped else ""
        if message.stopped:
            for lane in (self._arm, self._agv):
                lane.end(False, f"stopped: {message.reason}")

    def _watch(self) -> None:
        now_s = time.monotonic()
        stalled = now_s - self._watched_s > 3 * WATCH_S
        self._watched_s = now_s
        if stalled:  # a controller computed for long: what we did not hear meanwhile is still to be delivered
            self._arm.heard_s = self._agv.heard_s = now_s
            self._planner.forgive()
            return
        for lane in (self._arm, self._agv):
            if lane.job is not None and lane.job.client_lost():
                lane.end(False, "the planner that asked for this skill has gone")
        for lane in (self._arm, self._agv):
            if time.monotonic() - lane.heard_s > SILENCE_S:
                lane.end(False, f"the driver of the {lane.name} has been silent for {SILENCE_S} s")

    def _ready(self) -> bool:
        """Whether both robots have been heard and it is known who moves the arm: what a goal needs at least."""
        heard = (self._joints, self._gripper, self._wrench, self._odometry, self._scan)
        return all(message is not None for message in heard) and bool(self._arm_controllers or self._fault)

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9


def main() -> None:
    def nodes() -> list[SkillNode]:
        node = SkillNode()
        node.autostart()
        return [node]

    run(nodes)
