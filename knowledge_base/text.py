"""When do two questions count as written alike, and which smaller questions does one hold?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_NOT_WORD = re.compile(r"[\W_]+")
_CLAUSE_END = re.compile(r"[,.!?;:~/|、，。！？；：…\s]+")
MIN_CLAUSE = 2  # characters; a single one asks nothing
LIST_OF_CLAUSES = 3  # "运费，几天到，什么快递": a list, each part a question of its own
LONG_CLAUSE = 4  # in a sentence of two parts only a part this long asks by itself
# manners before a question, and the particles behind it: they say nothing about what is asked
_MANNERS = re.compile(r"^(?:请问|您好|你好|我想问(?:一?下)?|想问(?:一?下)?|问一?下|麻烦|亲)+")
_PARTICLES = re.compile(r"[吗呢啊呀嘛么吧哦哈啦了的]+$")


def normalise(text: str) -> str:
    """Fold full-width forms and case, drop punctuation, emoji and spaces: what is left is compared."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


def essence(text: str) -> str:
    """The normalised text without manners and final particles; the whole where nothing else is left."""
    plain = normalise(text)
    return _PARTICLES.sub("", _MANNERS.sub("", plain)) or plain


def ngrams(text: str, longest: int = 3) -> Counter[str]:
    """Count the runs of 1 to `longest` characters of the normalised text."""
    plain = normalise(text)
    return Counter(
        plain[start : start + size] for size in range(1, longest + 1) for start in range(len(plain) - size + 1)
    )


def clauses(question: str) -> tuple[str, ...]:
    """The questions within a question, where operators wrote several into one; empty where it is a single one."""
    parts = [
        part
        for part in _CLAUSE_END.split(unicodedata.normalize("NFKC", question))
        if len(normalise(part)) >= MIN_CLAUSE
    ]
    if len(parts) < 2:  # noqa: PLR2004 - one part is the question itself
        return ()
    shortest = MIN_CLAUSE if len(parts) >= LIST_OF_CLAUSES else LONG_CLAUSE
    return tuple(dict.fromkeys(part for part in parts if len(normalise(part)) >= shortest))
