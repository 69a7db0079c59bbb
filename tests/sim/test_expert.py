"""The expert in closed loop on a cell without physics: goals reached, references fixed at the start, doubts asked."""

from __future__ import annotations

import pytest

from luban.catalogue import Catalogue
from luban.profile import load_profile
from luban.step import Skill, Step
from sim.expert import Expert
from tests.sim.cell_model import Cell, PartTuple, run

CATALOGUE: Catalogue = load_profile("sim").catalogue
PARTS: list[PartTuple] = [
    ("a", "gear", "red", 0.40, 0.20),
    ("b", "gear", "black", 0.45, 0.05),
    ("c", "gear", "blue", 0.60, -0.20),
    ("d", "bolt", "red", 0.50, -0.10),
    ("e", "shaft", "white", 0.55, 0.15),
]


def cell(station: str = "dock", parts: list[PartTuple] | None = None) -> Cell:
    return Cell(CATALOGUE, PARTS if parts is None else parts, station)


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("Put the leftmost gear into the blue bin.", ["in a blue_bin", "not_in b blue_bin", "not_in c blue_bin"]),
        ("Put the two leftmost gears into the tray.", ["in a gray_tray", "in b gray_tray", "not_in c gray_tray"]),
        ("Put the second gear from the left in the red bin.", ["in b red_bin", "not_in a red_bin"]),
        ("把离机器人最远的齿轮放进红色料箱", ["in c red_bin", "not_in a red_bin"]),
        ("把中间的齿轮放进红色料箱", ["in b red_bin", "not_in a red_bin"]),
        ("Put the gear to the right of the bolt in the tray.", ["in c gray_tray"]),
        ("Put the gear next to the shaft in the tray.", ["in b gray_tray", "not_in a gray_tray"]),
        ("Put all gears in the red bin.", ["in a red_bin", "in b red_bin", "in c red_bin"]),
        ("Put everything except the gears in the red bin.", ["in d red_bin", "in e red_bin", "not_in a red_bin"]),
        ("别动齿轮，其他的都放进蓝色料箱", ["in d blue_bin", "in e blue_bin", "not_in a blue_bin"]),
        (
            "Put the red gear in the blue bin and the rest in the tray.",
            ["in a blue_bin", "in b gray_tray", "in e gray_tray"],
        ),
        ("Insert the shaft, then put the bolt in the red bin.", ["inserted e housing", "in d red_bin"]),
        ("把红色螺栓装到小车上，然后送到仓库", ["in d tote", "at agv warehouse"]),
        ("Send the AGV to the charger.", ["at agv charger"]),
        ("Send the AGV to the charger and then to inspection.", ["at agv inspection"]),
        ("Put the bolt on the cart, drive to the warehouse and come back to the dock.", ["in d tote", "at agv dock"]),
    ],
)
def test_goals_hold_at_the_end(text: str, goals: list[str]) -> None:
    model = cell()
    assert run(model, text)[-1].skill is Skill.DONE
    for goal in goals:
        predicate, subject, place = goal.split()
        assert model.holds(predicate, subject, place), goal


def names(steps: list[Step]) -> list[str]:
    return [str(step) for step in steps if step.skill.moves]


def test_steps_follow_the_order_of_the_instruction() -> None:
    steps = run(cell(), "Before you put the bolt in the red bin, insert the shaft.")
    assert names(steps) == ["pick white shaft", "insert housing", "pick red bolt", "place red_bin"]


def test_the_vehicle_is_fetched_before_anything_is_loaded() -> None:
    steps = run(cell(station="charger"), "Load the bolt and take it to the warehouse.")
    assert names(steps) == ["drive dock", "pick red bolt", "place tote", "drive warehouse"]


def test_a_second_load_fetches_the_vehicle_again() -> None:
    steps = run(cell(), "Take the bolt to the warehouse, then take the shaft to assembly.")
    assert names(steps) == [
        "pick red bolt",
        "place tote",
        "drive warehouse",
        "drive dock",
        "pick white shaft",
        "place tote",
        "drive assembly",
    ]


@pytest.mark.parametrize(
    ("text", "skill", "said"),
    [
        ("Put the gear in the tray.", Skill.ASK, "a red gear, a black gear and a blue gear"),
        ("把齿轮放到托盘", Skill.ASK, "红色齿轮、黑色齿轮、蓝色齿轮。您要哪一个"),
        ("Put the green gear in the tray.", Skill.ASK, "I see no green gear"),
        ("把螺母放进蓝箱", Skill.ASK, "没有看到螺母"),
        ("Put the bolt in the tray, then the bracket in the red bin.", Skill.ASK, "I see no bracket"),
        ("Put two bolts in the tray.", Skill.ASK, "only see 1"),
        ("Put the bolt in the tray and then put the bolt in the red bin.", Skill.ASK, "two places"),
        ("Put the bolt in the green bin.", Skill.ASK, "blue bin, red bin, gray tray"),
        ("让小车去月台", Skill.ASK, "装配工位"),
        ("Insert the bolt into the housing.", Skill.REFUSE, "only a shaft"),
        ("把螺栓扔到地上", Skill.REFUSE, "不能抛扔"),
        ("Make me a coffee.", Skill.REFUSE, "cannot do that"),
        ("Don't put the bolt in the tray.", Skill.ASK, "leave everything as it is"),
        ("不要动齿轮", Skill.ASK, "我不动"),
        ("", Skill.ASK, "instruction"),
    ],
)
def test_doubt_is_answered_before_anything_moves(text: str, skill: Skill, said: str) -> None:
    steps = run(cell(), text)
    assert [step.skill for step in steps] == [skill]
    assert said in steps[0].sentence


def test_a_failed_step_is_tried_again_and_then_asked_about() -> None:
    model = cell()
    failures = iter([True, False])
    model.fails = lambda step: step.skill is Skill.PICK and next(failures, False)
    assert names(run(model, "Put the bolt in the tray.")) == ["pick red bolt", "pick red bolt", "place gray_tray"]
    model = cell()
    model.fails = lambda step: step.skill is Skill.PICK
    steps = run(model, "把螺栓放进托盘")
    assert names(steps) == ["pick red bolt"] * 3
    assert steps[-1].skill is Skill.ASK and "试了几次" in steps[-1].sentence


def test_a_held_stranger_is_asked_about() -> None:
    model = cell()
    model._hold("a")
    steps = run(model, "Put the bolt in the tray.")
    assert steps[0].skill is Skill.ASK and "red gear" in steps[0].sentence


def test_a_new_instruction_is_resolved_afresh() -> None:
    model = cell()
    expert = Expert(CATALOGUE, model.truth, model.free_spot)
    first = expert.next_step(model.observation(), "Put the leftmost gear in the tray.", "en", ())
    second = expert.next_step(model.observation(), "Put the rightmost gear in the tray.", "en", ())
    assert (first.label, second.label) == ("red gear", "blue gear")


def test_a_finished_task_is_done_at_once() -> None:
    model = cell()
    run(model, "Put the bolt in the tray.")
    assert [step.skill for step in run(model, "Put the bolt in the tray.")] == [Skill.DONE]
