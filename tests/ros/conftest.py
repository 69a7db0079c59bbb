"""Every ROS test has a domain of its own on this machine, so that no graph of a person or another test is touched."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from luban import ros_environment

LOCKS = Path(tempfile.gettempdir()) / f"luban-test-domains-{os.getuid()}"
# Domains 0-101 keep discovery ports below Linux's ephemeral range; people use the low ones.
DOMAINS = range(20, 101)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a ROS workspace these tests cannot run: say the next step instead of a traceback."""
    if not ros_environment.is_built():
        for item in items:
            if Path(item.fspath).is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason="the ROS workspace is not built: run `make setup`"))


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Reserve a free ROS domain, set it in the environment (children inherit it) and keep traffic on this machine."""
    ros_environment.require()
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for domain in DOMAINS:
        with (LOCKS / str(domain)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
            monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
            monkeypatch.delenv("ROS_STATIC_PEERS", raising=False)
            yield domain
            return
    raise RuntimeError(f"all ROS domains {DOMAINS.start}-{DOMAINS.stop - 1} are in use by tests (locks in {LOCKS})")
