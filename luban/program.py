"""Meanings as short token sequences, for a network to write one token after the other.

A program says everything that a meaning does but the words of the person that it quotes: `NotUnderstood.words` and
`OutOfScope.words` are left out. Equal meanings have equal programs, and each program has one meaning. The grammar and
its bounds are those of `luban.program_grammar`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from luban.catalogue import Catalogue
from luban.errors import ProgramError
from luban.meaning import (
    Between,
    Corner,
    Drive,
    Extreme,
    Insert,
    Meaning,
    NextTo,
    NotUnderstood,
    Order,
    OutOfScope,
    PartRef,
    SideOf,
    Unsafe,
    Where,
)
from luban.program_grammar import ProgramGrammar, Walk


class ProgramCodec:
    """Between meanings and programs. vocabulary: every token once, the same for the same names in any order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._grammar = ProgramGrammar(catalogue)
        self.vocabulary = self._grammar.vocabulary

    def walk(self) -> Walk:
        """Begin a program that is spelled token by token."""
        return Walk(self._grammar)

    def allowed(self, prefix: Iterable[str]) -> frozenset[str]:
        """Return the tokens that may follow a prefix; none after a whole program. Raises ProgramError."""
        return self._walked(prefix).allowed

    def meaning_of(self, tokens: Iterable[str]) -> Meaning:
        """Return what a whole program means. Raises ProgramError on anything else."""
        walk = self._walked(tokens)
        if walk.meaning is None:
            raise ProgramError(f"the program stops short of its end; next could be: {', '.join(sorted(walk.allowed))}")
        return walk.meaning

    def tokens_of(self, meaning: Meaning) -> tuple[str, ...]:
        """Return the program of a meaning. Raises ProgramError when it names what is unknown or exceeds the bounds."""
        tokens = (*self._tokens(meaning), "end")
        if self.meaning_of(tokens) != unquoted(meaning):
            raise ProgramError(f"no program says {meaning}")
        return tokens

    def _walked(self, tokens: Iterable[str]) -> Walk:
        walk = self.walk()
        for token in tokens:
            walk.step(token)
        return walk

    def _tokens(self, meaning: Meaning) -> list[str]:
        if isinstance(meaning, Unsafe):
            return [f"unsafe:{meaning.kind}"]
        if isinstance(meaning, OutOfScope):
            return ["out_of_scope"]
        if isinstance(meaning, NotUnderstood):
            return [f"doubt:{meaning.kind}"]
        orders = [token for order in meaning.orders for token in self._order(order)]
        return orders + [token for ref in meaning.spared for token in ("spare", *self._reference(ref))]

    def _order(self, order: Order) -> list[str]:
        if isinstance(order, Drive):
            return ["drive", f"station:{order.station}"]
        refs = [token for ref in order.parts for token in ("and", *self._reference(ref))][1:]
        if isinstance(order, Insert):
            return ["insert", *refs, f"fixture:{order.fixture}"]
        return ["put", *refs, f"container:{order.container}"]

    def _reference(self, ref: PartRef) -> list[str]:
        picks = {"one": [], "count": [f"count:{ref.count}"]}
        return [
            *picks.get(ref.pick, [ref.pick]),
            *(["others"] if ref.others else []),
            *(token for other in ref.without for token in ("except", *self._reference(other))),
            *(["inside", f"container:{ref.inside}"] if ref.inside else []),
            *(self._where(ref.where) if ref.where else []),
            *([f"color:{ref.color}"] if ref.color else []),
            f"shape:{ref.shape}" if ref.shape else "part",
        ]

    def _where(self, where: Where) -> list[str]:
        if isinstance(where, Extreme):
            return ["most" if where.rank == 1 else f"rank:{where.rank}", where.side]
        if isinstance(where, Corner):
            return ["corner", where.depth or "either", where.side or "either"]
        if isinstance(where, Between):
            return ["between", *self._landmark(where.first), *self._landmark(where.second)]
        landmark = self._landmark(where.landmark)
        if isinstance(where, SideOf):
            return ["side_of", where.side, *landmark]
        return ["next_to" if isinstance(where, NextTo) else "far_from", *landmark]

    def _landmark(self, landmark: PartRef | str) -> list[str]:
        return self._reference(landmark) if isinstance(landmark, PartRef) else [self._grammar.landmark(landmark)]


def unquoted(meaning: Meaning) -> Meaning:
    """Return a meaning without the words that it quotes: all that its program says."""
    return replace(meaning, words="") if isinstance(meaning, OutOfScope | NotUnderstood) else meaning
