"""Less direct ways to ask for parts in a place: small talk, what is missing, what is sorted, what may not be there."""

from __future__ import annotations

from collections.abc import Sequence

from luban.meaning import Insert, Put
from policies.planner.training.chinese_lists import Lists
from policies.planner.training.chinese_parts import Parts, numeral
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_step import Clause
from policies.planner.training.chinese_talk import Talk


class Remarks:
    def __init__(self, parts: Parts, lists: Lists, places: Places) -> None:
        self._parts, self._lists, self._places = parts, lists, places

    def sorted_by_color(self, steps: Sequence[Put], talk: Talk) -> Clause:
        """Say that parts of a colour belong in the box of that colour."""
        colors = self._parts.looks.colors([step.parts[0].color or "" for step in steps], talk)
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
        if self._places.every_color({step.container for step in steps}) and talk.chance(0.35):
            text = talk.say(
                (
                    "[[把|将]{n}按颜色[分拣|归类|分类|分开|分好|放进同色的箱子|放到对应的料箱里|收好|放好|整理好]"
                    "^4|按颜色[分拣|归类|分|整理|收拾][桌上的|一下|所有]{n}^4|{n}[都|]按颜色[放|归位|分类|"
                    "放进同色的料箱|放到各自颜色的箱子里]^3|什么颜色的{n}放什么颜色的[箱子|料箱][里|]^1.5|"
                    "每个{n}放进和它[颜色一样|同色|颜色相同]的[箱子|料箱]^1.5]"
                ),
                n=noun,
            )
        return Clause(text, asked=True)

    def respectively(self, steps: Sequence[Put], talk: Talk) -> Clause:
        said = self._lists.listed([step.parts[0] for step in steps], talk, bare=False, apart=False)
        boxes = [self._places.name(step.container, talk) for step in steps]
        text = talk.say(
            "{p}[分别^8|各自^.7|依次^.7][放进^4|放到^4|放入^2|放在^2|装进|移到|送到^.5]{c}[里^3|^5|中|里面]",
            p=said.text,
            c=talk.say("[、^2|和^5|跟]").join(boxes),
        )
        return Clause(talk.say("[把^4|将^2]") + text, True) if talk.chance(0.75) else Clause(text)

    def chatty(self, step: Put | Insert, talk: Talk) -> Clause:
        said = self._lists.listed(step.parts, talk, bare=False, apart=False)
        text = talk.say(
            (
                "[[看到|看见|瞧见]{p}[了吗^2|没有|没^2|了没|了吧]？[把它^2|帮我^1|给我^1|^2]{t}^4|{p}，对，就[它|"
                "这个|那个]，{t}^1|{p}你[拿一下|处理一下|弄一下|收一下]，{t}^2|{p}，[帮我|帮忙|麻烦|给我]{t}^2|"
                "{p}，[你|]把它{t}^3|{p}别搁那儿了，{t}^.5|{p}放错了，[应该|得|要]{t}^.7|{p}怎么还在桌上，[快|"
                "赶紧|]{t}^.5|{p}该收了，{t}^.7|{p}用完了，{t}^.7|{p}得挪个地方，{t}^.7|{p}没地方放，{t}^.3|"
                "{p}呢，就{t}吧^.7|{p}放[哪儿|哪]？{t}^.3|[我|我这边|这边|我们|车间]^2[要|需要|要用]{p}，"
                "{t}[就行|就可以|^2]^1.5|{p}不要了，{t}^.7|[桌上|这儿|这里|台子上][有|还有][一个|个|]{p}，[把它|"
                "帮忙|帮我|]{t}^2|{p}我要用，{t}^.5|{p}挡着了，{t}^.4|{p}先{t}^.7|{p}的话，{t}^.7|关于{p}，[请|]"
                "{t}^.4|我觉得{p}[应该|该]{t}^.5|{p}[可以|能]{t}了^.5]"
            ),
            p=said.text,
            t=self._places.reached(step, talk),
        )
        return Clause(text, asked=True)

    def lacking(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "红色料箱里缺螺栓，放三颗进去"."""
        assert isinstance(step, Put)
        (ref,) = step.parts
        name, post = self._places.within(step.container, talk)
        verb, way = ("[放^4|装^2|搬]", "[上去|上来^.0]") if post[0] == "上" else ("[放^5|装^2|搁|拿^.5]", "进去")
        text = talk.say(
            "{c}{i}[缺^3|少^2|没有^.7|还差|需要^2|要^2|该补|要补]{p}[了^.5|^4]，[赶紧|帮忙|麻烦|请|快|^4]{n}",
            c=name,
            i=post,
            p=self._parts.kind(ref, talk),
            n=self._parts.elided(ref, verb, way.replace("|上来^.0", ""), talk),
        )
        return Clause(text, asked=True)

    def instead(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "别放红色料箱，放蓝色料箱"."""
        assert isinstance(step, Put)
        talk.slip = ""
        said = self._lists.listed(step.parts, talk, bare=False, apart=False)
        wrong = self._places.name(self._places.other(step.container, talk), talk)
        text = talk.say(
            (
                "[[别|不要|不用|先别]把{p}[放|放进|放到|装进]{w}[里|^2]，[要|请|而是|应该|改|^3]{t}^4|{p}[不要|"
                "别|不|不是|不用]放{w}[里|^2]，[要|是|而是|应该|改|^3]{t}^4|{p}[放错了|搞错了]，不是{w}，[是|"
                "应该]{t}^1|把{p}{t}，[不是|别放|而不是|不要放|可不是]{w}^2|{p}不去{w}，{t}^1|"
                "把{p}放到——不是{w}——{t}^.2]"
            ),
            p=said.text,
            w=wrong,
            t=self._places.reached(step, talk),
        )
        return Clause(text, asked=True)

    def formal(self, step: Put | Insert, talk: Talk) -> Clause:
        """As a work order says it: "取红色齿轮一件，置于蓝色料箱内"."""
        place = self._places.name(step.fixture if isinstance(step, Insert) else step.container, talk)
        (ref, *more) = step.parts
        if isinstance(step, Put) and not more and ref.pick in ("one", "count") and not (ref.others or ref.without):
            if talk.chance(0.4):
                text = talk.say(
                    "[取|领取^.2|选取^.5|抓取^.5|]{p}{n}{k}，[置于|放入|移至|存入|装入|放至|送入]{c}[内^3|中^2|]",
                    p=self._parts.kind(ref, talk),
                    n="一" if ref.pick == "one" else numeral(ref.count, talk),
                    k=self._parts.classifier(ref, talk),
                    c=place,
                )
                return Clause(text, asked=True)
        said = self._lists.listed(step.parts, talk, bare=False, apart=False).text
        if isinstance(step, Insert):
            pattern = (
                "[{p}须[插入|装入|压入]{c}[内|]^2|[完成|执行]{p}[与|到]{c}的[装配|插装|压装]^2|"
                "装配任务：{p}[插入|装入]{c}^1.5|[轴孔装配|插装作业|装配][：|:]{p}，{c}^1|对{c}[进行|做]插装，"
                "[用|取]{p}^.5|压装{p}至{c}[内|]^1|{p}就位于{c}内^.5]"
            )
        else:
            pattern = (
                "[{p}[须|应|需]?[置于|放入|存放于|移至|转入|放置于|归入]{c}[内|中|^2]^5|[搬运|转移][对象|物料|"
                "零件]：{p}[；|，|。][目标|去向|目的地]：{c}^2|[执行|进行][搬运|转移]：{p}，[目的地|目标]{c}^2|"
                "[物料|零件]：{p}，[去向|放置位置|目标容器]：{c}^2|对{p}[进行|做]转移，[目标为|放入|至]{c}^1|"
                "[完成|执行]{p}[到|至|向]{c}的[转移|搬运|归置]^2|{c}[收纳|存放]{p}^1.5|[从|自][工作区|台面]"
                "取{p}[，|]放入{c}^1.5|{p}入箱，{c}^.4]"
            ).replace("]?", "|]")
        return Clause(talk.say(pattern, p=said, c=place), asked=True)

    def mistaken(self, step: Put | Insert, talk: Talk) -> Clause:
        """ "不是红色齿轮，是蓝色齿轮放进红色料箱"."""
        wrong = self._parts.wrong(step.parts[0], talk)
        talk.slip = ""
        said = self._lists.listed(step.parts, talk, bare=False, apart=False)
        if wrong is None:
            return Clause(said.text + self._places.reached(step, talk))
        text = talk.say(
            (
                "[不是{w}，是{p}[，|]{t}^4|是{p}，不是{w}，{t}^2|[把|将]{p}{t}，[不是|可不是|而不是]{w}^3|[把|将]"
                "{p}，不是{w}，{t}^2|要{t}的是{p}，不是{w}^1.5|刚才说错了，不是{w}，[把|是把]{p}{t}^1.5]"
            ),
            w=self._parts.kind(wrong, talk),
            p=said.text,
            t=self._places.reached(step, talk),
        )
        return Clause(text, asked=True)

    def cleared(self, step: Put | Insert, talk: Talk) -> Clause:
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
            t=self._places.reached(step, talk),
            i=name + post,
        )
        return Clause(text, asked=True)

    def if_any(self, step: Put | Insert, talk: Talk) -> Clause:
        (ref,) = step.parts
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
            t=self._places.reached(step, talk),
            d=talk.say("[都^5|全部|全都|]"),
            k=k,
        )
        return Clause(text, asked=True)
