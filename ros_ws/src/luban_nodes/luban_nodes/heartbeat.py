"""Who is alive. DDS notices a killed process only after its lease of 20 s; robots must not wait for that."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from std_msgs.msg import String

from luban_nodes.quality import CONTROL

PERIOD_S = 0.1  # wall clock
SETTLED_S = 0.5  # all of a new node's topics and services are found within


class Heartbeat:
    """Publishes `/NODE/alive` as long as the node's callbacks run; every start of the node has a name of its own.

    ready: what the node needs to be of use to others; the first beat waits until it has held once.
    """

    def __init__(self, node: Node, ready: Callable[[], bool]) -> None:
        self._ready, self._begun, self._life = ready, False, String(data=uuid.uuid4().hex)
        group = MutuallyExclusiveCallbackGroup()
        self._beats = node.create_publisher(String, f"/{node.get_name()}/alive", CONTROL, callback_group=group)
        node.create_timer(PERIOD_S, self._beat, group, Clock(clock_type=ClockType.STEADY_TIME))

    def _beat(self) -> None:
        self._begun = self._begun or self._ready()
        if self._begun:
            self._beats.publish(self._life)


class Presence:
    """Listens to the heartbeat of the node `name`; silent for `silence_s` [s, wall clock] means gone."""

    def __init__(self, node: Node, name: str, silence_s: float) -> None:
        self._silence_s = silence_s
        self._life, self._heard_s, self._born_s = "", 0.0, 0.0
        group = MutuallyExclusiveCallbackGroup()
        node.create_subscription(String, f"/{name}/alive", self._on_beat, CONTROL, callback_group=group)

    @property
    def life(self) -> str:
        """The name of the node's present start; empty while it is not heard."""
        return self._life if time.monotonic() - self._heard_s <= self._silence_s else ""

    def wait(self, seconds: float) -> bool:
        """Wait until the node has been heard for a moment: whoever talks to it sooner may not be known to it yet."""
        deadline_s = time.monotonic() + seconds
        while not (self.life and time.monotonic() - self._born_s > SETTLED_S):
            if time.monotonic() > deadline_s:
                return False
            time.sleep(PERIOD_S / 2)
        return True

    def forgive(self) -> None:
        """After a stall of the listener: what it could not hear is no silence of the other's."""
        self._heard_s = time.monotonic()

    def watch(self) -> Callable[[], bool]:
        """Return a function that tells whether the node has been lost or started anew since. A node that was never
        heard is not missed."""
        life = self.life

        def lost() -> bool:
            nonlocal life
            life = life or self.life
            return bool(life) and self.life != life

        return lost

    def _on_beat(self, message: String) -> None:
        if message.data != self._life:
            self._life, self._born_s = message.data, time.monotonic()
        self._heard_s = time.monotonic()
