"""The work that an instruction means: which step is next, from what is where now. Shared by all who plan by meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Meaning, Orders, OutOfScope, Unsafe
from luban.observation import CameraView
from luban.replies import Replies
from luban.resolution import Job, Problem, resolve
from luban.scene_view import SceneView
from luban.step import Skill, Step, StepRecord


@dataclass(frozen=True, eq=False)
class Situation:
    """What is where now. held: the part of `scene` in the gripper; station: where the vehicle stands still.

    free_spot: returns a free position (3,) [m, cell frame] on a container's floor.
    """

    scene: SceneView
    held: str | None
    station: str | None
    free_spot: Callable[[str], np.ndarray]


class Work:
    """One instruction, resolved once against the scene as it was: "leftmost" is decided before anything moves.

    jobs: what must become true, in order. answer: the words that are due instead, None where there is work to do.
    tries: how often in a row the same step may fail before the person is asked.
    """

    def __init__(
        self, meaning: Meaning, scene: SceneView, catalogue: Catalogue, replies: Replies, tries: int = 3
    ) -> None:
        self._catalogue, self._replies, self._tries = catalogue, replies, tries
        self._parts = {part.id: part for part in scene.parts}
        self._arrived: set[int] = set()  # drives that have been done and may be left again
        self.jobs: tuple[Job, ...] = ()
        self.answer: Step | None = None
        if isinstance(meaning, (Unsafe, OutOfScope)):
            self.answer = Step(Skill.REFUSE, sentence=replies.refusal(meaning))
        elif not isinstance(meaning, Orders):
            self.answer = Step(Skill.ASK, sentence=replies.question(meaning))
        else:
            try:
                self.jobs = resolve(meaning, scene, catalogue)
            except Problem as problem:
                skill = Skill.REFUSE if problem.kind == "unfit" else Skill.ASK
                self.answer = Step(skill, sentence=replies.problem(problem))

    def next_step(self, now: Situation, view: CameraView, history: Sequence[StepRecord]) -> Step:
        """Return the next step; its point is a pixel of `view`."""
        if self.answer:
            return self.answer
        step = self._let_go(now, view) if now.held else self._next(now, view)
        failures = _failures(step, history)
        if step.skill.moves and len(failures) >= self._tries:
            return Step(Skill.ASK, sentence=self._replies.gave_up(str(step), failures[-1].reason))
        return step

    def _next(self, now: Situation, view: CameraView) -> Step:
        seen = {part.id: part for part in now.scene.parts}
        for index, job in enumerate(self.jobs):
            if self._holds(index, now):
                continue
            if job.kind == "drive":
                return Step(Skill.DRIVE, station=job.place, label=job.place)
            part = seen.get(job.part)
            if part is None:
                return Step(Skill.ASK, sentence=self._replies.lost(self._parts[job.part]))
            point = view.project(part.position_m)
            pick = Step(Skill.PICK, point, label=f"{part.color} {part.shape}".strip() or "part")
            return self._vehicle_for(now, part.container) or self._vehicle_for(now, job.place) or pick
        return Step(Skill.DONE, sentence=self._replies.done())

    def _holds(self, index: int, now: Situation) -> bool:
        """Whether a job is done. A drive that was followed by other work need not hold any more."""
        job = self.jobs[index]
        if job.kind != "drive":
            part = next((part for part in now.scene.parts if part.id == job.part), None)
            return part is not None and job.place == (part.container if job.kind == "put" else part.fixture)
        if now.station == job.place:
            self._arrived.add(index)
        may_leave = any(job.kind == "drive" or self._by_vehicle(job) for job in self.jobs[index + 1 :])
        return index in self._arrived and (now.station == job.place or may_leave)

    def _let_go(self, now: Situation, view: CameraView) -> Step:
        """Bring the held part where it belongs, whichever order it belongs to."""
        job = next((job for job in self.jobs if job.part == now.held), None)
        if job is None:
            return Step(Skill.ASK, sentence=self._replies.holding(now.scene.part(now.held or "")))
        if job.kind == "insert":
            return Step(Skill.INSERT, view.project(now.scene.places[job.place]), label=job.place)
        place = Step(Skill.PLACE, view.project(now.free_spot(job.place)), label=job.place)
        return self._vehicle_for(now, job.place) or place

    def _vehicle_for(self, now: Situation, place: str | None) -> Step | None:
        """Drive the vehicle to where the arm reaches what stands on it, if that is needed and it is elsewhere."""
        dock = self._catalogue.loading_station
        if not self._on_vehicle(place) or now.station == dock:
            return None
        return Step(Skill.DRIVE, station=dock, label=dock)

    def _by_vehicle(self, job: Job) -> bool:
        """Whether a job needs the vehicle at the arm."""
        return self._on_vehicle(job.place) or (job.part != "" and self._on_vehicle(self._parts[job.part].container))

    def _on_vehicle(self, place: str | None) -> bool:
        container = self._catalogue.containers.get(place or "")
        return container is not None and container.on == "agv"


def _failures(wanted: Step, history: Sequence[StepRecord]) -> list[StepRecord]:
    """How the same step has failed since it last succeeded."""
    failures: list[StepRecord] = []
    for record in history:
        tried = record.step
        if tried.skill is wanted.skill and tried.label == wanted.label and tried.station == wanted.station:
            failures = [] if record.succeeded else [*failures, record]
    return failures
