"""A graph started as a person starts it, and a node of our own that listens to it and talks to it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from luban_interfaces.action import ExecuteTask
from luban_interfaces.msg import JointCommand, SafetyState
from luban_interfaces.srv import LoadScene
from rclpy.action import ActionClient
from rclpy.experimental import EventsExecutor
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image, JointState
from std_srvs.srv import Trigger

from luban.arm_model import UR5E
from luban.task import Scene
from luban_nodes import conversion
from luban_nodes.heartbeat import Presence
from luban_nodes.quality import LATCHED
from luban_nodes.scene_source import DEFAULT_SCENE, scene_to_json

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0  # wall clock, as all deadlines below: generous, because the machine may be busy
WAIT_S = 30.0
ASKED_S = 4.5  # the supervisor asks once, and insists after 5 s
POLL_S = 0.2  # for what no message announces
TASK_S = 120.0
LISTEN = QoSProfile(depth=20, reliability=ReliabilityPolicy.RELIABLE)
RAW = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)  # as a viewer listens


class Up:
    """`luban up` in a process of its own; its output in a file."""

    def __init__(self, domain: int, folder: Path, *options: str) -> None:
        self.domain, self.log, self._output = domain, folder / "events.jsonl", folder / "up.txt"
        command = [sys.executable, "-m", "luban.cli", "up", "--log", str(self.log), *options]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=ROOT, env=environment(domain), start_new_session=True
            )

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def node_process(self, name: str) -> int:
        """The process of a node, the newest where it was restarted."""
        return int(re.findall(rf"\[luban\] {name} started \(process (\d+)\)", self.output)[-1])

    def node_processes(self) -> list[int]:
        return [int(number) for number in re.findall(r"started \(process (\d+)\)", self.output)]

    def close(self) -> None:
        """End the graph as Ctrl-C does; a process that needs more than asking is a failure."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(ASKED_S)
        except subprocess.TimeoutExpired:
            for process in filter(alive, self.node_processes()):
                os.kill(process, signal.SIGUSR1)  # says where it is
            self.process.wait(WAIT_S)
            raise AssertionError(f"a process did not end when asked:\n{self.output[-6000:]}") from None


class Probe:
    """A node beside the graph. What it hears is kept: joint states as (stamp, position, velocity), newest last."""

    def __init__(self, up: Up) -> None:
        self.up, self._closed = up, False
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=up.domain)
        self.node = rclpy.create_node("probe", context=self._context)
        self._news = threading.Condition()
        self.states: deque[tuple[float, np.ndarray, np.ndarray]] = deque(maxlen=6000)
        self.newest: dict[str, Any] = {}
        self._unwanted: deque[Any] = deque()
        self.listen(JointState, "/arm/joint_states", self._on_joints)
        self.listen(SafetyState, "/safety/state", quality=LATCHED)
        self.listen(Image, "/camera/overview/color/image_raw", quality=RAW)
        self._planner = Presence(self.node, "planner", 1.0)
        self._skills = Presence(self.node, "skills", 1.0)
        self.tasks = ActionClient(self.node, ExecuteTask, "/task/execute")
        self.commands = self.node.create_publisher(JointCommand, "/arm/joint_command", LISTEN)
        self._services = {
            name: self.node.create_client(kind, name)
            for name, kind in (
                ("/safety/stop", Trigger),
                ("/safety/reset", Trigger),
                ("/twin/load_scene", LoadScene),
            )
        }
        self._executor = EventsExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._thread.join(WAIT_S)
        self.node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    # Hearing

    def listen(self, kind: Any, topic: str, callback: Any = None, quality: QoSProfile = LISTEN) -> Any:
        """Subscribe; the newest message is kept under the topic's name."""

        def on_message(message: Any) -> None:
            with self._news:
                self.newest[topic] = message
                if callback is not None:
                    callback(message)
                self._news.notify_all()

        return self.node.create_subscription(kind, topic, on_message, quality)

    def forget(self, *subscriptions: Any) -> None:
        """Stop listening. The thread that takes messages does it: from another one it may wait for that for ever."""
        self._unwanted.extend(subscriptions)
        self.wait(lambda: not self._unwanted, "the end of a subscription")

    def wait(self, holds: Callable[[], Any], what: object, seconds: float = WAIT_S) -> None:
        """Wait until a condition holds; looked at whenever a message arrives."""
        deadline_s = time.monotonic() + seconds
        with self._news:
            while not holds():
                assert self.up.process.poll() is None, f"luban up ended; it said:\n{self.up.output[-3000:]}"
                assert time.monotonic() < deadline_s, (
                    f"waited {seconds} s for {what}; luban up:\n{self.up.output[-3000:]}"
                )
                self._news.wait(POLL_S)

    def wait_ready(self) -> None:
        """The graph is up when its devices, camera, services and the task server are there."""
        topics = ("/arm/joint_states", "/safety/state", "/camera/overview/color/image_raw")
        self.wait(
            lambda: (
                all(topic in self.newest for topic in topics)
                and self.tasks.server_is_ready()
                and self._planner.life
                and self._skills.life
                and all(client.service_is_ready() for client in self._services.values())
            ),
            "the graph to start",
            START_S,
        )

    @property
    def now_s(self) -> float:
        """Simulated time of the newest joint state."""
        return self.states[-1][0]

    @property
    def position(self) -> np.ndarray:
        return self.states[-1][1]

    def speed(self) -> float:
        """Of the fastest joint [rad/s]."""
        return float(np.abs(self.states[-1][2]).max())

    def wait_simulated(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        self.wait(lambda: self.now_s >= until_s, f"{seconds} s of simulated time", 10 * seconds + WAIT_S)

    def next_state(self) -> float:
        """Wait for a state measured later than the newest one known; return its stamp."""
        known_s = self.now_s
        self.wait(lambda: self.now_s > known_s, "the next joint state")
        return self.now_s

    def between(self, start_s: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Positions and velocities (samples, joints) of the states in a span of simulated time."""
        with self._news:
            chosen = [state for state in self.states if start_s <= state[0] <= end_s]
        return np.array([state[1] for state in chosen]), np.array([state[2] for state in chosen])

    def assert_rests(self, after_s: float) -> None:
        """The arm stands still from the stamp `after_s` on, for a second."""
        self.wait(lambda: self.now_s >= after_s + 1.0, "a second at rest")
        positions, velocities = self.between(after_s, after_s + 1.0)
        assert len(positions) > 60, "too few joint states to judge"
        assert np.abs(velocities).max() < 0.02, f"still moves at {np.abs(velocities).max():.3f} rad/s"
        assert np.ptp(positions, axis=0).max() < 2e-3, f"drifts by {np.ptp(positions, axis=0).max():.4f} rad"

    # Talking

    def call(self, service: str, request: Any = None) -> Any:
        future = self._services[service].call_async(request or Trigger.Request())
        self.wait_future(future, f"an answer from {service}")
        return future.result()

    def wait_future(self, future: Any, what: str, seconds: float = WAIT_S) -> None:
        self.wait(future.done, what, seconds)

    def make_ready(self, scene: Scene) -> None:
        """A fresh start for a test: no stop latched, nothing moving, this scene, a task server that answers."""
        self.wait(lambda: self.speed() < 0.02, "the arm to rest")
        self.wait(self.reset_and_answers, "the graph to be ready", START_S)
        answer = self.load(scene)
        assert answer.success, answer.message
        self.wait_simulated(1.0)  # cameras and planner follow the announcement

    def load_default(self) -> LoadScene.Response:
        return self.load(DEFAULT_SCENE)

    def load(self, scene: Scene) -> LoadScene.Response:
        return self.call("/twin/load_scene", LoadScene.Request(scene=scene_to_json(scene)))

    def reset_and_answers(self) -> bool:
        """Whether no stop is latched any more and planner and controllers are heard."""
        return self._planner.life != "" and self._skills.life != "" and self.call("/safety/reset").success

    def start_task(self, instruction: str, language: str) -> TaskRun:
        return TaskRun(self, instruction, language)

    def start_moving(self) -> TaskRun:
        """A task whose arm is in full motion."""
        task = self.start_task("把蓝色螺母放进红色料箱", "zh")
        self.wait(lambda: self.speed() > 0.4, "the arm to move")
        return task

    def command(self, position_rad: Any, valid_s: float = 0.1, stamp_s: float | None = None) -> JointCommand:
        stamp_s = self.now_s if stamp_s is None else stamp_s
        return JointCommand(
            header=conversion.header(stamp_s),
            valid_until=conversion.time_message(stamp_s + valid_s),
            name=list(UR5E.joint_names),
            position=[float(value) for value in position_rad],
            velocity=[0.0] * 6,
        )

    def stream(self, command: Callable[[], JointCommand], count: int) -> None:
        """Send one command with each new joint state, `count` times."""
        for _ in range(count):
            self.next_state()
            self.commands.publish(command())
        self.next_state()

    def publisher(self, kind: Any, topic: str) -> Any:
        """A publisher that the graph has found."""
        publisher = self.node.create_publisher(kind, topic, LISTEN)
        self.wait(lambda: publisher.get_subscription_count() > 0, f"a listener of {topic}")
        return publisher

    def start_command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a `luban` command on this domain."""
        return subprocess.Popen(
            [sys.executable, "-m", "luban.cli", *arguments],
            cwd=ROOT,
            env=environment(self.up.domain),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _on_joints(self, message: JointState) -> None:
        stamp_s = conversion.time_s(message.header.stamp)
        self.states.append((stamp_s, np.array(message.position), np.array(message.velocity)))

    def _spin(self) -> None:
        while not self._closed:
            self._executor.spin_once(POLL_S)
            while self._unwanted:
                self.node.destroy_subscription(self._unwanted[0])
                self._unwanted.popleft()


class TaskRun:
    """One task on its way; `feedback` fills while it runs."""

    def __init__(self, probe: Probe, instruction: str, language: str) -> None:
        self._probe = probe
        self.feedback: list[ExecuteTask.Feedback] = []
        goal = ExecuteTask.Goal(instruction=instruction, language=language)
        sent = probe.tasks.send_goal_async(goal, lambda message: self.feedback.append(message.feedback))
        probe.wait_future(sent, "the task to be accepted")
        self.handle = sent.result()
        assert self.handle.accepted, "the task was refused"
        self._ended = self.handle.get_result_async()

    def ended(self) -> bool:
        return self._ended.done()

    def result(self) -> ExecuteTask.Result:
        self._probe.wait_future(self._ended, "the task to end", TASK_S)
        return self._ended.result().result


def environment(domain: int) -> dict[str, str]:
    return os.environ | {
        "ROS_DOMAIN_ID": str(domain),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "PYTHONUNBUFFERED": "1",
    }


def luban(domain: int, *arguments: str, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run a `luban` command to its end; a hang is a failure."""
    return subprocess.run(
        [sys.executable, "-m", "luban.cli", *arguments],
        cwd=ROOT,
        env=environment(domain),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def is_sentence(error: str) -> bool:
    """One line for a person, no traceback."""
    lines = error.strip().splitlines()
    return len(lines) == 1 and lines[0].startswith("luban: ") and "Traceback" not in error


def alive(process: int) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
