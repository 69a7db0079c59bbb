"""What keyboards, input methods and speech recognition do to a sentence."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
from pypinyin import Style, lazy_pinyin

_NEAR_KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil",
    "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
_MARKS = re.compile(r"[,.!?;:，。！？；：、]")
# What recognisers write for the words of this trade, by sound: both ways round for the ear.
_HEARD = {
    "gear": ["gere", "geer", "gir"], "bolt": ["bold", "boat", "bolted"], "nut": ["not", "knot", "nuts"],
    "bracket": ["bracket's", "racket", "brackett"], "bearing": ["baring", "barring", "bear ring"],
    "shaft": ["chaft", "shift", "shafts"], "bin": ["been", "bean", "pin"], "tray": ["trey", "train", "tre"],
    "tote": ["toad", "tot", "toat"], "red": ["read", "rad"], "blue": ["blew"], "green": ["grin", "greene"],
    "white": ["wight", "why"], "gray": ["grey", "great"], "agv": ["a g v", "agb", "hgv", "agb"],
    "housing": ["how sing", "housings"], "dock": ["doc", "duck"], "the": ["de", "a"], "two": ["to", "too"],
    "four": ["for"], "put": ["but", "foot"], "into": ["in to", "in two"], "warehouse": ["ware house", "where house"],
    "inspection": ["in spection", "inspections"], "assembly": ["assemble e", "a sembly"],
}  # fmt: skip
_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("ng", "n"))  # what southern speech and ears confuse


class Noise:
    """Deterministic in its generator. characters: those that a Chinese slip may write, commonly all of the corpus."""

    def __init__(self, characters: str) -> None:
        self._alike: dict[str, list[str]] = defaultdict(list)
        for character in characters:
            self._alike[sound_of(character)].append(character)

    def spoil(self, text: str, language: str, random: np.random.Generator) -> str:
        """Return the text with a few slips, as `language` is typed or heard; often with none."""
        if random.random() < 0.3:
            text = _MARKS.sub(" " if language == "en" or random.random() < 0.3 else "", text)
        if language == "en" and random.random() < 0.25:
            text = text.lower() if random.random() < 0.8 else text.upper()
        if random.random() < 0.72:
            return text
        for _ in range(int(random.integers(1, 3 if len(text) < 40 else 4))):
            text = self._slip_en(text, random) if language == "en" else self._slip_zh(text, random)
        return text

    def _slip_en(self, text: str, random: np.random.Generator) -> str:
        words = text.split(" ")
        long = [index for index, word in enumerate(words) if word.isalpha() and len(word) > 1]
        if not long:
            return text
        at = long[int(random.integers(len(long)))]
        word = words[at]
        heard = _HEARD.get(word.lower())
        if heard and random.random() < 0.5:
            words[at] = heard[int(random.integers(len(heard)))]
        elif len(word) > 3:
            words[at] = _mistyped(word, random)
        elif random.random() < 0.3 and word.lower() in ("the", "a", "to", "of", "please"):
            del words[at]
        return " ".join(words)

    def _slip_zh(self, text: str, random: np.random.Generator) -> str:
        at = int(random.integers(len(text))) if text else 0
        if not text or not "一" <= text[at] <= "鿿":
            return text
        chance = random.random()
        if chance < 0.75:
            alike = [other for other in self._alike[sound_of(text[at])] if other != text[at]]
            return text[:at] + alike[int(random.integers(len(alike)))] + text[at + 1 :] if alike else text
        if chance < 0.85 and text[at] in "的了把请吧就":
            return text[:at] + text[at + 1 :]
        return text[:at] + text[at] + text[at:] if chance < 0.95 else text


def sound_of(character: str) -> str:
    """Return a Chinese character's syllable without tone, as a blurred ear takes it; empty for anything else."""
    if not "一" <= character <= "鿿":
        return ""
    syllable = str(lazy_pinyin(character, style=Style.NORMAL)[0])
    for clear, blurred in _BLURRED:
        if syllable.startswith(clear):
            syllable = blurred + syllable[len(clear) :]
        elif clear == "ng" and syllable.endswith(clear):
            syllable = syllable[:-2] + blurred
    return syllable


def _mistyped(word: str, random: np.random.Generator) -> str:
    at = int(random.integers(1, len(word) - 1))
    kind = int(random.integers(4))
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    near = _NEAR_KEYS.get(word[at].lower(), word[at])
    return word[:at] + near[int(random.integers(len(near)))] + word[at + 1 :]
