"""The whole graph ends, asked or killed: quickly, quietly, and nothing stays behind. And it never starts twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def own_graph(ros_domain: int, tmp_path: Path) -> Iterator[Any]:
    """A graph that the test may end as it likes."""
    from .graph_fixture import Probe, Up

    up = Up(ros_domain, tmp_path)
    probe = Probe(up)
    try:
        probe.wait_ready()
        yield probe
    finally:
        probe.close()
        up.close()


def test_a_second_graph_is_refused(running_graph: Any, tmp_path: Path) -> None:
    from .graph_fixture import is_sentence, luban

    began_s = time.monotonic()
    second = luban(running_graph.up.domain, "up", "--log", str(tmp_path / "events.jsonl"), seconds=30.0)
    assert second.returncode == 1 and is_sentence(second.stderr), second.stderr
    assert "already runs" in second.stderr and str(running_graph.up.domain) in second.stderr
    assert time.monotonic() - began_s < 20.0
    assert running_graph.up.process.poll() is None


def test_ctrl_c_in_motion(own_graph: Any) -> None:
    up = own_graph.up
    client = own_graph.start_command("task", "把蓝色螺母放进红色料箱", "--yes")
    own_graph.wait(lambda: own_graph.speed() > 0.4, "the arm to move")
    processes = up.node_processes()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(20.0) == 0
    assert_gone(processes)
    lines = [line for line in up.output.splitlines() if not line.startswith("[luban] ")]
    noise = [line for line in lines if "arm command refused" not in line]
    assert not noise, "nodes end without a word:\n" + "\n".join(noise)
    assert "still running" not in up.output, "asked once is enough"
    said, error = client.communicate(timeout=30.0)
    assert client.returncode == 1 and "Traceback" not in said + error


def test_a_killed_launcher_leaves_nothing_behind(own_graph: Any) -> None:
    up = own_graph.up
    processes = up.node_processes()
    assert len(processes) >= 5
    up.process.kill()
    up.process.wait(10.0)
    assert_gone(processes)


def assert_gone(processes: list[int]) -> None:
    from .graph_fixture import alive

    deadline_s = time.monotonic() + 15.0
    while any(map(alive, processes)):
        assert time.monotonic() < deadline_s, f"still there: {[p for p in processes if alive(p)]}"
        signal.sigtimedwait([], 0.05)  # nothing announces the end of somebody else's child
