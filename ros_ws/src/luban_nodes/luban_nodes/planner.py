"""The executor as a node: /task/execute in, one skill after another out, every decision on /task/events."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from luban_interfaces.action import ExecuteTask
from luban_interfaces.msg import GripperState, TaskEvent
from nav_msgs.msg import Odometry
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String

from luban.errors import LubanError, SkillError
from luban.event_log import Event, EventLog
from luban.executor import Executor, Outcome
from luban.language import language_of
from luban.observation import Observation
from luban.planner import Planner
from luban.profile import load_profile
from luban.step import Step
from luban.step_check import StepCheck
from luban_nodes import conversion
from luban_nodes.heartbeat import Heartbeat
from luban_nodes.images import camera_view
from luban_nodes.managed_node import ManagedNode
from luban_nodes.process import run
from luban_nodes.quality import EVENT, IMAGE
from luban_nodes.ros_runner import RosRunner
from luban_nodes.twin_mirror import TwinMirror
from policies.planner.planners import learned_planner
from sim.expert import Expert
from sim.truth_perception import TruthPerception

LOOK_TIMEOUT_S = 5.0  # wall clock
INPUTS: dict[str, tuple[Any, str]] = {
    "color": (Image, "/camera/overview/color/image_raw"),
    "depth": (Image, "/camera/overview/depth/image_rect_raw"),
    "info": (CameraInfo, "/camera/overview/color/camera_info"),
    "joints": (JointState, "/arm/joint_states"),
    "gripper": (GripperState, "/arm/gripper/state"),
    "odometry": (Odometry, "/agv/odom"),
}


class PlannerNode(ManagedNode):
    """One task at a time; a second one is refused while the first runs.

    Parameters: profile, planner (vla, expert or teacher; empty: as the profile says), log (path of the event log;
    empty = in memory only).
    """

    def __init__(self) -> None:
        super().__init__("planner")
        profile = load_profile(self.declare_parameter("profile", "sim").value)
        self.profile = profile.planned_by(self.declare_parameter("planner", "").value or None)
        self._log_path = str(self.declare_parameter("log", "").value)

    def configure(self) -> None:
        self._fresh = threading.Condition()
        self._messages: dict[str, Any] = {}
        self._busy = False
        self._result: Any = None
        self._ending = ""
        self._events = self.create_publisher(TaskEvent, "/task/events", EVENT)
        self._say = self.create_publisher(String, "/speech/say", EVENT)
        self._mirror = TwinMirror(self, self.profile)
        for name, (kind, topic) in INPUTS.items():
            self.create_subscription(kind, topic, lambda m, name=name: self._on_message(name, m), IMAGE)
        self._executor = self._new_executor()
        ActionServer(
            self,
            ExecuteTask,
            "/task/execute",
            self._answer,
            goal_callback=self._on_goal,
            handle_accepted_callback=self._begin,
            cancel_callback=self._on_cancel,
        )
        Heartbeat(self, lambda: self._mirror.ready)

    def _new_executor(self) -> Executor:
        perception = TruthPerception(self._truth, self.profile)
        if self.profile.planner.name == "expert":
            planner: Planner = Expert(self.profile.catalogue, self._truth, perception.free_spot)
        else:
            planner = learned_planner(self.profile)
        return Executor(
            planner=planner,
            perception=perception,
            observe=self._observe,
            runner=RosRunner(self),
            check=StepCheck(self.profile),
            log=EventLog(Path(self._log_path) if self._log_path else None, self._publish_event),
            budget=self.profile.budget,
            clock=self._now_s,
        )

    def activate(self) -> None:
        self._ending = ""

    def deactivate(self) -> None:
        with self._fresh:
            self._ending = "the planner was deactivated"
            self._fresh.notify_all()
        self._executor.stop(self._ending)

    @property
    def busy(self) -> bool:
        return self._busy

    def _stop_reason(self, handle: Any) -> str:
        return self._ending or ("cancelled by the person" if handle.is_cancel_requested else "")

    def _truth(self) -> Any:
        world = self._mirror.world
        if world is None:
            raise SkillError("no state of the twin yet; is the twin running?")
        return world.truth()

    def _on_message(self, name: str, message: Any) -> None:
        with self._fresh:
            self._messages[name] = message
            self._fresh.notify_all()

    def _observe(self) -> Observation:
        """Wait for images and states taken after this moment. Raises LubanError naming what did not come."""
        asked_s = self._now_s()
        with self._fresh:
            looked = self._fresh.wait_for(lambda: self._ending or not self._missing(asked_s), LOOK_TIMEOUT_S)
            if self._ending:
                raise LubanError(self._ending)
            if not looked:
                missing = ", ".join(self._missing(asked_s))
                raise LubanError(f"no fresh look at the cell within {LOOK_TIMEOUT_S} s: {missing} missing")
            messages = dict(self._messages)
        view = camera_view(
            "overview",
            messages["color"],
            messages["depth"],
            messages["info"],
            self.profile.cameras["overview"].optical_pose(),
        )
        return Observation(
            stamp_s=view.stamp_s,
            views={"overview": view},
            arm=conversion.arm_state(messages["joints"], None),
            gripper=conversion.gripper_state(messages["gripper"]),
            base=conversion.base_state(messages["odometry"]),
        )

    def _missing(self, asked_s: float) -> list[str]:
        """What has not come since `asked_s`; images count only together."""
        stamps = {name: conversion.time_s(message.header.stamp) for name, message in self._messages.items()}
        missing = [name for name in INPUTS if stamps.get(name, -1.0) < asked_s]
        if self._mirror.stamp_s < asked_s:
            missing.append("state of the twin")
        if not missing and len({stamps[name] for name in ("color", "depth", "info")}) > 1:
            missing = ["images of one moment"]
        return missing

    def _on_goal(self, request: ExecuteTask.Goal) -> GoalResponse:
        if not self.active or self._busy:
            self.get_logger().warning("task refused: " + ("another task runs" if self._busy else "not active"))
            return GoalResponse.REJECT
        self._busy = True
        return GoalResponse.ACCEPT

    def _on_cancel(self, handle: Any) -> CancelResponse:
        self._executor.stop("cancelled by the person")
        return CancelResponse.ACCEPT

    def _begin(self, handle: Any) -> None:
        """Carry the task out in a thread of its own, beside the one that hears the graph."""
        threading.Thread(target=self._carry_out, args=(handle,), name="task", daemon=True).start()

    def _answer(self, handle: Any) -> ExecuteTask.Result:
        """The task has ended: its goal is executed at last, which answers."""
        answer, self._result = self._result, None
        self._busy = False
        if handle.is_cancel_requested:
            handle.canceled()
        elif answer.outcome in (Outcome.FAILED, Outcome.STOPPED):
            handle.abort()
        else:
            handle.succeed()
        return answer

    def _carry_out(self, handle: Any) -> None:
        request = handle.request
        language = request.language or language_of(request.instruction)
        index = 0

        def report(step: Step, phase: str) -> None:
            nonlocal index
            if reason := self._stop_reason(handle):  # the executor forgets a stop that came before it started
                self._executor.stop(reason)
            confidence = step.point.confidence if step.point else 1.0
            label = step.label or step.station or step.sentence
            handle.publish_feedback(
                ExecuteTask.Feedback(
                    index=index, skill=step.skill.value, label=label, confidence=confidence, phase=phase
                )
            )
            index += phase in ("succeeded", "failed")

        self._executor.listener = report
        try:
            result = self._executor.run(request.instruction, language)
            answer = ExecuteTask.Result(
                outcome=result.outcome.value, message=result.message, steps=result.steps, seconds=result.seconds
            )
        except LubanError as error:
            outcome = Outcome.STOPPED if self._stop_reason(handle) else Outcome.FAILED
            answer = ExecuteTask.Result(outcome=outcome.value, message=str(error))
        except Exception as error:  # a fault of ours: the person is told, the next task may work
            self.get_logger().error(f"task broke: {type(error).__name__}: {error}")
            answer = ExecuteTask.Result(outcome=Outcome.FAILED.value, message=f"the planner broke: {error}")
        self._result = answer
        self._say.publish(String(data=answer.message))
        handle.execute()

    def _publish_event(self, event: Event) -> None:
        message = TaskEvent(
            task_id=str(event.payload.get("task", "")),
            index=event.index,
            kind=event.kind,
            payload=json.dumps(event.payload, ensure_ascii=False),
            hash=event.hash,
        )
        message.header.stamp = self.get_clock().now().to_msg()
        self._events.publish(message)

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9


def main() -> None:
    def nodes() -> list[PlannerNode]:
        node = PlannerNode()
        node.autostart()
        return [node]

    run(nodes)
