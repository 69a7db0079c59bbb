"""Files that are never half written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from luban.errors import LubanError


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file by new content at once: a full disk, a kill or a power cut leaves the old file or the new one.

    Raises:
        LubanError: it cannot be written; what was there before is untouched.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise LubanError(f"cannot write {path}: {error}; what was there before is untouched") from error
