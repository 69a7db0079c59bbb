"""What a person mistypes: one clear sentence, a non-zero exit code, nothing half done. Real processes, no graph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from luban import ros_environment

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "id": "t1",
    "kind": "one",
    "lang": "en",
    "text": "Put the red gear into the blue bin.",
    "scene": {"seed": 1, "parts": [{"id": "g", "shape": "gear", "color": "red", "xy": [0.5, 0.0], "yaw": 0.0}]},
    "goal": [["in", "g", "blue_bin"]],
}
needs_ros = pytest.mark.skipif(
    not ros_environment.is_built(), reason="the ROS workspace is not built: run `make setup`"
)


def luban(*arguments: str, seconds: float = 60.0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with nobody at the keyboard."""
    return subprocess.run(
        [sys.executable, "-m", "luban.cli", *arguments],
        cwd=ROOT,
        env=os.environ | {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "COLUMNS": "200"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def refused(*arguments: str, faults: int = 1, **environment: str) -> str:
    """Run a command that must fail; return its sentence, or one line for each of several faults."""
    done = luban(*arguments, **environment)
    assert done.returncode != 0, f"succeeded: {done.stdout}"
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == faults and lines[0].startswith("luban: "), done.stderr
    return done.stderr


def write(path: Path, *tasks: dict[str, object] | str) -> str:
    path.write_text("\n".join(task if isinstance(task, str) else json.dumps(task) for task in tasks) + "\n")
    return str(path)


def with_part(**changes: object) -> dict[str, object]:
    (part,) = GOOD["scene"]["parts"]  # type: ignore[index]
    return GOOD | {"scene": {"seed": 1, "parts": [part | changes]}}


# Profiles and scenes


def test_unknown_profile_has_a_suggestion() -> None:
    assert "did you mean 'sim'?" in refused("up", "--profile", "sin")


@needs_ros
@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ("missing.jsonl#t1", "missing.jsonl"),
        ("{tasks}#t2", "(known: t1)"),
        ("{folder}#t1", "folder"),
    ],
)
def test_unknown_scene(tmp_path: Path, scene: str, words: str) -> None:
    tasks = write(tmp_path / "tasks.jsonl", GOOD)
    assert words in refused("up", "--scene", scene.format(tasks=tasks, folder=tmp_path), ROS_DOMAIN_ID="101")


def test_pace_out_of_range() -> None:
    done = luban("up", "--pace", "0")
    assert done.returncode != 0 and "--pace" in done.stderr and "Traceback" not in done.stderr


def test_a_viewer_needs_a_screen() -> None:
    assert "screen" in refused("up", "--viewer", DISPLAY="", WAYLAND_DISPLAY="")


def test_unknown_command_has_a_suggestion() -> None:
    assert "did you mean 'eval'?" in refused("evel")


# Tasks


@needs_ros
def test_no_graph_answers() -> None:
    sentence = refused("task", "Put the red gear into the blue bin.", "--yes", ROS_DOMAIN_ID="101")
    assert "ROS_DOMAIN_ID=101" in sentence and "luban up" in sentence


@needs_ros
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", "--yes"), "empty"),
        (("  \n\t", "--yes"), "empty"),
        (("齿" * 10_000, "--yes"), "10000 characters"),
        (("Put it away.", "--yes", "--language", "fr"), "'fr'"),
        (("Put it away.",), "--yes"),
    ],
)
def test_an_instruction_that_cannot_be_given(arguments: tuple[str, ...], words: str) -> None:
    sentence = refused("task", *arguments)
    assert words in sentence and len(sentence) < 400


# Evaluation


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("{", "JSON"),
        (with_part(shape="geer"), "did you mean 'gear'?"),
        (with_part(xy=[2.0, 0.0]), "out of reach"),
        (GOOD | {"goal": [["in", "g", "blu_bin"]]}, "did you mean 'blue_bin'?"),
        (GOOD | {"colour": "red"}, "colour"),
    ],
)
def test_a_malformed_task_file_names_its_line(tmp_path: Path, second: dict[str, object] | str, words: str) -> None:
    if isinstance(second, dict):
        second = second | {"id": "t2"}
    path = write(tmp_path / "tasks.jsonl", GOOD, second)
    out = tmp_path / "out.json"
    sentence = refused("eval", path, "--out", str(out))
    assert "tasks.jsonl:2" in sentence and words in sentence
    assert not out.exists()


def test_every_fault_of_a_task_file_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "tasks.jsonl", with_part(shape="geer", color="rad"))
    sentence = refused("eval", path, "--out", str(tmp_path / "out.json"), faults=2)
    assert "'gear'" in sentence and "'red'" in sentence


@pytest.mark.parametrize(
    ("content", "words"), [("", "no task"), (json.dumps(GOOD) + "\n" + json.dumps(GOOD), "t1"), (None, "tasks.jsonl")]
)
def test_a_task_file_without_use(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "tasks.jsonl"
    if content is not None:
        path.write_text(content)
    assert words in refused("eval", str(path), "--out", str(tmp_path / "out.json"))


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--planner", "expart", "did you mean 'expert'?"),
        ("--planner", "teacher", "planner.teacher"),
        ("--control", "fast", "baseline"),
        ("--profile", "sin", "'sim'"),
    ],
)
def test_unknown_choices(tmp_path: Path, option: str, value: str, words: str) -> None:
    path = write(tmp_path / "tasks.jsonl", GOOD)
    assert words in refused("eval", path, option, value, "--out", str(tmp_path / "out.json"))


def test_results_cannot_be_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "tasks.jsonl", GOOD)
    assert "folder" in refused("eval", path, "--out", str(tmp_path))


def test_results_in_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Said before the first episode, not after the last."""
    path = write(tmp_path / "tasks.jsonl", GOOD)
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused("eval", path, "--out", str(tmp_path / "file" / "out.json"))
