"""A teacher as planner: it is asked before every skill, and whatever it cannot answer is asked of the person."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from luban.language import language_of
from luban.observation import Observation
from luban.profile import Profile
from luban.replies import Replies
from luban.step import Skill, Step, StepRecord
from policies.planner.eyesight import Eyesight
from policies.planner.teacher import Teacher, TeacherError, TeacherQuestion

_log = logging.getLogger(__name__)


class TeacherPlanner:
    """Plans with a vision-language model. Its points are checked like anyone's: by perception and before motion."""

    def __init__(self, profile: Profile, teacher: Teacher, camera: str = "overview") -> None:
        self._catalogue, self._teacher, self._camera = profile.catalogue, teacher, camera
        self._eyesight = Eyesight(camera, profile.cameras[camera])

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step:
        """Return the teacher's step, or a question where there is none; never raises."""
        replies = Replies(self._catalogue, "zh" if language_of(instruction) == "zh" else language)
        if fault := self._eyesight.fault(observation, history[-1] if history else None):
            return Step(Skill.ASK, sentence=replies.blind(fault))
        image = observation.views[self._camera].color
        try:
            question = TeacherQuestion(
                image, instruction, language, self._catalogue, tuple(history), observation.held, self._camera
            )
            return self._teacher.answer(question).step
        except TeacherError as error:
            _log.warning("%s", error)
            return Step(Skill.ASK, sentence=replies.no_teacher())
