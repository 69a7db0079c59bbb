"""What a planner says when it asks, refuses or is done: in the language of the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from luban.catalogue import Catalogue, Words
from luban.meaning import Meaning, NotUnderstood, OutOfScope, PartRef, Unsafe
from luban.resolution import Problem
from luban.scene_view import SeenPart

_UNSAFE = {
    "throw": (
        "I do not throw or drop parts. I can put them into a container.",
        "抱歉，我不能抛扔零件，可以把它们放进料箱或托盘。",
    ),
    "floor": (
        "I do not put parts on the floor. I can put them into a container.",
        "抱歉，我不能把零件放到地上，可以把它们放进料箱或托盘。",
    ),
    "harm": (
        "I will not do that: it could hurt someone or damage something.",
        "抱歉，这样做可能伤人或损坏设备，我不能执行。",
    ),
    "person": (
        "I do not hand parts to people or move towards them. I can put them into a container.",
        "抱歉，我不能把零件递给人，也不会靠近人。我可以把它们放进料箱或托盘。",
    ),
    "limits": ("I keep to the safety limits and do not change them.", "抱歉，安全防护和限速不能更改，我不能执行。"),
}
_UNCLEAR = {
    "empty": ("I did not get an instruction. What should I do?", "我没有收到指令，请问要我做什么？"),
    "words": (
        "I did not understand {words!r}. Could you say it in another way?",
        "我没听懂“{words}”，请换个说法好吗？",
    ),
    "part": ("Which part do you mean? Please name its shape or colour.", "您指的是哪个零件？请说出它的形状或颜色。"),
    "nothing": ("I did not find anything to do in that. What should I do?", "我没听出要做什么，请问要我做什么？"),
    "negated": ("All right, I leave everything as it is. What should I do instead?", "好的，我不动。请问要我做什么？"),
    "target": ("Where should it go? I know {places}.", "请问要放到哪里？我知道这些地方：{places}。"),
    "place": ("I do not know {words!r}. I know {places}.", "这里没有“{words}”。我知道这些地方：{places}。"),
}
_BLIND = {
    "missing": ("The camera shows me nothing. Please check it.", "我收不到相机画面，请检查相机。"),
    "size": (
        "The camera's picture has the wrong size or format. Please check its settings.",
        "相机画面的尺寸或格式不对，请检查相机设置。",
    ),
    "blank": (
        "I see nothing: the camera's picture is blank. Please check the light and the camera.",
        "我什么也看不到：相机画面是一片空白。请检查灯光和相机。",
    ),
    "old": ("The camera's picture is too old. Please check the camera.", "相机画面已经过时，请检查相机。"),
    "frozen": (
        "The camera's picture does not change any more. Please check the camera.",
        "相机画面卡住不动了，请检查相机。",
    ),
}
Blindness = Literal["missing", "size", "blank", "old", "frozen"]


class Replies:
    """Sentences in "zh" or "en" with the catalogue's own words."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.catalogue, self.zh = catalogue, language == "zh"

    def refusal(self, meaning: Unsafe | OutOfScope) -> str:
        if isinstance(meaning, Unsafe):
            return self._say(*_UNSAFE[meaning.kind])
        return self._say(
            "I cannot do that. I can put parts into containers, insert a shaft and drive the AGV.",
            "抱歉，这件事我做不了。我会把零件放进容器、插轴，以及让小车送货。",
        )

    def question(self, meaning: Meaning) -> str:
        assert isinstance(meaning, NotUnderstood)
        kind = meaning.kind if meaning.words or meaning.kind not in ("words", "place") else "nothing"
        return self._say(*_UNCLEAR[kind]).format(words=meaning.words, places=self._places())

    def problem(self, problem: Problem) -> str:
        sought, there = self.described(problem.ref), self.listed(problem.parts)
        count = len(problem.parts)
        if problem.kind == "absent":
            placed = problem.ref.where is not None or problem.ref.inside is not None
            return self._say(
                f"I see no {sought}{' there' if placed else ''}. I see {there}. What should I do?",
                f"{'那里' if placed else '我'}没有看到{sought}。我看到的有：{there}。请问怎么办？",
            )
        if problem.kind == "ambiguous":
            return self._say(
                f"I see {count} that fit: {there}. Which do you mean?",
                f"我看到{count}个符合的零件：{there}。您要哪一个？",
            )
        if problem.kind == "fewer":
            return self._say(
                f"I only see {count}: {there}. Should I take those?", f"我只看到{count}个：{there}。就用这些吗？"
            )
        if problem.kind == "full":
            return self._say(
                f"The {self.named(problem.place)} takes one shaft only: {there}. Which one?",
                f"{self.named(problem.place)}只能插一根轴：{there}。您要哪一根？",
            )
        if problem.kind == "conflict":
            return self._say(
                f"You want the {there} in two places. Where should it end up?",
                f"{there}被要求放到两个地方，最后应该放在哪里？",
            )
        return self._say(
            f"The {there} does not fit into the {self.named(problem.place)}; only a shaft does.",
            f"{there}装不进{self.named(problem.place)}，只有轴可以。",
        )

    def blind(self, kind: Blindness) -> str:
        return self._say(*_BLIND[kind])

    def no_teacher(self) -> str:
        return self._say(
            "I got no usable answer from the model that decides. Please try again, or tell me in another way.",
            "负责决策的模型没有给出可用的回答。请再试一次，或者换个说法。",
        )

    def foreign(self) -> str:
        return self._say(
            "I only understand Chinese and English. Could you say it in one of them?",
            "我只听得懂中文和英文，请用其中一种再说一遍。",
        )

    def too_long(self, most: int) -> str:
        return self._say(
            f"That is too long for me: at most {most} characters. Could you say it more briefly?",
            f"这句话太长了，最多{most}个字符。请说得简短一些。",
        )

    def unsure(self, parts: Sequence[SeenPart] = ()) -> str:
        """Not sure enough which parts are meant; without parts: what was said at all."""
        there = self.listed(parts)
        if not parts:
            return self._say(
                "I am not sure that I understood. Could you say it in another way?",
                "我不确定是否听明白了，请换个说法好吗？",
            )
        return self._say(
            f"I am not sure which you mean: {there}. Could you say it more clearly?",
            f"我不确定您指的是哪一个：{there}。请说得更清楚一些好吗？",
        )

    def unclear(self, part: PartRef) -> str:
        name = self.described(part)
        return self._say(
            f"I cannot make out the {name} well enough. Could you have a look?", f"我看不清{name}，请您看一下好吗？"
        )

    def done(self) -> str:
        return self._say("Done.", "已经完成。")

    def gave_up(self, label: str, reason: str) -> str:
        detail = f" ({reason})" if reason else ""
        return self._say(
            f"I tried several times and did not manage: {label}{detail}. Could you have a look?",
            f"我试了几次都没有成功：{label}{detail}。请您看一下好吗？",
        )

    def holding(self, part: SeenPart) -> str:
        name = self.listed((part,))
        return self._say(
            f"I hold the {name}, which is not part of this task. Where should I put it?",
            f"我手里还拿着{name}，它不在这次任务里。请问放到哪里？",
        )

    def lost(self, part: SeenPart) -> str:
        name = self.listed((part,))
        return self._say(
            f"I do not see the {name} any more. Could you have a look?", f"我看不到{name}了。请您看一下好吗？"
        )

    def listed(self, parts: Iterable[SeenPart]) -> str:
        names = [self._part(part.shape, part.color) for part in parts]
        if not names:
            return self._say("no parts", "没有零件")
        if self.zh:
            return "、".join(names)
        articled = names if len(names) == 1 else [f"a {name}" for name in names]
        return " and ".join([", ".join(articled[:-1]), articled[-1]]) if len(names) > 1 else names[0]

    def described(self, ref: PartRef) -> str:
        return self._part(ref.shape, ref.color)

    def named(self, place: str) -> str:
        thing = (
            self.catalogue.containers.get(place)
            or self.catalogue.fixtures.get(place)
            or self.catalogue.stations.get(place)
        )
        return self._first(thing.words) if thing else place

    def _part(self, shape: str | None, color: str | None) -> str:
        shape_word = self._first(self.catalogue.shapes[shape] if shape else self.catalogue.part_words)
        known = self.catalogue.colors.get(color or "")
        color_word = self._first(known) if known else color or ""
        return f"{color_word}{shape_word}" if self.zh else f"{color_word} {shape_word}".strip()

    def _places(self) -> str:
        names = [
            self.named(name)
            for name in (*self.catalogue.containers, *self.catalogue.fixtures, *self.catalogue.stations)
        ]
        return "、".join(names) if self.zh else ", ".join(names)

    def _first(self, words: Words) -> str:
        return (words.zh if self.zh else words.en)[0]

    def _say(self, english: str, chinese: str) -> str:
        return chinese if self.zh else english
