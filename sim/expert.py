"""The privileged expert: a planner that reads simulator truth. Teacher, yardstick and fallback of the learned one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Meaning, Orders, OutOfScope, Unsafe
from luban.observation import Observation
from luban.replies import Replies
from luban.resolution import Job, Problem, resolve
from luban.step import Skill, Step, StepRecord
from sim.instruction import read
from sim.instruction_words import has_chinese
from sim.truth import Truth


@dataclass
class _Episode:
    """One instruction, resolved once against the scene as it was: "leftmost" is decided before anything moves."""

    instruction: str
    jobs: tuple[Job, ...] = ()
    answer: Step | None = None
    arrived: set[int] = field(default_factory=set)  # drives that have been done and may be left again


class Expert:
    """Decides the next step from truth, pointing into the overview image as a learned planner does.

    truth: what is where now. free_spot: a free position (3,) [m, cell frame] on a container's floor. tries: how often
    the same step may fail before the person is asked.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        truth: Callable[[], Truth],
        free_spot: Callable[[str], np.ndarray],
        tries: int = 3,
        camera: str = "overview",
    ) -> None:
        self._catalogue, self._truth, self._free_spot = catalogue, truth, free_spot
        self._tries, self._camera = tries, camera
        self._dock = catalogue.loading_station
        self._episode: _Episode | None = None

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step:
        """Return the next step; never raises on any instruction."""
        truth = self._truth()
        replies = Replies(self._catalogue, "zh" if has_chinese(instruction) else language)
        if self._episode is None or not history or self._episode.instruction != instruction:
            self._episode = self._begin(instruction, truth, replies)
        if self._episode.answer:
            return self._episode.answer
        step = self._next(self._episode, truth, observation, replies)
        failures = [record for record in history if not record.succeeded and _same(record.step, step)]
        if step.skill.moves and len(failures) >= self._tries:
            return Step(Skill.ASK, sentence=replies.gave_up(str(step), failures[-1].reason))
        return step

    def _begin(self, instruction: str, truth: Truth, replies: Replies) -> _Episode:
        meaning: Meaning = read(instruction, self._catalogue)
        if isinstance(meaning, (Unsafe, OutOfScope)):
            return _Episode(instruction, answer=Step(Skill.REFUSE, sentence=replies.refusal(meaning)))
        if not isinstance(meaning, Orders):
            return _Episode(instruction, answer=Step(Skill.ASK, sentence=replies.question(meaning)))
        try:
            jobs = resolve(meaning, truth.view(), self._catalogue)
        except Problem as problem:
            skill = Skill.REFUSE if problem.kind == "unfit" else Skill.ASK
            return _Episode(instruction, answer=Step(skill, sentence=replies.problem(problem)))
        return _Episode(instruction, jobs)

    def _next(self, episode: _Episode, truth: Truth, observation: Observation, replies: Replies) -> Step:
        if truth.held:
            return self._let_go(episode, truth, observation, replies)
        for index, job in enumerate(episode.jobs):
            if self._holds(job, index, episode, truth):
                continue
            if job.kind == "drive":
                return Step(Skill.DRIVE, station=job.place, label=job.place)
            return self._fetch_vehicle(job, truth) or self._pick(job, truth, observation)
        return Step(Skill.DONE, sentence=replies.done())

    def _holds(self, job: Job, index: int, episode: _Episode, truth: Truth) -> bool:
        """Whether a job is done. A drive that was followed by other work need not hold any more."""
        if job.kind == "put":
            return truth.parts[job.part].container == job.place
        if job.kind == "insert":
            return truth.parts[job.part].fixture == job.place
        if truth.agv_station == job.place:
            episode.arrived.add(index)
        is_last_drive = all(later.kind != "drive" for later in episode.jobs[index + 1 :])
        work_follows = any(self._on_vehicle(later) for later in episode.jobs[index + 1 :])
        return index in episode.arrived and (truth.agv_station == job.place or not is_last_drive or work_follows)

    def _let_go(self, episode: _Episode, truth: Truth, observation: Observation, replies: Replies) -> Step:
        """Bring the held part where it belongs, whichever order it belongs to."""
        job = next((job for job in episode.jobs if job.part == truth.held), None)
        if job is None:
            return Step(Skill.ASK, sentence=replies.holding(truth.view().part(truth.held or "")))
        if job.kind == "insert":
            mouth = truth.fixtures[job.place].position_m
            return Step(Skill.INSERT, observation.views[self._camera].project(mouth), label=job.place)
        spot = self._fetch_vehicle(job, truth)
        if spot:
            return spot
        point = observation.views[self._camera].project(np.asarray(self._free_spot(job.place)))
        return Step(Skill.PLACE, point, label=job.place)

    def _pick(self, job: Job, truth: Truth, observation: Observation) -> Step:
        part = truth.parts[job.part]
        point = observation.views[self._camera].project(part.pose.position_m)
        return Step(Skill.PICK, point, label=f"{part.color} {part.shape}")

    def _fetch_vehicle(self, job: Job, truth: Truth) -> Step | None:
        """Drive the vehicle to where the arm reaches its tote, if the job needs it and it is elsewhere."""
        if not self._on_vehicle(job) or truth.agv_station == self._dock:
            return None
        return Step(Skill.DRIVE, station=self._dock, label=self._dock)

    def _on_vehicle(self, job: Job) -> bool:
        return job.kind == "put" and self._catalogue.containers[job.place].on == "agv"


def _same(tried: Step, wanted: Step) -> bool:
    return tried.skill is wanted.skill and tried.label == wanted.label and tried.station == wanted.station
