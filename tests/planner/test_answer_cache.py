"""Answers on disk: damaged files, kills in the middle of a write, several processes at once."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from luban.step import Skill
from policies.planner.answer_cache import AnswerCache, Reply

ROOT = Path(__file__).resolve().parents[2]
REPLY = Reply("<tool_call>放</tool_call>", 1.5, 900, 40, 0.25, {Skill.PICK: 0.75, Skill.ASK: 0.25})
KEY, OTHER = "ab" * 32, "cd" * 32

KILLED = """
import os, signal, sys
from pathlib import Path
from policies.planner.answer_cache import AnswerCache, Reply
cache = AnswerCache(Path(sys.argv[1]))
cache.put("{key}", Reply("first", 0.0), {{}})
setattr(os, "{at}", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
cache.put(sys.argv[2], Reply("second", 0.0), {{}})
"""
WRITER = """
import sys
from pathlib import Path
from policies.planner.answer_cache import AnswerCache, Reply
cache = AnswerCache(Path(sys.argv[1]))
for turn in range(8):
    for key in range(5):
        cache.put(f"{key:064x}", Reply(sys.argv[2] * 2000, float(turn)), {})
        reply = cache.get(f"{key:064x}")
        assert reply is not None and len(set(reply.text)) == 1 and len(reply.text) == 2000, reply
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_what_is_put_is_what_is_got(tmp_path) -> None:
    cache = AnswerCache(tmp_path / "new" / "folder")
    assert cache.get(KEY) is None
    cache.put(KEY, REPLY, {"question": "把红色齿轮放进蓝色料箱"})
    assert AnswerCache(tmp_path / "new" / "folder").get(KEY) == REPLY and cache.get(OTHER) is None
    (file,) = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert "把红色齿轮" in file.read_text()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"{}",
        b'{"reply": 3}',
        b'{"reply": {"text": "x"}}',
        b'{"reply": {"text": "x", "seconds": -1}}',
        b'{"reply": {"text": "x", "seconds": NaN}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_a_miss_with_a_warning(tmp_path, caplog, damage) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(KEY, REPLY, {})
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert cache.get(KEY) is None
    assert str(file) in caplog.text
    cache.put(KEY, REPLY, {})
    assert cache.get(KEY) == REPLY


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize("second", [KEY, OTHER])
def test_a_kill_in_the_middle_of_a_write_loses_nothing(tmp_path, caplog, at, second) -> None:
    process = python(KILLED.format(key=KEY, at=at), str(tmp_path), second)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -9, errors
    cache = AnswerCache(tmp_path)
    assert cache.get(KEY) == Reply("first", 0.0)
    assert cache.get(OTHER) is None and not caplog.text
    cache.put(OTHER, REPLY, {})
    assert cache.get(OTHER) == REPLY


def test_processes_share_a_folder(tmp_path) -> None:
    writers = [python(WRITER, str(tmp_path), letter) for letter in "ab"]
    errors = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], errors


def test_a_full_disk_is_a_warning(tmp_path, caplog) -> None:
    (tmp_path / KEY[:2]).write_text("a file where the folder should be")
    AnswerCache(tmp_path).put(KEY, REPLY, {})
    assert "answer not cached: cannot write" in caplog.text
