"""Says meanings in Mandarin, as operators, engineers and shift leaders do: every text means exactly what was asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from luban.catalogue import Catalogue
from luban.meaning import Drive, Meaning, NotUnderstood, Order, Orders, OutOfScope, PartRef, Put, Unsafe
from policies.planner.training.chinese_clauses import Clauses
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_lists import Lists
from policies.planner.training.chinese_parts import Parts
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_refusals import Refusals
from policies.planner.training.chinese_remarks import Remarks
from policies.planner.training.chinese_step import Clause, Deliver, Form, Step
from policies.planner.training.chinese_talk import Talk

_SLIPS = {"": 0.94, "part": 0.03, "place": 0.03}
_CALLED = (
    "[机器人^4|鲁班^4|师傅^1|小鲁^1|喂^.7|你好^1|嗨^.3|嘿^.3|您好^.4|鲁班师傅^.5|哎^.4|鲁班鲁班^.3|小机器人^.2|"
    "老鲁^.2|机械臂^.5|伙计^.2|兄弟^.2|哥们^.1|早^.1|好^.2|好的^.5|对了^.5|来^.5|听着^.2]"
)
_HUM = (
    "[是这样^.4|我跟你说^.4|这么着^.2|这样吧^.4|你看啊^.2|听我说^.3|是这么回事^.1|跟你说个事^.2|嗯^3|呃^2|那个^2|"
    "就是^.7|额^1|啊^.5|那什么^.5|诶^.4|这样^.3|那啥^.4|哦对了^.4|唔^.2|然后^.2]"
)
_WHEN = (
    "[现在^2|接下来^1|有空的时候^.6|有空^.3|这会儿^.2|待会儿^.2|等会儿^.2|忙完了^.2|今天^.2|方便的话^.6|可以的话^.4]"
)
_POLITE = (
    "[请协助^.5|烦请协助^.2|请安排^.1|请配合^.1|请^10|麻烦你^3|麻烦^2|麻烦您^1|劳驾^1|请你^2|请您^.7|帮我^5|"
    "帮忙^2|请帮我^2|请帮忙^1|麻烦帮我^1.5|麻烦你帮我^1|给我^1.5|替我^.4|你帮我^.7|你^1|劳烦你^.4|烦请^.5|"
    "辛苦你^.5|辛苦^.4|你去^.7|你来^.4|帮咱^.1|有劳^.1]"
)
_WISH = (
    "[我想^1.5|我要^1|我想让你^2|我需要你^2|我希望你^1.5|希望你^.7|我要你^1|需要你^.7|想请你^.7|想麻烦你^.5|"
    "我们需要^.7|咱们^.4|我们^.3|你得^.5|你应该^.4|你可以^.5|需要^1|需^.4|务必^.5|任务：^.7|任务是^.4|指令：^.3|"
    "下一步：^.2|你的任务是^.5|赶紧^1|快^1|快点^.7|马上^.7|立刻^.5|立即^.3|尽快^.5|先^.3|要^.7|去^.5|来^.2|"
    "直接^.3|抓紧^.2|顺便^.4|顺手^.2|记得^.7|别忘了^.4|记着^.2]"
)
_ASK = (
    "[可以{t}吗^2|能{t}吗^2|你能{t}吗^1.5|可以帮我{t}吗^2|能帮我{t}吗^2|可以请你{t}吗^.7|方便{t}吗^.4|"
    "能麻烦你{t}吗^.7|你可以{t}吗^1|可以{t}不^.4|能帮忙{t}么^.5|能{t}不^.3|"
    "能不能{t}^3|可不可以{t}^2|能否{t}^1.5|可否{t}^1|你能不能{t}^1.5|能不能帮我{t}^2|能不能麻烦你{t}^.5|"
    "是否可以{t}^.3|你可不可以{t}^.5|不知道能不能{t}^.2|可不可以帮忙{t}^.7|要不{t}^.3|能否帮我{t}^.5][？^3|"
    "^2]"
)
_TAIL = (
    "[谢谢^5|谢了^2|多谢^1.5|辛苦了^1.5|好吗^2|好吗？^2|行吗^1.5|行吗？|可以吗^2|可以吗？|行不行^.7|"
    "好不好^.7|可以不^.3|拜托了^.5|拜托^.3|快点^1|快^.3|小心点^1|慢慢来^.7|不着急^.7|别急^.4|小心别碰坏了^.3|"
    "注意安全^.3|谢谢你^.7|麻烦了^1.5|劳驾^.3|尽快^.5|马上^.3|轻一点^.4|轻拿轻放^.6|要快^.3|稳一点^.3|"
    "下午班要用^.4|马上要用^.4|等着用呢^.4|客户等着要^.3|急用^.4|赶时间^.3|弄好告诉我^.4|完了跟我说一声^.4|"
    "就这样^.4|就这些^.2|这样就行^.3|完毕^.3|明白吗^.2|懂了吗^.1|听到没^.1|收到请执行^.2|多谢师傅^.2|"
    "辛苦啦^.3|哈^.3|OK？^.1|没问题吧^.2]"
)
_REASON = (
    "[[下午|明天|一会儿|马上|周五]^3[客户|领导|审核组|老板|质量部]要来[看|检查|验货|]|[昨天|上一班|夜班]没[弄完|"
    "收完|干完]|这[单|批活|个订单][急|催得紧|要赶出来|今天必须完]|[师傅|老李|班长|调度][交代了|说了|刚打电话来]|"
    "为了[不弄混|整齐|方便]|台面要[清出来|擦一擦]|因为缺货|下午班要用|客户催得急|要交货了|马上要检查了|"
    "领导要来参观|产线停着呢|时间有点紧|台子太乱了|桌上太乱了|要换班了|为了好找|这批活赶|计划改了|按工单要求|"
    "按照计划|根据安排|快下班了|要盘点了|明天要用|桌子要腾出来]"
)
_SOFT = (
    "[吧^5|哈^1|呗^.8|啊^.8|啦^.4|哦^.4|了^.2|嘛^.1|呀^.2|哟^.05|吧，谢谢^.5|好了^.3|就行^.7|就好^.5|即可^.4|"
    "就行了^.4|就可以了^.3|得了^.1]"
)
_AFTER = (
    "[之后^6|以后^4|完之后^.5|完以后^.4|后^3|完^1|完了^.7|好之后^.3|好以后^.3|好了^.4|之后呢^.2|这事儿办完^.1|"
    "弄好之后^.2]"
)
_NEXT = (
    "[然后^8|接着^4|随后^2|之后^3|接下来^2|再然后^.5|完了^1|完事^.3|紧接着^.7|其次^.3|完成后^1|做完后^.4|弄完^.3|"
    "下一步^.3|而后^.3|后面^.1]"
)
_LAST = "[最后^8|最后再^3|然后^1|完了^.5|最终^.2|末了^.1]"
_FIRST_OF_TWO = "[先^8|请先^1.5|要先^1|得先^1|先要^.3|必须先^.5|应该先^.2|首先^.5|麻烦先^.4|记得先^.5]"
_FIRST = "[先^9|首先^3|先去^.2|第一步^.5|第一^.2|一开始^.2|首先要^.2|请先^1.5|麻烦先^.4|你先^.5]"


class Chinese:
    """Draws one of many ways to say a meaning in Mandarin; the same meaning and generator state give the same text."""

    def __init__(self, catalogue: Catalogue) -> None:
        lexicon = Lexicon(catalogue)
        self._places = Places(catalogue, lexicon)
        parts = Parts(lexicon, self._places)
        self._lists = Lists(parts)
        self._clauses = Clauses(catalogue, parts, self._lists, self._places)
        self._remarks = Remarks(parts, self._lists, self._places)
        self._refusals = Refusals(catalogue, lexicon, parts, self._lists, self._places)

    def say(self, meaning: Meaning, random: np.random.Generator) -> str:
        talk = Talk(random)
        if isinstance(meaning, Orders):
            return self._written(self._orders(meaning, talk), talk)
        if isinstance(meaning, NotUnderstood):
            text = self._refusals.doubt(meaning.kind, talk)
            if meaning.kind in ("empty", "words"):
                return text
            if meaning.kind == "nothing":
                return self._written(text, talk)
            if meaning.kind in ("place", "target"):
                text = self._beside_work(text, talk)
        elif isinstance(meaning, Unsafe):
            text = self._beside_work(self._refusals.unsafe(meaning.kind, talk), talk)
        else:
            assert isinstance(meaning, OutOfScope)
            text = self._beside_work(self._refusals.out_of_scope(talk), talk)
        return self._written(self._dressed(text, talk), talk)

    def _beside_work(self, text: str, talk: Talk) -> str:
        """Say now and then something harmless first: what comes after it still decides."""
        if talk.chance(0.9):
            return text
        work = self._clauses.clause(self._refusals.work(talk), talk, "verbal").text
        return talk.say(
            "[{w}[，然后^3|，再^2|，接着|。|；|，^2|，顺便]{t}^4|先{w}，[再|然后|完了]{t}^2|{w}之后，{t}]",
            w=work,
            t=text,
        )

    # orders ---------------------------------------------------------------------------------------------------------

    def _orders(self, meaning: Orders, talk: Talk) -> str:
        steps = self._steps(meaning.orders, talk)
        talk.alone = len(steps) == 1 and not meaning.spared
        talk.slip = talk.weighted(_SLIPS)
        spared = self._spared(meaning.spared, talk) if meaning.spared else ""
        if spared and talk.chance(0.5):
            return spared + talk.say("[，^6|。^2|；|，然后]") + self._said(steps, talk)
        text = self._said(steps, talk)
        return text + talk.say("[，^6|。^2|；^.5|，[但|不过|记住|注意]^3]") + spared if spared else text

    def _said(self, steps: Sequence[Step], talk: Talk) -> str:
        if len(steps) == 1:
            return self._polished(self._clauses.clause(steps[0], talk), talk)
        return self._ordered(steps, talk)

    def _steps(self, orders: Sequence[Order], talk: Talk) -> list[Step]:
        steps: list[Step] = []
        for order in orders:
            last = steps[-1] if steps else None
            if (
                isinstance(order, Drive)
                and isinstance(last, Put)
                and self._places.aboard(last.container)
                and talk.chance(0.65)
            ):
                steps[-1] = Deliver(last, order.station)
            else:
                steps.append(order)
        return steps

    def _spared(self, refs: Sequence[PartRef], talk: Talk) -> str:
        first = talk.chance(0.6)
        said = [self._lists.spared(ref, talk, first) for ref in refs]
        talk.last_shape = ""
        p = talk.say("[和^3|、|跟]").join(text for text, _ in said)
        named = (
            "[{p}{d}[别动^6|不要动^4|别碰^3|不要碰^2|不用动^2|不动^1|别管^1|不用管^1.5|不许动^.5|不能动^1|"
            "留着别动^1|留在原地^1.5|保持不动^1.5|原地不动^.7|放着别动^1|甭动^.3|甭管^.2|先别动^1|留着^.7|"
            "千万别动^.4|可别动^.2|不准动^.3|待在原位^.3|保持原位^.3|请勿移动^.3|别去动它^.3|给我留着^.2]^9|"
            "{p}{d}[给我|]留下^.5|{p}{d}就[那么放着|搁着别动]吧^.3]"
        )
        forbidden = (
            "[[别^4|不要^4|不许^.5|不能^.5|千万别^1|请勿^.7|请不要^.7|别去^.5|禁止^.3|不得^.2|不可^.2|可别^.3]"
            "[动^5|碰^5|触碰^.7|移动^1.5|拿^.5|挪动^.7|乱动^.3]{p}^9|让{p}[留在原地|待着别动|保持原样|原地不动]"
            "^1|把{p}留在[原地|原处|桌上|原位]^1|不用管{p}^1|[留下|保留]{p}[不动|，别动]^.5]"
        )
        return talk.say(
            named if first else forbidden,
            p=p,
            d="都" if any(each for _, each in said) else "",
        )

    # several steps --------------------------------------------------------------------------------------------------

    def _ordered(self, steps: Sequence[Step], talk: Talk) -> str:
        first = steps[0]
        puts = [step for step in steps if isinstance(step, Put) and len(step.parts) == 1]
        plain = all(step.parts[0].pick == "one" and not step.parts[0].without for step in puts)
        if len(puts) == len(steps) and plain and talk.chance(0.15):
            return self._polished(self._remarks.respectively(puts, talk), talk)
        if self._by_color(steps) and talk.chance(0.5):
            return self._polished(self._remarks.sorted_by_color(puts, talk), talk)
        if len(steps) > 2 and talk.chance(0.2):  # two of them in an order of their own
            start = self._ordered(steps[:2], talk)
            rest = [self._clauses.clause(step, talk, "verbal") for step in steps[2:]]
            return start + "".join(
                talk.say("[，|。|；]") + talk.say((_LAST if clause is rest[-1] else _NEXT) + "[^6|，]") + clause.text
                for clause in rest
            )
        ways = {"plain": 5.0, "then": 11.0, "listed": 0.8}
        if len(steps) == 2:
            ways |= {"after": 4.0, "before": 4.0, "once": 1.5, "butfirst": 1.5}
        way = talk.weighted(ways)
        if way == "before":
            second = self._clauses.clause(steps[1], talk, self._bare(steps[1], talk)).text
            one = self._clauses.clause(first, talk, "verbal")
            before = talk.say("[在^3|^3]") + second + talk.say("[之前^6|以前^1.5|前^2][，^6|^1]")
            return self._addressed(before + self._led(_FIRST_OF_TWO, one, talk), talk)
        if way == "butfirst":
            second_clause = self._clauses.clause(steps[1], talk, "verbal")
            one = self._clauses.clause(first, talk, "verbal")
            joint = talk.say(
                "[[，^3|。|；^.3][不过^2|但^3|但是^1|可^.2|^1.5][在这之前|在此之前^2|在那之前|这之前|此前|"
                "之前][要^.7|请^.7|得^.7|^3]先^6|，[但|不过|但是][要|得|请|]先^3|，[但|不过]首先]"
            )
            return self._polished(second_clause, talk) + joint + one.text
        if way in ("after", "once"):
            return self._addressed(self._chained(steps, way, talk), talk)
        if way == "listed":
            return self._numbered(steps, talk)
        form: Form = "verbal" if way == "then" and talk.chance(0.75) else "free"
        clauses = self._all(steps, form, talk)
        if way == "plain":
            comma = talk.say("[，^8|；^2|。^2| ^.5]")
            return comma.join([self._polished(clauses[0], talk), *(clause.text for clause in clauses[1:])])
        return self._sequence(clauses, talk)

    def _by_color(self, steps: Sequence[Step]) -> bool:
        shapes = set()
        for step in steps:
            if not isinstance(step, Put) or not isinstance(steps[0], Put):
                return False
            first = steps[0].parts[0]
            ref = step.parts[0]
            shapes.add(ref.shape)
            if (
                len(step.parts) > 1
                or ref != PartRef(ref.shape, self._places.color(step.container), first.pick)
                or ref.pick not in ("all", "whichever")
            ):
                return False
        return len(shapes) == 1

    def _sequence(self, clauses: Sequence[Clause], talk: Talk) -> str:
        head = clauses[0]
        if talk.chance(0.55):
            text = self._addressed(self._led(_FIRST, head, talk), talk)
        else:
            text = self._polished(head, talk)
        for at, clause in enumerate(clauses[1:], 1):
            last = at == len(clauses) - 1 and len(clauses) > 2 and talk.chance(0.6)
            comma = talk.say("[，^10|；^1|。^1.5|^.4]")
            if clause.verbal and talk.chance(0.6):
                word = talk.say(
                    (
                        "[再^8|然后^4|接着^2|然后再^2.5|接着再^1|之后再^1.5|随后再^.5|完了再^1|回头再^.3|又^.1|"
                        "后再^.3|接下来再^.4]"
                    )
                    if not last
                    else "[最后^4|最后再^4|再^1|最后请^.3]"
                )
            else:
                word = talk.say(_LAST if last else _NEXT) + talk.say("[^6|，]")
            text += comma + word + clause.text
        return text

    def _chained(self, steps: Sequence[Step], way: str, talk: Talk) -> str:
        topic = talk.chance(0.5)
        form: Form = "topic" if topic else self._bare(steps[0], talk)
        if way == "once" and not isinstance(steps[0], Deliver) and talk.chance(0.5):
            first = self._clauses.clause(steps[0], talk, "topic").text
            start = talk.say(
                (
                    "[等{a}了[，|]|等{a}[以后|之后|后][，|]|只要{a}了，|{a}[之后|以后|后]，马上|一等{a}，|"
                    "待{a}后，|一旦{a}，|当{a}之后，]"
                ),
                a=first,
            )
        elif way == "once":
            first = self._clauses.clause(steps[0], talk, "bare").text
            start = talk.say(
                (
                    "[等{a}[之后|以后|完|完了]，|等你{a}[以后|之后|了]，|{a}[完|好][了|]，|先{a}，等[弄好了|放好了|"
                    "完成了|好了]，]"
                ),
                a=first,
            )
        else:
            first = self._clauses.clause(steps[0], talk, form).text
            if form == "topic" or first.startswith(("让", "叫", "派")):
                start = first + talk.say("[之后^5|以后^4|后^3][，^5|^1]")
            else:
                start = talk.say("[^5|等^2]") + first + talk.say(_AFTER) + talk.say("[，^6|^1]")
        second = self._clauses.clause(steps[1], talk, "verbal" if talk.chance(0.8) else "free", after=steps[0])
        if second.verbal:
            word = talk.say("[再^6|就^4|^4|然后^.7|请^1|马上^.5|接着^.5|立刻^.3|就可以^.2|你再^.3|才^.3]")
            return start + ("就" if way == "once" and talk.chance(0.5) else word) + second.text
        return start + second.text

    def _numbered(self, steps: Sequence[Step], talk: Talk) -> str:
        style = talk.one(
            ["第{n}步，", "第{n}步：", "{d}. ", "{d}、", "{d}.", "（{d}）", "{d}）", "第{n}，", "步骤{d}：", "{n}是"]
        )
        comma = talk.say("[；^3|。^2|，^2|\n^.5]")
        clauses = self._all(steps, "free", talk)
        return comma.join(
            style.format(n="一二三四五六七八九十"[at], d=at + 1) + clause.text for at, clause in enumerate(clauses)
        )

    def _all(self, steps: Sequence[Step], form: Form, talk: Talk) -> list[Clause]:
        return [self._clauses.clause(step, talk, form, steps[at - 1] if at else None) for at, step in enumerate(steps)]

    def _bare(self, step: Step, talk: Talk) -> Form:
        return "bare" if isinstance(step, Drive) or talk.chance(0.75) else "topic"

    def _led(self, words: str, clause: Clause, talk: Talk) -> str:
        if clause.verbal:
            return talk.say(words) + clause.text
        return talk.say("[首先^3|第一步^.7|首先，^2|第一，^.5|先说第一件，^.1]") + clause.text

    # manners --------------------------------------------------------------------------------------------------------

    def _polished(self, clause: Clause, talk: Talk) -> str:
        """Add who is spoken to, politeness and small talk to the first clause."""
        text = clause.text
        if clause.verbal:
            how = talk.weighted({"": 50, "polite": 22, "wish": 8, "ask": 7})
            if how == "ask" and talk.alone:
                return self._addressed(talk.say(_ASK, t=text), talk)
            lead = talk.say({"": "", "polite": _POLITE, "wish": _WISH, "ask": _POLITE}[how])
            if not (lead.endswith(("去", "来")) and text.startswith(("往", "在", "向", "给", "去"))):
                text = lead + text
        elif not clause.asked and talk.chance(0.08):
            text = talk.say("[麻烦你，|快，|来，|劳驾，|帮个忙，|请注意，^.5|麻烦，]") + text
        if talk.alone and talk.chance(0.09) and text[-1] not in "了吧吗行":
            text += talk.say(_SOFT)
        if talk.alone and talk.chance(0.1):
            text += talk.say("[，^8|。^2| ]") + talk.say(_TAIL if talk.chance(0.8) else _REASON)
        return self._addressed(text, talk)

    def _addressed(self, text: str, talk: Talk) -> str:
        if talk.chance(0.04):
            text = talk.say(_REASON) + "，" + text
        if talk.chance(0.015):
            text = (
                talk.say("[任务|指令|执行|工单|请执行|下一步|操作|命令|口令^.3|步骤^.3|作业]")
                + talk.say("[：^6|:|，]")
                + text
            )
        if talk.chance(0.03):
            text = talk.say(_WHEN) + talk.say("[，|]") + text
        if talk.chance(0.07):
            text = talk.say(_CALLED) + talk.say("[，^8|^.5|、^.1|！^.5|：^.3]") + text
        if talk.chance(0.03):
            text = talk.say(_HUM) + talk.say("[，^6|…^1|……^2|^.3]") + text
        return text

    def _dressed(self, text: str, talk: Talk) -> str:
        """Manners for what is not going to be done."""
        if talk.chance(0.2) and text.startswith(("把", "将", "让", "用", "给", "关", "去")):
            text = talk.say(_POLITE) + text
        if talk.chance(0.08):
            text += talk.say(_SOFT)
        if talk.chance(0.06):
            text += "，" + talk.say(_TAIL)
        return self._addressed(text, talk)

    def _written(self, text: str, talk: Talk) -> str:
        """Punctuation as people type it: closed, open, half-width, spaces or none."""
        text = text.replace("？。", "？").replace("，，", "，").replace("。，", "，")
        ended = text.endswith(tuple("。？！…，."))
        if not ended and talk.chance(0.5):
            text += talk.weighted({"。": 10, "！": 1.2, ".": 0.5})
        style = talk.weighted({"": 80, "half": 7, "space": 4, "none": 4})
        if style == "half":
            return text.translate(str.maketrans("，。？！；：（）", ",.?!;:()"))
        if style == "space":
            return " ".join("".join(" " if char in "，。；！？" else char for char in text).split())
        if style == "none":
            return "".join(char for char in text if char not in "，。；！？")
        return text
