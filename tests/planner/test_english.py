"""The English half of the instruction generator: it says what is meant, in many ways, the same way twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from luban.catalogue import Words
from luban.meaning import Danger, Doubt, Drive, Insert, Meaning, NotUnderstood, Orders, OutOfScope, PartRef, Put, Unsafe
from luban.profile import load_profile
from luban.program import unquoted
from policies.planner.training.english import English
from policies.planner.training.english_template import Table, fill
from policies.planner.training.meaning_sampler import MeaningSampler
from sim.instruction import read

CATALOGUE = load_profile("sim").catalogue
ENGLISH, SAMPLER = English(CATALOGUE), MeaningSampler(CATALOGUE)
REFUSED_OR_UNCLEAR: list[Meaning] = [
    *(Unsafe(kind) for kind in get_args(Danger)),
    OutOfScope(),
    *(NotUnderstood(kind) for kind in get_args(Doubt)),
]
RED_GEAR = Put((PartRef("gear", "red"),), "blue_bin")


def drawn(count: int, seed: int) -> list[tuple[Meaning, str]]:
    random = np.random.default_rng(seed)
    meanings = [SAMPLER.draw(random) for _ in range(count)]
    return [(meaning, ENGLISH.say(meaning, random)) for meaning in meanings]


def said(meaning: Meaning, count: int = 200, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [ENGLISH.say(meaning, random) for _ in range(count)]


def test_the_same_random_state_says_the_same() -> None:
    assert drawn(100, 3) == drawn(100, 3)


def test_texts_are_clean() -> None:
    for _, text in drawn(2000, 4):
        assert text.strip() == text and text
        assert not re.search(r"[{}\[\]|@]|<\w| {2}| [,.;:?!]|,,|\bthe the\b|\bNone\b", text), text


@pytest.mark.parametrize("meaning", REFUSED_OR_UNCLEAR, ids=str)
def test_every_refusal_and_question_has_many_texts(meaning: Meaning) -> None:
    assert len(set(said(meaning))) > (25 if meaning == NotUnderstood("empty") else 80)


def test_one_order_has_many_texts() -> None:
    assert len({text.lower() for text in said(Orders((RED_GEAR,)), 500)}) > 450


def test_parts_that_go_to_their_colors_may_be_sorted_by_color() -> None:
    sorting = Orders(tuple(Put((PartRef(color=color, pick="all"),), f"{color}_bin") for color in ("red", "blue")))
    texts = said(sorting)
    assert any(re.search("colou?r", text) and "bin" in text and len(text.split()) < 14 for text in texts)
    assert all(read(text, CATALOGUE) == sorting for text in texts if isinstance(read(text, CATALOGUE), Orders))


def test_distinct_meanings_rarely_share_a_text() -> None:
    meanings = defaultdict(set)
    for meaning, text in drawn(4000, 5):
        if isinstance(meaning, Orders):
            meanings[text].add(meaning)
    assert sum(len(several) > 1 for several in meanings.values()) <= 0.005 * len(meanings)


def without_named(meaning: Meaning) -> Meaning:
    """A meaning as far as both readers must agree: "the rest" leaves out what is named in any case."""
    if not isinstance(meaning, Orders):
        return unquoted(meaning)
    orders = []
    for order in meaning.orders:
        if not isinstance(order, Drive):
            order = replace(order, parts=tuple(replace(ref, without=()) if ref.others else ref for ref in order.parts))
        orders.append(order)
    return Orders(tuple(orders), meaning.spared)


def test_the_rule_reader_seldom_reads_another_order() -> None:
    """The expert's reader knows fewer words, so it often asks; where it finds orders, they are those that are meant."""
    read_as = Counter[str]()
    for meaning, text in drawn(1500, 6):
        if isinstance(meaning, Orders):
            found = read(text, CATALOGUE)
            if isinstance(found, Orders):
                read_as["same" if without_named(found) == without_named(meaning) else "other"] += 1
            else:
                read_as["asked"] += 1
    assert read_as["same"] > 0.25 * read_as.total()
    assert read_as["same"] > 0.85 * (read_as["same"] + read_as["other"])


def test_what_is_refused_or_asked_is_seldom_read_as_an_order() -> None:
    texts = [text for meaning in REFUSED_OR_UNCLEAR for text in said(meaning, 60, 7)]
    assert sum(isinstance(read(text, CATALOGUE), Orders) for text in texts) < 0.03 * len(texts)


@pytest.mark.parametrize(
    "meaning",
    [
        Orders((RED_GEAR,)),
        Orders((Insert((PartRef("shaft"),), "housing"),)),
        Orders((Drive("warehouse"),)),
        Orders((Put((PartRef("nut", pick="all"),), "tote"), Drive("inspection"))),
        Orders((RED_GEAR, Put((PartRef(pick="all", others=True),), "gray_tray")), (PartRef("bolt"),)),
    ],
    ids=str,
)
def test_some_of_the_plain_ways_are_those_of_the_rule_reader(meaning: Meaning) -> None:
    understood = [text for text in said(meaning) if without_named(read(text, CATALOGUE)) == without_named(meaning)]
    assert len(set(understood)) > 5


def test_another_plant_is_called_by_its_own_words() -> None:
    other = replace(
        CATALOGUE,
        shapes={"widget": Words(("widget", "gizmo"), ("部件",))},
        containers={"kit": replace(CATALOGUE.containers["red_bin"], words=Words(("kit cradle",), ("料架",)))},
        stations={"airlock": replace(CATALOGUE.stations["dock"], words=Words(("airlock",), ("气闸",)))},
        fixtures={},
    )
    english, random = English(other), np.random.default_rng(8)
    for _ in range(100):
        text = english.say(Orders((Put((PartRef("widget"),), "kit"), Drive("airlock"))), random).lower()
        assert re.search("widget|gizmo", text) and re.search("kit cradle|(red|crimson|scarlet) one", text)
        assert "airlock" in text
    for meaning in REFUSED_OR_UNCLEAR:
        assert english.say(meaning, random)


def test_a_pattern_is_filled() -> None:
    random = np.random.default_rng(0)
    assert (
        fill("@take {p} and @put <it/them> in", random, {"p": "nuts"}, "ing", True) == "taking nuts and putting them in"
    )
    assert {fill("[a|b[c|d]]", random, {}) for _ in range(50)} == {"a", "bc", "bd"}
    assert Table("1 one\n0 two\n    more").say(random) == "one"
    with pytest.raises(ValueError):
        fill("[a|b", random, {})
    with pytest.raises(KeyError):
        fill("{p}", random, {})
