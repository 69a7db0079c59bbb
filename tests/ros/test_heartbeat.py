"""A node is silent until it is of use to others, and alive from then on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("luban_interfaces", reason="the ROS workspace is not built: run `make setup`")

from std_msgs.msg import String

from luban_nodes.heartbeat import Heartbeat
from luban_nodes.quality import CONTROL

WAIT_S = 30.0
PERIODS = 5  # within which several beats would be heard


@pytest.fixture
def nodes(ros_domain: int) -> Iterator[tuple[Any, Any]]:
    """One that beats and one that listens."""
    import rclpy

    rclpy.init()
    beating, listening = rclpy.create_node("beating"), rclpy.create_node("listening")
    yield beating, listening
    for node in (beating, listening):
        node.destroy_node()
    rclpy.try_shutdown()


def spin(nodes: tuple[Any, Any], holds: Callable[[], bool]) -> None:
    import rclpy

    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "waited in vain"
        for node in nodes:
            rclpy.spin_once(node, timeout_sec=0.02)


def test_the_first_beat_waits_until_the_node_is_ready_once(nodes: tuple[Any, Any]) -> None:
    beating, listening = nodes
    beats: list[String] = []
    answers: list[bool] = []
    ready = False

    def asked() -> bool:
        answers.append(ready)
        return ready

    Heartbeat(beating, asked)
    listening.create_subscription(String, "/beating/alive", beats.append, CONTROL)
    spin(nodes, lambda: listening.count_publishers("/beating/alive") > 0)
    begun = len(answers)
    spin(nodes, lambda: len(answers) >= begun + PERIODS or bool(beats))
    assert not beats
    ready = True
    spin(nodes, lambda: bool(beats))
    ready = False
    spin(nodes, lambda: len(beats) >= PERIODS)
    assert not any(answers[:-1]) and answers[-1], "once ready, a node is not asked again"
