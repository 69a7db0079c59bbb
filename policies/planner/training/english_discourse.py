"""Orders as one says them: how clauses follow each other, and what is wrapped around them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from luban.catalogue import Catalogue
from luban.meaning import Drive, Orders, PartRef, Put
from policies.planner.training.english_clauses import Clauses, Unit, replace_parts
from policies.planner.training.english_lexicon import NUMBERS
from policies.planner.training.english_manner import ADDRESS, BACKGROUND, CLEARING, CLOSING, OPENING, SHELL
from policies.planner.training.english_sequence import (
    BEFORE,
    BY_COLOR,
    FIRST,
    FIRST_THEN,
    LAST,
    LINK,
    SENTENCE_LINK,
    SPARE,
    SPARE_AFTER,
    SPARE_BEFORE,
    TAKEN_BACK,
)
from policies.planner.training.english_template import Form
from policies.planner.training.english_voice import Voice


class Discourse:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.clauses = Clauses(catalogue)

    def say(self, meaning: Orders, voice: Voice) -> str:
        voice.terse = voice.chance(0.08)
        units = self.clauses.units(meaning.orders, voice)
        background = voice.say(BACKGROUND) + voice.one((". ", ". ", ", so ")) if voice.chance(0.03) else ""
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
        whole = any(
            ref.universal and (ref.others or not (ref.shape or ref.color or ref.where))
            for unit in units
            for ref in unit.parts
        )
        opening = voice.say(CLEARING) + " " if whole and voice.chance(0.06) else ""
        opening = opening or (voice.say(OPENING) + " " if voice.chance(0.12) else "")
        address = voice.say(ADDRESS) + " " if not opening and voice.chance(0.07) else ""
        text = self._body(units, voice)
        if not plain and voice.chance(0.14) and not text.endswith((".", "?", "!", "please", "thanks", "now")):
            text += " " + voice.say(CLOSING)
        return opening + address + text

    def _body(self, units: list[Unit], voice: Voice) -> str:
        if len(units) == 1:
            return self._single(units[0], voice)
        colors = self._by_color(units)
        if colors and voice.chance(0.5):
            names = [self.clauses.parts.color(color, voice) for color in colors]
            return voice.say(BY_COLOR, c=", ".join(names[:-1]) + f" and {names[-1]}")
        ways = {
            self._wrapped: 0.4,
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
        return self._wrapped(units, voice)

    def _by_color(self, units: list[Unit]) -> list[str]:
        """The colours of parts that all go into the box of their own; none where anything else is asked."""
        colors: list[str] = []
        for unit in units:
            ref = unit.parts[0] if len(unit.parts) == 1 else PartRef()
            if not isinstance(unit.order, Put) or unit.onward or ref != PartRef(color=ref.color, pick="all"):
                return []
            if ref.color is None or self._catalogue.containers[unit.order.container].color != ref.color:
                return []
            colors.append(ref.color)
        return colors if len(colors) > 1 else []

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
        if voice.chance(0.035):
            return self.clauses.wish(unit, voice)
        if isinstance(unit.order, Put) and not unit.onward and len(unit.parts) == 1 and voice.chance(0.02):
            return self._taken_back(unit, voice)
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

    def _taken_back(self, unit: Unit, voice: Voice) -> str:
        """ "Put the gear in the tray. Sorry, in the red bin I mean"."""
        assert isinstance(unit.order, Put)
        ref, right = unit.parts[0], unit.order.container
        others = [name for name, box in self._catalogue.containers.items() if name != right and box.on == "bench"]
        if others and voice.chance(0.5):
            wrong = Unit(Put((ref,), voice.one(others)))
            goal = self.clauses.places.container(right, voice)
            text = self.clauses.command(wrong, voice)
            return voice.say(TAKEN_BACK, t=text, x=voice.one((goal.text, goal.into)))
        if ref == PartRef(ref.shape, ref.color) and (ref.shape or ref.color):
            wrong = Unit(Put((self.clauses.parts.wrong(ref, voice),), right))
            text = self.clauses.command(wrong, voice)
            return voice.say(TAKEN_BACK, t=text, x=self.clauses.parts.named(ref, voice).text)
        return self._wrapped([unit], voice)

    def _wrapped(self, units: list[Unit], voice: Voice) -> str:
        """Commands joined, as an order, a wish or a polite question."""
        shell = SHELL.draw(voice.random)
        form: Form = "ing" if "{ing}" in shell else "base"
        text = self._joined(units, voice, form)
        return voice.say(shell, v=text, ing=text)

    def _joined(self, units: list[Unit], voice: Voice, form: Form) -> str:
        texts: list[str] = []
        for at, unit in enumerate(units):
            before = units[at - 1] if at else None
            last = at == len(units) - 1
            open_end = bool(texts) and re.search("too$|well$|same|likewise|plus|along|together|except|but ", texts[-1])
            link = voice.say(LINK) if last or open_end or voice.chance(0.45) else ", "
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

    def _sentences(self, units: list[Unit], voice: Voice) -> str:
        """Each order in a sentence of its own."""
        texts: list[str] = []
        for at, unit in enumerate(units):
            stated = voice.chance(0.25)
            if stated:
                text = self.clauses.statement(unit, voice)
            else:
                text = self.clauses.command(unit, voice, after=units[at - 1] if at else None)
            link = ""
            if at == 0 and voice.chance(0.25) and not stated:
                link = voice.say(FIRST)
            elif at and at == len(units) - 1 and voice.chance(0.25):
                link = voice.say(LAST)
            elif at:
                link = voice.say(SENTENCE_LINK)
            texts.append(f"{link} {text}")
        return ". ".join(texts).replace("?.", "?")

    def _first_then(self, units: list[Unit], voice: Voice) -> str:
        opening = voice.say(FIRST)
        gerund = voice.chance(0.1)
        if gerund:
            opening = voice.say("[start|begin] [by|with|off by]")
        result = f"{opening} {self.clauses.command(units[0], voice, 'ing' if gerund else 'base', last=False)}"
        for at, unit in enumerate(units[1:], 1):
            text = self.clauses.command(unit, voice, last=False, after=units[at - 1])
            link = voice.say(FIRST_THEN)
            if at > 1 and at == len(units) - 1 and voice.chance(0.3):
                link = voice.say("[,|, and|. ] [finally|lastly|last|at the end]")
            result += f" {link} {text}"
        return voice.say("[||||||please] {t} [|||||||, please]", t=result)

    def _listed(self, units: list[Unit], voice: Voice) -> str:
        mark = voice.one(("{n}. ", "{n}) ", "({n}) ", "Step {n}: ", "Step {w}: ", "{w}: "))
        end = voice.one(("; ", ". ", ", ", " ")) if mark.startswith(("{n}", "(")) else voice.one(("; ", ". "))
        texts = [
            mark.format(n=at, w=NUMBERS[at] if at < len(NUMBERS) else at)
            + self.clauses.command(unit, voice, after=units[at - 2] if at > 1 else None)
            for at, unit in enumerate(units, 1)
        ]
        opening = voice.say("[||||Tasks:|Your tasks:|Here is the plan:|Do the following:|To do:|Two things:]")
        opening = "" if opening.startswith("Two") and len(units) != 2 else opening
        return f"{opening} {end.join(texts)}"

    def _stated(self, units: list[Unit], voice: Voice) -> str:
        """Statements side by side: "The gear goes in the red bin, the bolt in the tray"."""
        result = self.clauses.statement(units[0], voice)
        for before, unit in pairwise(units):
            plain = (
                isinstance(before.order, Put) and isinstance(unit.order, Put) and not before.onward and not unit.onward
            )
            if plain and voice.chance(0.3) and re.search(r"\b(goes?|belongs?|needed|I (want|need)) ", result):
                result += voice.say("[,|, and| and|;] {t}", t=self.clauses.elided(unit, voice))
            else:
                result += voice.say(
                    "[, and|;|, then|. |. Then|, while|, whereas] {t}", t=self.clauses.statement(unit, voice)
                )
        return re.sub(r"([.?])[,;.](?= )", r"\1", result)

    def _respectively(self, units: list[Unit], voice: Voice) -> str:
        """ "The gear and the nut into the red bin and the tray, respectively"."""
        if not all(isinstance(unit.order, Put) and not unit.onward and len(unit.parts) == 1 for unit in units) or any(
            unit.parts[0].without or unit.parts[0].others for unit in units
        ):
            return self._wrapped(units, voice)
        nouns = [self.clauses.parts.named(unit.parts[0], voice) for unit in units]
        if any(noun.long for noun in nouns):
            return self._wrapped(units, voice.fresh())
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
        rest = re.sub(
            "^(please first|first of all,|firstly,|first,|first|to start,|to begin with,|to start with,) ",
            "",
            rest.strip(),
        )
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
        noun = self.clauses.parts.listed(refs, voice.barring())
        return voice.say(SPARE, "base", noun.several, p=noun.text, it="they" if noun.several or noun.many else "it")

    def _spared_first(self, refs: tuple[PartRef, ...], units: list[Unit], voice: Voice) -> str:
        spare = self._spare(refs, voice)
        pattern = SPARE_BEFORE.draw(voice.random)
        slots = {"spare": spare}
        if "{p}" in pattern:
            slots["p"] = self.clauses.parts.listed(refs, voice.fresh().barring()).text
        return voice.say(pattern, main=self._joined(units, voice, "base"), **slots)
