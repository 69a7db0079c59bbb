"""What a part looks like: its colour and the noun for its shape."""

from __future__ import annotations

from collections.abc import Sequence

from luban.meaning import PartRef
from luban.relation import landmarks
from policies.planner.training.chinese_lexicon import Lexicon
from policies.planner.training.chinese_talk import Talk


class Looks:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def noun(self, shape: str | None, talk: Talk) -> str:
        return talk.say(self._lexicon.shapes[shape] if shape else self._lexicon.parts)

    def words(self, ref: PartRef, talk: Talk, named: bool = False) -> str:
        """Colour and head noun; the noun is left out where it cannot be mistaken, unless `named`."""
        last, talk.last_shape = talk.last_shape, ref.shape or ""
        named = named or bool(ref.without) or bool(landmarks(ref.where))
        if ref.shape is None:
            noun = self.noun(None, talk)
            if ref.color is None:
                return noun
            if not named and last is None and talk.chance(0.4):  # nothing that it could be short for
                return self.colored(ref.color, "", talk)
        elif not named and ref.color and ref.shape == last and ref.pick == "one" and talk.chance(0.3):
            return self.colored(ref.color, "", talk)
        else:
            noun = self.noun(ref.shape, talk)
        return self.colored(ref.color, noun, talk) if ref.color else noun

    def colored(self, color: str, noun: str, talk: Talk) -> str:
        forms = self._lexicon.colors[color]
        form = talk.weighted(
            {"short": 4.5 * bool(forms["short"]), "plain": 9 * bool(forms["plain"]), "long": 0.8 * bool(forms["long"])}
        )
        word = talk.one(forms[form])
        if form == "long" and not word.endswith("色"):
            return word + "的" + noun
        linked = not noun or talk.chance(0.14 if form == "short" else 0.4)
        return word + ("的" if linked else "") + noun

    def color(self, color: str | None, talk: Talk) -> str:
        return self.colors([color or ""], talk)[0]

    def colors(self, colors: Sequence[str], talk: Talk) -> list[str]:
        """Name colours, all in the same way."""
        order = ("plain", "short", "long") if talk.chance(0.8) else ("short", "plain", "long")
        forms = [self._lexicon.colors[color] for color in colors]
        return [talk.one(next(words for form in order if (words := form_of[form]))) for form_of in forms]
