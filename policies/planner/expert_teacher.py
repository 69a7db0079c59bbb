"""The expert as a teacher: what reads the simulator's truth answers the same questions as a vision-language model.

For tests, for labels and for filtering what other teachers say; never on a robot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from luban.observation import Observation
from luban.planner import Planner
from luban.step import ImagePoint
from policies.planner.teacher import TeacherAnswer, TeacherError, TeacherQuestion


class ExpertTeacher:
    """Asks a planner, usually `sim.expert.Expert`, that knows the scene of the question.

    observe: returns the observation that the question's image was taken from, at that moment; the image may be a
    smaller or larger copy of it. Answers rest on truth, not on the question alone, so they are never cached.
    """

    def __init__(self, expert: Planner, observe: Callable[[], Observation]) -> None:
        self._expert, self._observe = expert, observe

    def answer(self, question: TeacherQuestion) -> TeacherAnswer:
        """Return the expert's step, moved from its camera's pixels to the question's, with full certainty.

        Raises:
            TeacherError: the question's camera is none of the observation's, or its image has another shape.
        """
        started_s = time.perf_counter()
        observation = self._observe()
        view = observation.views.get(question.camera)
        (width, height) = question.size_px
        if view is None or abs(view.color.shape[1] * height - view.color.shape[0] * width) > max(view.color.shape[:2]):
            raise TeacherError(
                "the expert's question",
                required=f"an image of {', '.join(sorted(observation.views))} in its proportions",
                actual=f"{width} x {height} px of {question.camera!r}",
                next_step="ask with the observed image, or a whole resized copy of it",
            )
        step = self._expert.next_step(observation, question.instruction, question.language, question.history)
        if step.point is not None:
            u, v = step.point.u * width / view.color.shape[1], step.point.v * height / view.color.shape[0]
            step = replace(step, point=ImagePoint(u, v, step.point.confidence, step.point.camera))
        return TeacherAnswer(
            step=step,
            reasoning="read from the simulator's truth",
            source="expert",
            seconds=time.perf_counter() - started_s,
            skill_probabilities={step.skill: 1.0},
        )
