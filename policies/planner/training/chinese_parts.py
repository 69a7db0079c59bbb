"""Noun phrases for parts: quantity, place, colour and shape, in the orders in which people say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from luban.meaning import Extreme, PartRef
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_looks import Looks
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_talk import Talk
from policies.planner.training.chinese_wheres import Wheres

_EVERY_OF_SEVERAL = "[全部^5|全都^3|统统^2|通通^1|全部都^1|通通都^.5|统统都^.5|一个不剩地^.4|一律^.5|全数^.3|悉数^.1]"
_EVERY = (
    "[都^8|一个不剩地^.2|一个不落地^.2|一股脑儿^.1|全数^.2|悉数^.1|通通都^.3|统统都^.3|全^1.5|全都^1.5|全部^2|"
    "统统^1|通通^.5|一律^.4|一起^.3|都给我^.5]"
)
_NUMERALS = "零一两三四五六七八九"
_ALL = (
    "[所有^6|全部^3|所有的^4|全部的^2|每一{k}^2|每{k}^3|每个^2|各个^.5|一切^.3|全体^.1|桌上所有的|台面上所有|桌上全部]"
)


@dataclass(frozen=True)
class Phrase:
    """each: a bare plural, so that 都 must follow; free: 都 may follow; before, after: clauses that belong to it."""

    text: str
    each: bool = False
    free: bool = False
    before: str = ""
    after: str = ""
    several: bool = False

    @property
    def named(self) -> str:
        """The parts as the object of 把, which takes no 凡是."""
        return self.text.removeprefix("凡是").removeprefix("但凡是").removeprefix("只要是")

    def both(self, talk: Talk) -> str:
        """What stands before the verb after several; "齿轮和螺母都" may be one of each, "齿轮和螺母全部" is not."""
        if self.each:
            return talk.say(_EVERY_OF_SEVERAL if self.several else _EVERY)
        if not self.free or talk.chance(0.7):
            return ""
        return talk.say("[都^6|一起|一并^.3|一块儿^.2]" if self.several else "[都^5|全|一起^.7|全部|一并^.3]")


class Parts:
    def __init__(self, lexicon: Lexicon, places: Places) -> None:
        self.lexicon, self._places, self._wheres = lexicon, places, Wheres(lexicon)
        self.looks = Looks(lexicon)

    def phrase(self, ref: PartRef, talk: Talk, bare: bool = True, apart: bool = False) -> Phrase:
        wrong = self.wrong(ref, talk)
        if wrong:
            talk.slip = ""
            oops = talk.say(
                "[，^5|——^2|、^.3|…^.3][不对^5|不是^2|错了^3|哦不^2|说错了^3|不不^1|啊不^1|呃不对^1|口误^.5|"
                "更正一下^.5|等等^1|噢不对]，[是^2|应该是^1|我是说^.5|^3]"
            )
            last = talk.last_shape
            first = self.whole(wrong, talk, False, False).text
            talk.last_shape = last
            return Phrase(first + oops + self.whole(ref, talk, False, False).text)
        return self.whole(ref, talk, bare, apart)

    def kind(self, ref: PartRef, talk: Talk) -> str:
        """Say what sort of parts is meant, with no word on how many."""
        return self.place_words(ref, talk) + self.looks.words(ref, talk)

    def elided(self, ref: PartRef, verb: str, way: str, talk: Talk) -> str:
        """ "送两个过去", after the sort of part has been said."""
        k = talk.say(self.lexicon.classifier(ref.shape))
        count = {"count": f"{numeral(ref.count, talk)}{k}", "one": talk.say("[一{k}^4|那{k}^.5|个^1]", k=k)}.get(
            ref.pick
        )
        if count is None:
            return talk.say("[都|全|全部|全都]" + verb + way)
        return talk.say(verb + ("{n}" + way), n=count)

    def classifier(self, ref: PartRef, talk: Talk) -> str:
        return talk.say(self.lexicon.classifier(ref.shape))

    def landmark(self, landmark: PartRef | str, talk: Talk) -> str:
        if isinstance(landmark, str):
            return self._places.name(landmark, talk)
        last = talk.last_shape
        det = talk.say("[^6|那[个|{k}]|这[个|{k}]^.2]", k=talk.say(self.lexicon.classifier(landmark.shape)))
        words = (self.place_words(landmark, talk) or "") + self.looks.words(landmark, talk, named=True)
        talk.last_shape = last
        return det + words

    # the whole phrase -------------------------------------------------------------------------------------------------

    def whole(self, ref: PartRef, talk: Talk, bare: bool, apart: bool) -> Phrase:
        before = after = inner = ""
        if ref.without:
            how = talk.weighted({"inner": 4, "before": 3 * apart, "after": 4 * apart})
            if how == "inner" and self._only_color(ref):
                inner = talk.say("[不是{c}的^4|非{c}的^2|非{c}^.5]", c=self.looks.color(ref.without[0].color, talk))
            else:
                texts = self.plain_list(ref.without, talk)
                if how == "inner":
                    inner = talk.say(
                        (
                            "[除了{x}以外的^4|除了{x}之外的^4|除{x}以外的^3|除{x}外的^3|{x}以外的^2|{x}之外的|"
                            "除去{x}的|不算{x}的^.5|除开{x}以外的^.3]"
                        ),
                        x=texts,
                    )
                elif how == "before":
                    before = talk.say(
                        (
                            "[除了{x}^4|除了{x}以外^3|除了{x}之外^2|除{x}外^3|除{x}以外^2|除开{x}^.5|不算{x}^.5|"
                            "除去{x}^.5]，"
                        ),
                        x=texts,
                    )
                else:
                    after = talk.say(
                        (
                            "[，|，^3|,^.2][{x}除外^6|除了{x}^4|但{x}除外^2|{x}不算^1|不包括{x}^2|但不包括{x}|"
                            "不要{x}^1.5|{x}不要^1|但是{x}例外^.5|{x}例外^1|除{x}外^1|但不含{x}^.5|"
                            "{x}就不用了^.7|{x}不用放^.5|排除{x}^.3|{x}就算了^.5|唯独{x}不要^.5|唯独不要{x}^.3|"
                            "{x}别放^.5|{x}除开^.2|{x}就别放了^.3|不含{x}^.7|{x}不算在内^.5]"
                        ),
                        x=texts,
                    )
        if ref.pick == "one" or (ref.pick == "count" and ref.count == 1):
            text = self._single(ref, inner, talk)
            return Phrase(text, before=before, after=after)
        if ref.pick == "any":
            return replace(self._any(ref, inner, talk, apart), before=before)
        if ref.pick == "count":
            return Phrase(self._counted(ref, inner, talk, apart), free=True, before=before, after=after)
        other = bool(before) and talk.alone and not ref.others
        many = replace(ref, others=ref.others or (other and talk.chance(0.7)))
        if ref.pick == "whichever":
            text = talk.say("[^9|那些|所有^2]") + inner + self.kind(many, talk)
            words = "[{t}（有的话）^2|{t}（如果有）^1.5|{t}（如有）^1|有的话，{t}^.3"
            words += (
                ("|{t}有几个算几个，^2|{t}有多少算多少，^1.5|{t}如果有的话，^2|{t}，有的话，^2|{t}要是有的话，^1.5]")
                if apart and bare
                else "]"
            )
            return Phrase(talk.say(words, t=text), False, True, before, after)
        text, each = self._many(many, inner, talk, bare)
        return Phrase(text, each, True, before, after)

    def _single(self, ref: PartRef, inner: str, talk: Talk) -> str:
        k = talk.say(self.lexicon.classifier(ref.shape))
        where = inner + (self.place_words(ref, talk) or "")
        if ref.others:
            lead = talk.say(
                "[另一{k}^3|另外那{k}^3|另外一{k}^3|剩下的那{k}^3|剩下那{k}^3|其余那{k}|别的那{k}^.5|剩下的^2]", k=k
            )
            return where + lead + self.looks.words(ref, talk)
        if not where:
            return self._unplaced(ref, k, talk)
        ranked = isinstance(ref.where, Extreme) and ref.where.rank > 1
        if (ref.shape or ref.color) and talk.chance(0.12):  # "齿轮里最左边的那个"
            group = self.looks.words(ref, talk, named=True)
            tail = where[:-1] if where.endswith("的") and talk.chance(0.4) and not ranked else where
            tail += "" if ranked else talk.say("[那{k}|那个^2|那一{k}]", k=k)
            return group + talk.say("[里^3|中^3|里面^2|当中|里头^.5|，^1][，^.3|^4]") + tail
        if ranked:
            return where + talk.say("[^5|的^.5]" if where[-1] != "的" else "") + self.looks.words(ref, talk)
        if where.endswith("的") and talk.chance(0.12):
            where = where[:-1]
            return where + talk.say("[那{k}^3|那个^3|那一{k}|这{k}^.3]", k=k) + self.looks.words(ref, talk)
        if not (ref.shape or ref.color) and talk.last_shape is None and talk.chance(0.5) and where.endswith("的"):
            talk.last_shape = ""
            return where + talk.say("[那{k}|那个^3|那一个|那件]", k=k)
        lead = (
            ""
            if where.startswith(("那", "这")) or not where.endswith("的")
            else talk.say("[^12|那{k}^.7|那个^.7]", k=k)
        )
        det = talk.say("[^6|那{k}|那个|那一{k}^.3]", k=k) if where.endswith("的") else ""
        return lead + where + det + self.looks.words(ref, talk)

    def _unplaced(self, ref: PartRef, k: str, talk: Talk) -> str:
        looks = self.looks.words(ref, talk)
        if not (ref.shape or ref.color):
            return talk.say("[那{k}^2|^2|一{k}|这{k}|桌上的^.5|桌上那{k}]", k=k) + looks
        if looks.endswith(("的", "那个")):
            return talk.say("[^5|那{k}^1|那个^1]", k=k) + looks if looks.endswith("的") else looks
        if ref.shape and ref.color and talk.chance(0.16):
            color = self.looks.color(ref.color, talk)
            name = talk.say(self.lexicon.shapes[ref.shape])
            return talk.say(
                (
                    "[{c}的那{k}{s}^4|{c}那{k}{s}^3|{s}里{c}的那{k}^2|{s}中{c}的那{k}|是{c}的那{k}{s}^.4|"
                    "那{k}{s}，{c}的^1|颜色是{c}的那{k}{s}^1|{s}，{c}的那{k}^1|{s}，{c}的^.5|"
                    "那{k}颜色是{c}的{s}^.5|{s}（{c}）^.7|{s}里面{c}的^.5|颜色为{c}的{s}^.5]"
                ),
                c=color,
                s=name,
                k=k,
            )
        return (
            talk.say(
                (
                    "[^14|1{k}^.3|1个^.2|那{k}^2|那个^2|一{k}^2|一个^2|这{k}^.6|这个^.4|桌上的^.7|桌子上的^.3|"
                    "台面上的^.4|桌上那{k}^.4]"
                ),
                k=k,
            )
            + looks
        )

    def _counted(self, ref: PartRef, inner: str, talk: Talk, apart: bool) -> str:
        k = talk.say(self.lexicon.classifier(ref.shape))
        n = numeral(ref.count, talk) + k
        if ref.count in (2, 3) and talk.chance(0.08):
            n = "俩" if ref.count == 2 else "仨"
        looks = self.looks.words(ref, talk)
        where = inner + (self.place_words(ref, talk) or "")
        if ref.others:
            return (
                where
                + talk.say("[另外{n}^3|剩下的{n}^3|其余{n}^2|剩下{n}^2|其他{n}^2|别的{n}^.5|其余的{n}]", n=n)
                + looks
            )
        if isinstance(ref.where, Extreme) and ref.where.rank > 1:
            return where + talk.say("[起的{n}|开始的{n}|起{n}]", n=n) + looks
        if (
            isinstance(ref.where, Extreme)
            and ref.where.side in ("left", "right")
            and not ref.inside
            and talk.chance(0.25)
        ):
            side = "左" if ref.where.side == "left" else "右"
            return (
                inner
                + talk.say(
                    "[{s}边|{s}数|从{s}数|从{s}边数|从{s}往{o}数|{s}起|{s}侧]前{n}[的|^4]",
                    s=side,
                    o="左右"[side == "左"],
                    n=n,
                )
                + looks
            )
        if where and talk.chance(0.5) and where.endswith("的"):
            return where[:-1] + talk.say("[那{n}|这{n}^.3|{n}^2]", n=n) + looks
        if where:
            return where + talk.say("[{n}^4|那{n}]", n=n) + looks
        if looks.endswith("的"):
            return talk.say("[{n}{x}|{x}{n}|那{n}{x}|{x}那{n}]", n=n, x=looks)
        words = "[{n}{x}^9|那{n}{x}^2|这{n}{x}^.5|桌上的{n}{x}^.5|一共{n}{x}^.2" + (
            "|{x}{n}^2|{x}，{n}^.4|{x}×{m}^.4|{x}x{m}^.2|{x}*{m}^.2|{x}，要{n}^.2]" if apart else "]"
        )
        return talk.say(words, n=n, x=looks, m=str(ref.count))

    def _any(self, ref: PartRef, inner: str, talk: Talk, apart: bool) -> Phrase:
        k = talk.say(self.lexicon.classifier(ref.shape))
        where = inner + (self.place_words(ref, talk) or "")
        looks = self.looks.words(ref, talk, named=True)
        if ref.others:
            where += talk.say("[剩下的|其余的|其他的]")
        if apart and talk.chance(0.3):
            after = talk.say(
                (
                    "，[哪{k}都行^4|哪个都行^4|哪{k}都可以^2|哪个都可以^2|随便哪{k}^3|随便哪个^2|随便挑^1.5|"
                    "任选一{k}^1.5|随便|哪个都成|哪个无所谓|不挑|随你挑|任意一{k}都行|随便哪个都可以|哪一{k}都行]"
                ),
                k=k,
            )
            return Phrase(where + ("" if where else talk.say("[一{k}|一个]", k=k)) + looks, after=after)
        text = talk.say(
            (
                "[随便一{k}^4|随便哪{k}^3|任意一{k}^5|随便哪个^2|任意一个^3|任意^1.5|任一{k}^1|任一|随便一个^2|"
                "随便哪一{k}|随意一{k}|随机一{k}^.5|任意的一{k}^.5]"
            ),
            k=k,
        )
        return Phrase(where + text + looks if talk.chance(0.85) or not where else text + where + looks)

    def _many(self, ref: PartRef, inner: str, talk: Talk, bare: bool) -> tuple[str, bool]:
        k = talk.say(self.lexicon.classifier(ref.shape))
        where = inner + (self.place_words(ref, talk) or "")
        if ref.others:
            lead = talk.say(
                "[其他^6|其余^4|剩下^4|别的^2|其它^3|余下^1|剩余^1.5|剩下来^.3|另外^.3|除此之外^.2|没提到^.2]"
            )
            every = "" if bare and talk.chance(0.75) else talk.say("[所有^3|全部^2|所有的]")
            looks = self.looks.words(ref, talk, named=True)
            if not (ref.shape or ref.color):
                looks = talk.weighted({looks: 5, "": 4 * (not every), "那些": 0.3 * (not every)})
            joint = "的" if not every and (not looks or talk.chance(0.6)) and not lead.endswith("的") else ""
            if not looks and not joint and not lead.endswith("的"):
                joint = "的"
            return where + lead + every + joint + looks, not every
        if not (ref.shape or ref.color) and not where:
            word = talk.say(
                (
                    "[所有零件^4|全部零件^3|所有东西^2|所有{p}^3|全部{p}^1|每一个{p}|每个{p}^2|所有的{p}^2|"
                    "一切{p}^.3|所有的东西|桌上所有{p}|桌上全部{p}|台面上所有的{p}]"
                ),
                p=talk.say(self.lexicon.parts),
            )
            plural = talk.say(
                (
                    "[桌上的{p}^2|{p}^3|台面上的{p}|桌子上的{p}|这些{p}|那些{p}^.6|桌上的东西^2|桌面上的{p}|"
                    "台子上的{p}^.5]"
                ),
                p=talk.say(self.lexicon.parts),
            )
            return (plural, True) if bare and talk.chance(0.4) else (word, False)
        looks = self.looks.words(ref, talk, named=bool(ref.without))
        if bare and talk.chance(0.42):
            lead = (
                talk.say(
                    "[^12|桌上的^2|这些^.6|那些^.6|凡是^1|但凡是^.2|桌上那些^.3|台面上的^.7|只要是^.7|各种^.2|"
                    "桌面上的^.4|这批^.3]"
                )
                if not where
                else ""
            )
            return lead + where + looks, True
        every = talk.say(_ALL, k=k) if not where else talk.say("[所有^4|全部^2|所有的^2|每{k}^2|每一{k}|每个]", k=k)
        if where and talk.chance(0.25) and every.startswith(("所有", "全部")):
            return every + where + looks, False
        return where + every + looks, False

    # pieces ---------------------------------------------------------------------------------------------------------

    def plain_list(self, refs: Sequence[PartRef], talk: Talk) -> str:
        texts = []
        for ref in refs:
            if ref.pick == "one" and ref.where is None and ref.inside is None and (ref.shape or ref.color):
                texts.append(talk.say("[^6|那个]") + self.looks.words(ref, talk, named=ref.shape is None))
            else:
                texts.append(self.whole(ref, talk, False, False).text)
        return talk.say("[和^6|跟|与^2|、^3|以及|还有]").join(texts)

    def _only_color(self, ref: PartRef) -> bool:
        other = ref.without[0]
        return len(ref.without) == 1 and other == PartRef(color=other.color) and other.color is not None

    def wrong(self, ref: PartRef, talk: Talk) -> PartRef | None:
        """Return what the speaker takes for these parts at first, if that is the slip to be made."""
        if (
            talk.slip != "part"
            or not (ref.shape or ref.color)
            or ref.others
            or ref.without
            or ref.pick not in ("one", "all")
        ):
            return None
        colors = [name for name in self.lexicon.catalogue.colors if name != ref.color]
        shapes = [name for name in self.lexicon.shapes if name != ref.shape]
        if ref.color and colors and (not ref.shape or talk.chance(0.6)):
            return replace(ref, color=talk.one(colors))
        return replace(ref, shape=talk.one(shapes)) if ref.shape and shapes else None

    def place_words(self, ref: PartRef, talk: Talk) -> str:
        """What stands before a noun to say where it is: ends in 的 unless a classifier ends it."""
        inside = self._places.inside(ref.inside, talk) + "的" if ref.inside else ""
        if ref.where is None:
            return inside
        where = self._wheres.words(ref.where, ref.shape, self.landmark, ref.pick == "one", talk)
        if inside and talk.chance(0.5):
            inside = inside[:-1]
        return inside + where


def numeral(number: int, talk: Talk) -> str:
    plain = _NUMERALS[number]
    return talk.weighted({plain: 6, str(number): 2.5, "二" if number == 2 else plain: 0.15})
