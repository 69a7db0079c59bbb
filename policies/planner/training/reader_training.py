"""Train the reader on written sentences; keep the best, go on after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from luban.catalogue import Catalogue
from luban.program import ProgramCodec
from policies.planner.reader import FIRST, START
from policies.planner.reader_net import ReaderNet
from policies.planner.text_units import MOST_UNITS, units
from policies.planner.training.noise import Noise
from policies.planner.training.run_state import keep, restore
from policies.planner.word_table import Features, WordTable

PAD = 1  # id between START and the vocabulary's own tokens
UNKNOWN_SHARE = 0.12  # of words that training hides, so that their vectors must do
WARM_UP, KEEP_EVERY = 300, 500  # steps


@dataclass(frozen=True)
class ReaderRecipe:
    """What a run is. noise, vectors, sounds: without them for an ablation."""

    steps: int = 9000
    batch: int = 64
    rate: float = 1.5e-3
    width: int = 160
    encoder: int = 3
    decoder: int = 2
    seed: int = 0
    noise: bool = True
    vectors: bool = True
    sounds: bool = True


@dataclass(frozen=True, eq=False)
class Sentence:
    language: str
    text: str
    program: list[str]


class ReaderTraining:
    """One run: `train` goes on where `out` says it was."""

    def __init__(
        self, catalogue: Catalogue, table: WordTable, corpus: Sequence[Sentence], out: Path, recipe: ReaderRecipe
    ) -> None:
        self.recipe, self.table, self._corpus, self._state = recipe, table, corpus, out / "run.json"
        vocabulary = ProgramCodec(catalogue).vocabulary
        self._ids = {token: index + FIRST for index, token in enumerate(vocabulary)}
        self._noise = Noise("".join(sorted({c for sentence in corpus for c in sentence.text})))
        torch.manual_seed(recipe.seed)
        self.net = ReaderNet(
            len(table.known) + 2, 2 * table.width, table.sound_count, len(vocabulary) + FIRST, recipe.width,
            recipe.encoder, recipe.decoder,
        )  # fmt: skip
        self._optimizer = torch.optim.AdamW(self.net.parameters(), recipe.rate, weight_decay=0.01, betas=(0.9, 0.98))
        lengths = np.array([len(sentence.text) * (1 if sentence.language == "zh" else 0.2) for sentence in corpus])
        self._order = np.argsort(lengths + np.random.default_rng(0).uniform(0, 1, len(lengths)), kind="stable")

    def train(self, until: int | None = None) -> None:
        """Train to the recipe's end, or leave after `until` steps to be gone on with."""
        start, recipe = restore(self._state, self.net, self._optimizer), self.recipe
        last = recipe.steps if until is None else until
        self.net.train()
        with tqdm(range(start, last), initial=start, total=recipe.steps, unit="step") as bar:
            for step in bar:
                random = np.random.default_rng([recipe.seed, step])
                torch.manual_seed(recipe.seed * 1_000_003 + step)
                value = self._step(step, random)
                if step % 10 == 0:
                    bar.set_postfix(loss=f"{value:.4f}")
                if (step + 1) % KEEP_EVERY == 0:
                    keep(self._state, step + 1, self.net, self._optimizer)
        keep(self._state, max(start, last), self.net, self._optimizer)

    def _step(self, step: int, random: np.random.Generator) -> float:
        recipe = self.recipe
        at = int(random.integers(len(self._corpus)))  # neighbours in length: little padding
        near = self._order[np.clip(at + random.integers(-2000, 2000, recipe.batch), 0, len(self._order) - 1)]
        chosen = [self._corpus[int(index)] for index in near]
        texts = [self._noise.spoil(s.text, s.language, random) if recipe.noise else s.text for s in chosen]
        inputs = self.inputs(texts, random)
        longest = max(len(s.program) for s in chosen)
        tokens = torch.full((len(chosen), longest + 1), PAD)
        tokens[:, 0] = START
        for row, sentence in enumerate(chosen):
            tokens[row, 1 : len(sentence.program) + 1] = torch.tensor([self._ids[token] for token in sentence.program])
        memory = self.net.encode(*inputs)
        logits = self.net.decode(tokens[:, :-1], memory, inputs[0])
        loss = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD)
        warm = min(1.0, (step + 1) / WARM_UP)
        for group in self._optimizer.param_groups:
            group["lr"] = recipe.rate * warm * (0.02 + 0.49 * (1 + np.cos(np.pi * step / recipe.steps)))
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimizer.step()
        return float(loss.detach())

    def inputs(self, texts: Sequence[str], random: np.random.Generator | None = None) -> tuple[torch.Tensor, ...]:
        """Return the encoder's inputs; with a generator some words are hidden."""
        found = [self.table.features(units(text)[:MOST_UNITS] or ["."]) for text in texts]
        longest = max(len(features.words) for features in found)
        words, vectors, sounds, grams = (
            torch.from_numpy(np.stack([_padded(getattr(features, name), longest) for features in found]))
            for name in Features.__dataclass_fields__
        )
        if random is not None:
            hide = torch.from_numpy(random.random(words.shape) < UNKNOWN_SHARE) & (words > 0)
            words = torch.where(hide, torch.ones_like(words), words)
        if not self.recipe.vectors:
            vectors = torch.zeros_like(vectors)
        if not self.recipe.sounds:
            sounds, grams = torch.zeros_like(sounds), torch.zeros_like(grams)
        return words, vectors, sounds, grams


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    return np.pad(values, [(0, length - len(values))] + [(0, 0)] * (values.ndim - 1))
