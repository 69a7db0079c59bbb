"""The Chinese half of the instruction generator: same draw, same text; each text means what it was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from luban.catalogue import Words
from luban.meaning import Danger, Doubt, Drive, Meaning, NotUnderstood, Orders, OutOfScope, PartRef, Put, Unsafe
from luban.profile import load_profile
from luban.program import ProgramCodec
from policies.planner.training.chinese import Chinese
from policies.planner.training.meaning_sampler import MeaningSampler
from sim.instruction import read

CATALOGUE = load_profile("sim").catalogue
CODEC = ProgramCodec(CATALOGUE)
CHINESE = Chinese(CATALOGUE)
ANSWERS: list[Meaning] = [
    *(Unsafe(kind) for kind in get_args(Danger)),
    OutOfScope(),
    *(NotUnderstood(kind) for kind in get_args(Doubt)),
]


def samples(count: int, seed: int) -> Iterator[tuple[Meaning, str]]:
    random = np.random.default_rng(seed)
    sampler = MeaningSampler(CATALOGUE)
    for _ in range(count):
        meaning = sampler.draw(random)
        yield meaning, CHINESE.say(meaning, random)


def test_the_same_draw_gives_the_same_text() -> None:
    assert list(samples(200, 7)) == list(samples(200, 7))
    assert [text for _, text in samples(200, 7)] != [text for _, text in samples(200, 8)]


@pytest.mark.parametrize("meaning", ANSWERS, ids=lambda meaning: f"{type(meaning).__name__} {vars(meaning)}")
def test_every_answer_is_asked_for_in_many_ways(meaning: Meaning) -> None:
    random = np.random.default_rng(1)
    texts = {CHINESE.say(meaning, random) for _ in range(100)}
    assert len(texts) > (20 if meaning == NotUnderstood("empty") else 60)


def test_one_order_is_said_in_many_ways() -> None:
    random = np.random.default_rng(1)
    meaning = Orders((Put((PartRef("gear", "red"),), "blue_bin"),))
    texts = [CHINESE.say(meaning, random) for _ in range(500)]
    assert len(set(texts)) > 450
    assert all(not set("{}[]^|") & set(text) for text in texts)


def test_each_text_has_one_meaning() -> None:
    meanings = defaultdict(set)
    for meaning, text in samples(6000, 11):
        meanings[text].add(CODEC.tokens_of(meaning))
    assert sum(len(found) > 1 for found in meanings.values()) < 0.004 * len(meanings)


def test_the_rule_reader_reads_the_same() -> None:
    """It knows fewer words, so it often asks; what it does read as orders are the same ones."""
    pairs = [(meaning, read(text, CATALOGUE)) for meaning, text in samples(1500, 5) if isinstance(meaning, Orders)]
    read_as_orders = [(meaning, found) for meaning, found in pairs if isinstance(found, Orders)]
    assert len(read_as_orders) > 0.3 * len(pairs)
    assert sum(plain(meaning) == plain(found) for meaning, found in read_as_orders) > 0.8 * len(read_as_orders)


def plain(meaning: Orders) -> Orders:
    """Take out of "the others" what the rule reader lists with them."""

    def ref(part: PartRef) -> PartRef:
        return replace(part, without=()) if part.others else part

    return Orders(
        tuple(
            order if isinstance(order, Drive) else replace(order, parts=tuple(map(ref, order.parts)))
            for order in meaning.orders
        ),
        meaning.spared,
    )


def test_another_plant_is_named_by_its_own_words() -> None:
    boxes = list(CATALOGUE.containers.values())
    plant = replace(
        CATALOGUE,
        shapes={name: Words((name,), (word,)) for name, word in (("flange", "法兰"), ("spring", "弹簧"))},
        colors={name: Words((name,), (word,)) for name, word in (("pink", "粉色"), ("violet", "紫色"))},
        containers={
            "crate": replace(boxes[0], words=Words(("crate",), ("铁柜",)), color="pink"),
            "shelf": replace(boxes[1], words=Words(("shelf",), ("货架",)), color="violet"),
        },
        fixtures={},
    )
    chinese, sampler, random = Chinese(plant), MeaningSampler(plant), np.random.default_rng(3)
    order = Orders((Put((PartRef("flange", "pink"),), "crate"),))
    texts = [chinese.say(order, random) for _ in range(50)]
    assert sum("法兰" in text and "粉色" in text and "铁柜" in text for text in texts) > 45  # but for slips
    known = [word for name in CATALOGUE.shapes for word in CATALOGUE.shapes[name].zh]
    for _ in range(300):
        meaning = sampler.draw(random)
        text = chinese.say(meaning, random)
        assert not isinstance(meaning, Orders) or not any(word in text for word in known if len(word) > 1)
