"""Outlives a supervisor that is killed, and ends the process groups that it leaves behind. Run as a script.

Standard input carries one line per process group: `+GROUP` started, `-GROUP` ended. When it closes, the supervisor has
ended; what has not ended by then is asked to (SIGTERM) and after a moment made to (SIGKILL).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE_S = 2.0


def end(groups: set[int]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        deadline = time.monotonic() + GRACE_S
        while number == signal.SIGTERM and any(map(exists, groups)) and time.monotonic() < deadline:
            time.sleep(0.02)


def exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    end(groups)


if __name__ == "__main__":
    main()
