"""What the vehicle does: where it goes and what it brings there."""

from __future__ import annotations

from luban.catalogue import Catalogue
from luban.meaning import Drive, Put
from policies.planner.training.chinese_lists import Lists
from policies.planner.training.chinese_parts import Parts
from policies.planner.training.chinese_places import Places
from policies.planner.training.chinese_step import Clause, Deliver, Form, Step
from policies.planner.training.chinese_talk import Talk

_SEND = (
    "[送到^10|送去^4|运到^5|送往^2|运往^2|运去^1|拉到^2|拉去^.7|带到^2|带去^1|拿到^2|拿去^1|搬到^1|配送到^1|"
    "发往^1|发到^1|运送到^1.5|运输到^.5|转运到^.7|交到^.5|拖到^.5|捎到^.3|"
    "送至^1|运至^.5|弄到^.4|调到^.1|转送到^.2|输送到^.2]"
)
_RUN = (
    "[导航到^.4|导航至^.3|去^8|开到^5|到^3|前往^2|开去^1|开往^1|驶向^.7|跑到^.7|移动到^1|行驶到^.7|驶往^.3|"
    "走到^.5|跑去^.3|行驶至^.2|开至^.2]"
)
_CALL = "[让^10|叫^3|派^3|命令^1|安排^1.5|指挥^1|通知^.6|请^1|令^.3|使^.3|调^.4|吩咐^.1|喊^.3]"


# What delivery to a standard station is called there. {p}: parts, {d}: 都.
_THERE = {
    "warehouse": (
        "[[把|将]{p}{d}[送去入库|入库|存进仓库|存到仓库里|放到仓库|拿去入库|入仓|送入库房|存库里]^5|"
        "{p}{d}[入库^3|要入库^2|送去入库|该入库了|需要入库|放仓库|存仓库|进仓库|入仓|归仓库|送库房]^5|"
        "[办一下|安排]{p}入库^.5|给{p}[办入库|做入库]^.5]"
    ),
    "inspection": (
        "[[把|将]{p}{d}[送检|送去质检|拿去质检|送去检验|拿去检一下|拉去检测|送去检查|送质检|送去做质检]^5|"
        "{p}{d}[送检^2|要送检^2|得质检|要质检|该送检了|需要检验|送质检|拿去检一下|去质检|要过一下质检|"
        "要检测一下]^5|"
        "[质检|检验员|质检员|品检]^.7[要看一下|想看看|要抽检|要检查|要验一下|要抽查]{p}^3|送检{p}^1|[给|把]"
        "{p}做个质检^.5]"
    ),
    "assembly": (
        "[[把|将]{p}{d}[送去装配|拿去装配|送上装配线|拉去组装|送到装配那儿|送去总装]^5|{p}{d}[要装配了|"
        "送装配|该上线装配了|送去装配|要拿去组装|要用在装配上]^4|[装配|组装]要用{p}^2|[装配|总装]那边[断料了|"
        "缺料]，[送|要]{p}^1]"
    ),
    "dock": "[[把|将]{p}{d}[拉回工作台|送回工作台|带回工作台]^3|{p}{d}[送回|带回|拉回]工作台^2]",
}


class Trips:
    def __init__(self, catalogue: Catalogue, parts: Parts, lists: Lists, places: Places) -> None:
        self._parts, self._lists, self._places = parts, lists, places
        self._home = catalogue.loading_station

    # parts to a station ---------------------------------------------------------------------------------------------

    def deliver(self, step: Deliver, talk: Talk, form: Form) -> Clause:
        if form in ("bare", "topic"):
            slip, talk.slip = talk.slip, ""
            said = self._lists.listed(step.put.parts, talk, apart=False)
            lead = talk.say("[把^5|将]") if form == "bare" else ""
            talk.slip = slip
            text = lead + said.named + said.both(talk) + talk.say(_SEND) + self._station(step, talk)
            return Clause(text, form == "bare")
        free = form == "free"
        ways = {
            self._ba: 9,
            self._by: 4,
            self._send: 4,
            self._need: 4 * free,
            self._topic: 4 * free,
            self._there: 2.5 * free * (step.station in _THERE),
        }
        return talk.weighted(ways)(step, talk)

    def _station(self, step: Deliver, talk: Talk) -> str:
        place = self._places.station(step.station, talk, 0.12 * (step.station != "charger"))
        if talk.slip == "place":
            talk.slip = ""
            wrong = self._places.other_station(step.station, talk)
            place = wrong + talk.say("，[不对|不是|错了|哦不|说错了|不不]，[是|应该是|^2|送到|去]") + place
        return place

    def _ba(self, step: Deliver, talk: Talk) -> Clause:
        said = self._lists.listed(step.put.parts, talk)
        how = talk.say(
            "[^40|用{v}^2|通过{v}|由{v}^.5|装车^2|装上车，^2|装到{v}上，^1|让{v}^1|装上{v}，^1]",
            v=self._places.vehicle(talk),
        )
        text = talk.say("[把^6|将^2]{p}{d}{h}" + _SEND, p=said.named, d=said.both(talk), h=how) + self._station(
            step, talk
        )
        return Clause(said.before + text + said.after, not said.before)

    def _by(self, step: Deliver, talk: Talk) -> Clause:
        said = self._lists.listed(step.put.parts, talk)
        place = self._station(step, talk)
        v = self._places.vehicle(talk)
        if talk.chance(0.3) and not said.each:
            text = talk.say(
                (
                    "[让^2|叫|派|^3]{v}[[带上^2|装上^3|拉上^2|装好^2]{p}[，|^3|以后|之后]^2|[带着^2|拉着^2|载着|"
                    "装着]{p}[，^.5|^3]|[装好^2|装上^2|拉上]{p}[就^2|后|以后|，马上][出发|动身|^.5]^1.5][去^4|"
                    "开到^3|到^2|前往|送到^2|跑到^.5|回^.2|发往^.5]{s}"
                ),
                v=v,
                p=said.text,
                s=place,
            )
        else:
            text = (
                talk.say(
                    "[让^6|叫^2|派^2|用^3|安排^1|请^.5|使用^.3|通过^.3|由^.5]{v}[把^5|将^2]{p}{d}" + _SEND,
                    v=v,
                    p=said.named,
                    d=said.both(talk),
                )
                + place
            )
        return Clause(said.before + text + said.after, not said.before and not text.startswith(v))

    def _send(self, step: Deliver, talk: Talk) -> Clause:
        """ "给仓库送两个螺母", "送两个螺母到仓库"."""
        said = self._lists.listed(step.put.parts, talk, bare=False)
        s = self._places.station(step.station, talk)
        text = talk.say(
            (
                "[[给^5|往^3|向^1|为^.5]{s}[送^8|运^3|发^1|拉^1|配送^.5|带^.7|捎^.3|补^.5|调^.2]{p}[过去^2|去^.7|"
                "^4]|[送^6|运^3|拉^1.5|发^1|带^1|配送^.5|捎^.3|搬^.5]{p}[到^6|去^4|至^.5|往^.5]{s}]"
            ),
            s=s,
            p=said.text,
        )
        return Clause(said.before + text + said.after, not said.before)

    def _need(self, step: Deliver, talk: Talk) -> Clause:
        said = self._lists.listed(step.put.parts, talk, bare=False)
        (first, *more) = step.put.parts
        if (
            not more
            and first.pick in ("one", "all", "count")
            and not (first.others or first.without)
            and talk.chance(0.25)
        ):
            return Clause(
                talk.say(
                    "{s}[缺^3|要^3|需要^2|急需|等着用|少|在等]{p}[了^.5|^4]，[赶紧|帮忙|麻烦|请|快|^4]{n}",
                    s=self._places.station(step.station, talk),
                    p=self._parts.kind(first, talk),
                    n=self._parts.elided(first, "[送^5|运^2|拿|拉|带]", "过去", talk),
                ),
                asked=True,
            )
        text = talk.say(
            (
                "[{s}[等着要^2|等着用|急着要|急需^2|需要^3|要^4|要用|缺^2|还缺|正缺|催着要|在等|等着|还差|"
                "想要^.5|申请^.3|急用|缺货，要^.3|说要^.5|打电话来要^.3|急等^.3|点名要^.2|要领^.3]{p}[^9|，"
                "[送过去|送一下|给送过去|赶紧送去]^2]^8|{p}，{s}[要用|等着要|急用|等着用|要]^2|{p}[得|要|该|应该|"
                "需要][送|送到|运到|去|送去]{s}^3|{s}要的是{p}^.5|{s}[要|需要|等]{p}，[帮忙|麻烦|请|赶紧|快]"
                "[送一下|送过去|送去|运过去]^2|{p}是给{s}的，[送过去|送去]^.5|{s}[没货了|断料了|缺料|催货了]，"
                "[送|要|给送]{p}[过去|^2]^1]"
            ),
            s=self._places.station(step.station, talk),
            p=said.text,
        )
        return Clause(said.before + text + said.after, asked=True)

    def _topic(self, step: Deliver, talk: Talk) -> Clause:
        said = self._lists.listed(step.put.parts, talk)
        if talk.chance(0.12) and not said.each:
            text = talk.say(
                (
                    "[[物料|货物|零件]：{p}[，|；][送达|目的地|送往|去向][：|]^3|[配送|送货|运输]任务[：|，]"
                    "{p}[→|，送|到|送至]^3|发货：{p}，[到|目的地|送]^1.5|[用|调][车|AGV]配送{p}，[目的地|送]^1|"
                    "{p}配送[至|到]^2]"
                ),
                p=said.text,
            )
        elif talk.chance(0.25) and not said.each:
            text = said.text + talk.say("[送^4|运^2|→^.5|发^1|拉^.7|去^1|，送^2|，运^1|装车送^2|装车发^1|上车，去^.7]")
        else:
            text = said.text + said.both(talk) + talk.say("[^5|[要|应该|得|请|需要]^3]" + _SEND)
        return Clause(said.before + text + self._station(step, talk) + said.after)

    def _there(self, step: Deliver, talk: Talk) -> Clause:
        said = self._lists.listed(step.put.parts, talk, bare=False)
        text = talk.say(_THERE[step.station], p=said.text, d=talk.say("[^4|都]") if said.free else "")
        return Clause(said.before + text + said.after, asked=True)

    # the vehicle alone ----------------------------------------------------------------------------------------------

    def drive(self, step: Drive, talk: Talk, form: Form, after: Step | None) -> Clause:
        loaded = isinstance(after, Put) and self._places.aboard(after.container)
        place = self._places.station(step.station, talk, 0.0 if step.station == "charger" else 0.3)
        vehicle = self._places.vehicle(talk)
        home = step.station == self._home
        if form == "topic":
            return Clause(vehicle + talk.say("[去^3|开到^4|到^4|到达^2]") + place)
        if loaded and talk.chance(0.55):
            return Clause(
                talk.say(
                    (
                        "[把[它|它们|货|车|小车]^.7|^4][送到^5|运到^3|送去^2|拉到^1|运去^1|送往^1|开到^2|带到^.7|"
                        "发往^.5|去^1]{s}"
                    ),
                    s=place,
                ),
                True,
            )
        if isinstance(after, Drive | Deliver) and talk.chance(0.4):
            going = "[回^5|回到^5|返回^2|开回^2|开回到]" if home else "[去^5|到^3|开到^3|开去|前往|让它[去|到|开到]]"
            return Clause(talk.say(going) + place, True)
        if talk.slip == "place" and talk.alone:
            talk.slip = ""
            wrong = self._places.other_station(step.station, talk)
            place = wrong + talk.say("，[不对|不是|错了|哦不|说错了|不不|等等|算了]，[是|应该是|^2|去|还是去]") + place
            return Clause(talk.say("[" + _CALL + "]{v}[去|开到|到]{s}", v=vehicle, s=place), True)
        if step.station == "charger" and talk.chance(0.3):
            return self._charge(vehicle, talk, form)
        run = talk.say(
            "[回到^4|回^4|开回^2|返回^2|过来^.4|来^.5|回来^.2|" + _RUN + "^8]"
            if home
            else "[" + _RUN + "^12|回^.3|回到^.5|开回^.2]"
        )
        n = self._places.station(step.station, talk)
        tail = talk.say("[^20|去^1.5|一趟^1|待命^1|停着^.3|等着^.5|停下^.4|候着^.2|停好^.3]")
        tail = "" if place.endswith(("电", "检")) or "去" in run + tail else tail
        if form != "free" or talk.chance(0.45):
            text = talk.say(
                "["
                + _CALL
                + (
                    "{v}{r}{s}{t}^8|把{v}[开到^5|派到^2|派去^2|开去^1|调到^2|停到^1.5|挪到^1|移到^1|送到^1|"
                    "停在^.5|弄到^.3|开回^.2|移动到^.5|叫到^.2|调去^.3]{n}^4|将{v}[开到|移动到|调到|停到|驶向^.2]"
                    "{n}|开{v}[去|到]{s}^.7|[去|开到|开去|前往]{s}^1.2]"
                ),
                v=vehicle,
                r=run,
                s=place,
                t=tail,
                n=n,
            )
            return Clause(text, True)
        text = talk.say(
            "[{v}[请|现在|马上|给我|][{r}|{r}|去|到]{s}{t}^9|{v}，{r}{s}^2|{v}[→|到|去|回]{s}^1.5|{n}[要用|"
            "需要|要|等着用|在等|等着]{v}[，[让它过去|派过去|快去]|^3]^2|{v}[该|应该|可以|得|要|需要][去|到|"
            "开到|回]{s}[了|]^3|我[要|想让|需要|希望]{v}[去|到|开到|前往|停在]{n}^2|"
            "{n}，[让|叫]{v}[过去|去一趟|开过去]^.7|派车去{s}^1|派[辆车|小车|车]到{s}^1|{v} {n}^.7|"
            "叫车到{s}^.7|[去|开到|前往]{s}，{v}^.3|送{v}去{s}^.5|{v}[停|停到|靠到|停靠到|开进]{n}^1|"
            "{v}往{n}[开|走|去]^1|{v}[走|跑]一趟{n}^.7|去{s}^1.5|[开到|前往|到]{s}^1|[跑|走]一趟{n}^.7|"
            "去一趟{n}^.7|{n}[来|派][辆|个]{v}^.5|{n}[叫|喊]车^.5|召{v}到{n}^.3|呼叫{v}[到|去]{n}^.5|"
            "{v}出发去{s}^1|{v}[调头|掉头][回|去]{s}^.3|目的地{n}，[出发|开车|小车出发]^.4|下一站{n}^.4|"
            "{v}[目标点|调度|派单]：{n}^.5|调度{v}[：|至|到]{n}^.7|[货装好了|都装好了|装完了|车装满了|"
            "东西齐了|货齐了]，[{v}|让{v}|发车|出发]去{s}^1.5|{v}[出发|开走|动身|走起]，[去|目的地|开往]"
            "{s}^.7|[叫|喊]{v}[来|过来]{n}^.5|{v}[位置|目标|目的地][：|，|是]{n}^.3]",
            v=vehicle,
            r=run,
            s=place,
            t=tail,
            n=n,
        )
        return Clause(text, asked=True)

    def _charge(self, vehicle: str, talk: Talk, form: Form) -> Clause:
        if form == "free" and talk.chance(0.7):
            text = talk.say(
                "[{v}[没电了^4|快没电了^3|电量低了^1.5|电量不足^2|电不够了|要没电了|电快用完了|电量告急^.5|"
                "只剩一格电了^.5|电量报警了^.5]^6[，[让它|叫它|快|赶紧|送它|][去|回去|][充电|充个电|充一下电|"
                "充会儿电]^5|^2]|"
                "[给|帮]{v}[充电|充个电|充充电|充一下电|补个电]^4|{v}[该|要|需要|得|可以去|应该去][充电|"
                "充个电][了|]^4|{v}[去|回去|][充电|充个电|充电去][了|]^3|[去|回去]充[电|个电]^1|[把{v}叫回来|"
                "让{v}回来|拉{v}去|赶紧让{v}]充电^2|{v}[趴窝|快趴窝]了，去充电^.3]",
                v=vehicle,
            )
            return Clause(text, asked=True)
        return Clause(talk.say("[[让|叫|派]{v}去[充电^3|充个电^2|充一下电]^3|给{v}[充电|充个电]]", v=vehicle), True)
