"""Which language a sentence is in."""

from __future__ import annotations

import re
import unicodedata

FOREIGN_SHARE = 0.2  # of the letters; a word or two may be a name
_CJK = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """Return "zh" for a sentence with Chinese characters, else "en"."""
    return "zh" if _CJK.search(text) else "en"


def is_foreign(text: str) -> bool:
    """Whether a sentence is written in letters of neither Chinese nor English."""
    letters = [letter for letter in text if letter.isalpha()]
    known = sum(unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN", "CJK")) for letter in letters)
    return len(letters) - known > FOREIGN_SHARE * len(letters)
