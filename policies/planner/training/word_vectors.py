"""Words' vectors out of a Qwen model's input embeddings: the part of the teacher that knows which words mean alike.

Only directions in which the words of this trade differ are kept, so that a word that no sentence of the training holds
still lies beside those that it could stand for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import gguf
import numpy as np

from policies.planner.text_units import LONGEST, chinese_words, is_chinese, units
from policies.planner.training.noise import sound_of
from policies.planner.word_table import WordTable

WIDTH = 96
KNOWN_COUNT = 40  # occurrences from which a word gets an embedding of its own


def qwen_embeddings(path: Path) -> tuple[dict[str, int], np.ndarray]:
    """Read a GGUF file of a Qwen text model. Returns {token text: row} and float16 rows (tokens, width)."""
    reader = gguf.GGUFReader(path)
    (tensor,) = (tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    spelled = {text: row for row, token in enumerate(tokens) if (text := _spelled(token))}
    return spelled, gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float16)


def word_table(texts: Iterable[str], spelled: Mapping[str, int], embeddings: np.ndarray) -> WordTable:
    """Make the table of a corpus' language. spelled, embeddings: as `qwen_embeddings` returns them."""
    counts: Counter[str] = Counter()
    for text in texts:
        sentence = units(text)
        counts.update(sentence)
        counts.update("".join(sentence[start:end]) for start, end in chinese_words(sentence, spelled))
    vectors = {
        word: vector
        for word in _vocabulary(counts, spelled)
        if (vector := _vector(word, spelled, embeddings)) is not None
    }
    trade = [word for word in vectors if counts[word]]
    middle = np.mean([vectors[word] for word in trade], axis=0)
    weight = np.array([1.0 + np.log1p(counts[word]) for word in trade])[:, None]
    rows = _unit(np.array([vectors[word] for word in trade]) - middle) * weight
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    matrix = _unit(np.array(list(vectors.values())) - middle) @ directions[:WIDTH].T
    scale = float(np.quantile(np.abs(matrix), 0.9999)) / 127
    characters = sorted(character for word in vectors for character in word if is_chinese(character))
    syllables = {syllable: 1 + index for index, syllable in enumerate(sorted({sound_of(c) for c in characters}))}
    known = sorted(
        word for word, count in counts.items() if count >= KNOWN_COUNT and (len(word) == 1 or not is_chinese(word))
    )
    return WordTable(
        {word: row for row, word in enumerate(vectors)},
        np.clip(np.round(matrix / scale), -127, 127).astype(np.int8), scale,
        {character: syllables[sound_of(character)] for character in characters}, known,
    )  # fmt: skip


def _vocabulary(counts: Mapping[str, int], spelled: Mapping[str, int]) -> list[str]:
    """All words of the corpus, and those of the model that are English words or short Chinese ones."""
    english = {text[1:].lower() for text in spelled if text[0] == " " and text[1:].isascii() and text[1:].isalpha()}
    chinese = {text for text in spelled if len(text) <= LONGEST and all(map(is_chinese, text))}
    return sorted({*english, *chinese, *(word for word in counts if word[0].isalpha())})


def _vector(word: str, spelled: Mapping[str, int], embeddings: np.ndarray) -> np.ndarray | None:
    """The embedding of a word as it stands within a sentence; of one that is no token, the mean of its pieces."""
    if is_chinese(word):
        row = spelled.get(word)
        return None if row is None else embeddings[row].astype(np.float32)
    for form in (f" {word}", f" {word.capitalize()}", f" {word.upper()}"):
        if form in spelled:
            return embeddings[spelled[form]].astype(np.float32)
    pieces, rest = [], f" {word}"
    while rest:
        end = next((end for end in range(len(rest), 0, -1) if rest[:end] in spelled), 0)
        if not end:
            return None
        pieces.append(embeddings[spelled[rest[:end]]].astype(np.float32))
        rest = rest[end:]
    return np.asarray(np.mean(pieces, axis=0))


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _spelled(token: str) -> str | None:
    """A token of byte-level BPE as text, None where it is part of a character."""
    try:
        return bytes(_BYTES[character] for character in token).decode()
    except (KeyError, UnicodeDecodeError):
        return None


def _byte_letters() -> dict[str, int]:
    """The letters that stand for bytes in GPT-2's and Qwen's vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + index): byte for index, byte in enumerate(other)}


_BYTES = _byte_letters()
