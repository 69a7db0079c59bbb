"""Instructions cut into the units that a reader reads: English words, numbers, Chinese characters, marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

MOST_UNITS = 160  # of one instruction; whoever says more is asked to say less
LONGEST = 4  # characters of a Chinese word

_UNIT = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+|[^\s]")

_OPEN = frozenset({*"把将到和与跟在往向", "the", "a", "an", "into", "onto", "and", "or", "of", "from", "between"})
_LARGE = re.compile(
    r"zero|ten|eleven|twelve|(thir|four|fif|six|seven|eigh|nine)teen|(twen|thir|for|fif|six|seven|eigh|nine)ty|(dozen|hundred|thousand|million)s?"
)
_LARGE_ZH, _CLASSIFIERS = frozenset("零〇十百千万亿"), frozenset("个只颗根枚块把套粒")  # 零件 is a part


def units(text: str) -> list[str]:
    """Return the units of a text in either language, lower case, in standard forms of characters.

    Control, format and other invisible characters are dropped: what a person does not see, a reader does not read.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    seen = "".join(" " if c.isspace() else c for c in plain if c.isspace() or unicodedata.category(c)[0] != "C")
    return _UNIT.findall(seen)


def is_garbled(text: str) -> bool:
    """Whether a text holds control characters other than white space: no person types or says them."""
    return any(
        unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and not character.isspace() for character in text
    )


def is_cut_off(sentence: Sequence[str]) -> bool:
    """Whether the units of a text stop where no instruction can end, as when a recording breaks off."""
    words = [unit for unit in sentence if unit[0].isalnum()]
    return bool(words) and words[-1] in _OPEN


def counts_beyond(sentence: Sequence[str], most: int) -> bool:
    """Whether something is counted or measured in numbers other than 1..most."""
    for unit, following in zip(sentence, [*sentence[1:], "."], strict=True):
        if unit.isdecimal() and not 1 <= int(unit[:20]) <= most:
            return True
        if _LARGE.fullmatch(unit) or (unit in _LARGE_ZH and following in _CLASSIFIERS):
            return True
    return False


def is_chinese(unit: str) -> bool:
    return "一" <= unit[0] <= "鿿"


def chinese_words(sentence: Sequence[str], vocabulary: Container[str]) -> list[tuple[int, int]]:
    """Return the spans of Chinese words of two and more characters, the longest first from the left."""
    spans, start = [], 0
    while start < len(sentence):
        end = start + 1
        if is_chinese(sentence[start]):
            for longer in range(min(LONGEST, len(sentence) - start), 1, -1):
                if "".join(sentence[start : start + longer]) in vocabulary:
                    end = start + longer
                    spans.append((start, end))
                    break
        start = end
    return spans


def grams(word: str) -> list[str]:
    """Return the runs of three letters of an English word between its edges: what a misspelled word still shares."""
    edged = f"<{word}>"
    return [edged[i : i + 3] for i in range(len(edged) - 2)]
