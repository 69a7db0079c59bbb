"""Names of containers, fixtures and stations, and how parts come to be in them."""

from __future__ import annotations

from collections.abc import Set

from luban.catalogue import Catalogue
from luban.meaning import Insert, Put
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_talk import Talk

_BOX_VERBS = (
    "[放进^9|放到^8|放入^5|放在^4|放^5|装进^3|装到^1.5|装入^1|搁进^1|搁到^1|搁^.6|搁在^.5|移到^3|移入^1|"
    "移至^1|移动到^2|移进^.6|挪到^3|挪进^1|转移到^2|转到^.5|"
    "移^.3|收进^2|收到^2|收入^.5|存到^1|存进^1|存入^.5|存放到^1|存放在^.5|拿到^2|拿进^.5|拿去^.2|搬到^1|"
    "搬进^.6|投进^.6|投入^.6|投放到^.3|归到^1|归入^.5|归置到^.3|"
    "丢进^1|丢到^.4|扔进^.5|塞进^.5|弄到^.5|弄进^.5|整到^.15|搞到^.25|搞进^.25|塞到^.3|归拢到^.2|转存到^.15|"
    "安排到^.15|安排进^.1|移送至^.15|整进^.15|拾掇到^.1|置于^.4|置入^.4|放置到^1|放置在^.5|放置于^.3|摆到^1|"
    "摆进^.7|摆在^.4|摆放到^.4|夹到^1|取到^.3|抓到^.3|捡到^.6|"
    "捡进^.5|送到^.6|送进^.6|送入^.2|码到^.2|码进^.3|拨到^.2|分到^.3|归类到^.2|归整到^.2|安放到^.2|转入^.3|"
    "转运到^.1|收纳到^.3|收拾到^.2|搬运到^.3|运到^.2|放去^.5|丢^.3|装^.7|往{c}里放|往{c}里装^.4|"
    "往{c}里搁^.2|放置进^.2|拾到^.2|挪动到^.2|存^.2]"
)
_TRAY_VERBS = (
    "[放到^10|放进^5|放在^5|放入^2|放^5|放上^2|搁到^1.5|搁在^.8|搁^.6|搁进^.4|移到^3|移至^1|移动到^2|移入^.3|"
    "挪到^3|转移到^2|转到^.4|收到^1|收进^.8|存到^.6|存放到^.6|存放在^.4|拿到^2|"
    "搬到^1|归到^.7|归置到^.2|弄到^.5|置于^.4|放置到^1|放置在^.5|放置于^.3|摆到^2|摆在^1|摆放到^1|摆上^.8|"
    "摆进^.6|摆^.5|夹到^1|取到^.3|抓到^.3|捡到^.5|送到^.6|码到^.4|码放到^.3|分到^.3|归类到^.2|"
    "安放到^.3|装到^.6|装进^.6|丢到^.3|丢进^.4|放去^.4|挪动到^.2|搬运到^.2|搁置到^.2|往{c}上放^.6|往{c}里放^.8]"
)
_VEHICLE_VERBS = (
    "[放到^8|装到^9|放在^3|放^3|装^2|搬到^4|装上^3|放上^2|搬上^2|移到^2|挪到^1|转移到^1|拿到^1|送到^1|搁到^1|"
    "搁^.3|送上^.7|弄到^.4|装载到^1.5|摆到^.6|夹到^.4|转到^.3|运到^.2|码到^.2|"
    "装入^.2|置于^.2|放置到^.6|移上^.4|抬到^.3|往{c}上放^.6|往{c}上装^.6]"
)
_IN = "[里^10|里面^4|里头^1|里边^.7|内^1.5|中^1.5|^8]"
_ON = "[里^5|上^8|里面^2|上面^2|中^.7|内^.3|里头^.3|^7]"
_ABOARD = "[上^8|上面^2|上头^.3|上边^.3|里^.5]"
_INSERT_VERBS = (
    "[插进^9|插入^6|插到^6|装进^4|装入^2|装到^3|塞进^2|塞到^.7|压进^1.5|压入^1.5|压到^.5|穿进^1|穿入^.6|"
    "推进^1|推入^.7|安装到^2|安装进^.7|安装在^.5|装配到^1.5|装配进^.5|"
    "嵌入^.7|嵌进^.6|嵌到^.3|插在^.7|套进^.4|送进^.5|送入^.3|对准插进^.4|对准插入^.3|放进^1|放入^.4|安进^.4|"
    "安到^.5|顶进^.2|压装到^.4|压装进^.3|组装到^.3|插接到^.1|穿到^.4]"
)


class Places:
    def __init__(self, catalogue: Catalogue, lexicon: Lexicon) -> None:
        self._catalogue, self._lexicon = catalogue, lexicon

    def vehicle(self, talk: Talk) -> str:
        return talk.say(self._lexicon.vehicle)

    def only(self, fixture: str) -> bool:
        return tuple(self._catalogue.fixtures) == (fixture,)

    def vehicular(self, name: str, container: str) -> bool:
        """Whether a name is that of the vehicle, so that 上 must follow."""
        return self.aboard(container) and name in self._lexicon.vehicle

    def every_color(self, containers: Set[str]) -> bool:
        """Whether these are all containers that have the colour of a part."""
        return containers == {n for n, box in self._catalogue.containers.items() if box.color in self._catalogue.colors}

    def other(self, container: str, talk: Talk) -> str:
        return talk.one([name for name in self._catalogue.containers if name != container] or [container])

    def color(self, container: str) -> str:
        return self._catalogue.containers[container].color

    def aboard(self, container: str) -> bool:
        return self._catalogue.containers[container].on == "agv"

    def name(self, place: str, talk: Talk) -> str:
        """Name a container or fixture."""
        if place in self._catalogue.fixtures:
            return talk.say(self._lexicon.fixtures[place])
        return self._box(place, talk)

    def station(self, station: str, talk: Talk, activity: float = 0.0) -> str:
        """Name a station; with the share `activity` by what is done there, if there is a word for that."""
        done = self._lexicon.activities(station)
        if done and talk.chance(activity):
            return talk.one(done)
        own = self._lexicon.places(station)
        if talk.chance(0.35):
            return own[0] + talk.say("[^7|那边^2|那儿|那里]")
        word = talk.say(self._lexicon.stations[station])
        if word not in own:
            return word + talk.say("[那边^4|那儿^2|那里|那头^.3]") if done else own[0]
        return word + talk.say("[^12|那边^2|那儿|那里|处^.3|这边^.3]")

    def other_station(self, station: str, talk: Talk) -> str:
        return self.station(talk.one([name for name in self._catalogue.stations if name != station] or [station]), talk)

    def inside(self, container: str, talk: Talk) -> str:
        """ "红色料箱里", for what is already there."""
        if self.aboard(container) and talk.chance(0.35):
            return self.vehicle(talk) + talk.say("[上|上面^.5|上装着^.3]")
        name = self._box(container, talk)
        tray = self._lexicon.kind(self._catalogue.containers[container]) == "tray"
        lead = talk.say("[^8|已经在^.5|放在^.5|在|装在^.2]")
        return (
            lead
            + name
            + (talk.say("[上^3|里^3|里面|上面]") if tray else talk.say("[里^6|里面^3|内|中|里头^.7|里边^.3]"))
        )

    def within(self, container: str, talk: Talk) -> tuple[str, str]:
        """Name a container and the postposition after it, for "蓝色料箱里放…"."""
        if self.aboard(container) and talk.chance(0.5):
            return self.vehicle(talk), talk.say("[上^5|上面]")
        tray = self._lexicon.kind(self._catalogue.containers[container]) == "tray"
        return self._box(container, talk), talk.say("[里^4|上^5|上面]" if tray else "[里^7|里面^2|中|内|里头^.5]")

    def reached(self, step: Put | Insert, talk: Talk, brief: float = 0.0) -> str:
        """Say how parts come to where a step wants them. brief: how often a shaft is just 插好."""
        if isinstance(step, Insert) and self.only(step.fixture) and talk.chance(brief):
            return talk.say("[插好^4|装好^3|插上^1.5|插到位|装到位|插进去^1.5|装进去|压好|装上^.7]")
        return self.fit(step.fixture, talk) if isinstance(step, Insert) else self.into(step.container, talk)

    def into(self, container: str, talk: Talk) -> str:
        """ "放进蓝色料箱里"."""
        slip = ""
        if talk.slip == "place":
            talk.slip = ""
            slip = self._into(self.other(container, talk), talk) + talk.say(
                "[，|——|。|…^.3][不对^5|不是^1.5|错了^3|哦不^2|说错了^3|不不^1|啊不^1|算了^1.5|更正^.5|"
                "等等^1|口误^.4|噢不对^.5]，[是^1.5|应该是^1.5|还是^1|改成^.5|应该^.5|^4]"
            )
            if talk.chance(0.4):
                return slip + self._box(container, talk)
        return slip + self._into(container, talk)

    def _into(self, container: str, talk: Talk) -> str:
        if self.aboard(container) and talk.chance(0.62):
            if talk.chance(0.12):
                return talk.say("[装车^4|装上车^3|上车|搬上车^2|放上车^2|装到车上^2|放车上^2]")
            return self._reach(_VEHICLE_VERBS, self.vehicle(talk), _ABOARD, talk)
        tray = self._lexicon.kind(self._catalogue.containers[container]) == "tray"
        return self._reach(_TRAY_VERBS if tray else _BOX_VERBS, self._box(container, talk), _ON if tray else _IN, talk)

    def fit(self, fixture: str, talk: Talk) -> str:
        """ "插进壳体里"."""
        if len(self._catalogue.fixtures) == 1 and talk.chance(0.04):
            return talk.say("[插好^3|插进去^3|插上^2|插到位|装配好|插进孔里^2|压装到位^.5]")
        return self._reach(_INSERT_VERBS, self.name(fixture, talk), "[里^7|里面^3|中^1.5|内^1.5|里头^.7|^9]", talk)

    def _reach(self, verbs: str, name: str, post: str, talk: Talk) -> str:
        verb = talk.say(verbs, c=name)
        if name in verb:
            return verb
        after = talk.say(post)
        if verb.endswith("上"):
            return verb + name
        if verb.endswith(("在", "于")) and not after:
            after = "上" if "上" in post and "里" not in post else talk.say("[里|中]")
        if after.startswith("上") and verb.endswith(("进", "入")):
            after = "里"
        if name.endswith(("里", "孔", "上")) and after in ("里", "上") and talk.chance(0.6):
            after = ""
        return verb + name + after + talk.say("[^24|去|来^.1]" if after and not verb.endswith(("在", "于")) else "")

    def _box(self, container: str, talk: Talk) -> str:
        own = (
            "["
            + "|".join(
                f"{word}^{6 if at == 0 else 2}"
                for at, word in enumerate(self._catalogue.containers[container].words.zh)
            )
            + "]"
        )
        if self.aboard(container):
            return talk.say(
                (
                    "[{own}^8|{v}上的周转箱|{v}上的箱子^.7|{v}上那个箱子^.3|{v}上的料箱^.5|{v}的周转箱^.5|周转筐^.4|"
                    "{v}的货箱^.2]"
                ),
                own=talk.say(own),
                v=self.vehicle(talk),
            )
        nouns, bare = self._lexicon.nouns(container), self._lexicon.bare_nouns(container)
        forms = self._lexicon.colors.get(self._catalogue.containers[container].color)
        if bare and talk.chance(0.35):
            return talk.say("[^8|那个]" + bare)
        if not nouns or not forms or talk.chance(0.35):
            return talk.say("[^14|那个]" + own)
        noun = talk.say(nouns)
        plain = talk.one(forms["plain"]) if forms["plain"] else talk.one(forms["long"])
        short = talk.one(forms["short"]) if forms["short"] else plain
        if len(noun) == 1:
            return short + noun if talk.chance(0.8) else plain + noun
        return talk.say(
            (
                "[{p}{n}^7|{p}的{n}^3|{s}{n}^7|{s}的{n}^.7|{p}那个{n}^.8|{s}的那个{n}^.5|{p}的那个{n}^.8|"
                "那个{p}{n}^.7|那个{s}{n}^.5]"
            ),
            p=plain,
            s=short,
            n=noun,
        )
