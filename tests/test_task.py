from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luban.errors import TaskFileError
from luban.profile import Profile
from luban.task import check_instruction, load_tasks

GOOD: dict[str, Any] = {
    "id": "t1", "kind": "one", "lang": "en", "text": "Put the red gear into the blue bin.",
    "scene": {"seed": 1, "parts": [
        {"id": "p1", "shape": "gear", "color": "red", "xy": [0.5, 0.1], "yaw": 0.0},
        {"id": "p2", "shape": "nut", "color": "blue", "xy": [0.5, -0.1], "yaw": 0.0}], "agv": {"station": "dock"}},
    "goal": [["in", "p1", "blue_bin"]],
}  # fmt: skip


def write(path: Path, *tasks: Any) -> Path:
    file = path / "tasks.jsonl"
    file.write_text("\n".join(task if isinstance(task, str) else json.dumps(task) for task in tasks), encoding="utf-8")
    return file


def changed(**changes: Any) -> dict[str, Any]:
    task = json.loads(json.dumps(GOOD))
    for dotted, value in changes.items():
        target, *path = task, *dotted.split("__")
        for key in path[:-1]:
            target = target[int(key) if key.isdigit() else key]
        target[int(path[-1]) if path[-1].isdigit() else path[-1]] = value
    return task


def test_a_good_file_is_read(tmp_path: Path, profile: Profile) -> None:
    (task,) = load_tasks(write(tmp_path, GOOD), profile.catalogue)
    assert task.scene.parts[0].xy == (0.5, 0.1)
    assert task.expect is None


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("{not json", "not JSON"),
        ("[1, 2]", "task"),
        (changed(scene__parts__0__shape="geer"), "did you mean 'gear'"),
        (changed(scene__parts__0__color="rot"), "unknown color 'rot'"),
        (changed(scene__parts__0__xy=[0.9, 0.0]), "out of reach"),
        (changed(scene__parts__0__xy=[0.5, -0.1]), "overlap"),
        (changed(scene__parts__0__xy=[float("nan"), 0.1]), "xy"),
        (changed(scene__parts__0__id="p2"), "appears twice"),
        (changed(scene__agv__station="dokc"), "did you mean 'dock'"),
        (changed(goal=[["in", "p1", "blue_box"]]), "unknown container 'blue_box'"),
        (changed(goal=[["in", "p9", "blue_bin"]]), "unknown part 'p9'"),
        (changed(goal=[["at", "agv", "mars"]]), "unknown station 'mars'"),
        (changed(goal=[["beside", "p1", "blue_bin"]]), "goal.0"),
        (changed(lang="fr"), "lang"),
        (changed(text="  "), "empty"),
        (changed(text="x" * 10_000), "10000 characters"),
        (changed(extra=1), "extra"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, profile: Profile, task: Any, said: str) -> None:
    with pytest.raises(TaskFileError) as caught:
        load_tasks(write(tmp_path, GOOD, "", task), profile.catalogue)
    assert f"{tmp_path / 'tasks.jsonl'}:3:" in str(caught.value)
    assert said in str(caught.value)


def test_all_faults_of_a_file_come_at_once(tmp_path: Path, profile: Profile) -> None:
    bad = changed(id="t2", scene__parts__0__shape="geer", scene__agv__station="nowhere")
    with pytest.raises(TaskFileError) as caught:
        load_tasks(write(tmp_path, "{", bad), profile.catalogue)
    assert str(caught.value).count("\n") == 2


def test_missing_binary_and_empty_files(tmp_path: Path, profile: Profile) -> None:
    with pytest.raises(TaskFileError, match="cannot read"):
        load_tasks(tmp_path / "none.jsonl", profile.catalogue)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaskFileError, match="cannot read"):
        load_tasks(tmp_path / "binary", profile.catalogue)
    with pytest.raises(TaskFileError, match="no task"):
        load_tasks(write(tmp_path, ""), profile.catalogue)


def test_the_same_task_twice_is_refused(tmp_path: Path, profile: Profile) -> None:
    with pytest.raises(TaskFileError, match="'t1' appears twice"):
        load_tasks(write(tmp_path, GOOD, GOOD), profile.catalogue)


@settings(max_examples=100, deadline=None)
@given(
    line=st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
        ).map(json.dumps),
    )
)
def test_garbage_is_one_clear_error(tmp_path_factory: pytest.TempPathFactory, profile: Profile, line: str) -> None:
    file = tmp_path_factory.mktemp("garbage") / "tasks.jsonl"
    file.write_text(line, encoding="utf-8", errors="replace")
    with pytest.raises(TaskFileError):
        load_tasks(file, profile.catalogue)


def test_instructions_are_trimmed_and_bounded() -> None:
    assert check_instruction("  让小车去仓库 \n") == "让小车去仓库"
    with pytest.raises(TaskFileError, match="empty"):
        check_instruction(" \t\n")
