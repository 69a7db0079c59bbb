"""The expert's reader of instructions, in Chinese and English: deterministic, by a grammar."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Meaning
from sim.instruction_clauses import Reader


def read(text: str, catalogue: Catalogue) -> Meaning:
    """Return the meaning of an instruction of either language; never raises on any text."""
    return Reader(catalogue).read(text)
