"""The event log: append-only, one JSON object a line, each chained to the one before by its hash."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from luban.errors import LubanError

GENESIS = "0" * 64


@dataclass(frozen=True)
class Event:
    """One line of the log. stamp_s: wall clock, seconds since the epoch; hash: SHA-256 of the line without it."""

    index: int
    stamp_s: float
    kind: str
    payload: Mapping[str, Any]
    previous: str
    hash: str


def _seal(index: int, stamp_s: float, kind: str, payload: Mapping[str, Any], previous: str) -> Event:
    body = [index, stamp_s, kind, payload, previous]
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Event(index, stamp_s, kind, payload, previous, hashlib.sha256(text.encode()).hexdigest())


def read_events(path: Path) -> list[Event]:
    """Read and verify a log. Raises LubanError naming the first line that was changed, removed or cut."""
    events: list[Event] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = Event(**json.loads(line))
            intact = event == _seal(event.index, event.stamp_s, event.kind, event.payload, event.previous)
        except (ValueError, TypeError):
            intact = False
        previous = events[-1].hash if events else GENESIS
        if not intact or event.previous != previous or event.index != len(events):
            raise LubanError(f"{path}:{number}: the event log was altered or cut here; events before it are intact")
        events.append(event)
    return events


class EventLog:
    """Appends events. With a path every event is on the disk before `append` returns; without, it stays in memory.

    One writer at a time holds the file. A last line that a crash cut off is set aside beside the file and said so
    in the next event.

    Raises:
        LubanError: the file is held by another process, was altered, or cannot be written (disk full).
    """

    def __init__(self, path: Path | None = None, listener: Callable[[Event], None] | None = None) -> None:
        self.path = path
        self._listener = listener
        self._file: IO[bytes] | None = None
        self._count, self._previous = 0, GENESIS
        if path is not None:
            self._open(path)

    def append(self, kind: str, **payload: Any) -> Event:
        event = _seal(self._count, time.time(), kind, payload, self._previous)
        if self._file is not None:
            line = json.dumps(vars(event), ensure_ascii=False, sort_keys=True) + "\n"
            self._write(line.encode())
        self._count, self._previous = self._count + 1, event.hash
        if self._listener is not None:
            self._listener(event)
        return event

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab+", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LubanError(f"event log {path} is in use by another process; stop it or choose another file") from None
        except OSError as error:
            raise LubanError(f"event log {path} cannot be opened: {error}") from error
        cut = self._set_torn_line_aside(path)
        events = read_events(path)
        if events:
            self._count, self._previous = len(events), events[-1].hash
        if cut:
            self.append("log_recovered", cut_bytes=cut)

    def _set_torn_line_aside(self, path: Path) -> int:
        assert self._file is not None
        self._file.seek(0)
        data = self._file.read()
        keep = data.rfind(b"\n") + 1
        torn = data[keep:]
        if torn:
            path.with_suffix(path.suffix + ".torn").write_bytes(torn)
            os.truncate(path, keep)
        return len(torn)

    def _write(self, line: bytes) -> None:
        assert self._file is not None
        start = os.fstat(self._file.fileno()).st_size
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError("short write")
            os.fsync(self._file.fileno())
        except OSError as error:
            os.truncate(self._file.fileno(), start)
            raise LubanError(
                f"event log {self.path} cannot be written: {error}; free space, nothing moves without it"
            ) from error
