"""Orders as one says them: how clauses follow each other, and what is wrapped around them."""

from __future__ import annotations

import re
from dataclasses import replace

from luban.catalogue import Catalogue
from luban.meaning import Drive, Orders, PartRef, Put
from policies.planner.training.english_clauses import Clauses, Unit, replace_parts
from policies.planner.training.english_manner import (
    ADDRESS,
    BACKGROUND,
    BEFORE,
    CLOSING,
    FIRST_THEN,
    LINK,
    OPENING,
    SENTENCE_LINK,
    SHELL,
    SPARE,
    SPARE_AFTER,
    SPARE_BEFORE,
)
from policies.planner.training.english_template import Form
from policies.planner.training.english_voice import Voice


class Discourse:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.clauses = Clauses(catalogue)

    def say(self, meaning: Orders, voice: Voice) -> str:
        voice.terse = voice.chance(0.06)
        units = self.clauses.units(meaning.orders, voice)
        background = voice.say(BACKGROUND) + ". " if voice.chance(0.03) else ""
        if not meaning.spared:
            return background + self._dressed(units, voice)
        if voice.chance(0.4):
            return background + self._spared_first(meaning.spared, units, voice)
        main = self._dressed(units, voice, plain=True).rstrip(".")
        spare = self._spare(meaning.spared, voice)
        return (
            background + voice.say(SPARE_AFTER, main=main, spare=spare) if not main.endswith("?") else f"{main} {spare}"
        )

    # one or several clauses -----------------------------------------------------------------------------------------

    def _dressed(self, units: list[Unit], voice: Voice, plain: bool = False) -> str:
        """All orders with an address, politeness, a reason."""
        if voice.terse:
            return self._telegram(units, voice)
        opening = voice.say(OPENING) + " " if voice.chance(0.12) else ""
        address = voice.say(ADDRESS) + " " if not opening and voice.chance(0.07) else ""
        text = self._body(units, voice)
        if not plain and voice.chance(0.14) and text[-1:] not in ".?!":
            text += " " + voice.say(CLOSING)
        return opening + address + text

    def _body(self, units: list[Unit], voice: Voice) -> str:
        if len(units) == 1:
            return self._single(units[0], voice)
        ways = {
            self._chained: 0.4,
            self._sentences: 0.16,
            self._first_then: 0.16,
            self._listed: 0.03,
            self._stated: 0.1,
            self._respectively: 0.05,
        }
        if len(units) == 2:
            ways[self._reversed] = 0.24
        else:
            ways[self._partly_reversed] = 0.12
        at = voice.random.random() * sum(ways.values())
        for way, share in ways.items():
            at -= share
            if at <= 0:
                return way(units, voice)
        return self._chained(units, voice)

    def _single(self, unit: Unit, voice: Voice) -> str:
        if voice.chance(0.27):
            return self.clauses.statement(unit, voice)
        if voice.chance(0.04):
            return self.clauses.scrap(unit, voice) + voice.say("[|, please|, please|, now|, thanks]")
        without = unit.parts[0].without if len(unit.parts) == 1 else ()
        if without and voice.chance(0.2):
            return self._exception_first(unit, without, voice)
        if isinstance(unit.order, Put) and not unit.onward and voice.chance(0.05):
            return self._fronted(unit, voice)
        return self._wrapped([unit], voice)

    def _exception_first(self, unit: Unit, without: tuple[PartRef, ...], voice: Voice) -> str:
        exception = self.clauses.parts.exception(without, voice)
        if exception.startswith(("but ", "minus", "bar ", "just", "only")):
            exception = "except for " + exception.split(" ", 1)[1].removeprefix("not ")
        bare = replace_parts(unit, (replace(unit.parts[0], without=()),))
        return f"{exception}, {self.clauses.command(bare, voice)}"

    def _fronted(self, unit: Unit, voice: Voice) -> str:
        """ "In the blue bin, put the gear"."""
        assert isinstance(unit.order, Put)
        goal = self.clauses.places.container(unit.order.container, voice)
        noun = self.clauses.parts.listed(unit.parts, voice)
        verb = voice.say("[put|put|place|drop|lay|please put|I want you to put|you should put|we need]")
        return f"{goal.into}{voice.one(('', ','))} {verb} {noun.text}"

    def _wrapped(self, units: list[Unit], voice: Voice) -> str:
        """Commands joined, as an order, a wish or a polite question."""
        shell = SHELL.draw(voice.random)
        form: Form = "ing" if "{ing}" in shell else "base"
        return voice.say(
            shell, v=self._joined(units, voice, form), ing=self._joined(units, voice, form) if form == "ing" else ""
        )

    def _joined(self, units: list[Unit], voice: Voice, form: Form) -> str:
        texts: list[str] = []
        for at, unit in enumerate(units):
            before = units[at - 1] if at else None
            last = at == len(units) - 1
            link = voice.say(LINK) if last or voice.chance(0.45) else ", "
            if before and self._elides(before, unit, texts[-1]) and voice.chance(0.4):
                text = self.clauses.elided(unit, voice)
                link = (
                    voice.one((" and ", ", ", " and ", ", then ")) if not last else voice.one((" and ", ", and ", ", "))
                )
            elif before and isinstance(unit.order, Drive) and before.drives and voice.chance(0.35):
                text = self.clauses.stop(unit, voice)
                link = voice.one((", then ", " and then ", " and ", ", and then "))
            else:
                text = self.clauses.command(unit, voice, form, last, before)
            texts.append(f" {link} {text}" if at else text)
        return "".join(texts)

    def _elides(self, before: Unit, unit: Unit, text: str) -> bool:
        """Whether "put … into …" still speaks for the next clause."""
        return (
            isinstance(before.order, Put)
            and isinstance(unit.order, Put)
            and not before.onward
            and not unit.onward
            and not re.search(" (too|well|likewise)$| up | load|wait|make sure|use |have |see ", f" {text}")
        )

    def _chained(self, units: list[Unit], voice: Voice) -> str:
        return self._wrapped(units, voice)

    def _sentences(self, units: list[Unit], voice: Voice) -> str:
        """Each order in a sentence of its own."""
        result = ""
        for at, unit in enumerate(units):
            before = units[at - 1] if at else None
            if voice.chance(0.25):
                text = self.clauses.statement(unit, voice)
            else:
                text = self.clauses.command(unit, voice, after=before)
            link = ""
            if at:
                link = (
                    voice.say(SENTENCE_LINK)
                    if at < len(units) - 1 or voice.chance(0.75)
                    else voice.say("[Finally,|Lastly,|At last,|As a last step,]")
                )
            elif voice.chance(0.25):
                link = voice.say("[First,|First|Please|First of all,|To start,|To begin with,]")
            if link.endswith("Please") and re.match("[A-Z]|the |I |we ", text):
                link = ""
            result += (
                f"{'. ' if at and result[-1] not in '.?!' else ' ' if at else ''}{link} {text}".lstrip()
                if not at
                else f"{'. ' if result[-1] not in '.?!' else ' '}{link} {text}"
            )
        return result

    def _first_then(self, units: list[Unit], voice: Voice) -> str:
        texts = [
            self.clauses.command(unit, voice, last=False, after=units[at - 1] if at else None)
            for at, unit in enumerate(units)
        ]
        result = f"{voice.say('[first|first|first|first,|first of all,|to start with,|start by|begin by]')} "
        if result.startswith(("start by", "begin by")):
            voice.shapes.clear()
            texts = [
                self.clauses.command(
                    unit, voice, "base" if at else "ing", last=False, after=units[at - 1] if at else None
                )
                for at, unit in enumerate(units)
            ]
        result += texts[0]
        for at, text in enumerate(texts[1:], 1):
            result += (
                " " + voice.say("[, finally|, and finally|, lastly|, and last]")
                if at > 1 and at == len(texts) - 1 and voice.chance(0.3)
                else " " + voice.say(FIRST_THEN)
            )
            result += f" {text}"
        return voice.say("[{t}|{t}|{t}|please {t}|{t}, please]", t=result)

    def _listed(self, units: list[Unit], voice: Voice) -> str:
        mark = voice.one(("{n}. ", "{n}) ", "Step {n}: ", "({n}) "))
        end = voice.one(("; ", ". ", ", ")) if "Step" not in mark else voice.one(("; ", ". "))
        texts = []
        for at, unit in enumerate(units):
            number = (
                ("one", "two", "three", "four", "five", "six")[at]
                if "Step" in mark and len(units) < 6 and mark == "Step {n}: "
                else str(at + 1)
            )
            texts.append(mark.format(n=number) + self.clauses.command(unit, voice, after=units[at - 1] if at else None))
        opening = voice.say("[||||Tasks: |Your tasks: |Here is the plan: |Do the following: ]")
        return f"{opening} {end.join(texts)}"

    def _stated(self, units: list[Unit], voice: Voice) -> str:
        texts = [self.clauses.statement(unit, voice) for unit in units]
        result = texts[0]
        for at, text in enumerate(texts[1:], 1):
            link = voice.say("[, and |; |, then |. | and |. then |. ]") if result[-1] not in ".?!" else " "
            if link == " and " and at == len(texts) - 1:
                link = ", and "
            result += f"{link} {text}"
        return result

    def _respectively(self, units: list[Unit], voice: Voice) -> str:
        """ "The gear and the nut into the red bin and the tray, respectively"."""
        if not all(isinstance(unit.order, Put) and not unit.onward and len(unit.parts) == 1 for unit in units) or any(
            unit.parts[0].without or unit.parts[0].others for unit in units
        ):
            return self._chained(units, voice)
        nouns = [self.clauses.parts.named(unit.parts[0], voice) for unit in units]
        if any(noun.long for noun in nouns):
            return self._chained(units, voice.fresh())
        goals = [
            self.clauses.places.container(unit.order.container, voice).text
            for unit in units
            if isinstance(unit.order, Put)
        ]
        things = ", ".join(noun.text for noun in nouns[:-1]) + f" and {nouns[-1].text}"
        boxes = ", ".join(goals[:-1]) + f" and {goals[-1]}"
        return voice.say(
            "[put|place|move|sort|please put] {t} [into|in|into] {b} [respectively|, respectively]", t=things, b=boxes
        )

    def _reversed(self, units: list[Unit], voice: Voice) -> str:
        """Two orders, told in any order of mention."""
        first, second = units
        pattern = BEFORE.draw(voice.random)
        slots: dict[str, str] = {}
        previous: Unit | None = None
        for slot in re.findall(r"\{(\w+)\}", pattern):
            unit = first if slot.startswith("a") else second
            after = previous if previous is first else None
            if slot.endswith("state"):
                slots[slot] = self.clauses.state(unit, voice)
            else:
                form: Form = "ing" if slot.endswith("ing") else "done" if slot.endswith("done") else "base"
                slots[slot] = self.clauses.command(unit, voice, form, last=pattern.endswith(f"{{{slot}}}"), after=after)
            previous = unit
        return voice.say(pattern, **slots)

    def _partly_reversed(self, units: list[Unit], voice: Voice) -> str:
        """The first two in any order of mention, the others after them."""
        result = self._reversed(units[:2], voice)
        rest = self._sentences(units[2:], voice)
        rest = re.sub("^(First,|First|First of all,|To start,|To begin with,|Please) ", "", rest.strip())
        link = voice.say("[Then|After that,|Next,|And then|Finally,|Afterwards,]")
        return f"{result}. {link} {rest}"

    def _telegram(self, units: list[Unit], voice: Voice) -> str:
        texts = [
            self.clauses.scrap(unit, voice) if voice.chance(0.7) else self.clauses.command(unit, voice)
            for unit in units
        ]
        return voice.one((", then ", "; ", ". ", ", ", " and ", ", and then ", " then ")).join(texts)

    # what stays -----------------------------------------------------------------------------------------------------

    def _spare(self, refs: tuple[PartRef, ...], voice: Voice) -> str:
        noun = self.clauses.parts.listed(refs, voice)
        return voice.say(SPARE, several=noun.several, p=noun.text, it="they" if noun.several or noun.many else "it")

    def _spared_first(self, refs: tuple[PartRef, ...], units: list[Unit], voice: Voice) -> str:
        spare = self._spare(refs, voice)
        pattern = SPARE_BEFORE.draw(voice.random)
        slots = {"spare": spare}
        if "{p}" in pattern:
            slots["p"] = self.clauses.parts.listed(refs, voice.fresh()).text
        return voice.say(pattern, main=self._joined(units, voice, "base"), **slots)
