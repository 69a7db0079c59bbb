"""What a planner decides: one skill and its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Skill(StrEnum):
    PICK = "pick"
    PLACE = "place"
    INSERT = "insert"
    DRIVE = "drive"
    DONE = "done"
    ASK = "ask"
    REFUSE = "refuse"

    @property
    def moves_arm(self) -> bool:
        return self in (Skill.PICK, Skill.PLACE, Skill.INSERT)

    @property
    def moves(self) -> bool:
        return self.moves_arm or self is Skill.DRIVE


@dataclass(frozen=True)
class ImagePoint:
    """A pixel in a camera image: u to the right, v down, in pixels of that image; confidence in 0..1."""

    u: float
    v: float
    confidence: float = 1.0
    camera: str = "overview"


@dataclass(frozen=True)
class Step:
    """One decision. `point` for pick, place, insert; `station` for drive; `sentence` for ask and refuse.

    label: a human's name of the target ("red gear", "blue_bin"); for logs and read-back only.
    Raises ValueError when the target does not fit the skill.
    """

    skill: Skill
    point: ImagePoint | None = None
    station: str | None = None
    sentence: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if self.skill.moves_arm != (self.point is not None):
            raise ValueError(f"{self.skill} {'needs' if self.skill.moves_arm else 'takes no'} image point")
        if (self.skill is Skill.DRIVE) != (self.station is not None):
            raise ValueError(f"{self.skill} {'needs' if self.skill is Skill.DRIVE else 'takes no'} station")
        if self.skill in (Skill.ASK, Skill.REFUSE) and not self.sentence:
            raise ValueError(f"{self.skill} needs a sentence for the person")

    def __str__(self) -> str:
        target = self.label or self.station or self.sentence
        return f"{self.skill} {target}".strip()


@dataclass(frozen=True)
class StepRecord:
    """A step that was tried, and how it ended."""

    step: Step
    succeeded: bool
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What has been done for a task so far, and what is next."""

    done: Sequence[StepRecord] = field(default_factory=tuple)
    next: Step | None = None
