"""One pass over the tokens collects the clauses of an instruction as frames: verb, parts, places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from luban.catalogue import Catalogue
from luban.meaning import PartRef
from sim.instruction_phrases import Confused, Phrases, Place
from sim.instruction_words import Token

_BEFORE_HEAD = ("all", "de", "one", "plain", "count", "color", "side", "most", "others", "away", "ordinal", "any")
_PLACE_KINDS = ("container", "fixture", "station", "bin", "color")


@dataclass
class Frame:
    """One clause being collected."""

    verb: str = ""
    parts: list[PartRef] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    vehicle: bool = False  # the AGV is named as what moves
    aboard: bool = False  # the AGV is named as where to put
    pronoun: bool = False
    there: bool = False
    negated: bool = False
    also: bool = False
    respectively: bool = False
    place_first: bool = False
    order: str = ""  # "", "before", "after", "butfirst"
    sentence: int = 0

    @property
    def empty(self) -> bool:
        return not (self.verb or self.parts or self.target or self.vehicle or self.pronoun)

    @property
    def target(self) -> bool:
        return bool(self.places or self.aboard or self.there)

    @property
    def complete(self) -> bool:
        subject = bool(self.parts or self.pronoun)
        return (
            (subject and self.target)
            or (self.verb == "load" and subject)
            or (any(place.kind == "station" for place in self.places) and not subject)
        )


class Collector:
    """Walks the tokens once and opens a new frame wherever a new clause begins."""

    def __init__(self, words: list[Token], catalogue: Catalogue) -> None:
        self.phrases = Phrases(_settled(words), catalogue)
        self.catalogue = catalogue
        self.frame = Frame()
        self.done: list[Frame] = []
        self.separator = ""  # "", and, comma
        self.negated = False
        self.pending: tuple[PartRef, ...] = ()  # "除了齿轮，…"
        self.named: list[PartRef] = []
        self.adjacent = -1  # where the last noun phrase ended

    def frames(self) -> list[Frame]:
        while self.phrases.kind() != "end":
            self._item()
        self._close()
        if self.pending:
            raise Confused("part")
        return self.done

    def _item(self) -> None:
        phrases = self.phrases
        start = phrases.at
        place = phrases.place()
        if place:
            owned = phrases.beside_place(place)
            return self._parts(owned, start) if owned else self._place(place)
        if phrases.starts_parts() and not self._bare_all():
            return self._parts(phrases.parts(), start)
        before = phrases.kind(-1) if phrases.at else ""
        token = phrases.next()
        handler = getattr(self, f"_on_{token.kind}", None)
        if handler is None:
            raise Confused("words", token.text)
        handler(token, before)
        if token.kind not in ("and", "comma", "into", "de", "negation", "but", "also", "or"):
            self.separator = ""

    # frames ---------------------------------------------------------------------------------------------------------

    def _close(self, keep_negation: bool = False) -> None:
        sentence, order = self.frame.sentence, self.frame.order
        if self.frame.empty:
            self.frame = Frame(sentence=sentence, order=order, negated=self.negated and keep_negation)
            return
        self.done.append(self.frame)
        self.negated = self.negated and keep_negation
        self.frame = Frame(sentence=sentence, negated=self.negated)

    def _open(self) -> None:
        self._close(keep_negation=self.separator not in ("comma", "but"))

    def _parts(self, found: list[PartRef], start: int = -1) -> None:
        frame = self.frame
        if self.phrases.at and self.adjacent == start and not self.separator and frame.parts:
            raise Confused("part")  # two phrases side by side: one of them was not understood
        self.adjacent = self.phrases.at
        found = [self._without(ref) for ref in found]
        extends = frame.place_first and self.separator in ("and", "comma") and frame.parts
        if (frame.parts or frame.pronoun) and frame.target and not extends:
            self._open()
        elif (
            frame.negated
            and frame.parts
            and self.separator == "comma"
            and (frame.verb == "touch" or any(ref.others for ref in found))
        ):
            self._open()  # "别动齿轮，其他的…"
        elif not frame.parts and frame.target and any(place.kind == "station" for place in frame.places):
            self._open()
        elif not frame.parts and frame.target:
            frame.place_first = True
        self.frame.parts += found
        self.named += found
        self.separator = ""

    def _without(self, ref: PartRef) -> PartRef:
        without = ref.without
        if self.pending and ref.pick == "one" and not (ref.shape or ref.color or ref.where):
            ref = replace(ref, pick="all")  # "除了齿轮以外的零件"
        if ref.universal and self.pending:
            without, self.pending = without + self.pending, ()
        if ref.others and ref.universal:
            without += tuple(
                replace(other, without=()) for other in self.named if other not in without and not other.others
            )
        return replace(ref, without=without)

    def _place(self, place: Place) -> None:
        frame = self.frame
        if self._is_source():
            self._from_there(place)
        elif frame.target and (frame.parts or frame.pronoun) and frame.place_first:
            self._open()
            self.frame.places.append(place)
        elif (
            frame.places
            and place.kind != "station"
            and frame.parts
            and not self.separator
            and frame.places[-1].kind == "container"
        ):
            self._from_there(frame.places.pop())
            frame.places.append(place)
        elif frame.target and not (frame.parts or frame.pronoun) and (place.kind != "station" or frame.places):
            self._open()
            self.frame.places.append(place)
        else:
            self._not_carried(place)
            frame.places.append(place)
        self.separator = ""

    def _not_carried(self, place: Place) -> None:
        """A box that follows its verb directly is the object: boxes do not move."""
        at = self.phrases.at
        verb = next(
            (
                token
                for token in reversed(self.phrases.tokens[:at])
                if token.kind not in ("color", "bin", "container", "fixture", "de", "spot")
            ),
            None,
        )
        following = self.phrases.kind()
        carried = (
            verb is not None
            and verb.kind in ("ba", "verb")
            and following in ("into", "verb")
            and place.kind != "station"
        )
        if (
            carried
            and verb is not None
            and (verb.kind == "ba" or (verb.text.isascii() and verb.value in ("put", "take", "carry", "load")))
        ):
            if not self.frame.parts and (following == "verb" or verb.text.isascii()):
                raise Confused("target", "box")

    def _is_source(self) -> bool:
        at = self.phrases.at - 1
        while at >= 0 and self.phrases.tokens[at].kind in (
            "container",
            "bin",
            "color",
            "station",
            "fixture",
            "spot",
            "de",
        ):
            at -= 1
        return at >= 0 and self.phrases.tokens[at].kind == "from"

    def _from_there(self, place: Place) -> None:
        if place.kind == "container" and self.frame.parts:
            self.frame.parts = [replace(ref, inside=place.name) for ref in self.frame.parts]
        elif place.kind == "container":
            raise Confused("words", place.name)

    def _bare_all(self) -> bool:
        """ "都" and "全部" after the parts they speak of; "每个" and "both" before are phrases of their own."""
        kind, phrases = self.phrases.kind(), self.phrases
        if kind not in ("all", "one", "plain", "count"):
            return False
        if phrases.kind(1) == "negation" and phrases.kind(2) == "color":  # "所有不是红色的零件"
            return False
        at = 1
        while phrases.kind(at) in _BEFORE_HEAD:
            at += 1
        return phrases.kind(at) not in ("shape", "part", "everything", "of") and not any(
            phrases.kind(ahead) in ("color", "side", "most", "others", "away", "of") for ahead in range(1, at)
        )

    # words ----------------------------------------------------------------------------------------------------------

    def _on_all(self, token: Token, before: str) -> None:
        frame = self.frame if self.frame.parts or not self.done or self.frame.pronoun else None
        if frame is None or (not frame.parts and not frame.pronoun):
            if self.phrases.kind() in ("verb", "into"):  # "全部放进…"
                self._parts([PartRef(pick="all")] if not self.done else [])
                if self.done:
                    self.frame.pronoun = True
                return
            raise Confused("part", token.text)
        alone = len(frame.parts) == 1
        frame.parts = [
            replace(ref, pick="all") if ref.pick == "one" and ref.where is None and (alone or not ref.shape) else ref
            for ref in frame.parts
        ]
        if self.pending:
            frame.parts = [self._without(ref) for ref in frame.parts]

    def _on_one(self, token: Token, before: str) -> None:
        if self.phrases.kind() == "end" and self.frame.parts:
            return
        self.frame.pronoun = True
        if not self.frame.parts:
            raise Confused("part", token.text)

    def _on_plain(self, token: Token, before: str) -> None:
        raise Confused("part", token.text)

    def _on_count(self, token: Token, before: str) -> None:
        if len(self.frame.parts) == int(token.value):
            return
        if len(self.frame.parts) == 1 and self.frame.parts[0].pick in ("one", "all"):
            self.frame.parts = [replace(self.frame.parts[0], pick="count", count=int(token.value))]
            return
        raise Confused("part", token.text)

    def _on_verb(self, token: Token, before: str) -> None:
        frame = self.frame
        if token.value == "touch" and token.text == "要" and not frame.negated:
            return
        if (
            (frame.complete and not (frame.place_first and not frame.parts) and not self._same_clause(token))
            or (self.separator == "comma" and frame.negated and (frame.parts or frame.places))
            or (token.value in ("leave",) and not frame.empty and frame.target)
            or (frame.verb == "leave" and self.separator)
        ):
            self._open()
        self.frame.verb = _stronger(self.frame.verb, token.value)
        if token.text == "装车" or token.text == "上车":
            self.frame.aboard = True

    def _same_clause(self, token: Token) -> bool:
        """Serial verbs of one clause: "红色料箱里放齿轮", "把齿轮装好送"; a station may follow its vehicle."""
        frame = self.frame
        if frame.verb == "load" and not frame.target and token.value in ("put", "load") and not self.separator:
            return True
        return (not frame.verb and not self.separator and token.value not in ("carry", "drive")) or (
            frame.vehicle and not frame.target
        )

    def _on_go(self, token: Token, before: str) -> None:
        skip = 1 if self.phrases.kind() == "into" else 0
        if self.phrases.kind(skip) == "station":
            self._on_verb(Token("verb", "drive", token.text), before)

    def _on_into(self, token: Token, before: str) -> None:
        if self.frame.verb == "" and self.phrases.kind() == "pronoun" and not self.frame.parts:
            raise Confused("part", token.text)

    def _on_in(self, token: Token, before: str) -> None:
        if (
            not self.frame.target
            and (self.frame.parts or self.frame.pronoun or self.frame.verb)
            and self.phrases.kind() not in _PLACE_KINDS
        ):
            self.frame.there = before not in ("agv", "container", "bin", "fixture", "station")

    def _on_from(self, token: Token, before: str) -> None:
        if self.phrases.kind() not in _PLACE_KINDS:
            raise Confused("words", token.text)

    def _on_of(self, token: Token, before: str) -> None:
        raise Confused("words", token.text)

    _on_sideof = _on_beside = _on_away = _on_bin = _on_spot = _on_ordinal = _on_of

    def _on_de(self, token: Token, before: str) -> None:
        pass

    def _on_agv(self, token: Token, before: str) -> None:
        aboard = before == "into" or self.phrases.kind() == "in" or (before == "verb" and self.frame.verb == "load")
        if self.phrases.kind() == "in":
            self.phrases.next()
        while self.phrases.kind() in ("de", "of") and self.phrases.kind(1) in ("container", "bin"):
            self.phrases.next()
        if self.phrases.kind() in ("container", "bin") and self.phrases.kind(-1) in ("in", "de", "agv", "of"):
            token = self.phrases.next()
            if token.kind == "container" and token.value != self._tote_name():
                raise Confused("place", token.text)
            aboard = True
        frame = self.frame
        if aboard:
            if (frame.complete and frame.verb != "load") or (frame.negated and self.separator == "comma"):
                self._open()
            self.frame.aboard = True
            self.frame.place_first = self.frame.place_first or not self.frame.parts
        else:
            by = before == "by" and self.phrases.tokens[max(self.phrases.at - 2, 0)].text.isascii()  # "… with the AGV"
            if frame.complete and not by:
                self._open()
            self.frame.vehicle = True

    def _tote_name(self) -> str:
        return next((name for name, box in self.catalogue.containers.items() if box.on == "agv"), "")

    def _on_robot(self, token: Token, before: str) -> None:
        if token.text in ("you", "你", "您") and before != "into":
            return
        if before not in ("", "comma", "stop", "by", "then", "end") or (self.phrases.at > 3 and before == ""):
            raise Confused("words", token.text)

    def _on_pronoun(self, token: Token, before: str) -> None:
        frame = self.frame
        if before == "into":
            if self.phrases.kind() == "in":
                self.phrases.next()
            frame.there = True
            return
        if frame.parts and not frame.target and not self.separator and before in ("verb", "ba"):
            return  # "take the gear and put it": the same parts
        if frame.complete:
            self._open()
        if not self.frame.parts:
            self.frame.pronoun = True

    def _on_there(self, token: Token, before: str) -> None:
        if not self.frame.target:
            self.frame.there = True

    def _on_and(self, token: Token, before: str) -> None:
        self.separator = self.separator or "and"

    def _on_or(self, token: Token, before: str) -> None:
        """A choice is only clear where nothing is to be done with either."""
        if not self.frame.negated:
            raise Confused("part", token.text)
        self.separator = self.separator or "and"

    def _on_comma(self, token: Token, before: str) -> None:
        self.separator = "comma"
        if self.frame.verb == "leave" and self.frame.parts:
            self._open()

    def _on_but(self, token: Token, before: str) -> None:
        if self.frame.parts and not self.frame.target and not self.frame.negated:
            if self.phrases.kind() != "negation":
                self._exception()
                return
        self._close()
        self.separator = "but"

    def _on_stop(self, token: Token, before: str) -> None:
        self._close()
        self.frame.sentence += 1
        self.frame.order = ""
        self.separator = ""
        self.negated = self.frame.negated = False

    def _on_then(self, token: Token, before: str) -> None:
        if (
            token.text in ("再", "就", "完", "好", "后", "才")
            and not self.frame.empty
            and not self.frame.complete
            and self.separator != "comma"
        ):
            return  # "拿起来再放进…"
        self._close(keep_negation=True)

    def _on_first(self, token: Token, before: str) -> None:
        if self.frame.complete and self.separator:
            self._open()

    def _on_butfirst(self, token: Token, before: str) -> None:
        self._close()
        self.frame.order = "butfirst"

    def _on_before(self, token: Token, before: str) -> None:
        prefix = (self.frame.empty and not self._clauses_here()) or self.separator == "comma"
        self._close(keep_negation=True)
        self.frame.order = "before" if prefix else ""

    def _on_after(self, token: Token, before: str) -> None:
        prefix = self.frame.empty and not self._clauses_here()
        self._close(keep_negation=True)
        self.frame.order = "" if prefix else "after"

    def _clauses_here(self) -> bool:
        return bool(self.done) and self.done[-1].sentence == self.frame.sentence

    def _on_zhbefore(self, token: Token, before: str) -> None:
        if not self.frame.empty:
            self.frame.order = "before"
            self._close(keep_negation=True)

    def _on_also(self, token: Token, before: str) -> None:
        if self.frame.complete and self.separator:
            self._open()
        self.frame.also = True

    def _on_respectively(self, token: Token, before: str) -> None:
        self.frame.respectively = True

    def _on_by(self, token: Token, before: str) -> None:
        if self.frame.complete and self.phrases.kind() == "agv" and token.text.isascii() is False:
            self._open()

    def _on_ba(self, token: Token, before: str) -> None:
        if self.frame.complete or (self.separator == "comma" and self.frame.negated and self.frame.parts):
            self._open()

    def _on_negation(self, token: Token, before: str) -> None:
        if self.frame.complete and self.separator:
            self._close()
        self.frame.negated = self.negated = True

    def _on_except(self, token: Token, before: str) -> None:
        self._exception()

    def _exception(self) -> None:
        """An exception that stands apart from its universal: before the clause, or after its target."""
        refs = tuple(self.phrases.part_list()) if self.phrases.starts_parts() else ()
        if not refs:
            raise Confused("part")
        if self.phrases.kind() == "outside":
            self.phrases.next()
        self.named += refs
        if any(ref.universal for ref in self.frame.parts):
            self.frame.parts = [
                replace(ref, without=ref.without + refs) if ref.universal else ref for ref in self.frame.parts
            ]
        elif self.done and not self.frame.parts and any(ref.universal for ref in self.done[-1].parts):
            last = self.done[-1]
            last.parts = [replace(ref, without=ref.without + refs) if ref.universal else ref for ref in last.parts]
        else:
            self.pending += refs

    def _on_exclude(self, token: Token, before: str) -> None:
        """ "螺栓除外": the parts just named are the exception."""
        refs, self.frame.parts = tuple(self.frame.parts), []
        target = next((frame for frame in reversed(self.done) if any(ref.universal for ref in frame.parts)), None)
        if not refs:
            raise Confused("part", token.text)
        if target is None:
            self.pending += refs
        else:
            target.parts = [replace(ref, without=ref.without + refs) if ref.universal else ref for ref in target.parts]

    def _on_outside(self, token: Token, before: str) -> None:
        """ "螺母和螺栓以外的零件": what was just named is the exception."""
        if self.pending:
            return
        if not self.frame.parts or self.frame.target:
            raise Confused("words", token.text)
        self.pending, self.frame.parts = tuple(self.frame.parts), []


def _stronger(old: str, new: str) -> str:
    """The verb of a clause with several: "pick up … and load", "take … to"."""
    return new if old in ("", "take", "drive", "leave") or new in ("insert", "load") else old


def _settled(words: list[Token]) -> list[Token]:
    """Decide words with two readings: "store", "装配" are verbs unless a preposition or a verb of motion precedes."""
    result: list[Token] = []
    for at, word in enumerate(words):
        before = words[at - 1] if at else None
        after = words[at + 1] if at + 1 < len(words) else None
        if (
            word.also_verb
            and not (
                before
                and (
                    before.kind in ("into", "from", "go")
                    or (before.kind == "verb" and before.value in ("carry", "drive"))
                )
            )
            and not (after and after.kind == "spot")
        ):
            word = Token("verb", word.also_verb, word.text)
        result.append(word)
    return result
