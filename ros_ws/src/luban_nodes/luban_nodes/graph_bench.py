"""Benchmarks of the running graph: start-up, loop period, latency, real-time factor and processor time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from luban_interfaces.msg import JointCommand
from luban_interfaces.srv import LoadScene
from sensor_msgs.msg import Image, JointState

from luban.errors import LubanError
from luban.profile import Profile
from luban.state import ArmCommand
from luban_nodes import conversion
from luban_nodes.graph import wait_until
from luban_nodes.quality import CONTROL, EVENT, IMAGE
from luban_nodes.ros_stage import CALL_S, START_S, Graph
from luban_nodes.scene_source import scene_to_json
from luban_nodes.task_command import TaskClient
from policies.bench import CROWDED, Row, percentiles

MOVED_RAD = 2e-4
TRIALS = 40


class Probe:
    """Listens to a graph of its own from outside, as any other node would."""

    def __init__(self, profile: Profile, folder: Path) -> None:
        self.profile = profile
        self._client = TaskClient()
        self.node = self._client.node
        self.heard: list[tuple[float, float]] = []  # wall clock, simulated time of each joint state
        self.images = 0
        self.joints: JointState | None = None
        self._news = threading.Condition()
        self.node.create_subscription(JointState, "/arm/joint_states", self._on_joints, CONTROL)
        self.node.create_subscription(Image, "/camera/overview/color/image_raw", self._on_image, IMAGE)
        self.loop: dict[str, float] = {}  # what the driver says of its own loop
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, EVENT)
        self.commands = self.node.create_publisher(JointCommand, "/arm/joint_command", CONTROL)
        self.started_s = time.monotonic()
        self.graph = Graph(profile.name, 1.0, folder / "bench.jsonl")
        ready = wait_until(self._ready, START_S)
        self.ready_s = time.monotonic() - self.started_s
        if not ready:
            self.close()
            raise LubanError("the graph did not start; see its log")

    def _ready(self) -> bool:
        self.graph.check()
        return self.joints is not None and self.images > 0 and self._client.ready()

    def load(self) -> None:
        client = self.node.create_client(LoadScene, "/twin/load_scene")
        future, done = client.call_async(LoadScene.Request(scene=scene_to_json(CROWDED))), threading.Event()
        future.add_done_callback(lambda _: done.set())
        if not done.wait(CALL_S) or not future.result().success:
            raise LubanError("the twin did not load the benchmark's scene")

    def close(self) -> None:
        self.graph.close()
        self._client.close()

    def _on_joints(self, message: JointState) -> None:
        with self._news:
            self.joints = message
            self.heard.append((time.monotonic(), conversion.time_s(message.header.stamp)))
            self._news.notify_all()

    def _on_image(self, message: Image) -> None:
        self.images += 1

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.loop |= {item.key: float(item.value) for item in status.values if item.key.startswith("loop period")}

    def first_motion_ms(self) -> float:
        """From sending a first moving command to the first joint state that has moved."""
        state = conversion.arm_state(self._next())
        self._send(state.position_rad, state.stamp_s)
        target = state.position_rad.copy()
        target[5] += 0.01
        state = conversion.arm_state(self._next())
        start, start_s = state.position_rad[5], time.monotonic()
        while True:
            self._send(target, state.stamp_s)
            state = conversion.arm_state(self._next())
            if abs(state.position_rad[5] - start) > MOVED_RAD:
                return 1e3 * (time.monotonic() - start_s)

    def rest(self) -> None:
        """Wait until the gate has noticed the silence and the arm stands."""
        for _ in range(60):
            self._next()

    def _send(self, position_rad: np.ndarray, stamp_s: float) -> None:
        names, timeout_s = self.profile.arm.arm_model().joint_names, self.profile.arm.command_timeout_s
        command = ArmCommand(stamp_s, stamp_s + timeout_s, names, position_rad, np.zeros_like(position_rad))
        self.commands.publish(conversion.arm_command_message(command))

    def _next(self) -> JointState:
        with self._news:
            before = self.joints
            if not self._news.wait_for(lambda: self.joints is not before, 2.0):
                raise LubanError("the arm fell silent during the benchmark")
            return self.joints


BARE_TIMER = """
import sys, time, rclpy
rclpy.init(); node = rclpy.create_node("bare_timer"); stamps = []
node.create_timer(float(sys.argv[1]), lambda: stamps.append(time.monotonic()))
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end: rclpy.spin_once(node)
print(" ".join(f"{1e3 * (b - a):.4f}" for a, b in zip(stamps, stamps[1:])))
"""


def rows(profile: Profile, seconds: float) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(profile, Path(folder))
        try:
            yield Row("graph start to first picture and task server", f"{probe.ready_s:.1f} s", "")
            probe.load()
            probe.rest()
            yield from _steady(probe, max(seconds, 20.0))
            latencies = []
            for _ in range(TRIALS):
                latencies.append(probe.first_motion_ms())
                probe.rest()
            period_ms = 1e3 / profile.arm.rate_hz
            yield Row(
                "command to first measured motion", percentiles(latencies, "ms"), f"one period is {period_ms:.0f} ms"
            )
        finally:
            probe.close()


def _steady(probe: Probe, seconds: float) -> Iterator[Row]:
    """Loop period beside a bare timer, real-time factor and processor time over the same seconds."""
    cpu_s, images = _graph_cpu_s(), probe.images
    probe.heard.clear()
    period_s = 1.0 / probe.profile.arm.rate_hz
    bare = subprocess.run(
        [sys.executable, "-c", BARE_TIMER, str(period_s), str(seconds)], check=True, capture_output=True, text=True
    )
    heard = np.array(probe.heard)
    used_s, images = _graph_cpu_s() - cpu_s, probe.images - images
    wall_s, simulated_s = heard[-1] - heard[0]
    timer_ms = np.array(bare.stdout.split(), dtype=float)
    p50, p99, most = (probe.loop[f"loop period {key} [ms]"] for key in ("p50", "p99", "max"))
    yield Row(
        "control loop period at 125 Hz",
        f"p50 {p50:.2f}, p99 {p99:.2f}, max {most:.2f} ms",
        f"bare rclpy timer {percentiles(timer_ms, 'ms')}; p99 {p99 / np.percentile(timer_ms, 99):.2f} x",
        "p99 <= 1.5 x the timer's",
    )
    yield Row(
        "real-time factor, cameras at 5 Hz",
        f"{simulated_s / wall_s:.4f} over {wall_s:.0f} s, {images / wall_s:.1f} overview images/s",
        f"the graph uses {used_s / wall_s:.2f} of {os.cpu_count()} cores",
        ">= 1.0",
    )


def _graph_cpu_s() -> float:
    """Processor seconds of every descendant of this process that is alive (proc(5): fields 4, 14, 15 of stat)."""
    parents: dict[int, int] = {}
    cpu_s: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            parents[pid] = int(fields[1])
            cpu_s[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    ours, total = {os.getpid()}, 0.0
    while found := {pid for pid, parent in parents.items() if parent in ours and pid not in ours}:
        ours |= found
        total += sum(cpu_s[pid] for pid in found)
    return total
