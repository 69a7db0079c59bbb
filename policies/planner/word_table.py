"""What a reader knows of words beyond those it was trained on: vectors out of a language model, and how words sound.

The table is made once from the input embeddings of a Qwen model (`policies.planner.training.word_vectors`): words that
mean alike lie close, also those that no training sentence holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from luban.errors import PolicyError
from policies.planner.text_units import chinese_words, grams

GRAM_BUCKETS, MOST_GRAMS = 2048, 12


@dataclass(frozen=True, eq=False)
class Features:
    """Of n units. words: ids (n,), 1 = unknown; vectors: (n, 2 width) of the unit and of the Chinese word that it is
    part of; sounds: ids (n,) of Chinese syllables; grams: ids (n, MOST_GRAMS) of English letter runs. 0 = none."""

    words: np.ndarray
    vectors: np.ndarray
    sounds: np.ndarray
    grams: np.ndarray


class WordTable:
    """vectors: {word: row}; matrix: (rows, width) int8 in units of `scale`; sounds: {character: syllable id};
    known: the words with an own learned embedding, in order."""

    def __init__(
        self, rows: dict[str, int], matrix: np.ndarray, scale: float, sounds: dict[str, int], known: Sequence[str]
    ) -> None:
        self._rows, self._matrix, self._scale, self._sounds = rows, matrix, scale, sounds
        self.known = tuple(known)
        self._ids = {word: index + 2 for index, word in enumerate(self.known)}  # 0 = none, 1 = unknown

    @property
    def width(self) -> int:
        return int(self._matrix.shape[1])

    @property
    def sound_count(self) -> int:
        return max(self._sounds.values(), default=0) + 1

    def features(self, sentence: Sequence[str]) -> Features:
        """Look up the units of a sentence."""
        count, width = len(sentence), self.width
        vectors = np.zeros((count, 2 * width), np.float32)
        letters = np.zeros((count, MOST_GRAMS), np.int64)
        for index, unit in enumerate(sentence):
            vectors[index, :width] = self._vector(unit)
            if unit[0].isascii() and unit[0].isalpha():
                runs = [1 + crc32(gram.encode()) % (GRAM_BUCKETS - 1) for gram in grams(unit)][:MOST_GRAMS]
                letters[index, : len(runs)] = runs
        for start, end in chinese_words(sentence, self._rows):
            vectors[start:end, width:] = self._vector("".join(sentence[start:end]))
        return Features(
            np.array([self._ids.get(unit, 1) for unit in sentence], np.int64), vectors,
            np.array([self._sounds.get(unit, 0) for unit in sentence], np.int64), letters,
        )  # fmt: skip

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the table as arrays for a checkpoint."""
        names = json.dumps([list(self._rows), self._sounds, self.known], ensure_ascii=False).encode()
        return {
            "words/matrix": self._matrix,
            "words/scale": np.array([self._scale], np.float32),
            "words/names": np.frombuffer(names, np.uint8),
        }

    @classmethod
    def of(cls, tensors: Mapping[str, np.ndarray]) -> WordTable:
        """Return the table of a checkpoint's arrays. Raises PolicyError."""
        try:
            words, sounds, known = json.loads(bytes(tensors["words/names"]))
            matrix, scale = tensors["words/matrix"], float(tensors["words/scale"][0])
            if len(words) != len(matrix) or matrix.dtype != np.int8:
                raise ValueError(f"{len(words)} words for vectors {matrix.shape} of {matrix.dtype}")
            return cls({word: row for row, word in enumerate(words)}, matrix, scale, sounds, known)
        except (KeyError, ValueError, TypeError) as error:
            raise PolicyError(f"the reader's table of words is damaged ({error}); restore it from git") from error

    def _vector(self, word: str) -> np.ndarray | float:
        row = self._rows.get(word)
        return 0.0 if row is None else self._matrix[row] * np.float32(self._scale)
