"""What models answered, kept on disk: a run that is repeated or resumed asks, waits and pays only for what is new."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from luban.errors import LubanError
from luban.step import Skill
from luban.whole_file import write_whole

_log = logging.getLogger(__name__)
_writing = threading.Lock()  # two threads of one process would write one partial file

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class Reply:
    """What a model wrote, word for word, and what that took."""

    text: str
    seconds: float = Field(ge=0.0)
    tokens_in: int = Field(default=0, ge=0)
    tokens_out: int = Field(default=0, ge=0)
    cost: float = Field(default=0.0, ge=0.0)
    skill_probabilities: Mapping[Skill, Probability] | None = None


_replies = TypeAdapter(Reply)


class AnswerCache:
    """A folder of replies by the content hash of their question, one JSON file each, written whole.

    Kept is what the model wrote, not what was made of it: a better reading of old answers costs nothing. Any number of
    threads and processes may share the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, content_hash: str) -> Reply | None:
        """Return a kept reply. A file that cannot be read is a miss, with a warning."""
        path = self._path(content_hash)
        try:
            return _replies.validate_python(json.loads(path.read_bytes())["reply"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            fault = f"{error.error_count()} faults" if isinstance(error, ValidationError) else error
            _log.warning("ignoring the cached answer %s (%s: %s)", path, type(error).__name__, fault)
            return None

    def put(self, content_hash: str, reply: Reply, about: Mapping[str, str]) -> None:
        """Keep a reply; `about` is written beside it for people. A full disk is a warning: the reply is in hand."""
        kept = {"about": dict(about), "reply": asdict(reply)}
        try:
            with _writing:
                write_whole(self._path(content_hash), json.dumps(kept, ensure_ascii=False, indent=1).encode())
        except (LubanError, UnicodeEncodeError) as error:
            _log.warning("answer not cached: %s", error)

    def _path(self, content_hash: str) -> Path:
        return self._folder / content_hash[:2] / f"{content_hash}.json"
