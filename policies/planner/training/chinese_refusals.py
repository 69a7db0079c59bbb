"""Requests that must not, cannot or cannot yet be carried out."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Danger, Doubt, PartRef, Put
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_lists import Lists
from policies.planner.training.chinese_parts import Parts
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_refusal_words import (
    CHARACTERS,
    GREETING,
    NEGATED,
    NOUNS,
    OUT,
    PERSONS,
    STATEMENT,
    STRANGE,
    STRANGE_COLORS,
    STRANGE_PLACES,
    STRANGE_STATIONS,
    UNSAFE,
)
from policies.planner.training.chinese_talk import Talk


class Refusals:
    def __init__(self, catalogue: Catalogue, lexicon: Lexicon, parts: Parts, lists: Lists, places: Places) -> None:
        self._catalogue, self._lexicon = catalogue, lexicon
        self._parts, self._lists, self._places = parts, lists, places
        self._strange_places = [word for word in STRANGE_PLACES.split("|") if not lexicon.known(word)]
        self._strange_stations = [word for word in STRANGE_STATIONS.split("|") if not lexicon.known(word)]
        boxes = {box.color for box in catalogue.containers.values()}
        colors = [forms["plain"][0] for name, forms in lexicon.colors.items() if name not in boxes and forms["plain"]]
        self._strange_colors = [*colors, *colors, "紫色", "橙色", "粉色", "棕色", "银色", "木头", "透明"]
        self._missing = lexicon.missing()
        self._strange_nouns = [
            word
            for word in NOUNS.split("|")
            if not any(word in own for words in catalogue.shapes.values() for own in words.zh)
        ]

    def unsafe(self, kind: Danger, talk: Talk) -> str:
        return self._filled(UNSAFE[kind], talk)

    def out_of_scope(self, talk: Talk) -> str:
        return self._filled(OUT.replace("]?", "|]"), talk)

    def doubt(self, kind: Doubt, talk: Talk) -> str:
        return {
            "empty": self._empty,
            "words": self._words,
            "place": self._place,
            "part": self._part,
            "target": self._target,
            "nothing": self._nothing,
            "negated": self._negated,
        }[kind](talk)

    def _empty(self, talk: Talk) -> str:
        return talk.say(
            "[^1|嗯[……|…|。|]^4|呃[……|…|。|]^3|那个[……|…|，|]^3|啊[？|。|]^2|。^1|……^1|额[…|]^2|嗯嗯^2|这个[……|，"
            "那个|…]^2|？^1|  ^.5|哦[。|]^1|那个，嗯^1|呃，这个^1|嗯，那个……^1|唔^.5|诶^.7|哎^.5|嘶^.3|嗯哼^.3|"
            "就是……^1|就是那个^1|然后……^.5|额，那什么^.7|、、、^.3|...^1|。。。^1|哈^.3]"
        )

    def _nothing(self, talk: Talk) -> str:
        return self._filled(talk.one([GREETING, STATEMENT, STATEMENT]).replace("]?", "|]"), talk)

    def _negated(self, talk: Talk) -> str:
        container = talk.one(list(self._catalogue.containers))
        t = self._places.into(container, talk)
        return self._filled(NEGATED.replace("你?", "[你|]"), talk, t=t, t0=t)

    def _target(self, talk: Talk) -> str:
        text = (
            "[[拿|拿起|取|取出|抓|抓起|夹|夹起|捡起|拾起|抓取|夹住|提起|抓住|拿住|选][^8|一下^.5]{p}^9|[移动|"
            "挪动|搬|挪|搬动|搬运|转移|运|送|移开|移走|放|放置|放下|摆|存放|收|处理]{p}^6|把{p}[拿走|拿起来|"
            "挪一下|收起来|移开|放好|放下|搬走|送走|挪开|移动一下|夹起来|抓起来|拿上|放一下|收好|运走|"
            "归位^.5|整理一下|挪个地方|换个地方|拿出来|移一下|转移一下|处理一下|弄走|放到|送到|拿到|移到|"
            "捡起来|放进去|放里面|放那边|放回去|放回原处|归位|放到旁边|放到那儿|挪到那边去|放过去|装好|"
            "放远一点|靠边放|挪近一点]^14|"
            "{p}[拿走|收一下|收起来|挪一下|放好|拿起来|送走|移开|运走|搬走|放哪都行^.3|挪开|要挪一下|拿一下|"
            "放好一点]^6|[取一下|拿一下|抓一下|夹一下|送一下|放一下|挪一下|收一下|移一下]{p}^3|[装|放]{p}^.5|"
            "{v}[动一下|开一下|走起|出发|走|开走|动起来|跑起来|往前走|开动|发车|启动]^3|[让|叫|派]{v}[走|"
            "出发|开走|动一下|动起来|跑一趟|开起来|走一趟]^4|把{v}[开走|挪一下|派出去|挪开|开动|开过来|"
            "叫过来]^3|[让|叫]{v}过来^1.5|"
            "[把{c}[拿起来|拿走|放进{d}|搬到{d}里|移开|挪一下|收起来]]^2|[{c}放到{d}里|把{c}挪到{d}旁边]^.7|"
            "[要|我要|需要|我想要|来]{p}^2|{p}^1|[拿|取|夹|抓]{p}过来^1|把{p}[拿过来|取过来|拿来|送过来]^2|"
            "[来|来个|上]{p}^.5|把{p}[放到|放在|移到|挪到][{c}|那个{q}|机器人][的|^3][旁边|边上|前面|后面]"
            "^1.5|把{p}放[到|回|在][桌上|桌面上|台面上|桌子上]^1.5|{v}^.7|{p}呢^.3|把{p}^.5|[把|将]{c}[送到|"
            "运到|搬到|拿到]{s}^1.5|[把|将]{c}[搬|放|装][到|上]{v}[上|^.5]^1|[整理|收拾|分拣|归置]"
            "一?下?{p}^1]"
        ).replace("一?下?", "[一下|]")
        return self._filled(text, talk, d=self._places.name(talk.one(list(self._catalogue.containers)), talk))

    def _part(self, talk: Talk) -> str:
        """It is not said which part."""
        it = (
            "[它^8|它们^2|那个^4|这个^4|那个东西^3|这个东西^2|这玩意儿^2|那玩意儿^2|那一个^1|这些^1|那些^1|"
            "那啥^1|其中一个^1|一个^2|这俩^.3|那边那个^1.5|刚才那个^1.5|上次那个^1|那件东西^1|某个零件^.5|"
            "剩下那啥^.2|那种^.3|我说的那个^1|你知道的那个^.5|这一个^1|该件^.3|他^.7]"
        )
        container = talk.one(list(self._catalogue.containers))
        into = self._places.into(container, talk)
        send = talk.say("[送到^3|送去|运到|拉到|带到]") + self._places.station(
            talk.one(list(self._catalogue.stations)), talk
        )
        fit = [self._places.fit(name, talk) for name in self._catalogue.fixtures]
        what = talk.weighted({"into": 6.0, "send": 2.0, "fit": 1.5 * bool(fit), "or": 3.0, "none": 3.0})
        target = {"into": into, "send": send, "fit": fit[0] if fit else into}.get(what, into)
        if what == "or":
            first, second = self._ref(talk), self._ref(talk)
            if first == second:
                return talk.say("把它{t}", t=target)
            a, b = (self._parts.phrase(ref, talk, False).text for ref in (first, second))
            c, d = (self._places.name(box, talk) for box in (container, self._places.other(container, talk)))
            return talk.say(
                (
                    "[[把|将|]{a}[或者^4|或^3|还是^1|，或者]{b}{t}^3|[把|将|]{a}[放进|放到|移到|放]{c}[里|]"
                    "?[或者|或|还是|，或者][放|放到|]?{d}[里|]^2|[要么{a}要么{b}，|{a}{b}选一个，]{t}^.5]"
                ).replace("]?", "|]"),
                a=a,
                b=b,
                t=target,
                c=c,
                d=d,
            )
        if what == "none":
            return talk.say(
                (
                    "[{t}^5|[拿起来|夹起来|拿一个|抓一个|取一个]{t}^2|[拿起来|夹起来]，{t}^1.5|[请|麻烦|帮我]{t}^2|"
                    "[往|在]{c}里放^1|[往|在]{c}里放[一个|两个|一些]^1.5|放[一个|两个|三个|几个]到{c}[里|]^1.5|{s}^2|"
                    "{c}^.7|{s0}^.7]"
                ),
                t=into,
                c=self._places.name(talk.one(list(self._catalogue.containers)), talk),
                s=send,
                s0=self._places.station(talk.one(list(self._catalogue.stations)), talk),
            )
        ba = talk.say("[把^6|将^2|^2]")
        return ba + talk.say(it) + target

    def _place(self, talk: Talk) -> str:
        """A container or station that is not here, or one of several."""
        shared = self._lexicon.shared_nouns()
        way = talk.weighted(
            {"color": 5.0, "thing": 4.0, "shared": 3.0 * bool(shared), "send": 4.0, "drive": 5.0, "fit": 0.7}
        )
        vehicle = self._places.vehicle(talk)
        if way == "drive":
            s = talk.one(self._strange_stations)
            return talk.say(
                (
                    "[[让|叫|派|请|命令]{v}[去|到|开到|前往|开去]{s}^8|{v}[去|到|开到|回|前往]{s}^5|把{v}[开到|派到|"
                    "停到|调到]{s}^4|{s}[要用|等着用|需要]{v}^1.5|去{s}^.5|{v}→{s}^.3]"
                ),
                v=vehicle,
                s=s,
            )
        refs = tuple(self._ref(talk) for _ in range(talk.weighted({1: 6, 2: 1})))
        said = self._lists.listed(refs, talk, bare=False, apart=False).text
        if way == "send":
            return talk.say(
                (
                    "[[把|将]{p}[送到|运到|送去|拉到|带到|拿到|搬到|送往]{s}^8|{p}[送|送到|运到]{s}^3|{s}[要|缺|需要|"
                    "等着要|急需]{p}^3|[让|用]{v}把{p}送到{s}^2|给{s}送{p}^1.5|把{p}装车，[送到|开到|运到]{s}^3]"
                ),
                p=said,
                s=talk.one(self._strange_stations),
                v=vehicle,
            )
        if way == "fit":
            place = talk.one(["电机孔", "齿轮箱", "法兰孔", "夹具二号位", "变速箱", "油缸", "卡盘", "水泵"])
            return talk.say("[把|将|]{p}[插进|装进|插到|装到|压进]{c}[里|]", p=said, c=place)
        if way == "color":
            kinds = [self._lexicon.kind(box) for box in self._catalogue.containers.values()]
            noun = talk.say(
                "[料箱^5|箱子^5|盒子^3|托盘^4|料盒^2|筐^2|盘子^2|料框|箱^2|盘]" if any(kinds) else "[箱子|盒子]"
            )
            color = talk.one(self._strange_colors)
            if self._missing and talk.chance(0.25):
                color, noun = talk.one(self._missing)
                noun = talk.say(noun)
            place = color + talk.say("[^5|的^2|那个]") + noun
            if len(color) == 2 and color.endswith("色") and talk.chance(0.4):
                place = color[0] + noun
        elif way == "thing":
            place = talk.one(self._strange_places)
        else:
            place = talk.say("[^6|那个|一个|这个^.5]") + talk.say(talk.one(shared))
        return talk.say(
            (
                "[[把|将]{p}[放进|放到|放入|放在|移到|装进|收到|拿到|搁到|挪到|转移到]{c}[里^4|里面|^4|中]^12|"
                "{p}[放|放进|放到|应该放到|进|请放到]{c}[里|]^5|[往|在]{c}里放{p}^2|[拿起|夹起|取]{p}[，|][放进|"
                "放到]{c}[里|]^3|{p}，{c}^.7|{p}→{c}^.7|{c}[里要|要|里放]{p}^1.5]"
            ),
            p=said,
            c=place,
        )

    def _words(self, talk: Talk) -> str:
        """Words that nobody knows, wishes with conditions, questions about what lies there."""
        ref = self._ref(talk)
        part = self._parts.phrase(ref, talk, False).text
        shape = talk.say(self._lexicon.shapes[talk.one(list(self._catalogue.shapes))])
        container = talk.one(list(self._catalogue.containers))
        t, name = self._places.into(container, talk), self._places.name(container, talk)
        station = self._places.station(talk.one(list(self._catalogue.stations)), talk)
        way = talk.weighted({"babble": 3, "adjective": 3, "noun": 3, "color": 2, "if": 3, "question": 4})
        if way == "babble":
            length = 2 + int(talk.random.integers(7))
            letters = talk.one(["asdfghjkl", "qwertyuiop", "zxcvbnm", "abcxyz123", "0123456789"])
            source = letters if talk.chance(0.3) else CHARACTERS
            babble = "".join(talk.one(source) for _ in range(length))
            return talk.say("[{b}^3|把{b}{t}|{b}{p}|{p}{b}{c}|{b}，{b}]", b=babble, t=t, p=part, c=name)
        if way == "adjective":
            return talk.say("[把^4|将|请把|]{a}[的|的那个|那个]{s}{t}", a=talk.say(STRANGE), s=shape, t=t)
        if way == "noun":
            return talk.say(
                "[把^4|将|请把|]{a}{t}", a=talk.say("[^4|那个|一个|两个|所有^.5]") + talk.one(self._strange_nouns), t=t
            )
        if way == "color":
            return talk.say("[把^4|将|请把|]{c}[的|]{s}{t}", c=talk.one(STRANGE_COLORS.split("|")), s=shape, t=t)
        if way == "if":
            return talk.say(
                (
                    "[[如果|要是|假如|万一]{p}[是热的|坏了|太重|是合格的|掉了|不见了|超过五个|是我的|没人要|"
                    "是新的]，[就|]把[它|{p}]{t}^5|[如果|要是]{c}[满了|空了|太远]，就[把{p}放别处|换一个箱子|"
                    "告诉我]^2|[如果|要是][下雨|有人来|时间来得及|我没回来|电话响了]，[就|]把{p}{t}^3|"
                    "除非[{c}满了|我说停]，不然把{p}{t}^1]"
                ),
                p=part,
                t=t,
                c=name,
            )
        return talk.say(
            (
                "[{p}在[{c}里|哪|哪里|哪儿|什么地方][吗|][？|]^5|{c}里[有什么|有几个{s}|有没有{s}|是空的吗|"
                "还有位置吗|装了多少东西][？|]^4|桌上有[几个|多少|没有]{s}[？|]^4|[几个|多少个|哪些|哪个]"
                "{s}[在{c}里|是红色的|最大|坏了][？|]^2|[你|]把{p}{t}了[吗|没|没有][？|]^4|[为什么|怎么|谁]"
                "把{p}{t}[了|的|][？|]^3|小车[在哪|到哪了|在不在{l}|什么时候到{l}][？|]^3|{p}是什么[颜色|形状|"
                "材质|型号][的|][？|]^2|[是不是|有没有]把{p}{t}[？|]^1.5|{p}[为什么不在{c}里|放完了没|送到了没|"
                "去哪了][？|]^2|哪个是{p}[？|]^1|你看[得到|见]{p}吗^1]"
            ),
            p=part,
            c=name,
            s=shape,
            t=t,
            l=station,
        )

    def work(self, talk: Talk) -> Put:
        return Put((self._ref(talk),), talk.one(list(self._catalogue.containers)))

    def _ref(self, talk: Talk) -> PartRef:
        shape = talk.one(list(self._catalogue.shapes)) if talk.chance(0.85) else None
        color = talk.one(list(self._catalogue.colors)) if shape is None or talk.chance(0.6) else None
        pick = talk.weighted({"one": 8, "all": 1.5, "count": 0.7})
        return PartRef(shape, color, pick, 2 if pick == "count" else 1)  # type: ignore[arg-type]

    def _filled(self, pattern: str, talk: Talk, **slots: str) -> str:
        ref = self._ref(talk)
        talk.last_shape = None
        shapes = list(self._catalogue.shapes)
        containers, stations = list(self._catalogue.containers), list(self._catalogue.stations)
        container = self._places.name(talk.one(containers), talk)
        return talk.say(
            pattern,
            p=self._parts.phrase(ref, talk, False).text,
            p0=talk.say(self._lexicon.shapes[talk.one(shapes)]),
            q=talk.say(self._lexicon.shapes[talk.one(shapes)]),
            q0=talk.say(self._lexicon.shapes[talk.one(shapes)]),
            v=self._places.vehicle(talk),
            s=self._places.station(talk.one(stations), talk),
            c=container,
            n=talk.say(PERSONS),
            col=talk.one(self._strange_colors),
            **slots,
        )
