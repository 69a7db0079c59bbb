"""Noun phrases: "the two gears on the far left", "离机器人最近的红色齿轮", "everything except the bolt"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from luban.catalogue import Catalogue
from luban.meaning import Extreme, NextTo, PartRef, SideOf
from sim.instruction_words import BIN_NOUNS, Token


class Confused(Exception):
    """The words do not form a phrase. Internal: becomes NotUnderstood(kind, words)."""

    def __init__(self, kind: str, words: str = "") -> None:
        super().__init__(kind, words)
        self.kind, self.words = kind, words


@dataclass(frozen=True)
class Place:
    kind: str  # container, fixture, station
    name: str


_MODIFIERS = ("color", "side", "most", "all", "count", "any", "others", "ordinal", "one", "plain", "de", "away")
_STARTERS = (*_MODIFIERS, "shape", "part", "everything")
_PLACES = ("container", "fixture", "station")


class Phrases:
    """A cursor over tokens that reads noun phrases and places."""

    def __init__(self, tokens: Sequence[Token], catalogue: Catalogue) -> None:
        self.tokens, self.catalogue, self.at = tokens, catalogue, 0
        self.last_shape: str | None = None  # for "the blue one", "蓝色的"

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else "end"

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    # places ---------------------------------------------------------------------------------------------------------

    def place(self) -> Place | None:
        """Read a container, fixture or station; None when no place starts here. Raises Confused on an unknown one."""
        start = self.at
        colors = []
        while self.kind() in ("color", "de") and (colors or self.kind() == "color"):
            token = self.next()
            colors += [token.value] if token.kind == "color" else []
        found = self._named_place(colors) if len(colors) <= 1 else None
        if found is None:
            self.at = start
        return found

    def _named_place(self, colors: list[str]) -> Place | None:
        kind = self.kind()
        if kind == "one" and colors and self.at >= 2 and self.tokens[self.at - 2].kind == "into":
            return self._colored_box(colors[0])
        if kind == "bin" and not colors and self._on_vehicle():
            return Place("container", self._tote())
        if kind == "bin":
            return Place("container", self._bin(colors))
        if kind not in _PLACES or (colors and kind != "container"):
            return None
        token = self.next()
        if colors and self.catalogue.containers[token.value].color != colors[0]:
            raise Confused("place", f"{colors[0]} {token.text}")
        if kind == "station" and self.kind() == "spot":
            self.at += 1
        self._skip_owner(kind)
        return Place(kind, token.value)

    def _skip_owner(self, kind: str) -> None:
        """Skip "of the housing", "on the AGV" after a place that belongs there."""
        owner = "agv" if kind == "container" else kind
        if self.kind() in ("of", "into", "de", "in") and self.kind(1) == owner and owner != "station":
            self.at += 2
        elif kind == "fixture" and self.kind() in ("fixture", "de") and "fixture" in (self.kind(), self.kind(1)):
            self.at += 1 if self.kind() == "fixture" else 2

    def _on_vehicle(self) -> bool:
        """Whether a bare box is "the box on the AGV"; if so, consume it."""
        if self.kind(1) in ("into", "of") and self.kind(2) == "agv":
            self.at += 3
            return True
        return False

    def _colored_box(self, color: str) -> Place | None:
        """Read "in the blue one"."""
        boxes = [name for name, box in self.catalogue.containers.items() if box.on == "bench" and box.color == color]
        if len(boxes) != 1:
            return None
        self.at += 1
        return Place("container", boxes[0])

    def _bin(self, colors: list[str]) -> str:
        token = self.next()
        matches = [
            name
            for name, box in self.catalogue.containers.items()
            if box.on == "bench" and (not colors or box.color == colors[0]) and self._looks_like(name, token)
        ]
        if len(matches) != 1:
            raise Confused("place", " ".join([*colors, token.text]))
        return matches[0]

    def _looks_like(self, name: str, token: Token) -> bool:
        words = self.catalogue.containers[name].words
        kinds = {
            kind
            for kind, nouns in BIN_NOUNS.items()
            for noun in nouns
            for word in words.en + words.zh
            if word == noun or word.endswith(noun if not noun.isascii() else f" {noun}")
        }
        if token.text in ("container", "containers", "容器"):
            return True
        # "料盘" ends like both; the tray wins over a box, since a bin's words name boxes only
        return token.value in ({"tray"} if "tray" in kinds else kinds)

    def _tote(self) -> str:
        for name, box in self.catalogue.containers.items():
            if box.on == "agv":
                return name
        raise Confused("place", "AGV")

    # parts ----------------------------------------------------------------------------------------------------------

    def parts(self) -> list[PartRef]:
        """Read one noun phrase; several references when colours are listed. Raises Confused."""
        found = self._phrase()
        landmark_side = self.kind() == "side" and self.tokens[self.at].text not in ("left", "right")
        if len(found) == 1 and landmark_side and self._leads_to_head():
            side = self.next().value
            return [replace(ref, where=SideOf(side, found[0])) for ref in self._owned()]  # type: ignore[arg-type]
        if len(found) == 1 and self.kind() == "beside" and self._is_chinese() and self._leads_to_head():
            self.at += 1
            return [replace(ref, where=NextTo(found[0])) for ref in self._owned()]
        return [self._after(ref) for ref in found]

    def beside_place(self, place: Place) -> list[PartRef] | None:
        """Read "蓝色料箱旁边的齿轮", "红色料箱里的齿轮" once the place is read; None if it is only a place."""
        if place.kind == "station":
            return None
        if self.kind() == "beside" and self._leads_to_head():
            self.at += 1
            return [replace(ref, where=NextTo(place.name)) for ref in self._owned()]
        if self.kind() == "in" and self.kind(1) == "de" and place.kind == "container" and self._leads_to_head():
            self.at += 1
            return [replace(ref, inside=place.name) for ref in self._owned()]
        return None

    def _owned(self) -> list[PartRef]:
        while self.kind() == "de":
            self.at += 1
        return self._phrase()

    def _leads_to_head(self) -> bool:
        at = 1
        while self.kind(at) in ("de", "one", "plain", "count", "color", "all"):
            at += 1
        return self.kind(at) in ("shape", "part") and self.kind(1) in ("de", "one", "plain", "color")

    def _is_chinese(self) -> bool:
        return not self.tokens[self.at].text.isascii()

    def _phrase(self) -> list[PartRef]:
        said: dict[str, Any] = {"colors": [], "pick": "one", "rank": 1}
        while self.kind() in (*_STARTERS, "negation") or (self.kind() == "and" and self._color_list(said)):
            if self.kind() == "negation":
                if self._is_chinese() and said["pick"] == "all" and self._not_colored():
                    said["without"] = (PartRef(color=self.next().value),)
                    continue
                break
            if self._take(self.next(), said):
                break
        self._trailing_color(said)
        found = self._finish(said)
        elided = "head" not in said and (not said.get("others") or said.get("pronoun"))
        shape = (self._shared_head() or self.last_shape) if elided else None
        if shape:
            found = [replace(ref, shape=shape) for ref in found]
        self.last_shape = found[0].shape or self.last_shape
        return found

    def _shared_head(self) -> str | None:
        """The shape that "the leftmost and the rightmost gear" says only once."""
        at = 1
        while self.kind() == "and" and self.kind(at) in ("color", "side", "most", "one", "de", "away"):
            at += 1
        return self.tokens[self.at + at].value if self.kind() == "and" and at > 1 and self.kind(at) == "shape" else None

    def _trailing_color(self, said: dict[str, Any]) -> None:
        """Read "everything blue", "the gear that is red"."""
        if (
            "head" in said
            and not said["colors"]
            and self.kind() == "color"
            and not self._is_chinese()
            and self.kind(1) not in ("shape", "part", "bin", "container", "one", "and", "color")
        ):
            said["colors"].append(self.next().value)

    def _color_list(self, said: dict[str, Any]) -> bool:
        """Whether this "and" joins colours: "the red and blue gears", "红色和蓝色的齿轮"."""
        at = 1
        while self.kind(at) == "de":
            at += 1
        if not said["colors"] or self.kind(at) != "color":
            return False
        while self.kind(at) in ("color", "de", "and"):
            at += 1
        ahead = self.at + at
        return (
            self.kind(at) in ("shape", "part")
            and (self.tokens[ahead].plural or self._is_chinese())
            and (self.kind(-1) == "color")
        )

    def _take(self, token: Token, said: dict[str, Any]) -> bool:
        """Note what a token says; return True when it was the head of the phrase."""
        kind = token.kind
        if kind in ("shape", "part", "everything"):
            said["shape"] = token.value if kind == "shape" else None
            said["head"] = True
            if kind == "everything" or (token.plural and said["pick"] == "one"):
                said["pick"] = "all"
            return True
        if kind == "color":
            said["colors"].append(token.value)
        elif kind in ("side", "most"):
            if "side" in said and said["side"] != token.value:
                raise Confused("words", token.text)
            said["side"] = token.value
        elif kind == "ordinal":
            said["rank"] = int(token.value)
        elif kind == "count":
            if said["pick"] != "all" or token.value != "1":
                said["pick"], said["count"] = "count", int(token.value)
            said["head_one"] = True
        elif kind in ("all", "plain"):
            said["pick"] = "all"
        elif kind == "any":
            said["pick"] = "any"
        elif kind == "others":
            said["others"] = True
            said["head_one"] = True
        elif kind == "away":
            self._distance(said)
        elif kind == "one":
            said["head_one"] = said["pronoun"] = True
            if token.plural or token.text == "ones":
                said["pick"] = "all"
            return self._closes(said)
        return False

    def _closes(self, said: dict[str, Any]) -> bool:
        """English "the red one" ends a phrase; "那个" may precede its noun."""
        return self.kind() not in _STARTERS or (
            self.tokens[self.at - 1].text in ("one", "ones") and bool(said["colors"])
        )

    def _distance(self, said: dict[str, Any]) -> None:
        """Read "离机器人最近", "靠近蓝色料箱", after its first word."""
        near = self.tokens[self.at - 1].text not in ("离", "距离", "距")
        if self.kind() in ("side", "most") and self.tokens[self.at].value in ("left", "right"):
            said["side"] = self.next().value
            return
        landmark = self._landmark()
        if self.kind() in ("side", "most"):
            near = self.next().value == "near"
        elif not near:
            raise Confused("words", "离")
        if landmark is None:
            said["side"] = "near" if near else "far"
        elif near:
            said["where"] = NextTo(landmark)
        else:
            raise Confused("words", "远")

    def _landmark(self) -> PartRef | str | None:
        """Read the robot (None), a place or a part."""
        if self.kind() in ("robot", "pronoun"):
            self.at += 1
            return None
        place = self.place()
        if place:
            return place.name
        if self.kind() in _STARTERS:
            found = self._landmark_part()
            return found
        raise Confused("words", self.tokens[self.at].text if self.kind() != "end" else "")

    def _landmark_part(self) -> PartRef:
        said: dict[str, Any] = {"colors": [], "pick": "one", "rank": 1}
        while self.kind() in ("color", "de", "shape", "part", "one"):
            if self._take(self.next(), said):
                break
        return self._finish(said)[0]

    def _finish(self, said: dict[str, Any]) -> list[PartRef]:
        if not said.get("head") and not (
            said["colors"] or "side" in said or "head_one" in said or said["pick"] == "all" or "where" in said
        ):
            raise Confused("part", self.tokens[max(self.at - 1, 0)].text)
        if (
            not said.get("head")
            and not said["colors"]
            and "side" not in said
            and "others" not in said
            and ("where" not in said and said["pick"] in ("one", "count"))
            and said.get("count", 1) == 1
        ):
            raise Confused("part", self.tokens[max(self.at - 1, 0)].text)
        where = said.get("where")
        if said["rank"] != 1 and self.kind() in ("from", "into", "of") and self.kind(1) == "side":
            self.at += 1
            said["side"] = self.next().value
        if "side" in said:
            where = Extreme(said["side"], said["rank"])
        elif said["rank"] != 1:
            raise Confused("part", "")
        pick = said["pick"]
        if said.get("others") and pick == "one" and not said.get("count"):
            pick = "all"
        ref = PartRef(
            said.get("shape"),
            None,
            pick,
            said.get("count", 1),
            where,
            others=bool(said.get("others")),
            without=said.get("without", ()),
        )
        colors = said["colors"] or [None]
        if len(colors) > 1 and pick == "count" and said["count"] == len(colors):
            ref = replace(ref, pick="one", count=1)
        return [replace(ref, color=color) for color in colors]

    def _after(self, ref: PartRef) -> PartRef:
        """Read what may follow the head: a side, a neighbour, an exception, an origin."""
        while True:
            following = self._modifier(ref)
            if following is None:
                return ref
            ref = following

    def _modifier(self, ref: PartRef) -> PartRef | None:
        kind, start = self.kind(), self.at
        if kind == "except" and ref.universal and self.kind(1) in (*_STARTERS, "pronoun"):
            self.at += 1
            ref = replace(ref, without=ref.without + tuple(self.part_list()))
            if self.kind() == "outside":
                self.at += 1
            return ref
        if kind == "negation" and self._not_colored():
            return replace(ref, without=(*ref.without, PartRef(color=self.next().value)))
        if kind == "sideof" and ref.where is None:
            side = self.next().value
            if self.kind() == "station":  # "on the left side of the bench"
                self.at += 1
                return replace(ref, where=Extreme(side))  # type: ignore[arg-type]
            return replace(ref, where=SideOf(side, self._anchor()))  # type: ignore[arg-type]
        if kind == "beside" and ref.where is None and self.kind(1) in (*_STARTERS, *_PLACES, "robot", "bin"):
            self.at += 1
            landmark = self._landmark()
            return replace(ref, where=NextTo(landmark) if landmark is not None else Extreme("near"))
        if kind == "of" and self.kind(1) in _STARTERS and ref.shape is None:
            self.at += 1
            return self._within(ref, self._phrase()[0])
        if (
            kind in ("in", "of", "comma")
            and self.kind(1) in ("side", "most")
            and ref.where is None
            and self._is_chosen(2)
        ):
            self.at += 2
            return self._chosen(ref, self.tokens[self.at - 1].value)
        if kind in ("in", "of") and self.kind(1) == "away" and ref.where is None:
            self.at += 1
            return self._with_phrase(ref)
        if kind == "from" and self._place_ahead(1):
            self.at += 1
            place = self.place()
            assert place
            return replace(ref, inside=place.name if place.kind == "container" else ref.inside)
        return self._english_side(ref, start)

    def _not_colored(self) -> bool:
        """Consume the negation of "that aren't red" and "不是红色的零件"."""
        after = ("shape", "part", "bin", "container", "one", "and")
        english = self.tokens[self.at].text in ("aren't", "isn't", "not") and self.kind(2) not in after
        chinese = self.tokens[self.at].text in ("不是", "非") and self.kind(2) in ("de", "shape", "part")
        if self.kind(1) != "color" or not (english or chinese):
            return False
        self.at += 1
        return True

    def _anchor(self) -> PartRef | str:
        landmark = self._landmark()
        if landmark is None:
            raise Confused("words", "robot")
        return landmark

    def _within(self, ref: PartRef, group: PartRef) -> PartRef:
        """ "the left one of the two gears", "two of the gears"."""
        if group.pick == "count" and ref.where is None:
            raise Confused("part", "")
        return replace(ref, shape=group.shape, color=ref.color or group.color)

    def _is_chosen(self, ahead: int) -> bool:
        return self.kind(ahead) in ("de", "one") or self.tokens[self.at + 1].kind == "most"

    def _chosen(self, ref: PartRef, side: str) -> PartRef:
        """ "齿轮里最左边的那个"."""
        while self.kind() in ("de", "one"):
            self.at += 1
        return replace(ref, pick="one", count=1, where=Extreme(side))  # type: ignore[arg-type]

    def _with_phrase(self, ref: PartRef) -> PartRef:
        selected = self._phrase()[0]
        return replace(ref, pick="one", count=1, where=selected.where)

    def _place_ahead(self, ahead: int) -> bool:
        while self.kind(ahead) in ("color", "de"):
            ahead += 1
        return self.kind(ahead) in (*_PLACES, "bin")

    def _english_side(self, ref: PartRef, start: int) -> PartRef | None:
        """Read "on the far left", "closest to the robot", "second from the left", "最左边的那个"."""
        if ref.where is not None:
            return None
        rank = 1
        while self.kind() in ("into", "from", "ordinal", "of") and self.kind(1) in (
            "side",
            "most",
            "ordinal",
            "from",
            "into",
        ):
            token = self.next()
            rank = int(token.value) if token.kind == "ordinal" else rank
        if self.kind() not in ("side", "most"):
            self.at = start
            return None
        side = self.next().value
        ref = self._chosen(ref, side) if self.kind() in ("de", "one") else replace(ref, where=Extreme(side, rank))  # type: ignore[arg-type]
        if side in ("near", "far"):
            return self._nearest_to(ref)
        if self.kind() == "of" and self.kind(1) in _PLACES:
            raise Confused("words", self.tokens[self.at + 1].text)
        return ref

    def _nearest_to(self, ref: PartRef) -> PartRef:
        """After "closest": "to the robot", "to the blue bin" (a landmark only if a target follows)."""
        ahead = 1 if self.kind() in ("into", "from") else 0
        if self.kind(ahead) == "robot":
            self.at += ahead + 1
        elif self._is_landmark(ahead):
            self.at += ahead
            near = isinstance(ref.where, Extreme) and ref.where.side == "near"
            landmark = self._landmark()
            if not near or landmark is None:
                raise Confused("words", "farthest")
            return replace(ref, where=NextTo(landmark))
        return ref

    def _is_landmark(self, ahead: int) -> bool:
        """Whether the place or part ahead is followed by the real target, so is only a landmark."""
        if ahead == 0 or not (self._place_ahead(ahead) or self.kind(ahead) in _STARTERS):
            return False
        at = ahead
        while self.kind(at) in ("color", "de", "shape", "part", "container", "fixture", "bin", "one"):
            at += 1
        return self.kind(at) == "into" and self._place_ahead(at + 1)

    def part_list(self) -> list[PartRef]:
        """Read noun phrases joined by "and"."""
        found = self.parts()
        while self.kind() in ("and", "or") and self.kind(1) in _STARTERS and not self._place_ahead(1):
            self.at += 1
            found += self.parts()
        return found

    def starts_parts(self) -> bool:
        return self.kind() in _STARTERS and self.kind() != "de"
