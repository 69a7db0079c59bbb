"""Sentences on disk: what people may say, in both languages, with the program of what they mean."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from luban.catalogue import Catalogue
from luban.meaning import Meaning
from luban.program import ProgramCodec
from luban.whole_file import write_whole
from policies.planner.training.chinese import Chinese
from policies.planner.training.english import English
from policies.planner.training.meaning_sampler import MeaningSampler

SHARD = 10_000  # sentences
LANGUAGES = ("en", "zh")


class Speaker:
    """Draws meanings and says them in either language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._sampler = MeaningSampler(catalogue)
        self._tongues = {"en": English(catalogue), "zh": Chinese(catalogue)}

    def say(self, random: np.random.Generator) -> tuple[str, str, Meaning]:
        """Return language, text and meaning."""
        language = LANGUAGES[int(random.integers(2))]
        meaning = self._sampler.draw(random)
        return language, self._tongues[language].say(meaning, random), meaning


def write_sentences(catalogue: Catalogue, folder: Path, shards: int, seed: int) -> None:
    """Write the shards that are missing. Shard k of a seed is always the same sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [k for k in range(shards) if not _path(folder, seed, k).exists()]
    if not missing:
        return
    speaker, codec = Speaker(catalogue), ProgramCodec(catalogue)
    with tqdm(total=len(missing) * SHARD, unit="sentence", desc=f"sentences {seed}") as bar:
        for k in missing:
            random, lines = np.random.default_rng([seed, k]), []
            for _ in range(SHARD):
                language, text, meaning = speaker.say(random)
                line = {"lang": language, "text": text, "program": " ".join(codec.tokens_of(meaning))}
                lines.append(json.dumps(line, ensure_ascii=False))
                bar.update()
            write_whole(_path(folder, seed, k), gzip.compress("\n".join(lines).encode(), mtime=0))


def sentences(folder: Path, seed: int, shards: int) -> Iterator[tuple[str, str, list[str]]]:
    """Yield language, text and program tokens."""
    for k in range(shards):
        for line in gzip.decompress(_path(folder, seed, k).read_bytes()).decode().splitlines():
            said = json.loads(line)
            yield said["lang"], said["text"], said["program"].split()


def _path(folder: Path, seed: int, k: int) -> Path:
    return folder / f"sentences_{seed}_{k:04d}.jsonl.gz"
