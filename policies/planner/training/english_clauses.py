"""One order in words: as a command, a statement, a state that is reached or a scrap of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from luban.catalogue import Catalogue
from luban.meaning import Drive, Insert, Order, PartRef, Put
from policies.planner.training import english_orders as orders
from policies.planner.training import english_trips as trips
from policies.planner.training.english_parts import Noun, Parts, inlined
from policies.planner.training.english_places import Places
from policies.planner.training.english_template import Form, Table
from policies.planner.training.english_voice import Voice

_TOO = Table("""
5 , and {q} too
3 , and {q} as well
3 and also {q}
2 , and also {q}
1.5 , {q} too
1.5 , {q} as well
1.5 , plus {q}
1 , together with {q}
1 , along with {q}
1 , same with {q}
1 , and the same for {q}
1 , and do the same with {q}
.7 , {q} likewise
""")
_THERE = Table("""
2 , and {q} in the same one
2 , and {q} in there [too|as well]
1 , and in there {q} too
1 , and {q} to the same place
1 , and add {q}
""")
_NO = Table("""
4 , no, {x}
3 , sorry, {x}
2 , no wait, {x}
2 , I mean {x}
1.5 , er, no, {x}
1.5 , I meant {x}
1 , or rather {x}
1 , correction: {x}
1 ... no, {x}
1 - no, {x}
1 , sorry, I mean {x}
1 , oh no, {x}
1 , make that {x}
.7 , wait, {x}
.7 , uh, I mean {x}
.5 - actually, {x}
.5 , excuse me, {x}
""")


@dataclass(frozen=True)
class Unit:
    """One order, or two that are said as one: to load the vehicle and send it."""

    order: Order
    onward: str = ""  # the station where the vehicle takes the parts

    @property
    def parts(self) -> tuple[PartRef, ...]:
        return () if isinstance(self.order, Drive) else self.order.parts

    @property
    def drives(self) -> bool:
        return isinstance(self.order, Drive) or bool(self.onward)


class Clauses:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.places = Places(catalogue)
        self.parts = Parts(catalogue, self.places)

    def units(self, sequence: Sequence[Order], voice: Voice) -> list[Unit]:
        units: list[Unit] = []
        for order in sequence:
            last = units[-1] if units else None
            if last and isinstance(order, Drive) and self._loads(last) and voice.chance(0.7):
                units[-1] = replace(last, onward=order.station)
            else:
                units.append(Unit(order))
        return units

    def command(
        self, unit: Unit, voice: Voice, form: Form = "base", last: bool = True, after: Unit | None = None
    ) -> str:
        """A verb phrase. last: nothing follows in its sentence; after: what was said right before."""
        if unit.parts and self._splits(unit, voice):
            return self._split(unit, voice, form)
        table = self._command_table(unit, voice, after)
        tail = last and len(unit.parts) == 1 and bool(unit.parts[0].without) and voice.chance(0.35)
        shown = replace_parts(unit, (replace(unit.parts[0], without=()),)) if tail else unit
        slots, several = self._slots(shown, voice, after, slips=True)
        text = voice.say(table, form, several, **slots)
        return f"{text} {self.parts.exception(unit.parts[0].without, voice)}" if tail else text

    def statement(self, unit: Unit, voice: Voice) -> str:
        """A sentence about what is wanted."""
        order = unit.order
        table = orders.PUT_STATEMENT
        if isinstance(order, Drive):
            needs = trips.NEEDS_VEHICLE.get(order.station)
            table = trips.DRIVE_STATEMENT if voice.chance(0.85) else trips.DRIVE_ADDRESS
            table = needs if needs and voice.chance(0.5) else table
        elif unit.onward:
            needs = trips.NEEDS_PARTS.get(unit.onward)
            table = needs if needs and voice.chance(0.3) else trips.CARRY_STATEMENT
        elif isinstance(order, Insert):
            table = orders.INSERT_STATEMENT
        elif self._loads(unit) and voice.chance(0.55):
            table = orders.LOAD_STATEMENT
        elif voice.chance(0.14):
            table = orders.PUT_TOPIC
        slots, several = self._slots(unit, voice)
        return voice.say(table, "base", several, **slots)

    def state(self, unit: Unit, voice: Voice) -> str:
        """What holds when it is done."""
        if voice.chance(0.3):
            words = self.command(unit, voice, "done", last=False)
            return voice.say("[you've|you've|you have] {v}", v=words)
        if voice.chance(0.1):
            return f"you're done {self.command(unit, voice, 'ing', last=False)}"
        table = orders.PUT_STATE
        if isinstance(unit.order, Drive):
            table = trips.DRIVE_STATE
        elif unit.onward:
            table = trips.CARRY_STATE
        elif isinstance(unit.order, Insert):
            table = orders.INSERT_STATE
        slots, several = self._slots(unit, voice)
        return voice.say(table, "base", several, **slots)

    def scrap(self, unit: Unit, voice: Voice) -> str:
        """Telegram style."""
        table = orders.PUT_SCRAP
        if isinstance(unit.order, Drive):
            table = trips.DRIVE_SCRAP
        elif unit.onward:
            table = trips.CARRY_SCRAP
        elif isinstance(unit.order, Insert):
            table = orders.INSERT_SCRAP
        slots, several = self._slots(unit, voice)
        return voice.say(table, "base", several, **slots)

    def wish(self, unit: Unit, voice: Voice) -> str:
        """A question that asks for it."""
        table = orders.PUT_WISH
        if isinstance(unit.order, Drive):
            table = trips.DRIVE_WISH
        elif unit.onward:
            table = trips.CARRY_WISH
        elif isinstance(unit.order, Insert):
            table = orders.INSERT_WISH
        slots, several = self._slots(unit, voice)
        return voice.say(table, "base", several, **slots)

    def elided(self, unit: Unit, voice: Voice) -> str:
        """What may follow a command of the same kind without its verb: "the bolt in the tray"."""
        slots, _ = self._slots(unit, voice)
        return voice.say(
            "{to}" if isinstance(unit.order, Drive) else "{p} {to}" if unit.onward else "{p} {into}", **slots
        )

    def stop(self, unit: Unit, voice: Voice) -> str:
        """A further stop of the vehicle: "back to the dock"."""
        assert isinstance(unit.order, Drive)
        table = trips.NEXT_STOP
        slots, _ = self._slots(unit, voice)
        back = unit.order.station == self._catalogue.loading_station and voice.chance(0.5)
        return f"back {slots['to']}" if back else voice.say(table, **slots)

    # the words --------------------------------------------------------------------------------------------------------

    def _slots(
        self, unit: Unit, voice: Voice, after: Unit | None = None, slips: bool = False
    ) -> tuple[dict[str, str], bool]:
        """What fills the slots of its patterns, and whether verbs agree with a plural."""
        noun = Noun("")
        if unit.parts:
            noun = (
                self._slip(unit.parts, voice) if slips and voice.chance(0.025) else self.parts.listed(unit.parts, voice)
            )
        if slips and len(unit.parts) == 1 and voice.chance(0.02) and noun.text.startswith(("the ", "all the ")):
            noun = replace(noun, text=f"{voice.one(('only', 'just', 'only', 'nothing but'))} {noun.text}")
        slots = {"p": noun.text, "it": "them" if noun.many or noun.several else "it"}
        slots["they"] = "they" if noun.several else "it"
        said = after is not None and (after.drives or self._loads(after))
        slots["agv"] = "it" if said and voice.chance(0.45) else self.places.vehicle(voice)
        slots["the"] = voice.one(("it", slots["agv"]))
        station = unit.order.station if isinstance(unit.order, Drive) else unit.onward
        if station:
            goal = self.places.station(station, voice)
            slots |= {"s": goal.text, "to": goal.into, "at": goal.inside}
            if slips and voice.chance(0.012):
                slots["to"] = self._other(
                    goal.into, [name for name in self._catalogue.stations if name != station], voice
                )
        if isinstance(unit.order, Put):
            name = unit.order.container
            goal = self.places.container(name, voice, bare_color=not self._alike(unit.parts))
            slots |= {"c": goal.text, "into": goal.into, "toward": goal.toward, "inside": goal.inside}
            if slips and voice.chance(0.012):
                benches = [
                    other for other, box in self._catalogue.containers.items() if other != name and box.on == "bench"
                ]
                wrong = self.places.container(voice.one(benches), voice) if benches else goal
                slots["toward"] = slots["into"] = wrong.into + " " + voice.say(_NO, x=voice.one((goal.text, goal.into)))
        elif isinstance(unit.order, Insert):
            goal = self.places.fixture(unit.order.fixture, voice)
            slots |= {"c": goal.text, "into": goal.into, "toward": goal.toward, "inside": goal.inside}
        return slots, noun.several

    def _other(self, right: str, names: list[str], voice: Voice) -> str:
        if not names:
            return right
        return self.places.station(voice.one(names), voice).into + " " + voice.say(_NO, x=right)

    def _alike(self, refs: tuple[PartRef, ...]) -> bool:
        """Whether "the blue one" could be a part."""
        return any(ref.where or ref.inside or ref.shape is None for ref in refs)

    def _slip(self, refs: tuple[PartRef, ...], voice: Voice) -> Noun:
        """ "the red, no, the blue gear"."""
        ref = refs[0]
        if len(refs) > 1 or ref != PartRef(ref.shape, ref.color) or ref == PartRef():
            return self.parts.listed(refs, voice)
        wrong = self.parts.named(self.parts.wrong(ref, voice), voice)
        if voice.chance(0.3) and ref.color and ref.shape:
            first, second = wrong.text.rsplit(" ", 1)[0], self.parts.named(ref, voice).text
            return Noun(first + " " + voice.say(_NO, x=second))
        return Noun(wrong.text + " " + voice.say(_NO, x=self.parts.named(ref, voice).text))

    def _loads(self, unit: Unit) -> bool:
        return isinstance(unit.order, Put) and self._catalogue.containers[unit.order.container].on == "agv"

    def _command_table(self, unit: Unit, voice: Voice, after: Unit | None) -> Table:
        order = unit.order
        if isinstance(order, Drive):
            special = trips.VEHICLE_COMMANDS.get(order.station)
            if special and voice.chance(0.35):
                return special
            bare = 0.3 if after and (after.drives or self._loads(after)) else 0.1
            return trips.GO_COMMAND if voice.chance(bare) else trips.DRIVE_COMMAND
        if unit.onward:
            return trips.CARRY_COMMAND
        if isinstance(order, Insert):
            alone = len(self._catalogue.fixtures) == 1 and voice.chance(0.05)
            return orders.INSERT_ONLY if alone else orders.INSERT_COMMAND
        return orders.LOAD_COMMAND if self._loads(unit) and voice.chance(0.6) else orders.PUT_COMMAND

    def _splits(self, unit: Unit, voice: Voice) -> bool:
        """Whether the last part gets a clause of its own: "…, and the bolt too"."""
        refs = unit.parts
        if len(refs) < 2:
            return False
        return any(ref.without for ref in refs[:-1]) or voice.chance(0.15)

    def _split(self, unit: Unit, voice: Voice, form: Form) -> str:
        first = self.command(replace_parts(unit, unit.parts[:-1]), voice, form, last=False)
        there = isinstance(unit.order, Put) and not unit.onward and voice.chance(0.12)
        return (
            f"{first} {voice.say(_THERE if there else _TOO, q=inlined(self.parts.named(unit.parts[-1], voice).text))}"
        )


def replace_parts(unit: Unit, parts: tuple[PartRef, ...]) -> Unit:
    """The same order for other parts."""
    assert not isinstance(unit.order, Drive)
    return replace(unit, order=replace(unit.order, parts=parts))
