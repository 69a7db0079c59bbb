"""Every ROS test has a domain of its own on this machine, so that no graph of a person or another test is touched."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from luban import ros_environment
from luban.task import Scene

LOCKS = Path(tempfile.gettempdir()) / f"luban-test-domains-{os.getuid()}"
# Domains 0-101 keep discovery ports below Linux's ephemeral range; people use the low ones.
DOMAINS = range(20, 101)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a ROS workspace these tests cannot run: say the next step instead of a traceback."""
    if not ros_environment.is_built():
        for item in items:
            if Path(item.fspath).is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason="the ROS workspace is not built: run `make setup`"))


@contextlib.contextmanager
def reserved_domain() -> Iterator[int]:
    """Hold a free ROS domain; other tests on this machine, in other processes too, get another one."""
    ros_environment.require()
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for domain in DOMAINS:
        with (LOCKS / str(domain)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield domain
            return
    raise RuntimeError(f"all ROS domains {DOMAINS.start}-{DOMAINS.stop - 1} are in use by tests (locks in {LOCKS})")


def keep_local(monkeypatch: pytest.MonkeyPatch, domain: int) -> None:
    """Set a domain in the environment (children inherit it) and keep its traffic on this machine."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    monkeypatch.delenv("ROS_STATIC_PEERS", raising=False)


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Reserve a free ROS domain for one test and set it in the environment."""
    with reserved_domain() as domain:
        keep_local(monkeypatch, domain)
        yield domain


@pytest.fixture(scope="session")
def running_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One graph and one listening node for all tests that leave the graph whole: starting it takes ten seconds."""
    from .graph_fixture import Probe, Up

    with reserved_domain() as domain, pytest.MonkeyPatch.context() as monkeypatch:
        keep_local(monkeypatch, domain)
        up = Up(domain, tmp_path_factory.mktemp("graph"))
        probe = Probe(up)
        try:
            probe.wait_ready()
            yield probe
        finally:
            probe.close()
            up.close()


@pytest.fixture
def graph(running_graph: Any, scene: Scene) -> Any:
    """The running graph at rest with the small scene in it."""
    running_graph.make_ready(scene)
    return running_graph
