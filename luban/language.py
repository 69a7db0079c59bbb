"""Which language a sentence is in."""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """Return "zh" for a sentence with Chinese characters, else "en"."""
    return "zh" if _CJK.search(text) else "en"
