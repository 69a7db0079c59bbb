"""`luban task`: give a task to the running graph, watch it, cancel it with Ctrl-C."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import Annotated, Any

import rclpy
import typer
from luban_interfaces.action import ExecuteTask
from rclpy.action import ActionClient
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from luban.errors import LubanError
from luban.language import language_of
from luban.task import check_instruction
from luban_nodes.graph import domain
from luban_nodes.heartbeat import Presence

SERVER_S = 5.0
GONE_S = 2.0  # wall clock: a planner that has been silent for so long will not answer any more
ANSWER_S = 10.0
CANCEL_S = 5.0
SUCCESS = ("done", "asked", "refused")
CONFIRM = {"en": "Carry this out?", "zh": "现在执行吗？"}


class TaskClient:
    """A node that sends one task at a time and waits for its end; spins in a thread of its own."""

    def __init__(self, on_feedback: Any = lambda feedback: None) -> None:
        # Ctrl-C must cancel the task before it ends the client, so rclpy must not take the signal.
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self.node: Node = rclpy.create_node("task_client")
        self._client = ActionClient(self.node, ExecuteTask, "/task/execute")
        self._planner = Presence(self.node, "planner", GONE_S)
        self._on_feedback = on_feedback
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def ready(self) -> bool:
        """Whether the task server has been discovered."""
        return self._client.server_is_ready()

    def execute(self, instruction: str, language: str) -> ExecuteTask.Result:
        """Send a task and wait for its result; an interrupt cancels it and waits until the robot has stopped.

        Raises:
            LubanError: no graph on this domain, refused because another task runs, or the planner has gone.
        """
        if not self._client.wait_for_server(SERVER_S):
            raise LubanError(f"no graph answers on ROS_DOMAIN_ID={domain()}; start one with: luban up")
        self._lost = self._planner.watch()
        goal = ExecuteTask.Goal(instruction=instruction, language=language)
        sent = self._client.send_goal_async(goal, feedback_callback=lambda m: self._on_feedback(m.feedback))
        try:
            self._wait(sent, ANSWER_S)
            if not sent.result().accepted:
                raise LubanError(
                    "the task was refused: another task is running; wait for it or cancel it, then try again"
                )
            ended = sent.result().get_result_async()
            self._wait(ended)
        except KeyboardInterrupt:
            print("cancelling ...", file=sys.stderr)
            return self._cancel(sent)
        return ended.result().result

    def _cancel(self, sent: Any) -> ExecuteTask.Result:
        """Cancel a task that was sent, accepted or not yet, and wait for its end."""
        self._wait(sent, CANCEL_S)
        if not sent.result().accepted:
            raise LubanError("interrupted; the task had not been accepted")
        ended = sent.result().get_result_async()
        sent.result().cancel_goal_async()
        self._wait(ended, CANCEL_S)
        return ended.result().result

    def close(self) -> None:
        rclpy.try_shutdown()  # ends the spinning thread
        self._thread.join()
        self.node.destroy_node()

    def _spin(self) -> None:
        with contextlib.suppress(ExternalShutdownException):
            self._executor.spin()

    def _wait(self, future: Any, seconds: float | None = None) -> None:
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        waited_s = 0.0
        while not done.wait(0.1):
            waited_s += 0.1
            if self._lost() or not self._client.server_is_ready():
                raise LubanError(
                    "the planner has left the graph; the robots stop by themselves; see the log of luban up"
                )
            if seconds is not None and waited_s > seconds:
                raise LubanError(f"no answer within {seconds} s")


def show(feedback: ExecuteTask.Feedback) -> None:
    """Print a step as it happens."""
    marks = {"planned": "…", "running": "▶", "succeeded": "✓", "failed": "✗"}
    if feedback.phase != ExecuteTask.Feedback.PLANNED:
        print(f"  {marks[feedback.phase]} {feedback.index + 1:>2} {feedback.skill:<7} {feedback.label}", flush=True)


def command(
    instruction: Annotated[str, typer.Argument(help="What to do, in Chinese or English.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before moving.")] = False,
    language: Annotated[str, typer.Option(help="zh or en; empty: told by the characters.")] = "",
) -> None:
    """Give a task to the running graph. Exit code 0: done, asked or refused; 1: stopped or failed."""
    text = check_instruction(instruction)
    spoken = language or language_of(text)
    if spoken not in CONFIRM:
        raise LubanError(f"--language: 'zh' or 'en' is required, got {language!r}")
    if not yes:
        if not sys.stdin.isatty():
            raise LubanError("nobody can confirm the task on this input; add --yes to carry it out without asking")
        typer.confirm(f"“{text}”  {CONFIRM[spoken]}", abort=True)
    client = TaskClient(show)
    try:
        result = client.execute(text, spoken)
    finally:
        client.close()
    typer.echo(f"{result.outcome}: {result.message}  ({result.steps} steps, {result.seconds:.1f} s)")
    if result.outcome not in SUCCESS:
        raise typer.Exit(1)
