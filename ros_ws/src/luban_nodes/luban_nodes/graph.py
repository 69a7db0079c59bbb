"""Is a graph of ours running on this domain?"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import rclpy
from rclpy.node import Node

from luban.errors import LubanError

MARK_TOPIC = "/safety/state"  # published by no one else, and a client of a service would count like its server
DISCOVERY_S = 2.0
POLL_S = 0.1


def domain() -> str:
    return os.environ.get("ROS_DOMAIN_ID", "0")


def runs(node: Node, seconds: float = DISCOVERY_S) -> bool:
    """Return whether a graph answers within `seconds` of discovery."""
    return wait_until(lambda: node.count_publishers(MARK_TOPIC) > 0, seconds)


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Poll a condition until it holds; False when time is up."""
    deadline_s = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    return True


def hold_domain() -> int:
    """Take this machine's lock of the domain and return its file descriptor; it is held until the process ends.

    Raises LubanError when another process holds it: two drivers for one robot are never right, and discovery, which
    also finds graphs on other machines, can miss one that is busy.
    """
    path = Path(tempfile.gettempdir()) / f"luban-domain-{domain()}.lock"
    lock = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise _already_runs() from None
    return lock


def refuse_second() -> None:
    """Raise LubanError when a graph already runs on this domain, on this machine or on another."""
    os.close(hold_domain())
    rclpy.init()
    try:
        node = rclpy.create_node("graph_probe")
        if runs(node):
            raise _already_runs()
        node.destroy_node()
    finally:
        rclpy.try_shutdown()


def _already_runs() -> LubanError:
    return LubanError(f"a Luban graph already runs on ROS_DOMAIN_ID={domain()}; stop it, or set another (0 to 101)")
