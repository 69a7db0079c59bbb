"""The fresh test set: tasks written by hand by someone who never saw the phrases that the planner learns from.

fresh_relations.txt says which relation a task rests on: `ID RELATION ARGUMENTS`, with part ids as arguments.

    left|right|near|far WINNER OTHER...       the winner is further that way than every other part named
    next WINNER OF OTHER...                   the winner is the closest to OF
    between WINNER A B OTHER...               the winner lies in the middle of A and B, the others do not
    leftof|rightof OF WINNER... / OTHER...    the winners lie on that side of OF, the others on the other side
    order PART...                             from left to right
    corner near|far-left|right WINNER OTHER...
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from luban.profile import Profile
from luban.task import Task, load_tasks

HERE = Path(__file__).parent
MARGIN_M = 0.04
SEGMENT_M = 0.05  # a part this far from the line between two others is not between them
CORNER_M, NO_CORNER_M = 0.05, 0.15
X_M, Y_M = (0.38, 0.62), (-0.24, 0.24)
RELATIONAL = {"left", "right", "near", "far", "next_to", "between", "side_of", "nth", "corner"}
ASK = {"absent", "ambiguous", "unknown_place", "nonsense"}
REFUSE = {"unsafe", "out_of_scope", "injection"}
KINDS = (
    RELATIONAL | ASK | REFUSE
    | {"one", "shape_only", "color_only", "two", "three", "all", "all_color", "all_shape", "except", "count", "rest"}
    | {"order", "need", "agv", "one_agv", "two_agv", "insert", "insert_then", "correction", "pronoun", "long"}
)  # fmt: skip
ALIKE = {"count", "need", "two_agv"}  # kinds in which two parts may look the same: the text means both

Points = Mapping[str, tuple[float, float]]


def holds(relation: Sequence[str], at: Points) -> bool:
    """Whether a relation (its name, then part ids) holds by a margin that nobody can mistake."""
    name, *args = relation
    if name in ("left", "right", "near", "far"):
        sign = 1 if name in ("left", "far") else -1
        measures = [lambda p: p[1]] if name in ("left", "right") else [lambda p: p[0], lambda p: math.hypot(*p)]
        winner, *others = args
        return all(sign * (m(at[winner]) - m(at[other])) >= MARGIN_M for m in measures for other in others)
    if name == "next":
        winner, of, *others = args
        distance = math.dist(at[winner], at[of])
        return all(math.dist(at[other], at[of]) - distance >= MARGIN_M for other in others)
    if name == "between":
        winner, a, b, *others = args
        middle = ((at[a][0] + at[b][0]) / 2, (at[a][1] + at[b][1]) / 2)
        distance = math.dist(at[winner], middle)
        return distance <= MARGIN_M / 2 and all(
            math.dist(at[other], middle) - distance >= MARGIN_M and _off_segment(at[other], at[a], at[b]) >= SEGMENT_M
            for other in others
        )
    if name in ("leftof", "rightof"):
        sign = 1 if name == "leftof" else -1
        of, *rest = args
        bar = rest.index("/")
        winners, others = rest[:bar], rest[bar + 1 :]
        if len(winners) == 1:  # one part is meant: it lies beside, not in front or behind
            dx, dy = (at[winners[0]][i] - at[of][i] for i in (0, 1))
            if abs(dx) > abs(dy):
                return False
        return all(sign * (at[part][1] - at[of][1]) >= MARGIN_M for part in winners) and all(
            sign * (at[of][1] - at[part][1]) >= MARGIN_M for part in others
        )
    if name == "order":
        return all(at[a][1] - at[b][1] >= MARGIN_M for a, b in itertools.pairwise(args))
    if name == "corner":
        depth, side = args[0].split("-")
        corner = (X_M[depth == "far"], Y_M[side == "left"])
        return math.dist(at[args[1]], corner) <= CORNER_M and all(
            math.dist(at[other], corner) >= NO_CORNER_M for other in args[2:]
        )
    raise ValueError(f"unknown relation {name!r}")


def _off_segment(p: Sequence[float], a: Sequence[float], b: Sequence[float]) -> float:
    (px, py), (ax, ay), (bx, by) = p, a, b
    along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    along = min(1.0, max(0.0, along))
    return math.hypot(px - ax - along * (bx - ax), py - ay - along * (by - ay))


def read_relations() -> dict[str, list[list[str]]]:
    relations: dict[str, list[list[str]]] = defaultdict(list)
    for line in (HERE / "fresh_relations.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            task, *relation = line.split()
            relations[task].append(relation)
    return relations


@pytest.fixture(scope="module")
def tasks(profile: Profile) -> tuple[Task, ...]:
    return load_tasks(HERE / "fresh.jsonl", profile.catalogue)  # checks names, ids, places and distances


def test_every_kind_is_there_in_both_languages(tasks: tuple[Task, ...]) -> None:
    count = Counter((task.lang, task.kind) for task in tasks)
    assert {kind for _, kind in count} == KINDS
    for lang in ("en", "zh"):
        assert sum(number for (spoken, _), number in count.items() if spoken == lang) >= 170
        assert [kind for kind in KINDS if count[lang, kind] < 3] == []
        asked = sum(count[lang, kind] for kind in ASK | REFUSE)
        assert 0.15 <= asked / sum(count[lang, kind] for kind in KINDS) <= 0.25


def test_no_text_and_no_scene_occurs_twice(tasks: tuple[Task, ...]) -> None:
    texts = Counter("".join(filter(str.isalnum, task.text.casefold())) for task in tasks)
    assert [text for text, number in texts.items() if number > 1] == []
    assert len({task.scene for task in tasks}) == len({task.scene.seed for task in tasks}) == len(tasks)


def test_scenes_and_goals_are_sound(tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        assert task.id.startswith(f"fresh-{task.lang}-")
        assert 3 <= len(task.scene.parts) <= 8, task.id
        wanted = "clarify" if task.kind in ASK else "refuse" if task.kind in REFUSE else None
        assert task.expect == wanted, task.id
        assert bool(task.goal) == (task.expect is None), task.id
        put = Counter(subject for predicate, subject, _ in task.goal if predicate != "not_in")
        assert all(number == 1 for number in put.values()), f"{task.id}: a part cannot be in two places"
        shapes = {part.id: part.shape for part in task.scene.parts}
        assert all(shapes[part] == "shaft" for predicate, part, _ in task.goal if predicate == "inserted"), task.id
        if any(predicate == "at" and place == task.scene.agv.station for predicate, _, place in task.goal):
            pytest.fail(f"{task.id}: the AGV is there already")
        twins = Counter((part.shape, part.color) for part in task.scene.parts)
        assert task.kind in ALIKE or max(twins.values()) == 1, f"{task.id}: two parts look the same"


def test_relations_cannot_be_mistaken(tasks: tuple[Task, ...]) -> None:
    relations = read_relations()
    by_id = {task.id: task for task in tasks}
    assert set(relations) == {task.id for task in tasks if task.kind in RELATIONAL}
    for task_id, found in relations.items():
        at = {part.id: part.xy for part in by_id[task_id].scene.parts}
        for relation in found:
            assert holds(relation, at), f"{task_id}: {' '.join(relation)}"
