"""When do two texts count as written alike?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from opencc import OpenCC

_NOT_WORD = re.compile(r"[\W_]+")
_TO_SIMPLIFIED = OpenCC("t2s")  # built at import (40 ms, 6 MB): no customer's message waits for its files
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_WIDE = frozenset(map(chr, _FULL_WIDTH))


def normalise(text: str) -> str:
    """Fold full-width forms and case, drop punctuation, emoji and spaces: what is left is compared."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


def ngrams(text: str, longest: int = 3) -> Counter[str]:
    """Count the runs of 1 to `longest` characters of the normalised text."""
    plain = normalise(text)
    runs = list(plain)
    for size in range(2, longest + 1):
        runs += [plain[start : start + size] for start in range(len(plain) - size + 1)]
    return Counter(runs)


def simplified(text: str) -> str:
    """Write traditional characters the simplified way, phrases considered (乾淨 → 干净, 乾坤 → 乾坤)."""
    try:
        # GB 2312 holds the simplified characters: most texts need no conversion, and then cost no converter
        text.encode("gb2312")
    except UnicodeEncodeError:
        clean = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no character
        return str(_TO_SIMPLIFIED.convert(clean))
    return text


def folded(text: str) -> str:
    """Simplify and narrow the full-width forms, character for character: offsets in both texts are the same."""
    narrow = text if _WIDE.isdisjoint(text) else text.translate(_FULL_WIDTH)
    converted = simplified(narrow)
    return converted if len(converted) == len(text) else narrow
