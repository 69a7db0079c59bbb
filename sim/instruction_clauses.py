"""From frames to orders: what "it", "there", "the rest" and a missing verb or target mean, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from luban.catalogue import Catalogue
from luban.meaning import Drive, Insert, Meaning, NotUnderstood, Order, Orders, OutOfScope, PartRef, Put, Unsafe
from sim.instruction_frames import Collector, Frame
from sim.instruction_phrases import Confused, Place
from sim.instruction_words import Token, tokens


class Reader:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def read(self, text: str) -> Meaning:
        words = tokens(text, self.catalogue)
        if not any(word.kind not in ("stop", "comma", "unknown") for word in words) and not any(
            word.kind == "unknown" and any(char.isalnum() for char in word.value) for word in words
        ):
            return NotUnderstood("empty")
        refused = _refusal(words)
        if refused:
            return refused
        try:
            frames = Collector(words, self.catalogue).frames()
            return self._orders(frames)
        except Confused as confusion:
            return NotUnderstood(confusion.kind, confusion.words)

    def _orders(self, frames: list[Frame]) -> Meaning:
        positive = _reordered(_joined([frame for frame in frames if not frame.empty]))
        spared: list[PartRef] = []
        orders: list[Order] = []
        memory = _Memory()
        for frame in positive:
            if frame.negated or frame.verb in ("leave", "touch"):
                spared += self._spared(frame, memory, positive)
                memory.note(frame)
                continue
            orders += self._frame_orders(frame, memory)
            memory.note(frame)
        if not orders:
            return NotUnderstood("negated" if frames else "nothing")
        return Orders(_without_named(orders), tuple(spared))

    def _spared(self, frame: Frame, memory: _Memory, frames: list[Frame]) -> list[PartRef]:
        """Parts of a negated clause; "not into the red bin" spares them only from that bin, so from nothing else."""
        boxes = [place for place in frame.places if place.kind != "station"]
        others = [place for other in frames if other is not frame and not other.negated for place in other.places]
        if not frame.parts or (boxes and not any(place in others for place in boxes)):
            return []
        if frame.verb == "touch" and not frame.negated:
            raise Confused("words", "touch")
        return frame.parts

    def _frame_orders(self, frame: Frame, memory: _Memory) -> list[Order]:
        verb = frame.verb or memory.verb
        parts = tuple(frame.parts)
        stations = [place.name for place in frame.places if place.kind == "station"]
        boxes = [place for place in frame.places if place.kind != "station"]
        if frame.there and not boxes and not stations:
            boxes = memory.there()
        if frame.aboard and not boxes:
            boxes = [self._tote()]
        if frame.pronoun and not parts:
            parts = () if stations and memory.drives(frame) else memory.antecedent(frame)
        if not parts and not frame.pronoun and boxes and memory.parts and not frame.place_first and frame.verb:
            parts = memory.antecedent(frame)  # "拿起齿轮，放进蓝色料箱"
        if parts and not boxes and not stations:
            boxes = self._implied(frame, verb, memory)
        if frame.respectively and len(boxes) > 1:
            return self._paired(parts, boxes)
        if len(stations) > 1 or len(boxes) > 1:
            raise Confused("target")
        if parts and stations and not boxes:
            boxes = (
                [] if memory.places and memory.places[-1] == self._tote() and parts == memory.parts else [self._tote()]
            )
        if not parts:
            return self._drive_only(frame, boxes, stations, verb, memory)
        orders: list[Order] = [self._into(parts, box) for box in boxes]
        return orders + [Drive(station) for station in stations]

    def _drive_only(
        self, frame: Frame, boxes: list[Place], stations: list[str], verb: str, memory: _Memory
    ) -> list[Order]:
        if boxes or not stations:
            raise Confused("part" if boxes else "target")
        driven = (
            frame.vehicle or frame.pronoun or verb == "drive" or memory.loaded or (memory.vehicle and not frame.parts)
        )
        if not driven:
            raise Confused("part")
        return [Drive(stations[0])]

    def _implied(self, frame: Frame, verb: str, memory: _Memory) -> list[Place]:
        """A target that goes without saying."""
        if verb == "load" or (frame.vehicle and verb in ("put", "carry", "take")):
            return [self._tote()]
        if verb == "insert" and len(self.catalogue.fixtures) == 1:
            return [Place("fixture", next(iter(self.catalogue.fixtures)))]
        if frame.also and memory.places:
            return [memory.places[-1]]
        raise Confused("target")

    def _paired(self, parts: tuple[PartRef, ...], boxes: list[Place]) -> list[Order]:
        if len(parts) != len(boxes):
            raise Confused("target")
        return [self._into((part,), box) for part, box in zip(parts, boxes, strict=True)]

    def _into(self, parts: tuple[PartRef, ...], place: Place) -> Order:
        return Insert(parts, place.name) if place.kind == "fixture" else Put(parts, place.name)

    def _tote(self) -> Place:
        for name, container in self.catalogue.containers.items():
            if container.on == "agv":
                return Place("container", name)
        raise Confused("place", "AGV")


def _without_named(orders: list[Order]) -> tuple[Order, ...]:
    """Take what other orders name out of "the rest", even when they are said later."""
    result: list[Order] = []
    for order in orders:
        if not isinstance(order, Drive):
            named = [
                ref
                for other in orders
                if other is not order and not isinstance(other, Drive)
                for ref in other.parts
                if not ref.others
            ]
            parts = tuple(
                replace(ref, without=ref.without + tuple(other for other in named if other not in ref.without))
                if ref.others and ref.universal
                else ref
                for ref in order.parts
            )
            order = replace(order, parts=parts)
        result.append(order)
    return tuple(result)


@dataclass
class _Memory:
    """What earlier clauses named, for "it", "there", "too" and clauses without a verb."""

    verb: str = ""
    parts: tuple[PartRef, ...] = ()
    places: list[Place] = field(default_factory=list)
    vehicle: bool = False
    loaded: bool = False
    untouched: bool = False

    def note(self, frame: Frame) -> None:
        self.verb = frame.verb or self.verb
        self.parts = tuple(frame.parts) or self.parts
        self.loaded = (
            frame.aboard
            or any(place.name == "tote" or frame.verb == "load" for place in frame.places)
            or (frame.verb == "load")
            or (self.loaded and not frame.parts)
        )
        self.vehicle = frame.vehicle or frame.aboard or (frame.verb == "drive") or self.vehicle
        boxes = [place for place in frame.places if place.kind != "station"]
        self.places = boxes or self.places
        self.untouched = frame.negated and not frame.target

    def drives(self, frame: Frame) -> bool:
        return self.loaded or (self.vehicle and not self.parts) or (self.vehicle and frame.verb == "drive")

    def antecedent(self, frame: Frame) -> tuple[PartRef, ...]:
        if not self.parts or self.untouched:
            raise Confused("part", "it")
        return self.parts

    def there(self) -> list[Place]:
        if self.places:
            return [self.places[-1]]
        raise Confused("target")


def _refusal(words: list[Token]) -> Meaning | None:
    """Refuse what is dangerous or beyond this cell before looking at the rest."""
    places = any(word.kind in ("container", "fixture", "bin", "station") for word in words)
    kinds = [word.kind for word in words] + ["end"]
    refused = [
        word
        for word, following in zip(words, kinds[1:], strict=True)
        if word.kind == "unsafe" or (word.kind == "impossible" and following != "spot")
    ]
    for word in sorted(refused, key=lambda word: (word.value == "person", word.kind != "unsafe")):
        return Unsafe(word.value) if word.kind == "unsafe" else OutOfScope(word.text)
    if "impossible" in kinds:  # "the paint shop"
        return NotUnderstood("place", next(word.text for word in words if word.kind == "impossible"))
    if (
        any(word.kind == "verb" and word.value == "drop" for word in words)
        and not places
        and not any(word.kind == "agv" for word in words)
    ):
        return Unsafe("throw")
    known = [
        word
        for word in words
        if word.kind in ("shape", "part", "container", "station", "agv", "fixture", "everything", "others")
    ]
    strange = [word.value for word in words if word.kind == "unknown"]
    acts = any(word.kind in ("verb", "ba", "go") for word in words)
    if (strange and (not known or not acts)) or (not known and not acts):
        return OutOfScope(_words(words))
    if strange:
        at = kinds.index("unknown")
        target = (
            at > 0
            and kinds[at - 1] in ("into", "go")
            and not any(kind in ("station", "container", "bin", "fixture") for kind in kinds)
        )
        return NotUnderstood("place" if target else "words", _words(words))
    question = next((word for word in words if word.kind == "question"), None)
    return NotUnderstood("words", question.text) if question else None


def _words(words: Iterable[Token]) -> str:
    """The unknown words as they were said: English with spaces, Chinese without."""
    strange = [word.value for word in words if word.kind == "unknown" and word.value.isalnum()]
    return (" " if "".join(strange).isascii() else "").join(strange[:8])


def _joined(frames: list[Frame]) -> list[Frame]:
    """Join "take the gear" with the clause that says where to."""
    result: list[Frame] = []
    for frame in frames:
        last = result[-1] if result else None
        if (
            last
            and last.verb in ("take", "put", "carry", "")
            and last.parts
            and not last.target
            and not last.also
            and (not last.vehicle)
            and not frame.parts
            and frame.target
            and last.negated == frame.negated
        ):
            frame = replace(frame, parts=last.parts, pronoun=False, order=last.order)
            result.pop()
        result.append(frame)
    return result


def _reordered(frames: list[Frame]) -> list[Frame]:
    """Put clauses into the order in which they are to be done."""
    result: list[Frame] = []
    postponed: list[Frame] = []
    sentence = -1
    start = 0
    for at, frame in enumerate(frames):
        if frame.sentence != sentence:
            result += postponed
            postponed, sentence, start = [], frame.sentence, len(result)
        more = any(other.sentence == sentence for other in frames[at + 1 :])
        if frame.order == "before" and more:
            postponed.append(frame)
        elif frame.order == "after" and len(result) > start:
            result.insert(start, frame)
        elif frame.order == "butfirst":
            result.insert(0, frame)
        else:
            result.append(frame)
    return result + postponed
