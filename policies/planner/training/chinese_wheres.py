"""Where parts lie, as modifiers before a noun: "最左边的", "离蓝色料箱最近的", "轴承和螺栓之间的"."""

from __future__ import annotations

from collections.abc import Callable

from luban.meaning import Between, Corner, Extreme, NextTo, PartRef, SideOf, Where
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_talk import Talk

Landmark = Callable[[PartRef | str, Talk], str]

_EXTREMES = {
    "left": (
        "[最左边^8|最左侧^3|最左面|最左端|左边^4|左侧^2|最靠左^3|靠左^1|靠左边^1|左手边^2|最左手边|最左^2|"
        "靠最左边|左面|左首^.3|最偏左^.5]"
    ),
    "right": (
        "[最右边^8|最右侧^3|最右面|最右端|右边^4|右侧^2|最靠右^3|靠右^1|靠右边^1|右手边^2|最右手边|最右^2|"
        "靠最右边|右面|右首^.3|最偏右^.5]"
    ),
    "near": (
        "[离{r}最近^8|最近^4|最靠近{r}^4|靠近{r}^2|靠{r}最近^2|距离{r}最近^2|距{r}最近|离{r}近^1|近处^1|离得最近|"
        "最靠前^.5|最前面^1|最前排^.3|最接近{r}^1|挨{r}最近^.5|最靠{r}这边^.5]"
    ),
    "far": (
        "[离{r}最远^8|最远^5|最远处|远处^1|距离{r}最远^3|离得最远^2|距{r}最远|离{r}远^.5|最远端|最后面^1|"
        "最靠后^.5|最里面^.3|最后排^.2]"
    ),
    "middle": "[中间^6|正中间^4|最中间^2|中央^2|居中^1|正中央|当中^1|正中|摆在中间|排在中间^.5]",
}
_ROBOT = "[机器人^5|机械臂^3|你^3|机械手^1|机器^1|您^.5|底座^.5|手臂^.3|机器人底座^.3]"
_RANKED = {
    "left": (
        "[左边第{n}^4|左数第{n}^5|从左数第{n}^4|从左边数第{n}^3|左起第{n}^3|从左往右第{n}^3|从左往右数第{n}^2|"
        "从左到右第{n}^2|从左向右第{n}|左侧第{n}|自左向右第{n}^.4|从左侧数起第{n}^.4]"
    ),
    "right": (
        "[右边第{n}^4|右数第{n}^5|从右数第{n}^4|从右边数第{n}^3|右起第{n}^3|从右往左第{n}^3|从右往左数第{n}^2|"
        "从右到左第{n}^2|从右向左第{n}|右侧第{n}|自右向左第{n}^.4]"
    ),
    "near": (
        "[离{r}第{n}近^6|第{n}近^4|距离{r}第{n}近^2|由近到远第{n}^1.5|从近到远第{n}|从近往远数第{n}|"
        "从近处数第{n}|由近及远第{n}^.5|从{r}这边数第{n}]"
    ),
    "far": (
        "[离{r}第{n}远^6|第{n}远^4|距离{r}第{n}远^2|由远到近第{n}^1.5|从远到近第{n}|从远处数第{n}|从最远的数起第{n}^.5]"
    ),
}
_NEIGHBOUR = (
    "[{l}旁边^6|{l}边上^3|挨着{l}^4|紧挨着{l}^2|离{l}最近^6|紧靠{l}^2|靠近{l}^2|最靠近{l}^2|距离{l}最近^2|"
    "{l}附近^1|{l}旁^1|靠着{l}^1|"
    "和{l}挨着^1|与{l}相邻^1|贴着{l}^.5|{l}跟前^.5|紧邻{l}^1|跟{l}挨着|挨{l}最近|{l}近旁^.3|{l}一旁^.3|"
    "在{l}旁边^2|放在{l}旁边|{l}隔壁^.5]"
)
_REMOTE = (
    "[离{l}最远^8|距离{l}最远^3|距{l}最远^2|跟{l}离得最远^1|离{l}最远处^.3|和{l}隔得最远|离着{l}最远^.5|"
    "与{l}相距最远|距{l}最远端^.1]"
)
_ASIDE = {
    "left": "[在|位于^.4|放在^.3|^4]{l}[左边^6|左侧^3|左面^2|左手边^1|左方^1|靠左^.3|的左边^2|的左侧]",
    "right": "[在|位于^.4|放在^.3|^4]{l}[右边^6|右侧^3|右面^2|右手边^1|右方^1|靠右^.3|的右边^2|的右侧]",
    "near": (
        "[[在|位于^.4|^4]{l}[前面^6|前方^3|前边^2|前侧|的前面^2|靠{r}这边^1|靠{r}这一侧^1|靠近{r}一侧^1]^6|"
        "比{l}离{r}更近^1|比{l}更靠近{r}^1|比{l}靠前^.5]"
    ),
    "far": (
        "[[在|位于^.4|^4]{l}[后面^6|后方^3|后边^2|后侧|的后面^2|背后^.5|远离{r}那边^1|远离{r}的一侧^1]^6|"
        "比{l}离{r}更远^1|比{l}靠后^.5]"
    ),
}
_BETWEEN = (
    "[在^2|位于|夹在^2|放在^.5|^6]{a}[和^6|与^3|跟^2|、^.3|以及^.3]{b}[之间^6|中间^5|当中^1|正中间^.5|"
    "两者之间^.5|之中^.1]"
)
_DEPTH = {"near": "[前^3|下^1.5|近^.4]", "far": "[后^3|上^1.5|远^.4]"}
_FLANK = {"left": "左", "right": "右"}


class Wheres:
    """Every modifier ends in 的, but those that end in a classifier."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def words(self, where: Where, shape: str | None, landmark: Landmark, single: bool, talk: Talk) -> str:
        robot = talk.say(_ROBOT)
        if isinstance(where, Extreme):
            if where.rank == 1:
                if single and where.side in ("left", "right") and talk.chance(0.06):
                    s, k = "左右"[where.side == "right"], talk.say(self._lexicon.classifier(shape))
                    return talk.say("[{s}边^4|{s}数^2|从{s}数^2|{s}起|{s}侧|从{s}边数|靠{s}边^.5]第一{k}", s=s, k=k)
                return talk.say(_EXTREMES[where.side], r=robot) + "的"
            number = talk.one(["一二三四五六七八九"[where.rank - 1]] * 4 + [str(where.rank)])
            text = talk.say(_RANKED[where.side], n=number, r=robot)
            k = talk.say(self._lexicon.classifier(shape))
            if text.endswith(("近", "远")):
                return text + talk.say("[的^3|的那{k}|那{k}^.5]", k=k)
            return text + k + talk.say("[^6|的^.3]")
        if isinstance(where, Corner):
            return self._corner(where, robot, talk) + "的"
        if isinstance(where, Between):
            if where.first == where.second and isinstance(where.first, PartRef):
                pair = "两个" + landmark(where.first, talk)
                return talk.say("[{p}之间的|{p}中间的|夹在{p}中间的]", p=pair)
            first, second = landmark(where.first, talk), landmark(where.second, talk)
            return talk.say(_BETWEEN, a=first, b=second) + "的"
        name = landmark(where.landmark, talk)
        if isinstance(where, SideOf):
            return talk.say(_ASIDE[where.side], l=name, r=robot) + "的"
        return talk.say(_NEIGHBOUR if isinstance(where, NextTo) else _REMOTE, l=name) + "的"

    def _corner(self, where: Corner, robot: str, talk: Talk) -> str:
        flank = _FLANK.get(where.side or "", "")
        if where.depth and where.side:
            return talk.say(
                "[在|^5]"
                + (
                    "[{f}{d}角^6|{f}{d}角上^3|{f}{d}角落^3|{f}{d}角落里^2|{f}{d}方角落^1|{f}{d}方的角落|"
                    "桌子{f}{d}角^2|桌面{f}{d}角^1|台面{f}{d}角|桌子{f}{d}角上|工作区{f}{d}角^.3]"
                ),
                f=flank,
                d=talk.say(_DEPTH[where.depth]),
            )
        if where.side:
            return talk.say(
                (
                    "[在|^5][{f}边角落^4|{f}边角落里^3|{f}侧角落^3|{f}边角上^2|{f}侧的角落里|{f}面角落|{f}边的角落^2|"
                    "{f}边那个角落|桌子{f}边的角落里|{f}侧角上|{f}手边角落]"
                ),
                f=flank,
            )
        if where.depth == "near":
            return talk.say(
                (
                    "[在|^5][前面角落^3|前面的角落里^2|靠近{r}的角落^3|靠{r}这边的角落^2|近处的角落^3|近处角落里^2|"
                    "前边角落|前侧角落|离{r}近的角落里]"
                ),
                r=robot,
            )
        if where.depth == "far":
            return talk.say(
                (
                    "[在|^5][后面角落^3|后面的角落里^2|远离{r}的角落^2|远处的角落^3|远处角落里^2|后边角落|后侧角落|"
                    "离{r}远的角落里|远端角落]"
                ),
                r=robot,
            )
        return talk.say("[在|^5][角落^4|角落里^5|角上^2|边角上|角落处|桌角^2|桌子角上|桌角处|犄角旮旯里^.5|墙角^.2]")
