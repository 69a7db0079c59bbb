"""One step of work as a clause: with 把, with the part or the place in front, as a need, or in three words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from luban.catalogue import Catalogue
from luban.meaning import Drive, Insert, PartRef, Put
from policies.planner.training.chinese_lists import Lists
from policies.planner.training.chinese_parts import Parts
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_remarks import Remarks
from policies.planner.training.chinese_step import Clause, Deliver, Form, Step
from policies.planner.training.chinese_talk import Talk
from policies.planner.training.chinese_trips import Trips

_GRAB = (
    "[拿起^5|夹起^3|抓起^3|取^2|拿^3|抓取^1.5|夹住^1|拾起^1|捡起^2|取出^1|夹取^1.5|抓住^1|拿上^.3|拣起^.5|"
    "提起^.3|取来^.5|找到^1|找出^.5]"
)
_SHOULD = "[应该^3|要^4|得^1.5|需要^1.5|请^2|麻烦^.6|给我^1|就^.7|必须^.3|该^.7|务必^.3|直接^.7]"


class Clauses:
    def __init__(self, catalogue: Catalogue, parts: Parts, lists: Lists, places: Places) -> None:
        self._parts, self._lists, self._places = parts, lists, places
        self._remarks = Remarks(parts, lists, places)
        self._trips = Trips(catalogue, parts, lists, places)

    def clause(self, step: Step, talk: Talk, form: Form = "free", after: Step | None = None) -> Clause:
        """after: the step that was said just before."""
        if isinstance(step, Drive):
            return self._trips.drive(step, talk, form, after)
        if isinstance(step, Deliver):
            return self._deliver(step, talk, form)
        return self._move(step, talk, form)

    # parts into places ----------------------------------------------------------------------------------------------

    def _move(self, step: Put | Insert, talk: Talk, form: Form) -> Clause:
        refs = step.parts
        if form in ("bare", "topic"):
            slip, talk.slip = talk.slip, ""
            said = self._lists.listed(refs, talk, apart=False)
            lead = "" if form == "topic" else talk.say("[把^5|将]")
            text = lead + said.named + said.both(talk) + self._places.reached(step, talk, 0.25)
            talk.slip = slip
            return Clause(text, form == "bare")
        if refs[0].pick == "whichever" and len(refs) == 1 and talk.chance(0.7):
            return self._remarks.if_any(step, talk)
        insert = isinstance(step, Insert)
        ways: dict[Callable[[Put | Insert, Talk], Clause], float] = {
            self._ba: 48,
            self._grabbed: 9,
            self._place_first: 5 if insert else 9,
            self._verb_first: 8,
            self._remarks.instead: 300.0 * (talk.slip == "place" and not insert and talk.chance(0.4)),
            self._remarks.mistaken: 60.0 * (talk.slip == "part" and len(refs) == 1 and talk.chance(0.3)),
            self._remarks.formal: 5.0 * (form == "free"),
            self._remarks.lacking: 2.5 * (form == "free" and _countable(refs) and not insert),
            self._remarks.chatty: 4.0 * (form == "free" and len(refs) == 1 and refs[0].pick == "one"),
            self._remarks.cleared: 20.0 * (form == "free" and step.parts == (PartRef(pick="all"),) and not insert),
            self._topic: 22 * (form == "free"),
            self._split: 14.0 * (len(refs) > 1),
            self._need: (5 if insert else 9) * (form == "free"),
            self._brief: (5 if insert else 8) * (form == "free"),
            self._fetched: 30.0 * (len(refs) == 1 and refs[0].inside is not None and not insert),
            self._picked: 30.0 * (len(refs) == 1 and refs[0].pick == "any"),
        }
        return talk.weighted(ways)(step, talk)

    def _ba(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk)
        ba = talk.say("[把^7|将^2]")
        target = self._places.reached(step, talk)
        aside = talk.say("[^30|给^.8|小心^.5|慢慢^.3|轻轻^.5|直接^1|马上^.3|稳稳地^.2|好好^.2|顺手^.3]")
        text = (
            talk.say("[^60|用机械臂|用夹爪|用机械手^.5|用手臂^.2]") + ba + said.named + said.both(talk) + aside + target
        )
        return Clause(said.before + text + said.after, not said.before)

    def _verb_first(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "放两个齿轮到蓝色料箱里"."""
        if talk.slip:
            return self._ba(step, talk)
        said = self._lists.listed(step.parts, talk, bare=False)
        if isinstance(step, Insert):
            text = talk.say(
                (
                    "[插^4|装^3|安装^3|塞^1|压^.7|插入^1|穿^.5|装配^1|推^.3]{p}[到^5|进^3|入^.7|在^.7]{c}[里^4|"
                    "里面^1|中|内|^4]"
                ),
                p=said.text,
                c=self._places.name(step.fixture, talk),
            )
            if talk.chance(0.12):
                text = (
                    talk.say("[插轴|装轴|插一下轴|把轴插上|装一下轴|插上轴]")
                    if step.parts == (PartRef("shaft"),) and self._places.only(step.fixture)
                    else talk.say(
                        "[把^3|将]{p}[跟|和|与]{c}[装配|组装|装]到一起",
                        p=said.text,
                        c=self._places.name(step.fixture, talk),
                    )
                )
            return Clause(said.before + text + said.after, not said.before)
        name, post = self._places.within(step.container, talk)
        text = talk.say(
            (
                "[[放^9|移^2|移动^3|搬^2|挪^2|搁^1.5|拿^3|转移^2|装^2|收^.7|存^.5|丢^1|摆^1|送^.5|夹^1|捡^1|"
                "取^.7|投放^.3|塞^.3|弄^.5]{p}[到^8|进^3|去^.7|至^.7|入^.5]{i}[^12|去^1]^9|[放|挪|移|拿|搬]"
                "一下{p}[到|进]{i}^.7]"
            ),
            p=said.text,
            i=name + (post if talk.chance(0.7) or self._places.vehicular(name, step.container) else ""),
        )
        return Clause(said.before + text.replace("进" + name + "上", "到" + name + "上") + said.after, not said.before)

    def _topic(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk)
        comma = talk.say("[^9|，^1.5|呢，^.2]")
        should = talk.say("[^6|" + _SHOULD + "^5]")
        text = said.text + comma + (should + said.both(talk) if talk.chance(0.5) else said.both(talk) + should)
        return Clause(said.before + text + self._places.reached(step, talk) + said.after)

    def _grabbed(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk, bare=False)
        target = self._places.reached(step, talk)
        many = len(step.parts) > 1 or step.parts[0].pick in ("all", "count")
        it = "它们" if many else "它"
        text = talk.say(
            "["
            + _GRAB
            + "{p}[，^4|[，^3|][然后^1.5|再^2]|]{t}^6|"
            + _GRAB
            + (
                "{p}[，^2|，然后^1.5|，再^2]把{it}{t}^2|把{p}[拿起来|夹起来|抓起来|找出来|拿出来|取出来|捡起来|"
                "夹住|拿上|抓住|挑出来^.7|拣出来^.5][，^3|^2|，然后|，再]{t}^5|将{p}[夹起|拿起|抓起|拾起|取出][，"
                "|后，|，然后|并]{t}^2|[拿|取|夹|抓|捡]{p}{t}^2]"
            ),
            p=said.text,
            t=target,
            it=it,
        )
        return Clause(said.before + text + said.after, not said.before)

    def _place_first(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk, bare=False)
        if isinstance(step, Insert):
            name = self._places.name(step.fixture, talk)
            text = talk.say(
                (
                    "[往^3|在^2|朝^.3|向^.5|给^1|^1]{c}[里^5|里面^2|中|内|][插^2|插入^3|装^2|装入|塞^.5|插上^.5|"
                    "压入^.3|安装^.7|放^.5|插进^.5]{p}"
                ),
                c=name,
                p=said.text,
            )
            return Clause(said.before + text + said.after, not said.before)
        name, post = self._places.within(step.container, talk)
        lead = talk.say("[往^6|在^3|向^1|给^1.5|^4|朝^.3]")
        on = post.startswith("上")
        verb = talk.say(
            "[放^8|装^2|搁^1|摆^.6|码^.2|加^.3|放置^.2]"
            if on
            else "[放^8|放入^1|放进^1|装^2|装入^.4|搁^1|摆^.6|投^.2|丢^.4|存^.3|存放^.3|码^.2|添^.2|加^.3]"
        )
        if talk.chance(0.1):
            should = talk.say("[要^2|请^1|需要^1|应该^1|给我^1|就^.3]")
            return Clause(said.before + name + post + should + verb + said.text + said.after, asked=True)
        return Clause(said.before + lead + name + post + verb + said.text + said.after, not said.before and bool(lead))

    def _need(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk, bare=False)
        if isinstance(step, Insert):
            text = talk.say(
                (
                    "[{p}要在{c}里^2|{c}里要[有|插上|装上]{p}^2|我要{p}[插|装]在{c}里^2|{c}[缺|等着装|需要装|该装|"
                    "还没装|要装]{p}^2|{p}该[进|插进|装进]{c}了^1|{p}应该在{c}里^1|确保{p}在{c}里]"
                ),
                p=said.text,
                c=self._places.name(step.fixture, talk),
            )
            return Clause(said.before + text + said.after, asked=True)
        name, post = self._places.within(step.container, talk)
        text = talk.say(
            "[{p}[应该|要|得|该|必须]在{i}^3|{p}[归|归到|属于|归入]{c}^2|我[要|想要|需要|希望]{p}[在|待在|"
            "放在|放到]{i}^3|我[要|想]让{p}[进|到|去]{i}^1|{p}的位置[是|在|应该在]{i}^.7|"
            "{i}[要|需要|缺|还缺|还差|少了|得有|要放|该放|要有|还要]{p}^3|确保{p}[在|都在]{i}^.7|"
            "{p}应该[放到|放在|进|放进|移到|去]{c}^2|{p}该[进|去|放进]{c}了^1|{c}[来|要|收]{p}^.7|"
            "要求{p}[放入|位于|放在]{i}^.7|"
            "{p}要[进|放进|放到|装进]{i}^2|[目标|任务|要求|需求][：|是]{p}[放入|进|放进|放到]{c}^.7|{p}[得|"
            "需|需要|必须][放到|放进|进]{i}^1.5|让{p}[进|到]{i}^.7|最后{p}要在{i}^.4|{p}放{i}就[行|好|可以]"
            "^.7]",
            p=said.text,
            c=name if post[:1] == "里" or not self._places.aboard(step.container) else name + post,
            i=name + post,
        )
        return Clause(said.before + text + said.after, asked=True)

    def _brief(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk, apart=False)
        if isinstance(step, Insert):
            name = self._places.name(step.fixture, talk)
            return Clause(
                talk.say(
                    "[{p}[插|进|装|入|→|->|上|塞]{c}^5|插{p}^1|{p}，插{c}|{p}→{c}|{c}：{p}^.5|{p}，{c}|{p} {c}]",
                    p=said.text,
                    c=name,
                )
            )
        name = self._places.name(step.container, talk)
        d = said.both(talk) if said.each else ""
        return Clause(
            talk.say(
                (
                    "[{p}{d}[放^5|进^3|入^1|去^1|到^1|装^.5|→^2|->^1|-->^.2|=>^.2|——^.3|－^.1|搁^.4]{c}^10|{p}，"
                    "{d}{c}^3|{p} {d}{c}^2|{c}：{p}^1|{c}，{p}^.7|{c}[放|装]{p}^1.5|{p}到{c}去^.5|{p}——{c}^.3|"
                    "{p}{c}^.5|{p}：{c}^.4]"
                ),
                p=said.text,
                c=name,
                d=d,
            )
        )

    def _fetched(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "从红色料箱里把齿轮拿出来，放进蓝色料箱"."""
        (ref,) = step.parts
        source = self._places.within(ref.inside or "", talk)
        said = self._lists.listed((replace(ref, inside=None),), talk, bare=False, apart=False)
        text = talk.say(
            (
                "[从{s}[里|]把{p}[拿出来|取出来|夹出来|拿出|取出]，[再|然后|]{t}^4|把{p}从{s}[拿出来|取出|取出来|"
                "拿出|]，{t}^3|把{p}从{s}{t}^5|从{s}[拿|取|取出|拿出|夹出]{p}[，|][再|]{t}^3|将{p}由{s}{t}|"
                "把{p}从{s}拿[出来|出来，]{t}]"
            ),
            s=source[0] + source[1],
            p=_loose(said.text),
            t=self._places.reached(step, talk),
        )
        return Clause(text.replace("里里", "里"), True)

    def _picked(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "随便挑一个齿轮放进蓝色料箱"."""
        (ref,) = step.parts
        p = self._parts.kind(ref, talk)
        text = talk.say(
            (
                "[随便^5|任意^2|随意^1|随机^.7][挑^3|选^3|拿^4|取^2|抓^1.5|夹^1.5|找^1|捡^.5][一{k}^3|一个^2|个^2]"
                "{p}[，^2|^4|，然后]{t}"
            ),
            p=p,
            t=self._places.reached(step, talk),
            k=self._parts.classifier(ref, talk),
        )
        return Clause(text, True)

    def _split(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "把齿轮放进蓝色料箱，螺母也放进去"."""
        first = type(step)(step.parts[:-1], step.container if isinstance(step, Put) else step.fixture)
        head = self._ba(first, talk) if talk.chance(0.6) else self._topic(first, talk)
        said = self._lists.listed(step.parts[-1:], talk, apart=False)
        aboard = isinstance(step, Put) and self._places.aboard(step.container)
        every = talk.say("[都|全都|全部]") if said.each else ""
        same = (
            "[也{d}装上去^2|也{d}放上去^3|也{d}一起装上|也{d}装车|也{d}放车上]"
            if aboard
            else "[也{d}放进去^5|也{d}放那里^1|也{d}放那儿^1|也{d}放到里面^1|也{d}放里面^1.5|也{d}放进里面]"
        )
        same = "[" + same + "^6|也{d}一样^1.5|同样^.5|也{d}放一起^.7|也{d}跟着放^.2|也{d}放同一个地方^.5]"
        text = talk.say(
            "[，^8|；^1|。^1.5|,^.2][{p}"
            + same
            + "^6|[也|再|同时]把{p}{d}放进去^3|还有{p}^2|{p}也要^.7|再加上{p}^.5|另外{p}也是^.5|以及{p}^.3]",
            p=said.text,
            d=every,
        )
        return Clause(head.text + text, head.verbal)

    def _deliver(self, step: Deliver, talk: Talk, form: Form) -> Clause:
        if form in ("bare", "topic") or talk.chance(0.76):
            return self._trips.deliver(step, talk, form)
        place, vehicle = self._places.station(step.station, talk, 0.12), self._places.vehicle(talk)
        load = self._move(step.put, talk, "verbal" if form == "verbal" or talk.chance(0.7) else "free")
        send = talk.say(
            (
                "[，[然后|再|][把[它|它们]|][送到|运到|送去|拉到|运去|送往|运往|开到|带到|发往|送至]{s}^6|，"
                "[然后|再|接着]让{v}[去|开到|前往|到]{s}^2|，[再|然后|][去|开到|发到|运到|开往]{s}^2|[再|后|，]"
                "送{s}^1|，送{s}去^.5|，[拉|运|送]到{s}去^1|，出发去{s}^.7|，之后开往{s}^.5]"
            ),
            s=place,
            v=vehicle,
        )
        return Clause(load.text + send, load.verbal, load.asked)


def _countable(refs: Sequence[PartRef]) -> bool:
    """Whether one number says how many of these parts are meant."""
    ref = refs[0]
    plain = not (ref.others or ref.without or ref.where)
    return len(refs) == 1 and plain and ref.pick in ("one", "all", "count")


def _loose(text: str) -> str:
    """Leave out that parts lie on the table, where that is not true."""
    for table in ("桌上的", "桌子上的", "台面上的", "桌面上的", "桌上", "台面上"):
        text = text.replace(table, "")
    return text
