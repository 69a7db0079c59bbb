"""Noun phrases: how a person refers to parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from luban.catalogue import Catalogue
from luban.meaning import Extreme, PartRef
from policies.planner.training.english_lexicon import COLORS, NUMBERS, PART_WORDS, SHAPES
from policies.planner.training.english_places import Places
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


_ALL = Table("""
9 all the {n}
8 all {n}
3 all of the {n}
3 the {n}
1 {n}
.5 all those {n}
.5 every last one of the {n}
.4 any and all {n}
.4 each and every one of the {n}
.3 the whole lot of {n}
""")
_EACH = Table("""
6 every {n}
3 each {n}
1.5 every single {n}
1 each and every {n}
.3 every last {n}
""")
_ANY = Table("""
8 any {n}
2 any one of the {ns}
1.5 one of the {ns}, [no matter which|doesn't matter which|any will do|whichever]
1 any of the {ns}
1 some {n} or other
1 just any {n}
1 any single {n}
.8 one {n}, [any one|any will do|no matter which one|I don't care which]
.7 a {n} of your choice
.7 whichever {n} you like
.6 an arbitrary {n}
.5 a random {n}
.5 any old {n}
.5 one of the {ns}
.4 some {n}
""")
_WHICHEVER = Table("""
4 any {ns} [you can find|you see|you find|there are|that are there|lying around|that may be there|that might be there]
3 whatever {ns} [there are|you find|you can find|are there|are lying around|you see|are left]
2 all {ns}, if there are any
1.5 all the {ns}, if any
1 any {ns}
1 any and all {ns} [there may be|you can find]
1 whichever {ns} [there are|you find|are there]
1 {ns}, if there are any
.6 any {n} that [is there|may be there|you come across]
.6 what {ns} there are
""")
_WHATEVER = Table("""
3 whatever [is there|is lying there|you find|you can find|there is|is on the table]
2 anything [you find|you can find|that is there|that's lying there|on the table]
1 whatever parts there are
""")
_EVERYTHING = Table("""
8 everything
2 everything on the [table|bench|workbench]
2 [all the parts|all parts]
1.5 every part
1 all of it
1 the whole lot
1 everything [that's there|there is|you see|you can find|lying there]
.7 all the stuff [|on the table]
.6 [all that is there|all there is]
.6 each part
.6 all the pieces
.5 every single [part|thing|item]
.5 all items
.4 the lot
""")
_THE_REST = Table("""
7 the rest
6 everything else
3 all the rest
3 the others
2.5 all the others
2 the other parts
2 all other parts
2 the remaining parts
1.5 everything that's left
1 whatever is left
1 all that remains
1 the remainder
1 the rest of the [parts|lot|pieces|things]
.7 every other part
.7 all else
.5 the leftovers
.5 what's left over
""")
_OTHERS = Table("""
5 the other {ns}
3 all the other {ns}
3 all other {ns}
2.5 the remaining {ns}
2 the rest of the {ns}
1.5 every other {n}
1 all the remaining {ns}
1 the {ns} that are left
.5 all {ns} that are left
""")
_ARTICLE = Table("""
86 the
6 that
4 a
2 this
""")
_COLORED = Table("""
5 that is {c}
4 that's {c}
3 which is {c}
1 in {c}
1 painted {c}
1 [colored|coloured] {c}
1 of {c} [color|colour]
.7 whose [color|colour] is {c}
.7 with the [color|colour] {c}
""")
_FROM_BOX = Table("""
4 from {box}
3 that is {inside}
3 that's {inside}
2 {inside}
2 out of {box}
2 which is {inside}
1.5 lying {inside}
1.5 that's already {inside}
1 currently {inside}
.7 that was put {inside}
.5 sitting {inside}
""")
_EXCEPT = Table("""
8 except {x}
6 except for {x}
3 but {x}
2.5 apart from {x}
2 other than {x}
2 but not {x}
1.5 with the exception of {x}
1 excluding {x}
1 besides {x}
1 aside from {x}
.7 save for {x}
.7 minus {x}
.6 bar {x}
.6 barring {x}
.6 not counting {x}
.5 just not {x}
.5 only not {x}
""")
_ADVERB = Table("""
30
1 only
.6 just
""")


class Parts:
    def __init__(self, catalogue: Catalogue, places: Places) -> None:
        self._catalogue, self._places = catalogue, places

    def listed(self, refs: tuple[PartRef, ...], voice: Voice) -> Noun:
        """ "the red gear, a nut and all the bolts"."""
        joined = self._colors(refs, voice) or self._sides(refs, voice)
        if joined:
            return joined
        nouns = [self.named(ref, voice) for ref in refs]
        if len(nouns) == 1:
            return nouns[0]
        texts = [noun.text for noun in nouns]
        loose = any(noun.long for noun in nouns[:-1])
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
                link = voice.say("that <isn't/aren't> [|]{c}", several=noun.several, c=self.color(hue or "", voice))
                return Noun(f"{noun.text} {link}", noun.several, True, True)
            return Noun(f"{noun.text} {self.exception(ref.without, voice)}", noun.several, noun.many, True)
        if ref.others:
            return self._others(ref, voice)
        if ref.pick in ("all", "whichever") and not (ref.shape or ref.color or ref.where or ref.inside):
            text = voice.say(_EVERYTHING if ref.pick == "all" else _WHATEVER)
            several = (
                "every" not in text and "each" not in text and (" parts" in text or "items" in text or "pieces" in text)
            )
            return Noun(text, several, several or text.startswith(("all the s",)), " on " in text or len(text) > 20)
        return self._described(ref, voice)

    def exception(self, refs: tuple[PartRef, ...], voice: Voice) -> str:
        """ "except the nut and the bolt"."""
        nouns = [self.named(ref, voice).text for ref in refs]
        last = f"{voice.one((' and ', ' and ', ' or '))}{nouns[-1]}" if len(nouns) > 1 else nouns[-1]
        return voice.say(_EXCEPT, x=", ".join(nouns[:-1]) + last)

    def landmark(self, landmark: PartRef | str, voice: Voice) -> str:
        if isinstance(landmark, str):
            return self._places.landmark(landmark, voice)
        return self._described(landmark, voice).text

    def color(self, name: str, voice: Voice) -> str:
        known, more = self._catalogue.colors[name].en, COLORS.get(name, ())
        return voice.one(more) if more and voice.chance(0.13) else voice.favoured(known, 0.86)

    def noun(self, shape: str | None, voice: Voice) -> str:
        """ "gear", "cog" or, without a shape, "part"."""
        if shape is None:
            words, more = self._catalogue.part_words.en, PART_WORDS
            return voice.one(more) if voice.chance(0.04) else voice.favoured(words, 0.55)
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
        many = ref.pick in ("all", "whichever") or (ref.pick == "count" and ref.count > 1)
        each = many and ref.pick == "all" and voice.chance(0.25)
        several = many and not each
        pre, post = self._place(ref, voice, several)
        head = self._head(ref, voice, bool(pre or post or ref.color))
        color, said_after = "", ""
        if ref.color:
            word = self.color(ref.color, voice)
            if (post or voice.chance(0.9)) and head is not None:
                color = voice.say("[{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}|{c}-[colored|coloured]]", c=word)
            elif head is None:
                color = word
            else:
                said_after = voice.say(_COLORED, several=several, c=word)
                said_after = (
                    said_after.replace("that's", "that are").replace(" is ", " are ")
                    if several and "whose" not in said_after
                    else said_after
                )
        noun = head or "one"
        shown = plural(noun) if several else noun
        after = " ".join(filter(None, [said_after, post, self._inside(ref, voice, several)]))
        if ref.pick == "count":
            text = self._counted(ref, voice, pre, color, shown)
        elif ref.pick == "one":
            text = " ".join(filter(None, [self._article(ref, voice, bool(pre or post)), pre, color, shown]))
        else:
            one = " ".join(filter(None, [pre, color, noun]))
            ones = " ".join(filter(None, [pre, color, plural(noun)]))
            table = {"any": _ANY, "whichever": _WHICHEVER}.get(ref.pick, _EACH if each else _ALL)
            text = self._quantified(table, voice, one, ones, after)
            after = "" if table in (_ANY, _WHICHEVER) else after
        voice.shapes.append(ref.shape)
        text = f"{text} {after}".strip()
        return Noun(text, several, many, bool(after) or "," in text)

    def _quantified(self, table: Table, voice: Voice, one: str, ones: str, after: str) -> str:
        if table in (_ANY, _WHICHEVER):  # what follows the noun belongs to it, before "you can find"
            if after:
                return voice.say("any {n} {after}", n=one if table is _ANY else ones, after=after)
            return voice.say(table, n=one, ns=ones)
        return voice.say(table, n=one if table is _EACH else ones)

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
        text = voice.say(_FROM_BOX, box=box.text, inside=box.inside)
        return text.replace("that's", "that are").replace(" is ", " are ").replace("was", "were") if several else text

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
        return "the" if placed else voice.say(_ARTICLE)

    def _counted(self, ref: PartRef, voice: Voice, pre: str, color: str, shown: str) -> str:
        number = voice.favoured((NUMBERS[ref.count], str(ref.count)), 0.75)
        if ref.count == 1:
            number = voice.say("[1|a single|exactly one|just one]")
        things = " ".join(filter(None, [color, shown]))
        if ref.count == 2 and not pre and voice.chance(0.3):
            return voice.say("[both|both|both|both the|both of the|a pair of|a couple of|the pair of] {n}", n=things)
        first = voice.say("[the||the|the]") if not voice.terse else ""
        if pre:
            return voice.say("the [{n} {p}|{n} {p}|{p} {n}] {t}", n=number, p=pre, t=things)
        if not color and voice.chance(0.08):
            return voice.say("[{n} of the {t}|all {n} {t}|exactly {n} {t}]", n=number, t=things)
        return " ".join(filter(None, [first, number, things]))

    def _others(self, ref: PartRef, voice: Voice) -> Noun:
        if ref.pick in ("all", "whichever") and ref == PartRef(pick=ref.pick, others=True):
            text = voice.say(_THE_REST)
            many = "parts" in text or "others" in text or text == "the leftovers"
            return Noun(text, many, many)
        rest = replace(ref, others=False, pick="one", count=1)
        if ref.pick in ("one", "any", "count"):
            word = {"one": "the other", "any": "any other"}.get(ref.pick) or f"the other {NUMBERS[ref.count]}"
            noun = self._described(
                replace(rest, pick="count" if ref.count > 1 else "one", count=ref.count),
                Voice(voice.random, True, voice.shapes),
            )
            bare = noun.text.split(" ", 1)[-1] if ref.count > 1 else noun.text
            return Noun(f"{word} {bare.removeprefix('the ')}", ref.count > 1, ref.count > 1, noun.long)
        pre, post = self._place(ref, voice, True)
        color = self.color(ref.color, voice) if ref.color else ""
        noun = self.noun(ref.shape, voice)
        one = " ".join(filter(None, [pre, color, noun]))
        ones = " ".join(filter(None, [pre, color, plural(noun)]))
        text = voice.say(_OTHERS, n=one, ns=ones)
        after = " ".join(filter(None, [post, self._inside(ref, voice, True)]))
        voice.shapes.append(ref.shape)
        return Noun(f"{text} {after}".strip(), not text.startswith("every"), True, bool(after))

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
        return Noun(voice.say(_ALL, n=f"{joined} {plural(noun)}"), True, True)

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
