"""When do two texts count as written alike?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_NOT_WORD = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Fold full-width forms and case, drop punctuation, emoji and spaces: what is left is compared."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


def ngrams(text: str, longest: int = 3) -> Counter[str]:
    """Count the runs of 1 to `longest` characters of the normalised text."""
    plain = normalise(text)
    return Counter(
        plain[start : start + size] for size in range(1, longest + 1) for start in range(len(plain) - size + 1)
    )
