"""The privileged expert: a planner that reads simulator truth. Teacher, yardstick and fallback of the learned one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Meaning
from luban.observation import Observation
from luban.replies import Replies
from luban.step import Step, StepRecord
from luban.work import Situation, Work
from sim import instruction as by_grammar
from sim.instruction_words import has_chinese
from sim.truth import Truth


class Expert:
    """Decides the next step from truth, pointing into the overview image as a learned planner does.

    truth: what is where now. free_spot: a free position (3,) [m, cell frame] on a container's floor. tries: how often
    the same step may fail before the person is asked. read: what an instruction means; the grammar, or a meaning that
    is known already.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        truth: Callable[[], Truth],
        free_spot: Callable[[str], np.ndarray],
        tries: int = 3,
        camera: str = "overview",
        read: Callable[[str, Catalogue], Meaning] = by_grammar.read,
    ) -> None:
        self._catalogue, self._truth, self._free_spot = catalogue, truth, free_spot
        self._tries, self._camera, self._read = tries, camera, read
        self._instruction = ""
        self._work: Work | None = None

    def next_step(
        self, observation: Observation, instruction: str, language: str, history: Sequence[StepRecord]
    ) -> Step:
        """Return the next step; never raises on any instruction."""
        truth = self._truth()
        scene = truth.view()
        if self._work is None or not history or self._instruction != instruction:
            replies = Replies(self._catalogue, "zh" if has_chinese(instruction) else language)
            meaning = self._read(instruction, self._catalogue)
            self._instruction, self._work = instruction, Work(meaning, scene, self._catalogue, replies, self._tries)
        now = Situation(scene, truth.held, truth.agv_station, self._free_spot)
        return self._work.next_step(now, observation.views[self._camera], history)
