"""The teacher: whoever can look at one image and an instruction and say what to do next, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from luban.catalogue import Catalogue
from luban.errors import LubanError
from luban.step import Skill, Step, StepRecord


class TeacherError(LubanError):
    """A teacher cannot be asked, or gave no usable answer: what, required, actual, next step."""

    def __init__(self, what: str, *, required: str, actual: str, next_step: str) -> None:
        super().__init__(f"{what}: required {required}; got {actual}; {next_step}")


@dataclass(frozen=True, eq=False)
class TeacherQuestion:
    """What a planner knows when it decides: one look, the instruction, what was tried, what is held.

    image: (height, width, 3) uint8 of `camera`; points of the history and of the answer are pixels of this image.
    language: "en" or "zh"; catalogue: what exists in the plant, by name. Raises TeacherError for any other image or
    an empty instruction.
    """

    image: np.ndarray
    instruction: str
    language: str
    catalogue: Catalogue
    history: tuple[StepRecord, ...] = ()
    held: str | None = None
    camera: str = "overview"

    def __post_init__(self) -> None:
        image = self.image
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise TeacherError(
                "question to a teacher",
                required="an image (height, width, 3) of uint8",
                actual=f"{image.shape} of {image.dtype}",
                next_step="pass the colour image of the overview camera",
            )
        if not self.instruction.strip():
            raise TeacherError(
                "question to a teacher", required="an instruction", actual="blank text", next_step="say what to do"
            )

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the image."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True)
class TeacherAnswer:
    """A step in pixels of the question's image, with what it rests on and what it took.

    skill_probabilities: sums to 1 over the skills it names; None where the source does not tell. seconds, tokens, cost
    (in the currency of the configuration; 0 where the source does not tell) are those of the first time, also when
    the answer came `from_cache` and so cost nothing.
    """

    step: Step
    reasoning: str
    source: str
    seconds: float
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    skill_probabilities: Mapping[Skill, float] | None = None
    from_cache: bool = False


class Teacher(Protocol):
    """Answers one question at a time. Raises TeacherError when there is no answer that is worth anything."""

    def answer(self, question: TeacherQuestion) -> TeacherAnswer: ...
