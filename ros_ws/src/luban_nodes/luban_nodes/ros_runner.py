"""Runs skills through the graph: a SkillRunner over the actions /arm/run_skill and /agv/run_skill."""

from __future__ import annotations

import threading
from typing import Any

from luban_interfaces.action import RunSkill
from rclpy.action import ActionClient
from rclpy.node import Node

from luban.skill import SkillGoal, SkillResult
from luban.step import Skill
from luban_nodes import conversion

ANSWER_S = 3.0
GONE_S = 1.0  # a controller node that has been away for so long will not answer any more
POLL_S = 0.05


class RosRunner:
    """Must be called from a thread that does not spin the node."""

    def __init__(self, node: Node, group: Any) -> None:
        self._node = node
        self._clients = {
            name: ActionClient(node, RunSkill, f"/{name}/run_skill", callback_group=group) for name in ("arm", "agv")
        }
        self._cancelled = threading.Event()

    def run(self, goal: SkillGoal) -> SkillResult:
        self._cancelled.clear()
        name = "agv" if goal.skill is Skill.DRIVE else "arm"
        client = self._clients[name]
        if not client.wait_for_server(ANSWER_S):
            return SkillResult(False, f"no controller answers on /{name}/run_skill; is the node 'skills' running?")
        accepted = client.send_goal_async(
            conversion.goal_message(goal, self._node.get_clock().now().nanoseconds * 1e-9)
        )
        if not self._wait(accepted, client, ANSWER_S):
            return SkillResult(False, f"the controller on /{name}/run_skill does not answer; the {name} holds still")
        handle = accepted.result()
        if not handle.accepted:
            return SkillResult(False, f"/{name}/run_skill refused the goal")
        ended = handle.get_result_async()
        if not self._wait(ended, client, None, handle):
            return SkillResult(
                False, f"the controller on /{name}/run_skill has gone; the {name} was stopped by silence"
            )
        result = ended.result().result
        return SkillResult(result.succeeded, result.reason, result.seconds)

    def cancel(self) -> None:
        self._cancelled.set()

    def _wait(self, future: Any, client: ActionClient, seconds: float | None, handle: Any = None) -> bool:
        """Wait for a future; False when time is up or the server has left the graph. A cancel is passed on once."""
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        waited_s, away_s, told = 0.0, 0.0, False
        while not done.wait(POLL_S):
            waited_s += POLL_S
            away_s = 0.0 if client.server_is_ready() else away_s + POLL_S
            if away_s > GONE_S or (seconds is not None and waited_s > seconds):
                return False
            if handle is not None and self._cancelled.is_set() and not told:
                handle.cancel_goal_async()
                told = True
        return True
