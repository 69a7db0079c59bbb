"""How every one of our ROS processes starts, spins and ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node

from luban.errors import LubanError

TURN_S = 0.5


def new_executor() -> Any:
    """The events executor where this ROS has it: it waits on events instead of rebuilding a wait set each turn."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:  # Jazzy's older patch releases
        return SingleThreadedExecutor()
    return EventsExecutor()


def run(build: Callable[[], Sequence[Node]], executor_type: Callable[[], Any] = new_executor) -> None:
    """Build the nodes of this process and spin them until Ctrl-C or SIGTERM.

    A LubanError while building is one sentence on stderr and exit code 1.
    """
    rclpy.init()
    try:
        nodes = build()
    except LubanError as error:
        print(f"luban: {error}", file=sys.stderr)
        rclpy.try_shutdown()
        sys.exit(1)
    executor = executor_type()
    for node in nodes:
        executor.add_node(node)
    try:
        # Turn by turn: the events executor's own spin() never fires timers (rclpy 9.1).
        while rclpy.ok():
            executor.spin_once(timeout_sec=TURN_S)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        for node in nodes:
            node.destroy_node()
        rclpy.try_shutdown()
