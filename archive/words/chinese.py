"""What are the words of a Chinese text, of which part of speech, and how rare are they? By jieba's own lists."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jieba

UNKNOWN_TAG = "unknown"  # a word that only jieba's hidden Markov model sees


@dataclass(frozen=True, slots=True)
class Chinese:
    """tokenizer: jieba's. tags: part of speech by word (ICTCLAS letters). rarity: idf by word. typical: median idf."""

    tokenizer: jieba.Tokenizer
    tags: Mapping[str, str]
    rarity: Mapping[str, float]
    typical: float

    def cut(self, text: str) -> list[str]:
        """The words of a run of Chinese characters."""
        return list(self.tokenizer.cut(text))

    def tag(self, word: str) -> str:
        """Its part of speech, the most frequent one; `UNKNOWN_TAG` for none."""
        return self.tags.get(word, UNKNOWN_TAG)

    def idf(self, word: str) -> float:
        """How rare it is; a word that no list holds is as rare as most, a single character is common."""
        found = self.rarity.get(word)
        if found is not None:
            return found
        return self.typical if len(word) > 1 else self.typical / 2


@cache
def chinese() -> Chinese:
    """Read jieba's lists, once a process: 0.8 s, 110 MB. Reads files: not in an event loop.

    jieba would keep the parsed list as a marshalled file in the temporary folder, where others may write too, and load
    it unchecked; and it reads the list once for the counts and once for the tags. We parse, once.
    """
    import jieba  # noqa: PLC0415 - commands that look for no words shall not wait for it

    tokenizer = jieba.Tokenizer()
    counts: dict[str, int] = {}
    tags: dict[str, str] = {}
    total = 0
    with tokenizer.get_dict_file() as file:
        for line in file:
            word, count, tag = line.decode("utf-8").split()
            counts[word], tags[word] = int(count), sys.intern(tag)
            total += counts[word]  # a word that is listed twice counts twice, as with jieba
    for word in tags:  # every beginning of a word is in jieba's list: so it knows how far a word may still go on
        for end in range(1, len(word)):
            counts.setdefault(word[:end], 0)
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = counts, total, True
    with resources.files("jieba").joinpath("analyse", "idf.txt").open(encoding="utf-8") as lines:
        rarity = {word: float(idf) for word, idf in map(str.split, lines)}
    return Chinese(tokenizer, tags, rarity, median(rarity.values()))
