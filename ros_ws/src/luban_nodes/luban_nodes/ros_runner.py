"""Runs skills through the graph: a SkillRunner over the actions /arm/run_skill and /agv/run_skill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from luban_interfaces.action import RunSkill
from rclpy.action import ActionClient
from rclpy.node import Node

from luban.errors import SkillError
from luban.skill import SkillGoal, SkillResult
from luban.step import Skill
from luban_nodes import conversion
from luban_nodes.heartbeat import Presence

ANSWER_S = 3.0
GONE_S = 2.0  # a controller node that has been silent for so long will not answer any more
POLL_S = 0.05


class RosRunner:
    """Must be called from a thread that does not spin the node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clients = {name: ActionClient(node, RunSkill, f"/{name}/run_skill") for name in ("arm", "agv")}
        self._controllers = Presence(node, "skills", GONE_S)

    def run(self, goal: SkillGoal, stop: threading.Event) -> SkillResult:
        """Carry out one goal. Raises SkillError when the controllers die meanwhile: nobody knows what they did last."""
        if stop.is_set():
            return SkillResult(False, "cancelled")
        name = "agv" if goal.skill is Skill.DRIVE else "arm"
        client = self._clients[name]
        if not self._controllers.wait(ANSWER_S) or not client.wait_for_server(ANSWER_S):
            return SkillResult(False, f"no controller answers on /{name}/run_skill; is the node 'skills' running?")
        lost = self._controllers.watch()
        accepted = client.send_goal_async(
            conversion.goal_message(goal, self._node.get_clock().now().nanoseconds * 1e-9)
        )
        if not _wait(accepted, lambda waited_s: waited_s > ANSWER_S or lost()):
            accepted.add_done_callback(_cancel_late)
            return SkillResult(False, f"the controller on /{name}/run_skill does not answer; the {name} holds still")
        handle = accepted.result()
        if not handle.accepted:
            return SkillResult(False, f"/{name}/run_skill refused the goal")
        ended = handle.get_result_async()
        if not _wait(ended, lambda _: stop.is_set() or lost()):
            handle.cancel_goal_async()
        if not _wait(ended, lambda _: lost()):
            raise SkillError(
                f"the controller on /{name}/run_skill has gone; the {name} was stopped by silence; give the task again"
            )
        result = ended.result().result
        return SkillResult(result.succeeded, result.reason, result.seconds)


def _wait(future: Any, over: Callable[[float], bool]) -> bool:
    """Wait for a future; False as soon as `over`, which is told the seconds waited, says so."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    waited_s = 0.0
    while not done.wait(POLL_S):
        waited_s += POLL_S
        if over(waited_s):
            return False
    return True


def _cancel_late(accepted: Any) -> None:
    """A goal that is accepted after we gave up on it must not run with nobody waiting for it."""
    if not accepted.cancelled() and (handle := accepted.result()) is not None and handle.accepted:
        handle.cancel_goal_async()
