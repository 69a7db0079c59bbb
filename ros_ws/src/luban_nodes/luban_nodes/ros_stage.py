"""Plays evaluation episodes through the ROS graph: the same tasks, the same judge, everything over real topics."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from luban_interfaces.srv import LoadScene
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_srvs.srv import Trigger

from luban.errors import LubanError
from luban.executor import Outcome, TaskResult
from luban.profile import Profile
from luban.task import Scene, Task
from luban_nodes.graph import refuse_second, wait_until
from luban_nodes.quality import SENSOR
from luban_nodes.scene_source import scene_id, scene_to_json
from luban_nodes.task_command import TaskClient
from luban_nodes.twin_mirror import TwinMirror
from policies.evaluation import SETTLE_S, Played
from sim.world import World

START_S = 60.0
CALL_S = 30.0
STOP_S = 20.0


class Graph:
    """A graph of our own in a child process, for as long as this object lives."""

    def __init__(self, profile: str, pace: float, log: Path, planner: str | None, control: str | None) -> None:
        self._output = log.with_suffix(".graph.log")
        self._output.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "luban.cli",
            "up",
            "--profile",
            profile,
            "--pace",
            str(pace),
            "--log",
            str(log),
            *(["--planner", planner] if planner else []),
            *(["--control", control] if control else []),
        ]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    def check(self) -> None:
        """Raise LubanError with the end of the log when the graph has died."""
        if (code := self._process.poll()) is not None:
            tail = "\n".join(self._output.read_text(errors="replace").splitlines()[-8:])
            raise LubanError(f"the graph ended with exit code {code}; the end of {self._output}:\n{tail}")

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)


class RosStage:
    """Starts a graph, loads each scene into its twin, sends the task as an action and judges the mirrored truth."""

    def __init__(
        self,
        profile: Profile,
        profile_name: str,
        pace: float,
        log: Path,
        on_step: Any = lambda step: None,
        planner: str | None = None,
        control: str | None = None,
    ) -> None:
        refuse_second()  # its scenes must never be loaded into somebody else's graph
        self._client = TaskClient(on_step)
        node = self._client.node
        self._graph = Graph(profile_name, pace, log, planner, control)
        self._mirror = TwinMirror(node, profile)
        self._frame: tuple[float, Image | None] = (0.0, None)
        node.create_subscription(Image, "/camera/overview/color/image_raw", self._on_frame, SENSOR)
        self._load = node.create_client(LoadScene, "/twin/load_scene")
        self._reset = node.create_client(Trigger, "/safety/reset")
        try:
            self._await(
                lambda: self._load.service_is_ready() and self._frame[1] is not None, START_S, "the graph to start"
            )
        except LubanError:
            self.close()
            raise

    def play(self, task: Task) -> Played:
        self.load(task.scene)
        before = self.world.truth()
        result = self.execute(task.text, task.lang)
        self._let_pass(SETTLE_S)
        world = self.world
        unmet = tuple(" ".join(goal) for goal in task.goal if not world.holds(goal))
        return Played(result, before, world.truth(), unmet, self.picture())

    @property
    def world(self) -> World:
        """The twin's world as it is now, for judging and for pictures."""
        world = self._mirror.world
        assert world is not None
        return world

    @property
    def node(self) -> Node:
        return self._client.node

    def execute(self, text: str, language: str) -> TaskResult:
        """Send a task to the graph and wait for its end."""
        answer = self._client.execute(text, language)
        return TaskResult(Outcome(answer.outcome), answer.message, answer.steps, answer.seconds)

    def picture(self) -> np.ndarray:
        """Return the newest overview image (height, width, 3) uint8."""
        image = self._frame[1]
        assert image is not None
        return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)

    def close(self) -> None:
        self._graph.close()
        self._client.close()

    def load(self, scene: Scene) -> None:
        """Put another scene on the bench and wait until everybody sees it. Raises LubanError."""
        reset = lambda: self._call(self._reset, Trigger.Request()).success  # noqa: E731 - refused while something moves
        self._await(reset, CALL_S, "the cell to come to rest")
        answer = self._call(self._load, LoadScene.Request(scene=scene_to_json(scene)))
        if not answer.success:
            raise LubanError(answer.message)
        name = scene_id(scene)
        self._await(lambda: self._mirror.scene_id == name and self._mirror.ready, CALL_S, "the new scene")
        self._let_pass(0.5)  # cameras and planner follow the same announcement

    def _let_pass(self, seconds: float) -> None:
        """Wait until the overview camera has seen the cell `seconds` of simulated time from now."""
        until_s = self._mirror.stamp_s + seconds
        self._await(lambda: self._frame[0] >= until_s, CALL_S, "a fresh image")

    def _on_frame(self, message: Image) -> None:
        self._frame = (message.header.stamp.sec + message.header.stamp.nanosec * 1e-9, message)

    def _call(self, client: Any, request: Any) -> Any:
        future, done = client.call_async(request), threading.Event()
        future.add_done_callback(lambda _: done.set())
        self._await(done.is_set, CALL_S, f"an answer from {client.srv_name}")
        return future.result()

    def _await(self, holds: Any, seconds: float, what: str) -> None:
        def ready() -> bool:
            self._graph.check()
            return bool(holds())

        if not wait_until(ready, seconds):
            raise LubanError(f"waited {seconds:.0f} s for {what} in vain; see the graph's log")
