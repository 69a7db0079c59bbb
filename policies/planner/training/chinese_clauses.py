"""One step of work as a clause: with 把, with the part or the place in front, as a need, or in three words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from luban.catalogue import Catalogue
from luban.meaning import Drive, Insert, PartRef, Put
from policies.planner.training.chinese_parts import Parts
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_step import Clause, Deliver, Form, Step
from policies.planner.training.chinese_talk import Talk
from policies.planner.training.chinese_trips import Trips

_GRAB = (
    "[拿起^5|夹起^3|抓起^3|取^2|拿^3|抓取^1.5|夹住^1|拾起^1|捡起^2|取出^1|夹取^1.5|抓住^1|拿上^.3|拣起^.5|"
    "提起^.3|取来^.5|找到^1|找出^.5]"
)
_SHOULD = "[应该^3|要^4|得^1.5|需要^1.5|请^2|麻烦^.6|给我^1|就^.7|必须^.3|该^.7|务必^.3|直接^.7]"


class Clauses:
    def __init__(self, catalogue: Catalogue, parts: Parts, places: Places) -> None:
        self._parts, self._places = parts, places
        self._trips = Trips(catalogue, parts, places)

    def clause(self, step: Step, talk: Talk, form: Form = "free", after: Step | None = None) -> Clause:
        """after: the step that was said just before."""
        if isinstance(step, Drive):
            return self._trips.drive(step, talk, form, after)
        if isinstance(step, Deliver):
            return self._deliver(step, talk, form)
        return self._move(step, talk, form)

    def respectively(self, steps: Sequence[Put], talk: Talk) -> Clause:
        said = self._parts.listed([step.parts[0] for step in steps], talk, bare=False, apart=False)
        boxes = [self._places.name(step.container, talk) for step in steps]
        text = talk.say(
            "{p}[分别^8|各自^.7|依次^.7][放进^4|放到^4|放入^2|放在^2|装进|移到|送到^.5]{c}[里^3|^5|中|里面]",
            p=said.text,
            c=talk.say("[、^2|和^5|跟]").join(boxes),
        )
        return Clause(talk.say("[把^4|将^2]") + text, True) if talk.chance(0.75) else Clause(text)

    def sorted_by_color(self, steps: Sequence[Put], talk: Talk) -> Clause:
        """Say that parts of a colour belong in the box of that colour."""
        colors = [self._parts.looks.color(step.parts[0].color or "", talk) for step in steps]
        noun = self._parts.looks.noun(steps[0].parts[0].shape, talk)
        each = talk.say("[，|；]").join(
            color
            + "的"
            + talk.say("[放^4|归^2|进^2|放进^3|放到^2|都放^1|去^.3]")
            + self._places.name(step.container, talk)
            for color, step in zip(colors, steps, strict=True)
        )
        joined = talk.say("[和|、|跟]").join(colors)
        text = talk.say(
            (
                "[{n}按颜色[分拣|归类|分类|分开放|分好|整理]：{e}^3|[把|将]{c}的{n}[按颜色|分别|各自|][放进|放到|"
                "收进|分到][同色|颜色相同|颜色一样|各自颜色|对应颜色|相同颜色]的[箱子|料箱|盒子][里|]^4|"
                "{c}的{n}都[放进|放到|归到][同色|各自颜色|颜色对应]的[箱子|料箱][里|]^2|[给|把]{n}按颜色分一下，"
                "{e}^2|按颜色分[拣|类]{n}，{e}^2|{n}按颜色[放|归位]，{e}^1.5]"
            ),
            n=noun,
            e=each,
            c=joined,
        )
        return Clause(text, asked=True)

    # parts into places ----------------------------------------------------------------------------------------------

    def _move(self, step: Put | Insert, talk: Talk, form: Form) -> Clause:
        target = self._target(step)
        refs = step.parts
        if form in ("bare", "topic"):
            slip, talk.slip = talk.slip, ""
            said = self._parts.listed(refs, talk, apart=False)
            lead = "" if form == "topic" else talk.say("[把^5|将]")
            text = lead + said.text + said.both(talk) + target(talk)
            talk.slip = slip
            return Clause(text, form == "bare")
        if refs[0].pick == "whichever" and len(refs) == 1 and talk.chance(0.7):
            return self._if_any(refs[0], target, talk)
        insert = isinstance(step, Insert)
        ways: dict[Callable[[Put | Insert, Talk], Clause], float] = {
            self._ba: 48,
            self._grabbed: 9,
            self._place_first: 5 if insert else 9,
            self._verb_first: 8,
            self._chatty: 4.0 * (form == "free" and len(refs) == 1 and refs[0].pick == "one"),
            self._cleared: 20.0 * (form == "free" and step.parts == (PartRef(pick="all"),) and not insert),
            self._topic: 22 * (form == "free"),
            self._split: 14.0 * (len(refs) > 1),
            self._need: (5 if insert else 9) * (form == "free"),
            self._brief: (5 if insert else 8) * (form == "free"),
            self._fetched: 30.0 * (len(refs) == 1 and refs[0].inside is not None and not insert),
            self._picked: 30.0 * (len(refs) == 1 and refs[0].pick == "any"),
        }
        return talk.weighted(ways)(step, talk)

    def _ba(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._parts.listed(step.parts, talk)
        ba = talk.say("[把^7|将^2]")
        target = self._target(step)(talk)
        aside = talk.say("[^30|小心^.5|慢慢^.3|轻轻^.5|直接^1|马上^.3|稳稳地^.2|好好^.2|顺手^.3]")
        named = said.text.removeprefix("凡是").removeprefix("但凡是").removeprefix("只要是")
        text = talk.say("[^60|用机械臂|用夹爪|用机械手^.5|用手臂^.2]") + ba + named + said.both(talk) + aside + target
        return Clause(said.before + text + said.after, not said.before)

    def _verb_first(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "放两个齿轮到蓝色料箱里"."""
        if talk.slip:
            return self._ba(step, talk)
        said = self._parts.listed(step.parts, talk, bare=False)
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
                "[放^9|移^2|移动^3|搬^2|挪^2|搁^1.5|拿^3|转移^2|装^2|收^.7|存^.5|丢^1|摆^1|送^.5|夹^1|捡^1|取^.7|"
                "投放^.3|塞^.3|弄^.5]{p}[到^8|进^3|去^.7|至^.7|入^.5]{i}[^12|去^1]"
            ),
            p=said.text,
            i=name + (post if talk.chance(0.7) or self._places.vehicular(name, step.container) else ""),
        )
        return Clause(said.before + text.replace("进" + name + "上", "到" + name + "上") + said.after, not said.before)

    def _chatty(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._parts.listed(step.parts, talk, bare=False, apart=False)
        text = talk.say(
            (
                "[[看到|看见|瞧见]{p}[了吗^2|没有|没^2|了没|了吧]？[把它^2|帮我^1|给我^1|^2]{t}^4|{p}，对，就[它|"
                "这个|那个]，{t}^1|{p}你[拿一下|处理一下|弄一下|收一下]，{t}^2|{p}，[帮我|帮忙|麻烦|给我]{t}^2|"
                "{p}，[你|]把它{t}^3|{p}别搁那儿了，{t}^.5|{p}放错了，[应该|得|要]{t}^.7|{p}怎么还在桌上，[快|"
                "赶紧|]{t}^.5|{p}该收了，{t}^.7|{p}用完了，{t}^.7|{p}得挪个地方，{t}^.7|{p}没地方放，{t}^.3|"
                "{p}呢，就{t}吧^.7|{p}放[哪儿|哪]？{t}^.3]"
            ),
            p=said.text,
            t=self._target(step)(talk),
        )
        return Clause(text, asked=True)

    def _cleared(self, step: Put | Insert, talk: Talk) -> Clause:
        assert isinstance(step, Put)
        name, post = self._places.within(step.container, talk)
        text = talk.say(
            (
                "[[清空|收拾|清理|腾空|整理|收一下|清一下|归置一下]^2[桌面|桌子|台面|工作面|桌上]，[东西|零件|"
                "全部|所有东西|所有零件]都{t}^5|把[桌子|桌面|台面][清空|收拾干净|腾空|清一清|收拾一下|清出来]，"
                "[东西|零件|所有零件]?[都|全部|全都|统统]{t}^5|把[桌上|台面上|桌面上][的]?[全部|都|统统|通通]"
                "{t}^3|桌上[有什么都|的全都|一个不留，全]{t}^2|全都{t}^2|[全部|统统|都]{t}^2|一个不[留|剩|落]，"
                "[全|都]{t}^1|[桌上|台上]一件不留，[都|全]{t}^1|把[桌面|桌上|台面]清空到{i}^1.5|有的没的都{t}^.2|"
                "见什么收什么，都{t}^.2]"
            )
            .replace("[的]?", "的")
            .replace("]?", "|]"),
            t=self._target(step)(talk),
            i=name + post,
        )
        return Clause(text, asked=True)

    def _topic(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._parts.listed(step.parts, talk)
        comma = talk.say("[^9|，^1.5|呢，^.2]")
        should = talk.say("[^6|" + _SHOULD + "^5]")
        text = said.text + comma + (should + said.both(talk) if talk.chance(0.5) else said.both(talk) + should)
        return Clause(said.before + text + self._target(step)(talk) + said.after)

    def _grabbed(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._parts.listed(step.parts, talk, bare=False)
        target = self._target(step)(talk)
        many = len(step.parts) > 1 or step.parts[0].pick in ("all", "count")
        it = "它们" if many else "它"
        text = talk.say(
            "["
            + _GRAB
            + "{p}[，^4|[，^3|][然后^1.5|再^2]|]{t}^6|"
            + _GRAB
            + "{p}[，^2|，然后^1.5|，再^2]把{it}{t}^2|[拿|取|夹|抓|捡]{p}{t}^2]",
            p=said.text,
            t=target,
            it=it,
        )
        return Clause(said.before + text + said.after, not said.before)

    def _place_first(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._parts.listed(step.parts, talk, bare=False)
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
        said = self._parts.listed(step.parts, talk, bare=False)
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
        said = self._parts.listed(step.parts, talk, apart=False)
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
                    "{p}：{c}^.4]"
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
        said = self._parts.listed((replace(ref, inside=None),), talk, bare=False, apart=False)
        text = talk.say(
            (
                "[从{s}[里|]把{p}[拿出来|取出来|夹出来|拿出|取出]，[再|然后|]{t}^4|把{p}从{s}[拿出来|取出|取出来|"
                "拿出|]，{t}^3|把{p}从{s}{t}^5|从{s}[拿|取|取出|拿出|夹出]{p}[，|][再|]{t}^3|将{p}由{s}{t}|"
                "把{p}从{s}拿[出来|出来，]{t}]"
            ),
            s=source[0] + source[1],
            p=said.text,
            t=self._target(step)(talk),
        )
        return Clause(text.replace("里里", "里"), True)

    def _picked(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "随便挑一个齿轮放进蓝色料箱"."""
        (ref,) = step.parts
        p = self._parts.kind(ref, talk)
        text = talk.say(
            (
                "[随便^5|任意^2|任^.7|随意^1|随机^.7][挑^3|选^3|拿^4|取^2|抓^1.5|夹^1.5|找^1|捡^.5][一{k}^3|一个^2|"
                "个^2]{p}[，^2|^4|，然后]{t}"
            ),
            p=p,
            t=self._target(step)(talk),
            k=self._parts.classifier(ref, talk),
        )
        return Clause(text, True)

    def _split(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "把齿轮放进蓝色料箱，螺母也放进去"."""
        first = type(step)(step.parts[:-1], step.container if isinstance(step, Put) else step.fixture)
        head = self._ba(first, talk) if talk.chance(0.6) else self._topic(first, talk)
        said = self._parts.listed(step.parts[-1:], talk, apart=False)
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

    def _if_any(self, ref: PartRef, target: Callable[[Talk], str], talk: Talk) -> Clause:
        p = self._parts.kind(ref, talk)
        k = self._parts.classifier(ref, talk)
        text = talk.say(
            "[有{p}的话，[就|]{d}{t}^5|[如果|要是|若][有|看到|桌上有|桌上还有|存在]{p}，[就|请|那就|][把它们|"
            "全部|都|]{t}^6|{p}有几{k}放几{k}，{d}{t}^3|{p}有多少放多少，{d}{t}^3|"
            "看到{p}就{t}^2|凡是有{p}，{d}{t}^1|只要有{p}就{t}^2|不管有几{k}{p}，{d}{t}^3|{p}，"
            "有的话{d}{t}^2|若有{p}则{t}^1|桌上有{p}的话，{d}{t}^2|{p}如果有的话{d}{t}^2|不管有没有{p}，"
            "有就{t}^.7|"
            "有{p}就{t}^2|[但凡|只要]有{p}，就{d}{t}^1|把{p}{d}{t}，有几{k}算几{k}^2|把{p}{d}{t}，"
            "有多少算多少^1.5|把{p}{d}{t}，没有就算了^2|把可能有的{p}{d}{t}^.7|有几{k}{p}就放几{k}，{d}{t}^2]",
            p=p,
            t=target(talk),
            d=talk.say("[都^5|全部|全都|]"),
            k=k,
        )
        return Clause(text, asked=True)

    def _target(self, step: Put | Insert) -> Callable[[Talk], str]:
        if isinstance(step, Insert):
            return lambda talk: self._places.fit(step.fixture, talk)
        return lambda talk: self._places.into(step.container, talk)

    def _deliver(self, step: Deliver, talk: Talk, form: Form) -> Clause:
        if form in ("bare", "topic") or talk.chance(0.76):
            return self._trips.deliver(step, talk, form)
        place, vehicle = self._places.station(step.station, talk, 0.12), self._places.vehicle(talk)
        load = self._move(step.put, talk, "verbal" if form == "verbal" or talk.chance(0.7) else "free")
        send = talk.say(
            (
                "[，[然后|再|][把[它|它们]|][送到|运到|送去|拉到|运去|送往|运往|开到|带到|发往|送至]{s}^6|，"
                "[然后|再|接着]让{v}[去|开到|前往|到]{s}^2|，[再|然后|][去|开到|发到|运到|开往]{s}^2|[再|后|，]"
                "送{s}^1|，送{s}去^.5|，[拉|运|送]到{s}[去|那里]^1|，出发去{s}^.7|，之后开往{s}^.5]"
            ),
            s=place,
            v=vehicle,
        )
        return Clause(load.text + send, load.verbal, load.asked)
