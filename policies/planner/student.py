"""The learned planner: sees parts, reads an instruction, and decides skill by skill what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from luban.language import is_foreign, language_of
from luban.meaning import NotUnderstood, Orders, PartRef
from luban.observation import Observation
from luban.profile import Profile
from luban.replies import Replies
from luban.step import Skill, Step, StepRecord
from luban.task import MAX_INSTRUCTION_CHARS
from luban.work import Situation, Work
from policies.planner.detector import Detector
from policies.planner.doubt import doubtful
from policies.planner.escalation import Escalation
from policies.planner.eyesight import Eyesight
from policies.planner.reader import Reader
from policies.planner.scene_memory import SceneMemory
from policies.planner.teacher import TeacherQuestion

FAINT = 0.1  # chance from which a detection is looked at: the depth may vouch for it


@dataclass(frozen=True, eq=False)
class _Episode:
    """One instruction. work: None where it is not clear enough to begin; question: what is asked then."""

    instruction: str
    work: Work | None
    question: Step | None = None


class Student:
    """A planner without any truth: a detector, a reader, and the same sequence of work as the expert's.

    least_confidence: of the reading and of a part to be picked; below it the escalation is asked, if there is one, and
    else the person.
    """

    def __init__(
        self,
        profile: Profile,
        reader: Reader,
        detector: Detector,
        escalation: Escalation | None = None,
        least_confidence: float = 0.5,
        camera: str = "overview",
    ) -> None:
        self._profile, self._reader, self._detector, self._camera = profile, reader, detector, camera
        self._escalation, self._least = escalation, least_confidence
        self._eyesight, self._memory = Eyesight(camera, profile.cameras[camera]), SceneMemory(profile, camera)
        self._episode: _Episode | None = None

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step:
        """Return the next step; any image and any text is answered, at worst with a question."""
        replies = Replies(self._profile.catalogue, "zh" if language_of(instruction) == "zh" else language)
        if fault := self._eyesight.fault(observation, history[-1] if history else None):
            self._episode = None
            return Step(Skill.ASK, sentence=replies.blind(fault))
        view = observation.views[self._camera]
        now = self._memory.look(observation, self._detector.detect(view, FAINT), history)
        if self._episode is None or not history or self._episode.instruction != instruction:
            self._episode = self._begin(instruction, now, replies)
        work, question = self._episode.work, self._episode.question
        step = work.next_step(now, view, history) if work else question
        assert step is not None  # an episode has one or the other
        if work and step.skill is Skill.PICK:
            step, question = self._picked(step, replies)
        if question is None or self._escalation is None or len(instruction) > MAX_INSTRUCTION_CHARS:
            return question or step
        asked = TeacherQuestion(
            view.color, instruction, language, self._profile.catalogue, tuple(history), observation.held, self._camera
        )
        return self._escalation.step(asked, self._memory) or question

    def _begin(self, instruction: str, now: Situation, replies: Replies) -> _Episode:
        """Read an instruction and resolve it, if both are clear enough."""
        if len(instruction) > MAX_INSTRUCTION_CHARS:
            return _unclear(instruction, replies.too_long(MAX_INSTRUCTION_CHARS))
        if is_foreign(instruction):
            return _unclear(instruction, replies.foreign())
        catalogue = self._profile.catalogue
        if not instruction.strip():
            return _Episode(instruction, Work(NotUnderstood("empty"), now.scene, catalogue, replies))
        reading = self._reader.read(instruction)
        meaning, sure = reading.meaning, reading.confidence >= self._least
        if isinstance(meaning, Orders) and not sure:
            return _unclear(instruction, replies.unsure())
        if isinstance(meaning, NotUnderstood) and not (sure and meaning.kind != "words"):
            return _unclear(instruction, replies.question(meaning))
        work = Work(meaning, now.scene, catalogue, replies, self._profile.budget.tries)
        if work.answer is None and isinstance(meaning, Orders):
            among = doubtful(meaning, now.scene, self._memory.parts.values(), catalogue)
            if among:
                return _unclear(instruction, replies.unsure(among))
        return _Episode(instruction, work)

    def _picked(self, step: Step, replies: Replies) -> tuple[Step, Step | None]:
        """A pick with the confidence that its part is there, and what to ask where that is not enough."""
        assert step.point is not None
        part = self._memory.shows(step.point)[0]
        confidence = part.chance if part else 0.0
        step = replace(step, point=replace(step.point, confidence=confidence))
        if confidence >= self._least:
            return step, None
        meant = PartRef(part.shape or None, part.color or None) if part else PartRef()
        return step, Step(Skill.ASK, sentence=replies.unclear(meant))


def _unclear(instruction: str, sentence: str) -> _Episode:
    return _Episode(instruction, None, Step(Skill.ASK, sentence=sentence))
