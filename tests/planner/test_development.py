"""The phrasings that the reader is tuned on: every one has a meaning, and none is there twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from luban.profile import load_profile
from luban.program import ProgramCodec

PATH = Path(__file__).with_name("development.jsonl")
LINES = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
CODEC = ProgramCodec(load_profile("sim").catalogue)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["id"])
def test_a_program_is_spelled_as_its_meaning_is(line) -> None:
    tokens = tuple(line["program"].split(" "))
    assert CODEC.tokens_of(CODEC.meaning_of(tokens)) == tokens


@pytest.mark.parametrize("field", ["id", "text"])
def test_nothing_is_there_twice(field) -> None:
    assert [value for value, count in Counter(line[field] for line in LINES).items() if count > 1] == []


def test_enough_in_each_language() -> None:
    counts = Counter(line["lang"] for line in LINES)
    assert set(counts) == {"en", "zh"}
    assert min(counts.values()) >= 150
