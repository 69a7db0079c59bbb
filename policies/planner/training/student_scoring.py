"""How well the student decides: its first step in scenes that nobody drew before, beside the expert who knows both the
scene and what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from luban.meaning import Meaning, Orders, PartRef
from luban.planner import Planner
from luban.profile import Profile
from luban.relation import landmarks
from luban.step import Skill, Step
from luban.task import Task
from policies.evaluation import wilson
from policies.local_cell import LocalCell
from policies.planner.training.generated_tasks import expert_told

NEAR_PX = 8.0


@dataclass(frozen=True)
class Decision:
    """What was due and what was decided; about: relations and quantities that the text holds."""

    task: Task
    about: frozenset[str]
    due: Step
    decided: Step

    @property
    def skill(self) -> bool:
        return self.due.skill is self.decided.skill

    @property
    def right(self) -> bool:
        """The skill, and where it points to or drives."""
        if not self.skill or self.due.station != self.decided.station:
            return False
        if self.due.point is None or self.decided.point is None:
            return True
        return bool(
            np.hypot(self.due.point.u - self.decided.point.u, self.due.point.v - self.decided.point.v) <= NEAR_PX
        )


def decisions(profile: Profile, student: Planner, tasks: Iterable[tuple[Task, Meaning]], count: int) -> list[Decision]:
    """Let both decide on the first `count` tasks."""
    found = []
    for task, meaning in tqdm((pair for pair, _ in zip(tasks, range(count), strict=False)), total=count, unit="task"):
        cell = LocalCell(profile, task.scene, planner=student)
        try:
            observation = cell.observe()
            due = expert_told(profile, cell, meaning).next_step(observation, task.text, task.lang, ())
            decided = student.next_step(observation, task.text, task.lang, ())
            found.append(Decision(task, frozenset(_about(meaning)), due, decided))
        finally:
            cell.close()
    return found


def table(found: Sequence[Decision]) -> Iterator[str]:
    """Yield lines: a share with its 95 % interval each."""
    moves = [one for one in found if one.due.skill.moves or one.due.skill is Skill.DONE]
    clear = [one for one in found if one.due.skill is not Skill.ASK]
    asks, refusals = ([one for one in found if one.due.skill is skill] for skill in (Skill.ASK, Skill.REFUSE))
    yield _line("next skill", [one.skill for one in found])
    yield _line("... and its target within 8 px", [one.right for one in moves if one.skill])
    yield _line("asked where a question was due", [one.decided.skill is Skill.ASK for one in asks])
    yield _line("asked where none was due", [one.decided.skill is Skill.ASK for one in clear])
    yield _line("refused where it was due", [one.decided.skill is Skill.REFUSE for one in refusals])
    yield _line("moved where nothing may move", [one.decided.skill.moves for one in (*asks, *refusals)])
    for language in ("en", "zh"):
        yield _line(f"all right, {language}", [one.right for one in found if one.task.lang == language])
    for about in sorted({about for one in moves for about in one.about}):
        yield _line(f"all right, with {about}", [one.right for one in moves if about in one.about])


def _line(name: str, right: Sequence[bool]) -> str:
    low, high = wilson(sum(right), len(right)) if right else (0.0, 0.0)
    share = f"{100 * sum(right) / len(right):.1f} [{100 * low:.1f}, {100 * high:.1f}] %" if right else "-"
    return f"{name:<34} {sum(right)}/{len(right)} = {share}"


def _about(meaning: Meaning) -> Iterator[str]:
    if not isinstance(meaning, Orders):
        return
    refs = [ref for order in meaning.orders for ref in getattr(order, "parts", ())]
    yield f"{min(len(meaning.orders), 3)}{'+' if len(meaning.orders) > 2 else ''} orders"
    for ref in (*refs, *meaning.spared):
        yield from _words_of(ref)
    if meaning.spared:
        yield "what is spared"


def _words_of(ref: PartRef) -> Iterator[str]:
    if ref.where is not None:
        side = getattr(ref.where, "side", None)
        yield type(ref.where).__name__.lower() + (f" {side}" if side else "")
        for landmark in landmarks(ref.where):
            yield "landmark part" if isinstance(landmark, PartRef) else "landmark place"
    if ref.pick != "one":
        yield ref.pick
    if ref.without:
        yield "exceptions"
    if ref.others:
        yield "the others"
    if ref.inside:
        yield "what lies inside"
