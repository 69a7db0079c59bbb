"""Instructions cut into the units that a reader reads: English words, numbers, Chinese characters, marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

MOST_UNITS = 160  # of one instruction; whoever says more is asked to say less
LONGEST = 4  # characters of a Chinese word

_UNIT = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+|[^\s]")


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
