"""Several parts at once: "红色齿轮和两个螺母", "红色和蓝色的齿轮", "最左边和最右边的齿轮"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from luban.meaning import Extreme, PartRef
from luban.relation import landmarks
from policies.planner.training.chinese_parts import Parts, Phrase, numeral
from policies.planner.training.chinese_talk import Talk


class Lists:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, refs: Sequence[PartRef], talk: Talk, bare: bool = True, apart: bool = True) -> Phrase:
        """Say parts of one order. bare: 都 may follow; apart: exceptions may stand before or after the clause."""
        plain = all(ref.pick in ("all", "whichever") for ref in refs)
        merged = (
            self._colors_of_one(refs, talk, bare) or self._sides_of_one(refs, talk) or self._shapes_of_all(refs, talk)
        )
        if merged:
            shaped = all(ref.shape for ref in refs)  # "红色和蓝色的零件都" is more than two
            return Phrase(merged, each=plain and bare, free=plain or shaped, several=shaped)
        single = len(refs) == 1
        bare = bare and plain and (single or talk.chance(0.4))
        said = [self._parts.phrase(ref, talk, bare, apart and single) for ref in refs]
        if single:
            return said[0]
        texts = [
            self._apart(ref, phrase.named, refs[:at], talk)
            for at, (ref, phrase) in enumerate(zip(refs, said, strict=True))
        ]
        if any(landmarks(ref.where) for ref in refs[1:]) or any(_narrowed(ref) for ref in refs[:-1]):
            # so that what is said of one part is not heard of the other
            text = talk.say("[、^3|，还有^4|，以及^2|，再加上|，外加^.5|还有^1]").join(texts)
            return Phrase(text, any(phrase.each for phrase in said), several=True)
        last = talk.say("[+^.2|和^8|跟^2|与^2|以及^2|还有^2|、^2|，还有^.5|外加^.3|加上^.5|及^.5|连同^.2|，以及^.3]")
        text = talk.say("[、^8|，^2|和^.5]").join(texts[:-1]) + last + texts[-1]
        if all(ref.pick == "one" for ref in refs) and text[-1] not in "个只颗根枚件块条支套的" and talk.chance(0.1):
            text += talk.say("[这{n}样|这{n}个|{n}样|这{n}件|{n}个]", n=numeral(len(texts), talk))
        named = all(ref.shape or (ref.pick != "one") for ref in refs)
        return Phrase(
            text, any(phrase.each for phrase in said), named and all(ref.pick != "any" for ref in refs), several=True
        )

    def spared(self, ref: PartRef, talk: Talk, bare: bool) -> tuple[str, bool]:
        """Say parts that are to be left alone; whether they are a bare plural, which only `bare` allows."""
        if ref.pick == "one" and ref.where is None and ref.inside is None:
            return self._parts.plain_list((ref,), talk), False
        said = self._parts.whole(ref, talk, bare, False)
        return said.text, said.each

    def _colors_of_one(self, refs: Sequence[PartRef], talk: Talk, bare: bool) -> str:
        """ "红色和蓝色的齿轮" for a red and a blue gear."""
        plain = [replace(ref, color=None) for ref in refs]
        if len(refs) < 2 or any(other != plain[0] for other in plain) or not all(ref.color for ref in refs):
            return ""
        first = plain[0]
        if (first.where, first.inside, first.without, first.others) != (None, None, (), False) or talk.chance(0.5):
            return ""
        if first.pick not in ("one", "all"):
            return ""
        noun = talk.say(self._parts.lexicon.shapes[first.shape] if first.shape else self._parts.lexicon.parts)
        talk.last_shape = first.shape or talk.last_shape
        colors = self._parts.looks.colors([ref.color or "" for ref in refs], talk)
        joined = "、".join(colors[:-1]) + talk.say("[和^5|、^2|跟|与]") + colors[-1]
        if first.pick == "all":
            every = "[所有{c}的{s}^2|全部{c}的{s}|所有{c}{s}|每一个{c}的{s}^.3"
            return talk.say(every + ("|{c}的{s}^4|{c}{s}^1.5]" if bare else "]"), c=joined, s=noun)
        n = numeral(len(refs), talk) + talk.say(self._parts.lexicon.classifier(first.shape))
        return talk.say("[{c}的{s}^3|{c}{s}^2|{c}{n}{s}^2|{c}的{n}{s}]", c=joined, s=noun, n=n)

    def _apart(self, ref: PartRef, text: str, before: Sequence[PartRef], talk: Talk) -> str:
        """Mark a single part that follows several, so that "所有" is not heard of it too."""
        quantified = any(other.pick != "one" for other in before)
        if (
            ref.pick != "one"
            or not quantified
            or _narrowed(ref)
            or text.startswith(("那", "这", "一", "1", "桌", "台"))
        ):
            return text
        return talk.say("[那{k}^2|那个^2|一{k}^2|一个]", k=self._parts.classifier(ref, talk)) + text

    def _shapes_of_all(self, refs: Sequence[PartRef], talk: Talk) -> str:
        """ "所有齿轮和螺母" for all gears and all nuts."""
        plain = all(ref == PartRef(ref.shape, ref.color, "all") and ref.shape for ref in refs)
        if len(refs) < 2 or not plain or len({ref.shape for ref in refs}) < len(refs) or talk.chance(0.6):
            return ""
        shapes = talk.say("[和^4|跟|与|、]").join(self._parts.looks.words(ref, talk, named=True) for ref in refs)
        return talk.say("[所有^3|全部^2|所有的^2|桌上的所有|全部的]") + shapes

    def _sides_of_one(self, refs: Sequence[PartRef], talk: Talk) -> str:
        """ "最左边和最右边的齿轮"."""
        if len(refs) != 2 or replace(refs[0], where=None) != replace(refs[1], where=None) or talk.chance(0.4):
            return ""
        if not all(isinstance(ref.where, Extreme) and ref.where.rank == 1 for ref in refs):
            return ""
        if any(ref.pick != "one" or ref.others or ref.without or ref.inside or not ref.shape for ref in refs):
            return ""
        sides = [self._parts.place_words(ref, talk).removesuffix("的") for ref in refs]
        k = talk.say(self._parts.lexicon.classifier(refs[0].shape))
        return (
            talk.say("[和|跟|与]").join(sides)
            + talk.say("[的^3|的两{k}|那两{k}]", k=k)
            + self._parts.looks.words(refs[0], talk)
        )


def _narrowed(ref: PartRef) -> bool:
    return bool(ref.where or ref.inside or ref.without)
