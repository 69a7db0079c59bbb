"""Programs: as many as there are meanings, no dead end on the way to one, and one error for everything else."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luban.catalogue import Catalogue
from luban.errors import ProgramError
from luban.meaning import Drive, Extreme, Meaning, NextTo, NotUnderstood, Order, Orders, PartRef, Put, Unsafe
from luban.program import ProgramCodec, unquoted
from luban.program_grammar import MAX_ORDERS, MAX_REFS, MAX_TOKENS
from sim.instruction import read
from tests.meanings import CATALOGUE, MEANINGS
from tests.sim.test_instruction import UNDERSTOOD

CODEC = ProgramCodec(CATALOGUE)
VOCABULARY = CODEC.vocabulary
CLOSING = ("end", "part", "container:", "fixture:", "shape:", "unsafe:", "doubt:", "out_of_scope")
GEAR = PartRef("gear")


def wander(codec: ProgramCodec, chooser: random.Random, dawdles: bool) -> tuple[list[str], Meaning | None]:
    """Spell a random program; one that dawdles ends nothing as long as it may go on."""
    walk = codec.walk()
    tokens: list[str] = []
    while walk.allowed and len(tokens) <= MAX_TOKENS:
        choices = sorted(walk.allowed)
        going_on = [word for word in choices if dawdles and not word.startswith(CLOSING)]
        tokens.append(chooser.choice(going_on or choices))
        walk.step(tokens[-1])
    return tokens, walk.meaning


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(MEANINGS)
def test_a_program_means_what_it_was_made_of(meaning: Meaning) -> None:
    tokens = CODEC.tokens_of(meaning)
    assert CODEC.meaning_of(tokens) == meaning
    assert len(tokens) <= MAX_TOKENS and set(tokens) <= set(VOCABULARY)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(MEANINGS)
def test_only_the_whole_program_has_a_meaning(meaning: Meaning) -> None:
    tokens = CODEC.tokens_of(meaning)
    for end, token in enumerate(tokens):
        assert token in CODEC.allowed(tokens[:end])
        with pytest.raises(ProgramError, match="stops short"):
            CODEC.meaning_of(tokens[:end])
    assert CODEC.allowed(tokens) == frozenset()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_every_walk_ends_in_a_meaning_of_its_own(seed: int, dawdles: bool) -> None:
    tokens, meaning = wander(CODEC, random.Random(seed), dawdles)
    assert meaning is not None and len(tokens) <= MAX_TOKENS
    assert CODEC.tokens_of(meaning) == tuple(tokens)


@pytest.mark.parametrize("missing", ["containers", "fixtures", "stations", "colors", "shapes", "containers fixtures"])
def test_a_poorer_catalogue_has_no_dead_ends(missing: str) -> None:
    codec = ProgramCodec(replace(CATALOGUE, **{kind: {} for kind in missing.split()}))
    for seed in range(100):
        tokens, meaning = wander(codec, random.Random(seed), dawdles=seed % 2 == 0)
        assert meaning is not None and codec.tokens_of(meaning) == tuple(tokens)


TOKENS = st.sampled_from(VOCABULARY) | st.text(max_size=5) | st.none() | st.integers() | st.just(["put"])


def assert_one_meaning_or_one_error(tokens: list[str]) -> None:
    try:
        meaning = CODEC.meaning_of(tokens)
    except ProgramError:
        return
    assert CODEC.tokens_of(meaning) == tuple(tokens)


@settings(max_examples=500, deadline=None)
@given(st.lists(TOKENS, max_size=12))
def test_garbage_is_one_error(tokens: list[str]) -> None:
    assert_one_meaning_or_one_error(tokens)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 2), st.lists(TOKENS, max_size=2))
def test_a_damaged_program_is_another_one_or_none(seed: int, at: int, cut: int, put_in: list[str]) -> None:
    tokens, _ = wander(CODEC, random.Random(seed), dawdles=seed % 2 == 0)
    assert_one_meaning_or_one_error([*tokens[:at], *put_in, *tokens[at + cut :]])


def test_the_vocabulary_is_fixed_and_all_of_it_is_used() -> None:
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    used = {token for seed in range(300) for token in wander(CODEC, random.Random(seed), dawdles=seed % 2 == 0)[0]}
    assert used == set(VOCABULARY)


def test_the_vocabulary_does_not_depend_on_the_order_of_the_catalogue() -> None:
    kinds = ("shapes", "colors", "containers", "fixtures", "stations")
    turned = {kind: dict(reversed(getattr(CATALOGUE, kind).items())) for kind in kinds}
    assert ProgramCodec(replace(CATALOGUE, **turned)).vocabulary == VOCABULARY


def test_a_name_shared_by_a_container_and_a_fixture_has_one_token_as_a_landmark() -> None:
    shared: Catalogue = replace(CATALOGUE, fixtures={"tote": CATALOGUE.fixtures["housing"]})
    codec = ProgramCodec(shared)
    meaning = Orders((Put((PartRef("gear", where=NextTo("tote")),), "tote"),))
    assert codec.meaning_of(codec.tokens_of(meaning)) == meaning
    assert "fixture:tote" not in codec.allowed(["put", "next_to"])


@pytest.mark.parametrize(("text", "orders"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_what_the_expert_reads_has_a_program(text: str, orders: list[Order]) -> None:
    meaning = Orders(tuple(orders))
    assert CODEC.meaning_of(CODEC.tokens_of(meaning)) == meaning


@pytest.mark.parametrize(
    "text", ["blah blah", "Put the gear in the box.", "Leave the gear and put the rest in the tray."]
)
def test_a_program_leaves_out_only_the_words_it_quotes(text: str) -> None:
    meaning = read(text, CATALOGUE)
    assert CODEC.meaning_of(CODEC.tokens_of(meaning)) == unquoted(meaning)


def nested(ref: PartRef) -> PartRef:
    return PartRef(pick="all", without=(ref,))


@pytest.mark.parametrize(
    "meaning",
    [
        Orders(()),
        Orders((Put((), "tote"),)),
        Orders((Drive("moon"),)),
        Orders((Put((GEAR,), "green_bin"),)),
        Orders((Put((PartRef("cat"),), "tote"),)),
        Orders((Put((PartRef("gear", count=3),), "tote"),)),
        Orders((Put((PartRef("gear", pick="count", count=10),), "tote"),)),
        Orders((Put((PartRef("gear", where=Extreme("middle", 2)),), "tote"),)),
        Orders((Put((PartRef("gear", where=NextTo("moon")),), "tote"),)),
        Orders((Put((PartRef("gear", where=NextTo(PartRef("nut", where=NextTo("tote")))),), "tote"),)),
        Orders((Put((nested(nested(GEAR)),), "tote"),)),
        Orders((Put((GEAR,) * (MAX_REFS + 1), "tote"),)),
        Orders((Drive("dock"),) * (MAX_ORDERS + 1)),
        Unsafe("boredom"),  # type: ignore[arg-type]
        NotUnderstood("order"),  # type: ignore[arg-type]
    ],
)
def test_what_no_program_says_is_the_same_error(meaning: Meaning) -> None:
    with pytest.raises(ProgramError):
        CODEC.tokens_of(meaning)


def test_the_bounds_can_be_reached() -> None:
    for meaning in (Orders((Put((GEAR,) * MAX_REFS, "tote"),)), Orders((Drive("dock"),) * MAX_ORDERS)):
        assert CODEC.meaning_of(CODEC.tokens_of(meaning)) == meaning
