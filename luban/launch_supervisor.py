"""Runs the processes of a launch file until they end or are interrupted, and leaves none behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from luban import launch_guard
from luban.launch_file import ProcessSpec

# How processes are ended: asked as Ctrl-C asks, then told, then made to; upstream launch waits 5 s each time as well.
ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MAX_LINE_BYTES = 65536


@dataclass(eq=False)
class _Running:
    """One started process; `pending` is the last, unfinished line of each of its outputs."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    exited: int  # file descriptor that becomes readable when the process ends
    starts: int
    pending: dict[int, bytes] = field(default_factory=dict)


class Supervisor:
    """Starts processes in process groups of their own, prefixes their output, restarts and ends them.

    grace_s: time between SIGINT, SIGTERM and SIGKILL at the end.
    """

    def __init__(self, specs: Sequence[ProcessSpec], grace_s: float = 5.0) -> None:
        self._specs = specs
        self._grace_s = grace_s
        self._selector = selectors.DefaultSelector()
        self._running: list[_Running] = []
        self._respawns: list[tuple[float, ProcessSpec, int]] = []
        self._stage = -1  # index into ESCALATION; -1 = not ending
        self._next_stage_s = 0.0
        self._code = 0

    def run(self) -> int:
        """Run until every process has ended, a required one ends, or SIGINT, SIGTERM or SIGHUP arrives.

        Returns 0 after an interruption; otherwise the exit code of the required process that ended, or of the first
        process that failed for good (128 + signal number for one that was killed).
        """
        with self._guard() as self._guard_input, self._signals() as wakeup:
            self._selector.register(wakeup, selectors.EVENT_READ, self._interrupted)
            try:
                for spec in self._specs:
                    self._start(spec, 1)
                while self._running or self._respawns:
                    self._turn()
            finally:
                self._kill_rest()
                self._selector.close()
        return self._code

    # One turn of the loop: wait for output, ends, signals or the next point in time.

    def _turn(self) -> None:
        now = time.monotonic()
        points = [when for when, _, _ in self._respawns]
        points += [self._next_stage_s] if 0 <= self._stage < len(ESCALATION) - 1 else []
        timeout = max(0.0, min(points) - now) if points else None
        for key, _ in self._selector.select(timeout):
            if key.fd in self._selector.get_map():  # an earlier event of this turn may have closed it
                key.data(key.fileobj)
        now = time.monotonic()
        due = [item for item in self._respawns if item[0] <= now]
        self._respawns = [item for item in self._respawns if item[0] > now]
        for _, spec, starts in due:
            self._start(spec, starts)
        if 0 <= self._stage < len(ESCALATION) - 1 and now >= self._next_stage_s:
            self._escalate()

    def _start(self, spec: ProcessSpec, starts: int) -> None:
        environment = {"PYTHONUNBUFFERED": "1", **spec.environment}
        try:
            process = subprocess.Popen(
                spec.command,
                env=environment,
                cwd=spec.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self._say(f"{spec.name} cannot be started ({spec.source}): {error}")
            self._end(127)
            return
        self._tell_guard(f"+{process.pid}")
        running = _Running(spec, process, os.pidfd_open(process.pid), starts)
        self._running.append(running)
        self._selector.register(running.exited, selectors.EVENT_READ, lambda _: self._ended(running))
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, lambda pipe: self._read(running, pipe))
        self._say(f"{spec.name} started (process {process.pid})" + (f", start {starts}" if starts > 1 else ""))

    def _ended(self, running: _Running) -> None:
        spec, process = running.spec, running.process
        # The zombie still holds its number, so this group is surely the one that we started.
        _signal_group(process.pid, signal.SIGKILL)
        code = process.wait()
        self._tell_guard(f"-{process.pid}")
        for pipe in (process.stdout, process.stderr):
            if pipe is not None and not pipe.closed:
                self._read(running, pipe, last=True)
        self._selector.unregister(running.exited)
        os.close(running.exited)
        self._running.remove(running)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._say(f"{spec.name} {how}")
        if self._stage >= 0:
            return
        if spec.respawn and (spec.respawns is None or running.starts <= spec.respawns):
            self._respawns.append((time.monotonic() + spec.respawn_delay_s, spec, running.starts + 1))
            return
        code = 128 - code if code < 0 else code
        if spec.required:
            self._say(f"{spec.name} is required: ending everything")
            self._end(code)
        elif not self._code:
            self._code = code

    def _read(self, running: _Running, pipe: IO[bytes], last: bool = False) -> None:
        """Pass on whole lines; the rest waits for its end."""
        number = pipe.fileno()
        is_error = pipe is running.process.stderr
        while True:
            try:
                data = os.read(number, MAX_LINE_BYTES)
            except BlockingIOError:
                break
            *lines, rest = (running.pending.get(number, b"") + data).split(b"\n")
            if len(rest) > MAX_LINE_BYTES or (not data and rest):
                lines, rest = [*lines, rest], b""
            running.pending[number] = rest
            self._write([line for line in lines if is_error or not running.spec.quiet], running.spec.name)
            if not data:
                last = True
                break
        if last:
            if rest := running.pending.pop(number, b""):
                self._write([rest] if is_error or not running.spec.quiet else [], running.spec.name)
            self._selector.unregister(pipe)
            pipe.close()

    # Ending.

    def _interrupted(self, wakeup: int) -> None:
        os.read(wakeup, 64)
        if self._stage < 0:
            self._say("interrupted: ending all processes (again: end them faster)")
            self._end(0)
        elif self._stage < len(ESCALATION) - 1:
            self._escalate()

    def _end(self, code: int) -> None:
        if self._stage < 0:
            self._code = code
            self._respawns.clear()
            self._escalate()

    def _escalate(self) -> None:
        self._stage += 1
        self._next_stage_s = time.monotonic() + self._grace_s
        if self._stage > 0 and self._running:
            names = ", ".join(running.spec.name for running in self._running)
            self._say(f"still running: {names}; sending {ESCALATION[self._stage].name}")
        for running in self._running:
            _signal_group(running.process.pid, ESCALATION[self._stage])

    def _kill_rest(self) -> None:
        """After an error of our own: nothing that we started may go on."""
        for running in self._running:
            _signal_group(running.process.pid, signal.SIGKILL)
            running.process.wait()

    # The world around.

    @contextlib.contextmanager
    def _guard(self) -> Iterator[IO[bytes]]:
        """A process that ends our children when we are killed and cannot."""
        command = [sys.executable, "-I", "-S", str(Path(launch_guard.__file__))]
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as guard:
            assert guard.stdin is not None
            yield guard.stdin

    def _tell_guard(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._guard_input.write(line.encode() + b"\n")
            self._guard_input.flush()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[int]:
        """Yield a file descriptor that becomes readable when a signal arrives: the loop waits for descriptors."""
        readable, writable = os.pipe()
        os.set_blocking(writable, False)
        previous = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
        previous_wakeup = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
        try:
            yield readable
        finally:
            signal.set_wakeup_fd(previous_wakeup)
            for number, handler in previous.items():
                signal.signal(number, handler)
            os.close(readable)
            os.close(writable)

    def _say(self, sentence: str) -> None:
        self._write([sentence.encode()], "luban")

    def _write(self, lines: Sequence[bytes], name: str) -> None:
        if not lines:
            return
        text = "".join(f"[{name}] {line.decode(errors='replace').rstrip()}\n" for line in lines)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # `luban up | head`: nobody listens any more
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            self._end(0)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
