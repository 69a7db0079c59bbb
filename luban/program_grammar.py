"""Which token sequences are programs. One token after the other, each point knows every token that may follow.

    program  := order+ ("spare" ref)* "end" | (unsafe:KIND | out_of_scope | doubt:KIND) "end"
    order    := "put" refs container:NAME | "insert" refs fixture:NAME | "drive" station:NAME
    refs     := ref ("and" ref)*
    ref      := [all | any | whichever | count:N] [others] ("except" ref)* [inside container:NAME] [where]
                [color:NAME] (shape:NAME | part)
    where    := (most | rank:N) SIDE | (next_to | far_from) landmark | side_of SIDE landmark
              | between landmark landmark | corner (near | far | either) (left | right | either)
    landmark := container:NAME | fixture:NAME | ref

Unless a number is said, one part is meant. An exception has no exceptions or "others" of its own; a landmark has
neither those nor a number nor a landmark. The head of a reference ends it, as in Chinese, so that its end needs no
token. Orders and references are counted: nothing that could not be completed within the bounds is ever offered.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from typing import Any, TypeVar, get_args

from luban.catalogue import Catalogue
from luban.errors import ProgramError, unknown
from luban.meaning import (
    Between,
    Corner,
    Danger,
    Doubt,
    Drive,
    Extreme,
    FarFrom,
    Insert,
    Meaning,
    NextTo,
    NotUnderstood,
    Order,
    Orders,
    OutOfScope,
    PartRef,
    Put,
    SideOf,
    Unsafe,
    Where,
)

MAX_ORDERS, MAX_REFS, MAX_COUNT = 12, 16, 9
MAX_TOKENS = 2 * MAX_ORDERS + 10 * MAX_REFS + 1  # a reference with all that can be said takes 9 and what introduces it

T = TypeVar("T")
Spelling = Generator[Collection[str], str, T]  # yields what may follow, is sent what follows, returns what it means

_TOP, _EXCEPTION, _LANDMARK = 2, 1, 0  # how deep a reference may still go
_SIDES: dict[str, Any] = {side: side for side in ("left", "right", "near", "far")}
_MIDDLE = {"middle": "middle"}
_DEPTHS: dict[str, Any] = {"near": "near", "far": "far", "either": None}
_FLANKS: dict[str, Any] = {"left": "left", "right": "right", "either": None}
_PICKS: dict[str, tuple[str, int]] = {
    **{pick: (pick, 1) for pick in ("all", "any", "whichever")},
    **{f"count:{number}": ("count", number) for number in range(1, MAX_COUNT + 1)},
}
_RANKS = {"most": 1, **{f"rank:{number}": number for number in range(2, MAX_COUNT + 1)}}
_LANDMARKS_OF = {"next_to": 1, "far_from": 1, "side_of": 1, "between": 2}
_ANSWERS: dict[str, Meaning] = {
    **{f"unsafe:{kind}": Unsafe(kind) for kind in get_args(Danger)},
    "out_of_scope": OutOfScope(),
    **{f"doubt:{kind}": NotUnderstood(kind) for kind in get_args(Doubt)},
}
_WORDS = ("end", "put", "insert", "drive", "spare", "and", "others", "except", "inside", "corner")


class ProgramGrammar:
    """The tokens of a catalogue and what each of them means."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.containers = _tokens("container", catalogue.containers)
        self.fixtures = _tokens("fixture", catalogue.fixtures)
        self.stations = _tokens("station", catalogue.stations)
        self.colors = _tokens("color", catalogue.colors)
        self.heads = {"part": None, **_tokens("shape", catalogue.shapes)}
        self.landmarks = self.containers | {
            token: name for token, name in self.fixtures.items() if name not in catalogue.containers
        }
        fixed = (*_WORDS, *_SIDES, "middle", "either", *_LANDMARKS_OF, *_PICKS, *_RANKS, *_ANSWERS)
        named = (self.containers, self.fixtures, self.stations, self.colors, self.heads)
        self.vocabulary = (*fixed, *(token for tokens in named for token in tokens))

    def landmark(self, name: str) -> str:
        """Return the token of a container or fixture. Raises ProgramError."""
        for token, place in self.landmarks.items():
            if place == name:
                return token
        raise ProgramError(unknown("landmark", name, self.landmarks.values()))


def _tokens(kind: str, names: Collection[str]) -> dict[str, str]:
    return {f"{kind}:{name}": name for name in sorted(names)}


class Walk:
    """A program being spelled. allowed: the tokens that may follow, none at its end; meaning: None until then."""

    def __init__(self, grammar: ProgramGrammar) -> None:
        self._spelling = _Speller(grammar).program()
        self.allowed = frozenset(next(self._spelling))
        self.meaning: Meaning | None = None
        self._length = 0

    def step(self, token: str) -> None:
        """Take the next token. Raises ProgramError when it may not follow."""
        if not isinstance(token, str) or token not in self.allowed:
            raise ProgramError(f"token {self._length}: {unknown('word', str(token), self.allowed)}")
        self._length += 1
        try:
            self.allowed = frozenset(self._spelling.send(token))
        except StopIteration as end:
            self.allowed, self.meaning = frozenset(), end.value


def _choose(options: Mapping[str, T]) -> Spelling[T]:
    token = yield options.keys()
    return options[token]


class _Speller:
    """One walk through the grammar, with the references that are left."""

    def __init__(self, grammar: ProgramGrammar) -> None:
        self._grammar, self._left = grammar, MAX_REFS

    def program(self) -> Spelling[Meaning]:
        start = yield from _choose({**_same(self._verbs()), **_ANSWERS})
        if not isinstance(start, str):
            yield from _choose({"end": None})
            return start
        orders = [(yield from self._order(start))]
        spared: list[PartRef] = []
        while True:
            verbs = self._verbs() if len(orders) < MAX_ORDERS and not spared else []
            following = yield from _choose(_same([*verbs, *self._more("spare"), "end"]))
            if following == "end":
                return Orders(tuple(orders), tuple(spared))
            if following == "spare":
                spared.append((yield from self._reference(_TOP)))
            else:
                orders.append((yield from self._order(following)))

    def _verbs(self) -> list[str]:
        grammar = self._grammar
        verbs = {"put": grammar.containers, "insert": grammar.fixtures, "drive": grammar.stations}
        return [verb for verb, places in verbs.items() if places and (verb == "drive" or self._left)]

    def _more(self, introduction: str) -> list[str]:
        return [introduction] if self._left else []

    def _order(self, verb: str) -> Spelling[Order]:
        if verb == "drive":
            return Drive((yield from _choose(self._grammar.stations)))
        places = self._grammar.containers if verb == "put" else self._grammar.fixtures
        refs: list[PartRef] = []
        following = "and"
        while following == "and":
            refs.append((yield from self._reference(_TOP)))
            following = yield from _choose({**_same(self._more("and")), **places})
        return Put(tuple(refs), following) if verb == "put" else Insert(tuple(refs), following)

    def _reference(self, depth: int, token: str = "") -> Spelling[PartRef]:
        """token: the first of the reference if it has been taken already."""
        self._left -= 1
        said: dict[str, Any] = {}
        at = 0
        while True:
            slots = list(enumerate(self._slots(depth)))[at:]
            options = {word: (index, slot, value) for index, (slot, words) in slots for word, value in words.items()}
            at, slot, value = options[token] if token else (yield from _choose(options))
            token = ""
            if slot == "shape":
                return PartRef(value, **said)
            if slot == "without":
                said[slot] = (*said.get(slot, ()), (yield from self._reference(_EXCEPTION)))
                continue  # more exceptions may follow
            at += 1
            if slot == "pick":
                said["pick"], said["count"] = value
            elif slot == "inside":
                said[slot] = yield from _choose(self._grammar.containers)
            elif slot == "where":
                said[slot] = yield from self._where(value)
            else:
                said[slot] = value

    def _slots(self, depth: int) -> list[tuple[str, Mapping[str, Any]]]:
        """What may be said of a part, in order."""
        grammar, wheres = self._grammar, [*_RANKS, "corner"]
        if depth > _LANDMARK:
            wheres += [word for word, needed in _LANDMARKS_OF.items() if needed <= self._left]
        slots: list[tuple[str, Mapping[str, Any]]] = [
            ("inside", {"inside": None} if grammar.containers else {}),
            ("where", _same(wheres)),
            ("color", grammar.colors),
            ("shape", grammar.heads),
        ]
        if depth == _TOP:
            slots = [("others", {"others": True}), ("without", _same(self._more("except"))), *slots]
        return slots if depth == _LANDMARK else [("pick", _PICKS), *slots]

    def _where(self, word: str) -> Spelling[Where]:
        if word in _RANKS:
            rank = _RANKS[word]
            return Extreme((yield from _choose(_SIDES if rank > 1 else {**_SIDES, **_MIDDLE})), rank)
        if word == "corner":
            return Corner((yield from _choose(_DEPTHS)), (yield from _choose(_FLANKS)))
        side = (yield from _choose(_SIDES)) if word == "side_of" else None
        first = yield from self._landmark()
        if word == "between":
            return Between(first, (yield from self._landmark()))
        if side:
            return SideOf(side, first)
        return NextTo(first) if word == "next_to" else FarFrom(first)

    def _landmark(self) -> Spelling[PartRef | str]:
        places = self._grammar.landmarks
        token = yield {*places, *(word for _, words in self._slots(_LANDMARK) for word in words)}
        if token in places:
            return places[token]
        return (yield from self._reference(_LANDMARK, token))


def _same(words: Collection[str]) -> dict[str, str]:
    return {word: word for word in words}
