"""Reads instructions: text to meaning, with how sure it is. ONNX Runtime; nothing of training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from luban.catalogue import Catalogue
from luban.errors import PolicyError
from luban.meaning import Meaning, NotUnderstood
from luban.program import ProgramCodec
from luban.program_grammar import MAX_COUNT
from policies.control.checkpoint import read_checkpoint
from policies.planner.onnx_session import session
from policies.planner.text_units import MOST_UNITS, counts_beyond, is_cut_off, is_garbled, units
from policies.planner.word_table import WordTable

FORMAT = 1
START, FIRST = 0, 2  # ids: where a program begins; of the vocabulary's first token
LONGEST_PROGRAM = 96


@dataclass(frozen=True)
class Reading:
    """What a text means, and the chance in 0..1 that this is right."""

    meaning: Meaning
    confidence: float


class Reader:
    """Writes the program of a text one token after the other, each among those that the grammar allows."""

    def __init__(
        self, catalogue: Catalogue, table: WordTable, encoder: bytes, decoder: bytes, calibration: tuple[float, float]
    ) -> None:
        self._codec, self._table, self._calibration = ProgramCodec(catalogue), table, calibration
        self._ids = {token: index + FIRST for index, token in enumerate(self._codec.vocabulary)}
        self._encoder, self._decoder = session(encoder), session(decoder)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue) -> Reader:
        """Load `reader.json` of a folder. Raises PolicyError when it is damaged or made for other names."""
        path = folder / "reader.json"
        document, tensors = read_checkpoint(path)
        vocabulary = list(ProgramCodec(catalogue).vocabulary)
        if document.get("format") != FORMAT:
            raise PolicyError(
                f"{path}: format {FORMAT} required, got {document.get('format')!r}; run luban distill again"
            )
        if document.get("vocabulary") != vocabulary:
            other = sorted(set(vocabulary) ^ set(document.get("vocabulary") or ()))
            raise PolicyError(
                f"{path}: made for another catalogue; differing: {', '.join(other[:8]) or 'the order'}; "
                "run luban distill for this profile"
            )
        try:
            encoder, decoder = bytes(tensors["encoder"]), bytes(tensors["decoder"])
            slope, offset = map(float, document["calibration"])
        except (KeyError, TypeError, ValueError) as error:
            raise PolicyError(f"{path}: {error} is missing or not as it should be; restore it from git") from error
        return cls(catalogue, WordTable.of(tensors), encoder, decoder, (slope, offset))

    def read(self, text: str) -> Reading:
        """Return what a text means; never raises. Nothing to read and too much to read are not understood."""
        sentence = units(text)
        if not any(unit[0].isalnum() for unit in sentence):
            return Reading(NotUnderstood("empty"), 1.0)
        if len(sentence) > MOST_UNITS or is_garbled(text) or is_cut_off(sentence) or counts_beyond(sentence, MAX_COUNT):
            return Reading(NotUnderstood("words", text[:40]), 1.0)
        meaning, log_chance = self._write(sentence)
        slope, offset = self._calibration
        return Reading(meaning, float(1 / (1 + np.exp(-(slope * log_chance + offset)))))

    def _write(self, sentence: list[str]) -> tuple[Meaning, float]:
        """Return the most likely meaning, token by token, and the logarithm of its chance."""
        found = self._table.features(sentence)
        words = found.words[None]
        (memory,) = self._encoder.run(
            None,
            {"words": words, "vectors": found.vectors[None], "sounds": found.sounds[None], "grams": found.grams[None]},
        )
        walk, tokens, log_chance = self._codec.walk(), [START], 0.0
        while walk.meaning is None and len(tokens) < LONGEST_PROGRAM:
            (logits,) = self._decoder.run(None, {"tokens": np.array([tokens]), "memory": memory, "words": words})
            last = logits[0, -1].astype(np.float64)
            last -= np.logaddexp.reduce(last)
            token = max(sorted(walk.allowed), key=lambda name: last[self._ids[name]])
            log_chance += float(last[self._ids[token]])
            tokens.append(self._ids[token])
            walk.step(token)
        return walk.meaning or NotUnderstood("words", " ".join(sentence[:12])), log_chance
