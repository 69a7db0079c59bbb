from __future__ import annotations

import itertools
import multiprocessing
import os
import resource
import signal
from pathlib import Path

import pytest

from luban.errors import LubanError
from luban.event_log import GENESIS, EventLog, read_events


def test_events_are_chained_and_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(2):
        log = EventLog(path)
        log.append("decision", skill="pick", label="红色齿轮")
        log.append("ended", outcome="done")
        log.close()
    events = read_events(path)
    assert [event.index for event in events] == [0, 1, 2, 3]
    assert events[0].previous == GENESIS
    assert all(b.previous == a.hash for a, b in itertools.pairwise(events))


@pytest.mark.parametrize("damage", ["change", "remove", "swap"])
def test_alteration_is_found(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    for index in range(4):
        log.append("step", index=index)
    log.close()
    lines = path.read_text().splitlines()
    if damage == "change":
        lines[1] = lines[1].replace('"kind": "step"', '"kind": "stop"')
    elif damage == "remove":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(LubanError, match=r"events\.jsonl:2"):
        read_events(path)
    with pytest.raises(LubanError, match="altered"):
        EventLog(path)


def test_a_line_cut_by_a_crash_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.append("one")
    log.close()
    with path.open("ab") as file:
        file.write(b'{"index": 1, "kind": "tw')
    log = EventLog(path)
    log.close()
    assert [event.kind for event in read_events(path)] == ["one", "log_recovered"]
    assert path.with_suffix(".jsonl.torn").read_bytes().startswith(b'{"index": 1')


def test_two_writers_at_once_are_refused(tmp_path: Path) -> None:
    first = EventLog(tmp_path / "events.jsonl")
    with pytest.raises(LubanError, match="in use"):
        EventLog(tmp_path / "events.jsonl")
    first.close()


def _write_until_full(path: Path, said: multiprocessing.SimpleQueue[str]) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))  # the file cannot grow further, as on a full disk
    log = EventLog(path)
    try:
        while True:
            log.append("tick", text="x" * 300)
    except LubanError as error:
        said.put(str(error))


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    path, context = tmp_path / "events.jsonl", multiprocessing.get_context("spawn")
    said = context.SimpleQueue()
    writer = context.Process(target=_write_until_full, args=(path, said))
    writer.start()
    message = said.get()
    writer.join()
    assert "cannot be written" in message
    assert len(read_events(path)) > 5


def _write_until_killed(path: Path) -> None:
    log = EventLog(path)
    while True:
        log.append("tick", text="x" * 200)


def test_kill_9_loses_no_acknowledged_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = multiprocessing.get_context("spawn").Process(target=_write_until_killed, args=(path,))
    writer.start()
    while not path.exists() or path.stat().st_size < 5000:
        assert writer.is_alive()
        writer.join(0.01)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    log = EventLog(path)
    log.append("after")
    log.close()
    assert read_events(path)[-1].kind == "after"
