"""What the vehicle does: where it goes and what it brings there."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Drive, Put
from policies.planner.training.chinese_parts import Parts, Phrase
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_step import Clause, Deliver, Form, Step
from policies.planner.training.chinese_talk import Talk

_SEND = (
    "[送到^10|送去^4|运到^5|送往^2|运往^2|运去^1|拉到^2|拉去^.7|带到^2|带去^1|拿到^2|拿去^1|搬到^1|配送到^1|"
    "发往^1|发到^1|运送到^1.5|运输到^.5|转运到^.7|交到^.5|拖到^.5|捎到^.3|"
    "送至^1|运至^.5|弄到^.4|调到^.1|转送到^.2|输送到^.2]"
)
_RUN = (
    "[去^8|开到^5|到^3|前往^2|开去^1|开往^1|驶向^.7|跑到^.7|移动到^1|行驶到^.7|驶往^.3|走到^.5|跑去^.3|行驶至^.2|"
    "开至^.2]"
)
_CALL = "[让^10|叫^3|派^3|命令^1|安排^1.5|指挥^1|通知^.6|请^1|令^.3|使^.3|调^.4|吩咐^.1|喊^.3]"


class Trips:
    def __init__(self, catalogue: Catalogue, parts: Parts, places: Places) -> None:
        self._parts, self._places = parts, places
        self._home = catalogue.loading_station

    def deliver(self, step: Deliver, talk: Talk, form: Form) -> Clause:
        place = self._places.station(step.station, talk, 0.12 * (step.station != "charger"))
        vehicle = self._places.vehicle(talk)
        if form in ("bare", "topic"):
            said = self._parts.listed(step.put.parts, talk, apart=False)
            lead = talk.say("[把^5|将]") if form == "bare" else ""
            return Clause(lead + said.text + said.both(talk) + talk.say(_SEND) + place, form == "bare")
        way = talk.weighted(
            {"ba": 9, "by": 4, "give": 2.5, "need": 4 * (form == "free"), "topic": 4 * (form == "free")}
        )
        whole = way in ("ba", "by", "topic")
        said = self._parts.listed(step.put.parts, talk, bare=whole)
        every = said.both(talk)
        if way == "need":
            s = self._places.station(step.station, talk)
            text = talk.say(
                (
                    "[{s}[等着要^2|等着用|急着要|急需^2|需要^3|要^4|要用|缺^2|还缺|正缺|催着要|在等|等着|还差|"
                    "想要^.5|申请^.3|急用|缺货，要^.3]{p}^8|{p}，{s}[要用|等着要|急用|等着用|要]^2|{p}[得|要|该|"
                    "应该|需要][送|送到|运到|去|送去]{s}^3|{s}要的是{p}^.5|{s}[要|需要|等]{p}，[帮忙|麻烦|请|"
                    "赶紧|快][送一下|送过去|送去|运过去]^2|{p}是给{s}的，[送过去|送去]^.5]"
                ),
                s=s,
                p=said.text,
            )
            if step.station == "inspection" and talk.chance(0.5):
                text = talk.say(
                    (
                        "[{s}[要看一下|想看看|要抽检|要检查|要检一下|要抽查|要验]{p}^3|{p}[要|得|需要|该][送检^2|"
                        "拿去质检|去质检|质检一下]^2]"
                    ),
                    s=s,
                    p=said.text,
                )
            return Clause(said.before + text + said.after, asked=True)
        if way == "give":
            said = Phrase(said.text, before=said.before, after=said.after)
            s = self._places.station(step.station, talk)
            text = talk.say(
                "[给^5|往^3|向^1]{s}[送^8|运^3|发^1|拉^1|配送^.5|带^.7|捎^.3]{p}[过去^2|去^.7|^4]", s=s, p=said.text
            )
            return Clause(said.before + text + said.after, not said.before)
        if way == "by":
            text = talk.say(
                "[让^6|叫^2|派^2|用^3|安排^1|请^.5|使用^.3|通过^.3]{v}[把^5|将^2]{p}{d}" + _SEND + "{s}",
                v=vehicle,
                p=said.text,
                d=every,
                s=place,
            )
            return Clause(said.before + text + said.after, not said.before)
        if way == "topic":
            text = said.text + every + talk.say("[^5|[要|应该|得|请|需要]^3]" + _SEND + "{s}", s=place)
            if talk.chance(0.25):
                text = said.text + talk.say("[送^4|运^2|→^.5|发^1|拉^.7|去^1|，送^2|，运^1]") + place
            return Clause(said.before + text + said.after)
        text = talk.say("[把^6|将^2]{p}{d}" + _SEND + "{s}", p=said.text, d=every, s=place)
        if talk.chance(0.12):
            text = talk.say(
                "[把|将]{p}{d}[用{v}|通过{v}|由{v}|装车|装上车，|装到{v}上][送到|运到|送往|拉到|送去]{s}",
                p=said.text,
                d=every,
                v=vehicle,
                s=place,
            )
        return Clause(said.before + text + said.after, not said.before)

    def drive(self, step: Drive, talk: Talk, form: Form, after: Step | None) -> Clause:
        place = self._places.station(step.station, talk, 0.3)
        vehicle = self._places.vehicle(talk)
        loaded = isinstance(after, Put) and self._places.aboard(after.container)
        if loaded and form != "topic" and talk.chance(0.55):
            return Clause(
                talk.say(
                    (
                        "[把[它|它们|货|车|小车]^.7|^4][送到^5|运到^3|送去^2|拉到^1|运去^1|送往^1|开到^2|带到^.7|发往^.5|"
                        "去^1]{s}"
                    ),
                    s=place,
                ),
                True,
            )
        if isinstance(after, Drive | Deliver) and form != "topic" and talk.chance(0.4):
            back = step.station == self._home
            return Clause(
                talk.say(
                    ("[回^5|回到^5|返回^2|开回^2|开回到|" if back else "[去^5|到^3|开到^3|开去|前往|")
                    + "让它[去|到|开到]]{s}",
                    s=place,
                ),
                True,
            )
        run = talk.say(
            "[回到^4|回^4|开回^2|返回^2|回^2|" + _RUN + "^8]"
            if step.station == self._home
            else "[" + _RUN + "^12|回^.3|回到^.5|开回^.2]"
        )
        if form == "topic":
            return Clause(vehicle + talk.say("[去^3|开到^4|到^4|到达^2]") + place)
        if step.station == "charger" and talk.chance(0.3 if form == "free" else 0.2):
            if form == "free" and talk.chance(0.7):
                return Clause(
                    talk.say(
                        (
                            "[{v}[没电了^4|快没电了^3|电量低了^1.5|电量不足^2|电不够了|要没电了|电快用完了|电量告急^.5]"
                            "^6[，[让它|叫它|快|赶紧|送它|][去|回去|][充电|充个电|充一下电|充会儿电]^4|，去{s}^2|，"
                            "开到{s}^1|^2]|[给|帮]{v}[充电|充个电|充充电|充一下电|补个电]^4|{v}[该|要|需要|得|可以去|"
                            "应该去][充电|充个电][了|]^4|{v}[去|回去|][充电|充个电|充电去][了|]^3]"
                        ),
                        v=vehicle,
                        s=self._places.station(step.station, talk),
                    ),
                    asked=True,
                )
            return Clause(talk.say("[[让|叫|派]{v}去[充电^3|充个电^2|充一下电]^3|给{v}[充电|充个电]]", v=vehicle), True)
        tail = (
            talk.say("[^20|去^1.5|一趟^1|待命^1|停着^.3|等着^.5|停下^.4|候着^.2|停好^.3]")
            if not place.endswith(("电", "检"))
            else ""
        )
        if form in ("bare", "verbal") or talk.chance(0.5):
            text = talk.say(
                "["
                + _CALL
                + (
                    "{v}{r}{s}{t}^8|把{v}[开到^5|派到^2|派去^2|开去^1|调到^2|停到^1.5|挪到^1|移到^1|送到^1|停在^.5|"
                    "弄到^.3|开回^.2|移动到^.5|叫到^.2|调去^.3]{n}^4|将{v}[开到|移动到|调到|停到|驶向^.2]{n}]"
                ),
                v=vehicle,
                r=run,
                s=place,
                t=tail,
                n=self._places.station(step.station, talk),
            )
            return Clause(text, True)
        n = self._places.station(step.station, talk)
        text = talk.say(
            (
                "[{v}[请|现在|马上|给我|][{r}|{r}|去|到]{s}{t}^9|{v}，{r}{s}^2|{v}[→|到|去|回]{s}^1.5|{n}[要用|"
                "需要|要|等着用|在等|等着]{v}[，[让它过去|派过去|快去]|^3]^2|{v}[该|应该|可以|得|要|需要][去|到|"
                "开到|回]{s}[了|]^3|我[要|想让|需要|希望]{v}[去|到|开到|前往|停在]{n}^2|{n}，[让|叫]{v}[过去|"
                "去一趟|开过去]^.7|派车去{s}^1|派[辆车|小车|车]到{s}^1|{v} {n}^.5|叫车到{s}^.7|[去|开到|前往]"
                "{s}，{v}^.3|送{v}去{s}^.5|{v}[停|停到|靠到|停靠到|开进]{n}^1|{v}往{n}[开|走|去]^1|"
                "{v}走一趟{n}^.5]"
            ),
            v=vehicle,
            r=run,
            s=place,
            t=tail,
            n=n,
        )
        return Clause(text, asked=True)
