"""How containers, fixtures, stations and the vehicle are called, from a catalogue and the lexicon."""

from __future__ import annotations

from dataclasses import dataclass

from luban.catalogue import Catalogue
from policies.planner.training.english_lexicon import AGV_WORDS, BARE, BOXES, COLORS, HOLES, STATIONS, VERBAL
from policies.planner.training.english_template import Table
from policies.planner.training.english_voice import Voice


@dataclass(frozen=True)
class Goal:
    """text: "the red bin"; into: "into the red bin"; toward: "over to the red bin"; inside: "in the red bin"."""

    text: str
    into: str
    toward: str
    inside: str


_INTO = Table("9 into\n9 in\n2 inside\n.4 in to")
_ONTO = Table("5 into\n6 in\n4 onto\n6 on\n.4 on to")
_INSIDE = Table("9 in\n2 inside")
_UPON = Table("5 in\n6 on")
_TOWARD = Table("6 to\n2 over to\n.5 over into")


class Places:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._boxes = {name: self._box_names(name) for name in catalogue.containers}
        self._holes = {
            name: (fixture.words.en, tuple(word for word in HOLES.get(name, ()) if word not in fixture.words.en))
            for name, fixture in catalogue.fixtures.items()
        }
        self._stations = {
            name: tuple(dict.fromkeys(word for word in station.words.en if word not in VERBAL))
            for name, station in catalogue.stations.items()
        }
        self._agv = catalogue.agv_words.en

    def vehicle(self, voice: Voice) -> str:
        """ "the AGV"."""
        word = voice.favoured(self._agv, 0.5) if voice.chance(0.88) else voice.one(AGV_WORDS)
        return self._article(voice, word)

    def container(self, name: str, voice: Voice, bare_color: bool = False) -> Goal:
        """bare_color: "the blue one" is clear here."""
        box = self._catalogue.containers[name]
        if box.on == "agv" and voice.chance(0.5):
            return self._aboard(voice)
        common, rare = self._boxes[name]
        word = voice.favoured(common, 0.62) if voice.chance(0.85) or not rare else voice.one(rare)
        if bare_color and box.on == "bench" and voice.chance(0.2) and self._only(box.color):
            word = f"{self._shade(box.color, voice)} one"
        text = self._article(voice, word)
        if voice.terse and box.on == "bench" and voice.chance(0.06) and self._only(box.color):
            text = self._shade(box.color, voice)  # "bolts to red, nuts to blue"
        if box.on == "agv" and voice.chance(0.15) and "AGV" not in text:
            text = voice.say("{box} [on|of|aboard] {agv}", box=text, agv=self.vehicle(voice))
        flat = "tray" in word or "plate" in word
        into, inside = _INTO, _INSIDE
        if flat:
            into, inside = _ONTO, _UPON
        toward = voice.say(_TOWARD if voice.chance(0.6) else into)
        return Goal(text, f"{voice.say(into)} {text}", f"{toward} {text}", f"{voice.say(inside)} {text}")

    def fixture(self, name: str, voice: Voice) -> Goal:
        common, rare = self._holes[name]
        word = voice.favoured(common, 0.6) if voice.chance(0.8) or not rare else voice.one(rare)
        text = self._article(voice, word)
        toward = voice.say("[to|into|into]")
        return Goal(text, f"{voice.say(_INTO)} {text}", f"{toward} {text}", f"{voice.say(_INSIDE)} {text}")

    def landmark(self, name: str, voice: Voice) -> str:
        if name in self._catalogue.fixtures and name not in self._catalogue.containers:
            return self.fixture(name, voice).text
        box = self._catalogue.containers[name]
        if box.on == "agv" and voice.chance(0.4):
            return self.vehicle(voice)
        common, rare = self._boxes[name]
        return self._article(voice, voice.favoured(common, 0.7) if voice.chance(0.9) or not rare else voice.one(rare))

    def station(self, name: str, voice: Voice) -> Goal:
        common, extra = self._stations[name], STATIONS.get(name, ())
        word = voice.favoured(common, 0.5) if voice.chance(0.85) or not extra else voice.one(extra)
        bare = word in BARE or word[0].isupper()
        text = word if bare else self._article(voice, word)
        into = voice.say("[to|to|to|over to]")
        verbal = [word for word in self._catalogue.stations[name].words.en if word in VERBAL]
        if verbal and voice.chance(0.08):
            into = f"to {voice.one(verbal)}"
            return Goal(text, into, into, f"at {text}")
        return Goal(text, f"{into} {text}", f"{into} {text}", voice.say("[at|at|at|in] {s}", s=text))

    def _aboard(self, voice: Voice) -> Goal:
        agv = self.vehicle(voice)
        into = voice.say("[onto|onto|on|on|on|on|on to|aboard] {agv}", agv=agv)
        return Goal(agv, into, voice.say("[to|over to|onto] {agv}", agv=agv), f"on {agv}")

    def _article(self, voice: Voice, word: str) -> str:
        return word if voice.terse and voice.chance(0.85) else f"the {word}"

    def _shade(self, color: str, voice: Voice) -> str:
        known = self._catalogue.colors.get(color)
        words = known.en if known else (color, *COLORS.get(color, ())[:1])
        return voice.favoured(words, 0.85)

    def _only(self, color: str) -> bool:
        boxes = self._catalogue.containers.values()
        return sum(box.color == color for box in boxes if box.on == "bench") == 1

    def _box_names(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The catalogue's names, and those made of its colour and the other names of such a box."""
        box = self._catalogue.containers[name]
        own = box.words.en
        family = next((nouns for head, nouns in BOXES.items() if own[0].split()[-1] == head), ())
        if box.on == "agv":
            return own, tuple(noun for noun in family if noun not in own)
        nouns = [noun for noun in family if not self._shared(name, box.color, noun)]
        known = self._catalogue.colors.get(box.color)
        shades = known.en if known else (box.color, *COLORS.get(box.color, ())[:1])
        named = [f"{shades[0]} {noun}" for noun in nouns]
        shaded = [f"{shade} {nouns[0]}" for shade in (*shades[1:], *COLORS.get(box.color, ())[:4]) if nouns]
        made = dict.fromkeys(
            [
                *named,
                *shaded,
                *(f"{shades[0]}-colored {noun}" for noun in nouns[:1]),
                *(f"{noun} that is {shades[0]}" for noun in nouns[:1]),
            ]
        )
        return own, tuple(word for word in made if word not in own)

    def _shared(self, name: str, color: str, noun: str) -> bool:
        """Whether another box of that colour may be called so, too."""
        for other, box in self._catalogue.containers.items():
            head = box.words.en[0].split()[-1]
            if other != name and box.on == "bench" and box.color == color and noun in BOXES.get(head, (head,)):
                return True
        return False
