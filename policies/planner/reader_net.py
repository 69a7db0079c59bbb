"""The network that writes the program of an instruction: a small transformer over words and characters (Vaswani 2017),
with learned biases for relative positions."""

from __future__ import annotations

import torch
from torch import nn

from policies.planner.word_table import GRAM_BUCKETS

FARTHEST = 16  # units between two positions from which on all distances are alike


class ReaderNet(nn.Module):
    """Encoder: features of sentences -> memory; decoder: memory and the tokens so far -> logits of the next token."""

    def __init__(
        self, words: int, vectors: int, sounds: int, tokens: int, width: int = 160, encoder: int = 3, decoder: int = 2,
        heads: int = 5, dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=0)
        self.vectors = nn.Linear(vectors, width)
        self.sounds = nn.Embedding(sounds, width, padding_idx=0)
        self.grams = nn.Embedding(GRAM_BUCKETS, width, padding_idx=0)
        self.tokens = nn.Embedding(tokens, width)
        for table in (self.words, self.sounds, self.grams, self.tokens):
            nn.init.normal_(table.weight, std=0.5 / width**0.5)
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.ModuleList(_Layer(width, heads, dropout, cross=False) for _ in range(encoder))
        self.decoder = nn.ModuleList(_Layer(width, heads, dropout, cross=True) for _ in range(decoder))
        self.encoded, self.decoded = nn.LayerNorm(width), nn.LayerNorm(width)
        self.head = nn.Linear(width, tokens)

    def encode(
        self, words: torch.Tensor, vectors: torch.Tensor, sounds: torch.Tensor, grams: torch.Tensor
    ) -> torch.Tensor:
        """(n, s) ids, (n, s, vectors), (n, s) ids, (n, s, grams) ids -> memory (n, s, width)."""
        some = (grams != 0)[..., None].to(vectors.dtype)
        letters = (self.grams(grams) * some).sum(dim=2) / some.sum(dim=2).clamp(min=1)
        x = self.drop(self.words(words) + self.vectors(vectors) + self.sounds(sounds) + letters)
        hidden = (words == 0)[:, None, None, :]
        for layer in self.encoder:
            x = layer(x, hidden)
        memory: torch.Tensor = self.encoded(x)
        return memory

    def decode(self, tokens: torch.Tensor, memory: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Tokens so far (n, t), memory, words (n, s) for where it is padded -> logits (n, t, tokens)."""
        x = self.drop(self.tokens(tokens))
        length = tokens.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1)[None, None]
        hidden = (words == 0)[:, None, None, :]
        for layer in self.decoder:
            x = layer(x, later, memory, hidden)
        logits: torch.Tensor = self.head(self.decoded(x))
        return logits


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float, cross: bool) -> None:
        super().__init__()
        self.own, self.cross = _Attention(width, heads, relative=True), None
        self.before, self.between, self.after = nn.LayerNorm(width), nn.Identity(), nn.LayerNorm(width)
        if cross:
            self.cross, self.between = _Attention(width, heads, relative=False), nn.LayerNorm(width)
        self.wide = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(dropout)

    def forward(
        self,
        x: torch.Tensor,
        masked: torch.Tensor,
        memory: torch.Tensor | None = None,
        hidden: torch.Tensor | None = None,
    ) -> torch.Tensor:
        y = self.before(x)
        x = x + self.drop(self.own(y, y, masked))
        if self.cross is not None and memory is not None and hidden is not None:
            x = x + self.drop(self.cross(self.between(x), memory, hidden))
        out: torch.Tensor = x + self.drop(self.wide(self.after(x)))
        return out


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int, relative: bool) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.bias = nn.Parameter(torch.zeros(heads, 2 * FARTHEST + 1)) if relative else None

    def forward(self, x: torch.Tensor, y: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            layer(values).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, values in ((self.query, x), (self.key, y), (self.value, y))
        )
        bias = torch.zeros(1, 1, 1, 1, dtype=x.dtype, device=x.device).masked_fill(masked, -1e4)
        if self.bias is not None:
            at = torch.arange(x.shape[1], device=x.device)
            apart = (at[None] - at[:, None]).clamp(-FARTHEST, FARTHEST) + FARTHEST
            bias = bias + self.bias[:, apart][None]
        weight = torch.softmax(query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5 + bias, dim=-1)
        out: torch.Tensor = self.out((weight @ value).transpose(1, 2).reshape(x.shape))
        return out
