"""A JSON document and its tensors on disk, replaced as one. No pickle.

`NAME.json` is the checkpoint: it names its tensors, `NAME-<first 12 digits of their SHA-256>.safetensors`, by checksum.
New tensors lie beside the old ones until the document has been replaced, in one move; so whatever interrupts the
writing, the document on disk and the tensors that it names are whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from luban.errors import PolicyError
from luban.whole_file import write_whole

Tensors = Mapping[str, np.ndarray]


def write_checkpoint(path: Path, document: Mapping[str, Any], tensors: Tensors) -> None:
    """Replace the checkpoint at `path` (NAME.json). Raises LubanError when the disk refuses; the old one stays."""
    data = safetensors.numpy.save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    digest = hashlib.sha256(data).hexdigest()
    weights = path.with_name(f"{path.stem}-{digest[:12]}.safetensors")
    write_whole(weights, data)
    whole = {**document, "tensors": {"file": weights.name, "sha256": digest}}
    write_whole(path, json.dumps(whole, indent=1, allow_nan=False).encode())
    for old in path.parent.glob(f"{path.stem}-{'[0-9a-f]' * 12}.safetensors"):
        if old != weights:
            with contextlib.suppress(OSError):  # what is left of an older checkpoint does no harm
                old.unlink()


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return document and tensors.

    Raises:
        PolicyError: a file is missing, is not what it should be, or the tensors are not those the document names.
    """
    document = _document(path)
    named = document.get("tensors")
    if not isinstance(named, dict) or not {"file", "sha256"} <= set(named):
        raise PolicyError(f"{path} names no tensors: 'tensors' with 'file' and 'sha256' is required")
    if not isinstance(named["file"], str) or Path(named["file"]).name != named["file"]:
        raise PolicyError(f"{path}: tensors must lie beside it, not at {named['file']!r}")
    weights = path.with_name(named["file"])
    data = _read(weights)
    if (found := hashlib.sha256(data).hexdigest()) != named["sha256"]:
        raise PolicyError(
            f"{weights} is damaged or is not the file that {path.name} names: SHA-256 {named['sha256']} is required, "
            f"found {found} ({len(data)} bytes); restore the pair"
        )
    try:
        return document, safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise PolicyError(f"{weights} is no safetensors file: {error}") from error


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(_read(path))
    except ValueError as error:  # also text that is not UTF-8
        raise PolicyError(f"{path} is damaged, it is no JSON: {error}; restore it") from error
    if not isinstance(document, dict):
        raise PolicyError(f"{path} is no checkpoint: a JSON object is required")
    return document


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(f"cannot read {path}: {error.strerror}; a checkpoint is NAME.json and its tensors") from error
