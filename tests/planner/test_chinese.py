"""The Chinese half of the instruction generator: same draw, same text; each text means what it was made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pytest

from luban.catalogue import Catalogue, Words
from luban.meaning import Danger, Doubt, Meaning, NotUnderstood, Orders, OutOfScope, PartRef, Put, Unsafe
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
    """It knows fewer words, so it may ask; it seldom reads an order as another one."""
    pairs = [(meaning, read(text, CATALOGUE)) for meaning, text in samples(1500, 5) if isinstance(meaning, Orders)]
    same = sum(found == meaning for meaning, found in pairs)
    other = sum(isinstance(found, Orders) and found != meaning for meaning, found in pairs)
    assert same > 0.3 * len(pairs)
    assert other < 0.2 * len(pairs)


def test_another_plant_is_named_by_its_own_words_only() -> None:
    words = Words(("flange",), ("法兰",))
    plant = Catalogue(
        shapes={"flange": words},
        colors={"pink": Words(("pink",), ("粉色",))},
        containers={"crate": next(iter(CATALOGUE.containers.values()))},
        fixtures={},
        stations={"paint": next(iter(CATALOGUE.stations.values()))},
        parts_area=CATALOGUE.parts_area,
        part_words=CATALOGUE.part_words,
        agv_words=CATALOGUE.agv_words,
        floor_z_m=CATALOGUE.floor_z_m,
        floor=CATALOGUE.floor,
    )
    chinese, random = Chinese(plant), np.random.default_rng(3)
    order = Orders((Put((PartRef("flange", "pink"),), "crate"),))
    assert all(
        {"法兰", "粉色"} <= {word for word in ("法兰", "粉色") if word in chinese.say(order, random)} for _ in range(50)
    )
    sampler = MeaningSampler(plant)
    for _ in range(300):
        assert chinese.say(sampler.draw(random), random) is not None
