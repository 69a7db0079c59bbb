"""Chinese words for what stands in a catalogue: its own names, and more for the names of the standard cell."""

from __future__ import annotations

from collections.abc import Mapping

from luban.catalogue import Catalogue, Container, Words

# More words per name of the standard cell; none that may mean a second thing there.
_SHAPES = {
    "gear": "牙轮|齿盘|齿轮件|传动齿轮|圆柱齿轮|直齿轮|齿轮零件",
    "bolt": "螺丝钉|六角螺栓|六角螺丝|螺栓件|内六角螺丝",
    "nut": "螺丝帽|丝母|六角螺母|螺帽儿|螺母件|六角螺帽",
    "bracket": "角铁|L形件|L型支架|角码|直角支架|安装支架|支架件|L形支架|角形支架|固定支架|托架件",
    "bearing": "滚珠轴承|球轴承|培林|滚动轴承|深沟球轴承|轴承件",
    "shaft": "芯轴|心轴|圆轴|光轴|主轴|驱动轴|轴类件|长轴|轴杆件|轴零件",
}
_CLASSIFIERS = {
    "gear": "个^6|只^2|枚|件|片^.3",
    "bolt": "个^4|颗^4|根^2|枚|只|支^.5",
    "nut": "个^5|颗^3|枚|只",
    "bracket": "个^6|件|块|只|副^.3",
    "bearing": "个^6|只^2|枚|套|件",
    "shaft": "根^6|个^3|支|条|件^.5",
}
_COLORS = {
    "red": "大红色|大红|鲜红色|朱红色|赤色|正红色|艳红色|深红色|火红|红彤彤",
    "blue": "天蓝色|深蓝色|宝蓝色|湛蓝色|海蓝色|蔚蓝色|浅蓝色|天蓝|深蓝|宝石蓝",
    "green": "翠绿色|草绿色|墨绿色|深绿色|嫩绿色|翠绿|浅绿色|军绿色|绿油油",
    "yellow": "金黄色|明黄色|亮黄色|柠檬黄|鹅黄色|金黄|嫩黄色|黄澄澄",
    "white": "雪白|乳白色|纯白色|雪白色|洁白|亮白色|白花花",
    "black": "漆黑|乌黑|墨黑|纯黑色|墨黑色|乌黑色|深黑色|黑漆漆",
    "gray": "灰色|灰|浅灰色|深灰色",
}
_STATIONS = {
    "dock": "上料点|上料区|装料位|上料台|上料工位|装货位|机器人工作台|停靠位|对接点|作业台|工作台旁",
    "assembly": "装配站|装配台|组装线|组装区|总装线|装配点|装配车间|组装台|装配流水线|装配岗位|总装|组装站",
    "warehouse": "料库|物料库|存储区|仓储|货仓|仓库区|储存区|零件库|库里|仓储间|大库",
    "inspection": "检测区|检验区|检查工位|品检|质检台|检测站|质检点|检测台|QC|质检室|品检区|质检岗|检验站|品管|QC工位",
    "charger": "充电点|充电座|充电的地方|充电口|充电处|充电工位|充电桩位|充电点位",
}
_FIXTURES = {"housing": "轴孔|壳体的孔|外壳的孔|壳体上的孔|轴承座的孔|壳体内孔|座子|安装孔|轴承座孔"}
_VEHICLE = "AGV车|小推车|料车|运料车|送货车|搬运机器人|运输小车|物流车|AGV小车|agv|转运车"
_PARTS = "零部件|配件|工件|物件|零件儿"
_ACTIVITIES = {"装配", "充电", "质检", "检验", "质量检查", "品检", "总装", "仓储", "品管", "QC", "库里"}

_NOUNS = {
    "bin": (
        "料箱^11|箱子^5|盒子^3|料盒^3|箱^4|筐^2|料框^2|框^1|盒^1|容器^1|筐子|物料箱|零件盒|零件箱|塑料箱|收纳箱|"
        "框子|储物箱|桶^.3"
    ),
    "tray": "托盘^10|盘子^4|料盘^3|盘^2|物料盘|零件盘|托盘子^.3",
}
_BIN_ENDINGS = ("箱", "箱子", "盒", "盒子", "筐", "框", "容器", "桶")


class Lexicon:
    """Patterns of words for each name. A name that this file does not know has only the catalogue's own words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.shapes = _patterns(catalogue.shapes, _SHAPES, 0.22)
        self.stations = _patterns({name: place.words for name, place in catalogue.stations.items()}, _STATIONS, 0.3)
        self.fixtures = _patterns({name: place.words for name, place in catalogue.fixtures.items()}, _FIXTURES, 0.4)
        self.parts = "[" + "|".join(_own(catalogue.part_words) + _split(_PARTS)) + "]"
        self.vehicle = "[" + "|".join(_own(catalogue.agv_words) + [f"{word}^.4" for word in _split(_VEHICLE)]) + "]"
        self.colors = {name: _color_forms(words.zh, _split(_COLORS.get(name, ""))) for name, words in self._colors()}

    def classifier(self, shape: str | None) -> str:
        return "[" + _CLASSIFIERS.get(shape or "", "个^6|件") + "]"

    def places(self, name: str) -> list[str]:
        """Every word for a station but those of what is done there."""
        return [word for word in _plain(self.stations[name]) if word not in _ACTIVITIES] or _plain(self.stations[name])

    def activities(self, name: str) -> list[str]:
        return [word for word in _plain(self.stations[name]) if word in _ACTIVITIES]

    def kind(self, container: Container) -> str:
        """Return "bin", "tray" or "" by the endings of a container's own names."""
        if any(word.endswith("盘") for word in container.words.zh):
            return "tray"
        return "bin" if any(word.endswith(_BIN_ENDINGS) for word in container.words.zh) else ""

    def nouns(self, name: str) -> str:
        """Return a pattern of nouns that mean a container on the bench together with its colour, else ""."""
        container = self.catalogue.containers[name]
        kind = self.kind(container)
        return "[" + _NOUNS[kind] + "]" if kind and self._alike(name, kind, container.color) == 1 else ""

    def bare_nouns(self, name: str) -> str:
        """Return a pattern of nouns that mean a container on the bench without its colour, else ""."""
        kind = self.kind(self.catalogue.containers[name])
        return "[" + _NOUNS[kind] + "]" if kind and self._alike(name, kind, "") == 1 else ""

    def shared_nouns(self) -> list[str]:
        """Patterns of nouns that could mean several containers."""
        kinds = {self.kind(box) for box in self.catalogue.containers.values() if box.on == "bench"} - {""}
        return [f"[{_NOUNS[kind]}]" for kind in sorted(kinds) if self._alike("", kind, "") > 1]

    def missing(self) -> list[tuple[str, str]]:
        """Colours and patterns of nouns, each of which is here, but not together."""
        boxes = self.catalogue.containers.values()
        kinds = sorted({self.kind(box) for box in boxes} - {""})
        colors = sorted({box.color for box in boxes if box.color in self.colors})
        there = {(box.color, self.kind(box)) for box in boxes}
        return [
            (self.colors[color]["plain"][0], f"[{_NOUNS[kind]}]")
            for color in colors
            for kind in kinds
            if (color, kind) not in there and self.colors[color]["plain"]
        ]

    def known(self, word: str) -> bool:
        """Whether a word is part of a name, or holds one, of any place here."""
        places = [place.words for place in self.catalogue.containers.values()]
        places += [place.words for place in self.catalogue.fixtures.values()]
        names = {own for words in places for own in words.zh}
        names |= {own for name in self.catalogue.stations for own in _plain(self.stations[name])}
        return any(word in own or own in word for own in names)

    def _alike(self, name: str, kind: str, color: str) -> int:
        boxes = [box for box in self.catalogue.containers.values() if box.on == "bench" and self.kind(box) == kind]
        return sum(not color or box.color == color for box in boxes)

    def _colors(self) -> list[tuple[str, Words]]:
        extra = {box.color for box in self.catalogue.containers.values()} - set(self.catalogue.colors)
        empty = [(name, Words((), tuple(_split(_COLORS.get(name, "")))[:2])) for name in sorted(extra)]
        return [*self.catalogue.colors.items(), *(pair for pair in empty if pair[1].zh)]


def _split(words: str) -> list[str]:
    return words.split("|") if words else []


def _own(words: Words) -> list[str]:
    """The name that Luban says itself is the likeliest."""
    return [f"{word}^{9 if at == 0 else 2}" for at, word in enumerate(words.zh)]


def _patterns(things: Mapping[str, Words], more: Mapping[str, str], weight: float) -> dict[str, str]:
    return {
        name: "["
        + "|".join(
            [
                *_own(words),
                *(f"{word}^{weight}" for word in _split(more.get(name, ""))),
                *(f"{w}^.06" for w in words.en[:1]),
            ]
        )
        + "]"
        for name, words in things.items()
    }


def _plain(pattern: str) -> list[str]:
    return [word.partition("^")[0] for word in pattern[1:-1].split("|")]


def _color_forms(own: tuple[str, ...], more: list[str]) -> dict[str, list[str]]:
    """Colour words by how they join a noun: short ("红"), plain ("红色"), long ("红颜色", "大红")."""
    forms: dict[str, list[str]] = {"short": [], "plain": [], "long": []}
    for word in own:
        forms["short" if len(word) == 1 else "plain" if word.endswith("色") and len(word) == 2 else "long"].append(word)
    forms["long"] += [word for word in more if word not in own]
    return forms
