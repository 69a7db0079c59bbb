"""Noun phrases: how a person refers to parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from luban.catalogue import Catalogue
from luban.meaning import Extreme, PartRef
from luban.relation import landmarks
from policies.planner.training.english_lexicon import COLORS, NUMBERS, PART_WORDS, SHAPES
from policies.planner.training.english_places import Places
from policies.planner.training.english_quantity import (
    ALL,
    ANY,
    ANY_OTHER,
    ANYTHING_LIKE,
    ARTICLE,
    BARRED,
    COLORED,
    EACH,
    EVERYTHING,
    EVERYTHING_LIKE,
    EXCEPT,
    FROM_BOX,
    OTHER_FEW,
    OTHERS,
    THE_REST,
    WHATEVER,
    WHICHEVER,
)
from policies.planner.training.english_template import Table, plural
from policies.planner.training.english_voice import Voice
from policies.planner.training.english_where import after_noun, before_noun, split_rank


@dataclass(frozen=True)
class Noun:
    """several: verbs agree with a plural; many: "them", not "it"; long: ends in more than its noun."""

    text: str
    several: bool = False
    many: bool = False
    long: bool = False


class Parts:
    def __init__(self, catalogue: Catalogue, places: Places) -> None:
        self._catalogue, self._places = catalogue, places

    def listed(self, refs: tuple[PartRef, ...], voice: Voice) -> Noun:
        """ "the red gear, a nut and all the bolts"."""
        joined = self._colors(refs, voice) or self._sides(refs, voice)
        if joined:
            return joined
        if len(refs) > 1 and any(ref.shape for ref in refs):
            voice.shapes.append("")  # "the black one and the yellow gear" could be two gears
        nouns = [self.named(ref, voice) for ref in refs]
        if len(nouns) == 1:
            return nouns[0]
        texts = [inlined(noun.text) for noun in nouns]
        loose = any(noun.long for noun in nouns[:-1]) or (nouns[-1].long and voice.chance(0.6))
        last = " and "
        if loose or voice.chance(0.22):
            last = voice.say(
                "[, and|, and| as well as|, as well as|, plus| plus| along with| together with|, and also]"
            )
            last = f"{last.rstrip()} " if last.startswith(",") else f" {last.strip()} "
        elif len(nouns) == 2 and voice.chance(0.05):
            return Noun(f"both {texts[0]} and {texts[1]}", True, True, nouns[-1].long)
        elif voice.terse and voice.chance(0.3):
            last = voice.one([", ", " + ", " & "])
        return Noun(", ".join(texts[:-1]) + last + texts[-1], True, True, True)

    def named(self, ref: PartRef, voice: Voice) -> Noun:
        """One reference with all it says."""
        if ref.without:
            noun = self.named(replace(ref, without=()), voice)
            hue = ref.without[0].color
            if len(ref.without) == 1 and ref.without[0] == PartRef(color=hue) and not noun.long and voice.chance(0.4):
                link = voice.say("that <isn't/aren't> [|]{c}", "base", noun.several, c=self.color(hue or "", voice))
                return Noun(f"{noun.text} {link}", noun.several, True, True)
            return Noun(f"{noun.text} {self.exception(ref.without, voice)}", noun.several, noun.many, True)
        if ref.others:
            return self._others(ref, voice)
        if ref.universal and not (ref.shape or ref.color or ref.where or ref.inside):
            text = voice.say(EVERYTHING if ref.pick == "all" else WHATEVER)
            several = (
                "every" not in text and "each" not in text and (" parts" in text or "items" in text or "pieces" in text)
            )
            return Noun(text, several, several or text.startswith(("all the s",)), " on " in text or len(text) > 20)
        return self._described(ref, voice)

    def exception(self, refs: tuple[PartRef, ...], voice: Voice) -> str:
        """ "except the nut and the bolt"."""
        nouns = [inlined(self.named(ref, voice.barring()).text) for ref in refs]
        last = f"{voice.one((' and ', ' and ', ' or '))}{nouns[-1]}" if len(nouns) > 1 else nouns[-1]
        return voice.say(EXCEPT, x=", ".join(nouns[:-1]) + last).replace("not all ", "not ")

    def landmark(self, landmark: PartRef | str, voice: Voice) -> str:
        if isinstance(landmark, str):
            return self._places.landmark(landmark, voice)
        return self._described(landmark, Voice(voice.random, voice.terse, shapes=[""])).text

    def color(self, name: str, voice: Voice) -> str:
        known, more = self._catalogue.colors[name].en, COLORS.get(name, ())
        return voice.one(more) if more and voice.chance(0.13) else voice.favoured(known, 0.86)

    def noun(self, shape: str | None, voice: Voice) -> str:
        """ "gear", "cog" or, without a shape, "part"."""
        if shape is None:
            return voice.one(PART_WORDS) if voice.chance(0.04) else voice.favoured(self._catalogue.part_words.en, 0.55)
        known, more = self._catalogue.shapes[shape].en, SHAPES.get(shape, ())
        return voice.one(more) if more and voice.chance(0.12) else voice.favoured(known, 0.66)

    def wrong(self, ref: PartRef, voice: Voice) -> PartRef:
        """Something else that one might say by mistake."""
        colors = [name for name in self._catalogue.colors if name != ref.color]
        shapes = [name for name in self._catalogue.shapes if name != ref.shape]
        if ref.color and (ref.shape is None or voice.chance(0.6)) and colors:
            return replace(ref, color=voice.one(colors))
        return replace(ref, shape=voice.one(shapes)) if shapes else ref

    # what makes up a phrase -----------------------------------------------------------------------------------------

    def _described(self, ref: PartRef, voice: Voice) -> Noun:
        many = ref.universal or (ref.pick == "count" and ref.count > 1)
        each = many and ref.pick == "all" and not voice.barred and voice.chance(0.25)
        several = many and not each
        pre, post = self._place(ref, voice, several)
        if ref.universal and ref.shape is None and not pre and not voice.barred and voice.chance(0.4):
            return self._everything(ref, post if each else "", voice)
        head = self._head(ref, voice, bool(pre or post or ref.color))
        color, said_after = "", ""
        if ref.color:
            word = self.color(ref.color, voice)
            if (post or voice.chance(0.9)) and head is not None:
                color = voice.say("[{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}-[colored|coloured]]", c=word)
            elif head is None:
                color = word
            else:
                said_after = voice.say(COLORED, "base", several, c=word)
        noun = head or "one"
        if (
            isinstance(ref.where, Extreme)
            and pre
            and head
            and not post
            and ref == replace(ref, pick="one", inside=None)
        ):
            if ref.shape and not voice.terse and voice.chance(0.08):
                voice.shapes.append(ref.shape)
                group = f"{color} {plural(noun)}"
                return Noun(
                    voice.say(
                        "[the {pre} of the {g}|the {pre} one of the {g}|of the {g} the {pre} one]", pre=pre, g=group
                    ),
                    long=True,
                )
        shown = plural(noun) if several else noun
        inside = self._inside(ref, voice, several)
        places = (inside, post) if landmarks(ref.where) else (post, inside)  # a landmark may be elsewhere
        after = " ".join(filter(None, [said_after, *places]))
        if ref.pick == "count":
            text = self._counted(ref, voice, pre, color, shown)
        elif ref.pick == "one":
            text = " ".join(filter(None, [self._article(ref, voice, bool(pre or post)), pre, color, shown]))
        else:
            one = " ".join(filter(None, [pre, color, noun]))
            ones = " ".join(filter(None, [pre, color, plural(noun)]))
            table = (
                EACH
                if each
                else BARRED
                if voice.barred and ref.pick == "all"
                else {"any": ANY, "whichever": WHICHEVER}.get(ref.pick, ALL)
            )
            text = self._quantified(table, voice, one, ones, after)
            after = "" if table in (ANY, WHICHEVER) else after
        voice.shapes.append(
            "" if any(isinstance(landmark, PartRef) for landmark in landmarks(ref.where)) else ref.shape
        )
        text = f"{text} {after}".strip()
        text += "," if "," in text and not voice.barred else ""
        return Noun(text, several, many, bool(after) or "," in text)

    def _everything(self, ref: PartRef, post: str, voice: Voice) -> Noun:
        """ "everything red", "the contents of the red bin", "whatever lies in the corner"."""
        post = post or (after_noun(ref.where, voice, self.landmark, False) if ref.where else "")
        color = self.color(ref.color, voice) if ref.color else ""
        if ref.inside and not (color or post) and voice.chance(0.35):
            box = self._places.container(ref.inside, voice).text
            return Noun(voice.say("[the|all the|the entire] [contents|content] of {box}", box=box), False, True, True)
        inside = self._inside(ref, voice, False)
        where = f"{post} {inside}"
        text = voice.say(ANYTHING_LIKE if ref.pick == "whichever" else EVERYTHING_LIKE, c=color, where=where)
        if color and voice.chance(0.25):
            text = voice.say(
                "[{a}|{a}|all] that is {c} {where}",
                a="everything" if ref.pick == "all" else "anything",
                c=color,
                where=where,
            )
        voice.shapes.append(None)
        return Noun(text, False, True, True)

    def _quantified(self, table: Table, voice: Voice, one: str, ones: str, after: str) -> str:
        if table in (ANY, WHICHEVER):  # what follows the noun belongs to it, before "you can find"
            if after:
                return voice.say("any {n} {after}", n=one if table is ANY else ones, after=after)
            return voice.say(table, n=one, ns=ones)
        return voice.say(table, n=one if table is EACH else ones, ns=ones)

    def _place(self, ref: PartRef, voice: Voice, several: bool) -> tuple[str, str]:
        where = ref.where
        if where is None:
            return "", ""
        if isinstance(where, Extreme):
            if where.rank > 1 and where.side in ("left", "right") and voice.chance(0.75):
                return split_rank(where, voice)
            if voice.chance(0.6):
                return before_noun(where, voice), ""
        return "", after_noun(where, voice, self.landmark, several)

    def _inside(self, ref: PartRef, voice: Voice, several: bool) -> str:
        if not ref.inside:
            return ""
        box = self._places.container(ref.inside, voice)
        return voice.say(FROM_BOX, "base", several, box=box.text, inside=box.inside)

    def _head(self, ref: PartRef, voice: Voice, described: bool) -> str | None:
        """The noun; None for "one", where only one thing can be meant by it."""
        if described and not voice.terse:
            mentioned = voice.shapes
            if mentioned and mentioned[-1] == ref.shape and ref.shape and voice.chance(0.4):
                return None
            if not mentioned and ref.shape is None and voice.chance(0.3):
                return None
        return self.noun(ref.shape, voice)

    def _article(self, ref: PartRef, voice: Voice, placed: bool) -> str:
        if voice.terse and voice.chance(0.9):
            return ""
        return "the" if placed else voice.say(ARTICLE)

    def _counted(self, ref: PartRef, voice: Voice, pre: str, color: str, shown: str) -> str:
        if ref.count == 1:
            one = " ".join(filter(None, [pre, color, shown]))
            return voice.say("[one|one single|a single|exactly one|just one|1] {n}", n=one)
        number = self._number(ref, voice)
        if voice.terse and not pre and voice.chance(0.25):
            return voice.say("{n}x {t}", n=str(ref.count), t=" ".join(filter(None, [color, shown])))
        things = " ".join(filter(None, [color, shown]))
        if ref.count == 2 and not pre and voice.chance(0.3):
            return voice.say("[both|both|both|both the|both of the|a pair of|a couple of|the pair of] {n}", n=things)
        first = voice.say("[the||the|the]") if not voice.terse else ""
        if pre:
            return voice.say("the [{n} {p}|{n} {p}|{p} {n}] {t}", n=number, p=pre, t=things)
        if voice.chance(0.08):
            return voice.say("[{n} of the {t}|all {n} {t}|exactly {n} {t}]", n=number, t=things)
        return " ".join(filter(None, [first, number, things]))

    def _number(self, ref: PartRef, voice: Voice) -> str:
        return voice.favoured((NUMBERS[ref.count], str(ref.count)), 0.75)

    def _others(self, ref: PartRef, voice: Voice) -> Noun:
        if ref.universal and ref == PartRef(pick=ref.pick, others=True):
            text = voice.say(THE_REST)
            many = "parts" in text or "others" in text or text == "the leftovers"
            return Noun(text, many, many)
        several = ref.universal or (ref.pick == "count" and ref.count > 1)
        pre, post = self._place(ref, voice, several)
        color = self.color(ref.color, voice) if ref.color else ""
        head = self.noun(ref.shape, voice)
        one = " ".join(filter(None, [pre, color, head]))
        ones = " ".join(filter(None, [pre, color, plural(head)]))
        table = OTHERS if ref.universal else OTHER_FEW
        if ref.pick == "any":
            table = ANY_OTHER
        text = voice.say(
            table,
            "base",
            several,
            n=one,
            ns=ones,
            few=ones if several else one,
            count=self._number(ref, voice) if several else "",
        )
        after = " ".join(filter(None, [post, self._inside(ref, voice, several)]))
        voice.shapes.append(ref.shape)
        return Noun(f"{text} {after}".strip(), several and not text.startswith("every"), several, bool(after))

    def _colors(self, refs: tuple[PartRef, ...], voice: Voice) -> Noun | None:
        """ "the red and blue gears"."""
        first = refs[0]
        hues = [ref.color for ref in refs]
        same = len(refs) > 1 and all(hues) and all(replace(ref, color=first.color) == first for ref in refs)
        plain = first == PartRef(first.shape, first.color, first.pick)
        if not (same and plain and first.pick in ("one", "all") and voice.chance(0.6)):
            return None
        words = [self.color(hue or "", voice) for hue in hues]
        noun = self.noun(first.shape, voice)
        voice.shapes.append(first.shape)
        if first.pick == "one":
            joined = ", ".join(f"the {word}" for word in words[:-1]) + f" and the {words[-1]}"
            return Noun(f"{joined} {voice.favoured((noun, 'one'), 0.9) if first.shape else noun}", True, True)
        joined = ", ".join(words[:-1]) + f" and {words[-1]}"
        return Noun(voice.say(ALL, n=f"{joined} {plural(noun)}"), True, True)

    def _sides(self, refs: tuple[PartRef, ...], voice: Voice) -> Noun | None:
        """ "the leftmost and the rightmost gear"."""
        if len(refs) < 2 or not all(
            isinstance(ref.where, Extreme)
            and ref == replace(refs[0], where=ref.where)
            and ref.pick == "one"
            and not ref.inside
            for ref in refs
        ):
            return None
        words = [f"the {before_noun(ref.where, voice)}" for ref in refs]
        color = self.color(refs[0].color, voice) if refs[0].color else ""
        voice.shapes.append(refs[0].shape)
        head = f"{color} {self.noun(refs[0].shape, voice)}".strip()
        return Noun(", ".join(words[:-1]) + f" and {words[-1]} {head}", True, True)


def inlined(text: str) -> str:
    """A phrase with an afterthought, as it stands in a list: "one of the nuts (any will do)"."""
    head, comma, tail = text.partition(", ")
    return f"{head} ({tail.rstrip(',')})" if comma else text
