"""What cannot be acted on and must be asked about: no part, no target, an unknown place or word, no order at all."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Doubt
from policies.planner.training import english_orders as orders
from policies.planner.training import english_trips as trips
from policies.planner.training.english_clauses import Clauses
from policies.planner.training.english_lexicon import BOXES, COLORS
from policies.planner.training.english_manner import ADDRESS, CLOSING, OPENING, SHELL
from policies.planner.training.english_places import Goal
from policies.planner.training.english_refusals import random_ref
from policies.planner.training.english_sequence import LINK, SPARE
from policies.planner.training.english_strange import Strange
from policies.planner.training.english_template import Form, Table, plural
from policies.planner.training.english_unclear import EMPTY, NEGATED, NOTHING, PART, TARGET
from policies.planner.training.english_voice import Voice


class Doubts:
    def __init__(self, catalogue: Catalogue, clauses: Clauses) -> None:
        self._catalogue, self._clauses = catalogue, clauses
        self._strange = Strange(catalogue, clauses)
        boxes = [box for box in catalogue.containers.values() if box.on == "bench"]
        names = {word for box in catalogue.containers.values() for word in box.words.en}
        hues = (*COLORS, *self._strange.colors)
        taken = {(box.color, box.words.en[0].split()[-1]) for box in boxes}
        self._boxes = [
            f"{hue} {noun}"
            for hue in hues
            for head, nouns in BOXES.items()
            for noun in nouns[:6]
            if (hue, head) not in taken and hue != "gray" and f"{hue} {noun}" not in names
        ]
        heads = [box.words.en[0].split()[-1] for box in boxes]
        self._bare = [noun for head, nouns in BOXES.items() if heads.count(head) > 1 for noun in nouns[:6]]

    def say(self, kind: Doubt, voice: Voice) -> str:
        if kind == "place":
            return self._place(voice)
        if kind == "words":
            return self._strange.say(voice)
        if kind == "empty":
            return voice.say(EMPTY)
        if kind == "nothing":
            return self._opened(voice.say(NOTHING, **self._slots(voice)), voice, 0.1, closed=False)
        if kind == "negated":
            return self._opened(self._filled(NEGATED, voice), voice, 0.12)
        table = TARGET if kind == "target" else PART
        text = self._filled(table, voice)
        if re_starts(text) and voice.chance(0.35):
            shell = SHELL.draw(voice.random)
            return voice.say(shell if "{ing}" not in shell else "please {v}", v=text)
        return self._opened(text, voice, 0.12)

    def _opened(self, text: str, voice: Voice, share: float, closed: bool = True) -> str:
        opening = voice.say(voice.one((OPENING, ADDRESS))) + " " if voice.chance(share) else ""
        return (
            opening
            + text
            + (" " + voice.say(CLOSING) if voice.chance(share) and closed and not set(text) & set(".?!") else "")
        )

    def _filled(self, table: Table, voice: Voice) -> str:
        slots = self._slots(voice)
        return voice.say(table, **slots)

    def _slots(self, voice: Voice) -> dict[str, str]:
        parts, places = self._clauses.parts, self._clauses.places
        ref, other = random_ref(self._catalogue, voice), random_ref(self._catalogue, voice)
        while ref.pick != "one":
            ref = random_ref(self._catalogue, voice)
        while other.pick != "one" or other == ref:
            other = random_ref(self._catalogue, voice)
        names = list(self._catalogue.containers)
        first = voice.one(names)
        second = voice.one([name for name in names if name != first] or names)
        box = places.container(first, voice)
        stops = list(self._catalogue.stations)
        stop = voice.one(stops)
        fixtures = list(self._catalogue.fixtures)
        hole = places.fixture(voice.one(fixtures), voice).into if fixtures else box.into
        noun = parts.named(ref, voice)
        spare = parts.named(other, voice.barring())
        return {
            "p": noun.text,
            "q": parts.named(other, voice.fresh()).text,
            "it": "it",
            "ps": plural(parts.noun(ref.shape, voice)),
            "n": voice.one(("two", "three", "four", "five", "some", "many")),
            "hue": parts.color(voice.one(list(self._catalogue.colors)), voice),
            "c": box.text,
            "into": box.into,
            "inside": box.inside,
            "d": places.landmark(second, voice),
            "hole": hole,
            "agv": places.vehicle(voice),
            "s": places.station(stop, voice).text,
            "r": places.station(voice.one([name for name in stops if name != stop] or stops), voice).text,
            "put": voice.say(
                orders.PUT_COMMAND,
                p=noun.text,
                it="it",
                c=box.text,
                into=box.into,
                toward=box.toward,
                inside=box.inside,
            ),
            "spare": voice.say(SPARE, "base", spare.several, p=spare.text, it="it"),
        }

    def _place(self, voice: Voice) -> str:
        """An order whose place is not one of the cell's."""
        ref = random_ref(self._catalogue, voice)
        noun = self._clauses.parts.named(ref, voice)
        slots = {
            "p": noun.text,
            "it": "them" if noun.many or noun.several else "it",
            "agv": self._clauses.places.vehicle(voice),
        }
        slots |= {"the": slots["agv"], "they": "they" if noun.several else "it"}
        chance = voice.random.random()
        load = self._loading(voice)
        slots |= {"c": load.text, "into": load.into, "toward": load.toward, "inside": load.inside}
        if chance < 0.56:
            goal = self._unknown_box(voice)
            slots |= {"c": goal.text, "into": goal.into, "toward": goal.toward, "inside": goal.inside}
            commands, statements = orders.PUT_COMMAND, orders.PUT_STATEMENT
        elif chance < 0.62:
            hole = self._strange.hole(voice)
            slots |= {"c": hole, "into": f"into {hole}", "toward": f"into {hole}", "inside": f"in {hole}"}
            commands, statements = orders.INSERT_COMMAND, orders.INSERT_STATEMENT
        else:
            stop = self._strange.station(voice)
            slots |= {"s": stop, "to": f"to {stop}", "at": f"at {stop}"}
            drives = chance < 0.84
            commands = trips.DRIVE_COMMAND if drives else trips.CARRY_COMMAND
            statements = trips.DRIVE_STATEMENT if drives else trips.CARRY_STATEMENT
        if voice.chance(0.2):
            return voice.say(statements, "base", noun.several, **slots)
        shell = SHELL.draw(voice.random)
        form: Form = "ing" if "{ing}" in shell else "base"
        text = voice.say(commands, form, noun.several, **slots)
        if voice.chance(0.12):
            known = self._clauses.command(
                self._clauses.units((self._strange.order(voice),), voice)[0], voice.fresh(), form, last=False
            )
            first, second = (text, known) if voice.chance(0.5) else (known, text)
            text = f"{first} {voice.say(LINK)} {second}"
        return self._opened(voice.say(shell, v=text, ing=text), voice, 0.06)

    def _unknown_box(self, voice: Voice) -> Goal:
        chance = voice.random.random()
        if chance < 0.5:
            word = voice.one(self._boxes)
        elif chance < 0.68 and self._bare:
            word = voice.one(self._bare)
        else:
            word = self._strange.box(voice)
        text = (
            f"{voice.say('[the|the|the|the|the|a|that]')} {word}"
            if not word.startswith(("bin ", "box ", "container "))
            else word
        )
        into = voice.say("[into|into|in|in|inside|onto|on] {t}", t=text)
        return Goal(text, into, voice.say("[to|over to|into] {t}", t=text), f"in {text}")

    def _loading(self, voice: Voice) -> Goal:
        totes = [name for name, box in self._catalogue.containers.items() if box.on == "agv"]
        return self._clauses.places.container(voice.one(totes or list(self._catalogue.containers)), voice)


def re_starts(text: str) -> bool:
    """Whether a text is a command that politeness may go around."""
    return text.split(" ", 1)[0] in {
        "move", "pick", "take", "grab", "get", "fetch", "put", "lift", "bring", "place", "drop", "send", "drive",
        "insert", "load", "hold", "find", "deliver", "carry", "collect", "transport", "relocate", "transfer", "sort",
    } and text[-1] not in ".?!"  # fmt: skip
