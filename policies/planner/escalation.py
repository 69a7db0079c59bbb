"""When the student is not sure: a teacher is asked, within a deadline, and believed only as far as can be checked."""

from __future__ import annotations

import logging
import queue
import threading

from luban.resolution import INSERTABLE
from luban.step import Skill, Step
from policies.planner.scene_memory import SceneMemory
from policies.planner.teacher import Teacher, TeacherQuestion

_log = logging.getLogger(__name__)


class Escalation:
    """Asks a teacher in a thread of its own. deadline_s: how long the task waits; later answers are dropped, and while
    one is under way no other question is put."""

    def __init__(self, teacher: Teacher, deadline_s: float) -> None:
        self._teacher, self._deadline_s = teacher, deadline_s
        self._busy = threading.Lock()

    def step(self, question: TeacherQuestion, memory: SceneMemory) -> Step | None:
        """Return the teacher's step if it comes in time and what it points at is really there, else None."""
        answer: queue.SimpleQueue[Step | None] = queue.SimpleQueue()
        if not self._busy.acquire(blocking=False):
            return None

        def ask() -> None:
            try:
                answer.put(self._teacher.answer(question).step)
            except Exception as error:  # a teacher may fail in any way; the person is asked then
                _log.warning("no answer from the teacher: %s: %s", type(error).__name__, error)
                answer.put(None)
            finally:
                self._busy.release()

        threading.Thread(target=ask, name="escalation", daemon=True).start()
        try:
            step = answer.get(timeout=self._deadline_s)
        except queue.Empty:
            _log.warning("no answer from the teacher within %g s", self._deadline_s)
            return None
        return step if step is not None and self._is_sound(step, question, memory) else None

    def _is_sound(self, step: Step, question: TeacherQuestion, memory: SceneMemory) -> bool:
        if step.skill is Skill.DRIVE:
            return step.station in question.catalogue.stations
        if step.skill is Skill.DONE:  # nothing is done by saying so
            return any(record.succeeded for record in question.history)
        if step.point is None:
            return True
        part, container, fixture = memory.shows(step.point)
        held = memory.parts.get(memory.held or "")
        if step.skill is Skill.PICK:
            return held is None and part is not None
        if step.skill is Skill.PLACE:
            return held is not None and container is not None
        return held is not None and held.shape == INSERTABLE and fixture is not None
