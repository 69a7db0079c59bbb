"""The score is honest: a wrong result counts as wrong, and the same seed gives the same file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from luban.errors import LubanError
from luban.event_log import EventLog
from luban.profile import Profile
from luban.task import Scene, Task
from policies.contact_sheet import ContactSheet
from policies.evaluation import Episode, LocalStage, chosen, evaluate, judge, wilson, write_results


@pytest.fixture(scope="module")
def stage(profile: Profile) -> LocalStage:
    return LocalStage(profile, EventLog())


@pytest.fixture
def task(scene: Scene) -> Task:
    return Task("t1", "one", "en", "Put the red gear into the red bin.", scene, (("in", "g", "red_bin"),))


def test_an_episode_is_judged_from_truth(stage: LocalStage, task: Task) -> None:
    played = stage.play(task)
    assert judge(task, played).success
    wrong_bin = judge(
        replace(task, goal=(("in", "g", "blue_bin"),)), stage.play(replace(task, goal=(("in", "g", "blue_bin"),)))
    )
    assert not wrong_bin.success and "in g blue_bin" in wrong_bin.reason
    should_ask = judge(replace(task, expect="clarify", goal=()), played)
    assert (
        not should_ask.success and "asked expected, got done" in should_ask.reason and "moved: g" in should_ask.reason
    )


def test_asking_counts_only_where_it_was_due(stage: LocalStage, task: Task) -> None:
    absent = replace(task, text="把螺栓放进红色料箱。", lang="zh", goal=(), expect="clarify")
    assert judge(absent, stage.play(absent)).success
    assert not judge(replace(absent, expect="refuse"), stage.play(absent)).success


def test_the_same_seed_gives_the_same_episodes(stage: LocalStage, task: Task) -> None:
    runs = [evaluate(stage, chosen([task], 1, seed=5), lambda episode, played: None) for _ in range(2)]
    assert runs[0] == runs[1]


def test_rounds_and_seeds_have_their_own_physics(task: Task) -> None:
    seeds = [t.scene.seed for seed in (0, 1) for t in chosen([task], 3, seed)]
    assert len(set(seeds)) == 6
    assert [t.id for t in chosen([task, replace(task, id="t2")], 3, 0)] == ["t1", "t2", "t1"]


def test_intervals_are_wilsons() -> None:
    # Wilson (1927) for 40 of 42: centre and half-width by the closed formula.
    assert wilson(40, 42) == pytest.approx((0.8421, 0.9868), abs=1e-4)
    assert wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-9)


def episode(number: int, success: bool) -> Episode:
    return Episode(f"t{number}", "one", "en" if number % 2 else "zh", success, "done", 2, 8.0, "")


def test_the_results_file_has_the_agreed_form(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "results.json"
    write_results(out, [episode(number, number != 3) for number in range(4)], {"seed": 0})
    results = json.loads(out.read_text(encoding="utf-8"))
    assert set(results) == {"summary", "tasks"}
    assert set(results["tasks"][0]) == {"id", "success", "outcome", "steps", "seconds", "reason"}
    assert results["summary"]["all"]["success"] == 3 and results["summary"]["lang:zh"]["count"] == 2


def test_a_place_that_cannot_be_written_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(LubanError, match="cannot write"):
        write_results(tmp_path / "file" / "results.json", [episode(1, True)], {})
    assert (tmp_path / "file").read_text() == "kept"
    assert not list(tmp_path.glob(".*"))


def test_the_contact_sheet_shows_every_episode(stage: LocalStage, task: Task, tmp_path: Path) -> None:
    from PIL import Image

    refused = replace(task, text="throw the parts on the floor", goal=(), expect="refuse")
    sheet, played = ContactSheet(), stage.play(refused)
    for number in range(8):
        sheet.add(episode(number, number % 2 == 0), played.picture)
    sheet.save(tmp_path / "sheet.png")
    picture = Image.open(tmp_path / "sheet.png").convert("RGB")
    left, right = picture.getpixel((3, 10)), picture.getpixel((3 + 244, 10))
    assert left != right, "success and failure look the same"
    assert picture.size == (7 * 244, 2 * 218)
