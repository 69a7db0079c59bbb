"""How every one of our ROS processes starts, spins and ends."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from luban.errors import LubanError
from luban_nodes.managed_node import ManagedNode

TURN_S = 0.2
END_S = 3.0  # what is running gets so long to end; the supervisor waits 5 s
FAREWELL_S = 0.2  # for last answers to leave


def new_executor() -> Any:
    """The events executor where this ROS has it: it waits on events instead of rebuilding a wait set each turn."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:  # Jazzy's older patch releases
        return SingleThreadedExecutor()
    return EventsExecutor()


def run(build: Callable[[], Sequence[Node]]) -> None:
    """Build the nodes of this process and spin them until Ctrl-C or SIGTERM.

    A LubanError while building is one sentence on stderr and exit code 1.
    """
    # A signal only asks: rclpy's own handlers take the context away under a running callback.
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    faulthandler.register(signal.SIGUSR1)  # says where a process that seems to hang is
    try:
        nodes = build()
    except LubanError as error:
        print(f"luban: {error}", file=sys.stderr)
        rclpy.try_shutdown()
        sys.exit(1)
    executor = new_executor()
    for node in nodes:
        executor.add_node(node)
    try:
        # Turn by turn: the events executor's own spin() never fires timers (rclpy 9.1).
        while not asked.is_set():
            executor.spin_once(timeout_sec=TURN_S)
        _end(executor, [node for node in nodes if isinstance(node, ManagedNode)])
    finally:
        for node in nodes:
            executor.remove_node(node)
            node.destroy_node()
        rclpy.try_shutdown()


def _end(executor: Any, nodes: Sequence[ManagedNode]) -> None:
    """Bring what runs to its end and let its last words out. A process that then hangs says where, and ends."""
    faulthandler.dump_traceback_later(END_S + 1.5, exit=True)
    for node in nodes:
        node.end()
    deadline_s, farewell_s = time.monotonic() + END_S, time.monotonic() + FAREWELL_S
    while (now_s := time.monotonic()) < deadline_s and (now_s < farewell_s or any(node.busy for node in nodes)):
        if any(node.busy for node in nodes):
            farewell_s = now_s + FAREWELL_S
        executor.spin_once(timeout_sec=0.05)
