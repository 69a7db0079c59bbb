"""English sentences for meanings: what people of many manners would say, to train a reader on."""

from __future__ import annotations

import re

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Meaning, NotUnderstood, Orders, OutOfScope, Unsafe
from policies.planner.training.english_discourse import Discourse
from policies.planner.training.english_doubts import Doubts
from policies.planner.training.english_refusals import Refusals
from policies.planner.training.english_voice import Voice

_SMALL = 0.16  # share of sentences in small letters, most of those without marks


class English:
    """Says meanings in English. The same random state gives the same words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._discourse = Discourse(catalogue)
        self._refusals = Refusals(catalogue, self._discourse.clauses)
        self._doubts = Doubts(catalogue, self._discourse.clauses)

    def say(self, meaning: Meaning, random: np.random.Generator) -> str:
        """Return one to a few sentences that mean exactly this."""
        voice = Voice(random)
        if isinstance(meaning, Orders):
            return _finished(self._discourse.say(meaning, voice), voice)
        if isinstance(meaning, Unsafe):
            return _finished(self._refusals.unsafe(meaning.kind, voice), voice)
        if isinstance(meaning, OutOfScope):
            return _finished(self._refusals.out_of_scope(voice), voice)
        assert isinstance(meaning, NotUnderstood)
        return _finished(self._doubts.say(meaning.kind, voice), voice)


def _finished(text: str, voice: Voice) -> str:
    """Articles, capitals and marks as people write them, or do not."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" +([,.;:?!])", r"\1", text)
    text = re.sub(r"([,;:])(?=[,.;:?!])(?!\.\.)", "", text)
    text = re.sub(r"([.?!]),", r"\1", text)
    text = re.sub(r"\b(load|loading|charge|charging) up it\b", r"\1 it up", text)
    text = re.sub(r"\b(please|first|then|and|right|now),? \1\b", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"\b([aA]) (?=[aeiouAEIO])(?!one\b|once\b|uni|use)", r"\1n ", text).strip(" ,;")
    if voice.chance(_SMALL):
        text = text.rstrip(".") if voice.chance(0.8) else text
        text = text.lower() if voice.chance(0.75) else text
        return text.replace(",", "").replace("  ", " ") if voice.chance(0.35) and "," in text else text
    if text and text[-1] not in ".?!" and voice.chance(0.9):
        text += "!" if voice.chance(0.04) else "."
    text = re.sub(r"(^|[.?!] +|^\d[.)] )([a-z])", lambda found: found[1] + found[2].upper(), text)
    return text.upper() if voice.chance(0.008) else text
