"""Steps of work and the clauses that say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from luban.meaning import Drive, Insert, Put

Form = Literal["free", "verbal", "bare", "topic"]


@dataclass(frozen=True)
class Deliver:
    """Parts are put on the vehicle, which is then sent off: "把齿轮送到仓库"."""

    put: Put
    station: str


Step = Put | Insert | Drive | Deliver


@dataclass(frozen=True)
class Clause:
    """verbal: 先 or 再 may stand in front of it."""

    text: str
    verbal: bool = False
    asked: bool = False  # begins with a need, so no 请 in front
