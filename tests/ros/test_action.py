"""The task action works between two processes: the interfaces are built and found, without sourcing anything."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

import pytest

SERVER = textwrap.dedent(
    """
    import threading
    import rclpy
    from rclpy.action import ActionServer
    from luban_interfaces.action import ExecuteTask

    def execute(handle):
        # Feedback is not kept for a client whose subscription has not been discovered yet.
        deadline = node.get_clock().now().nanoseconds + 10 * 10**9
        feedback = "/task/execute/_action/feedback"
        while not node.count_subscribers(feedback) and node.get_clock().now().nanoseconds < deadline:
            threading.Event().wait(0.01)
        for index, skill in enumerate(("pick", "place")):
            step = ExecuteTask.Feedback(index=index, skill=skill, label="红色齿轮", confidence=0.5)
            handle.publish_feedback(step)
        handle.succeed()
        said = handle.request.instruction
        return ExecuteTask.Result(outcome=ExecuteTask.Result.DONE, message=said, steps=2, seconds=1.5)

    rclpy.init()
    node = rclpy.create_node("server")
    server = ActionServer(node, ExecuteTask, "/task/execute", execute)
    print("ready", flush=True)
    rclpy.spin(node)
    """
)


@pytest.mark.timeout(60)
def test_a_task_crosses_processes(ros_domain: int) -> None:
    import rclpy
    from luban_interfaces.action import ExecuteTask
    from rclpy.action import ActionClient
    from rclpy.executors import SingleThreadedExecutor

    sentence = "把红色齿轮放进蓝色料箱"
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=ros_domain)
    node = rclpy.create_node("client", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        assert server.stdout is not None and server.stdout.readline() == "ready\n"
        client = ActionClient(node, ExecuteTask, "/task/execute")
        assert client.wait_for_server(timeout_sec=20.0)
        feedback: list[ExecuteTask.Feedback] = []
        goal = ExecuteTask.Goal(instruction=sentence, language="zh")
        sent = client.send_goal_async(goal, feedback_callback=lambda message: feedback.append(message.feedback))
        executor.spin_until_future_complete(sent, timeout_sec=20.0)
        deadline = time.monotonic() + 10.0
        while len(feedback) < 2 and time.monotonic() < deadline:
            executor.spin_once(timeout_sec=0.1)
        # Asked for last: a client that has its result throws feedback that comes later away.
        answer = sent.result().get_result_async()
        executor.spin_until_future_complete(answer, timeout_sec=20.0)
        result = answer.result().result
    finally:
        server.kill()
        server.wait(10)
        assert server.stdout is not None
        server.stdout.close()
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert (result.outcome, result.message, result.steps, result.seconds) == ("done", sentence, 2, 1.5)
    assert [(step.index, step.skill, step.label) for step in feedback] == [
        (0, "pick", "红色齿轮"),
        (1, "place", "红色齿轮"),
    ]


def test_two_tests_never_share_a_domain(ros_domain: int, request: pytest.FixtureRequest) -> None:
    """A second process that reserves a domain while we hold ours gets another one."""
    from .conftest import DOMAINS, LOCKS

    program = f"import fcntl; fcntl.flock(open({str(LOCKS / str(ros_domain))!r}, 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ros_domain in DOMAINS
    assert other.returncode != 0 and "BlockingIOError" in other.stderr
