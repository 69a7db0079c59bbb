"""Where a result comes from: the command that was asked for and the commit that answered it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def asked() -> str:
    """The command line of this process."""
    return shlex.join(["luban", *sys.argv[1:]])


def commit() -> str:
    """The commit of this checkout, marked where something in it was changed."""
    try:
        describe = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        return subprocess.run(describe, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
