"""What are the words of a Chinese text, of which part of speech, and how rare are they? By jieba's own lists."""

from __future__ import annotations

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
    """Read jieba's lists, once a process: 2 s, 190 MB. Reads files: not in an event loop.

    jieba would keep the parsed list as a marshalled file in the temporary folder, where others may write too, and load
    it unchecked: we parse instead.
    """
    import jieba  # noqa: PLC0415 - commands that look for no words shall not wait for it

    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    with tokenizer.get_dict_file() as file:
        rows = (line.decode("utf-8").split() for line in file)
        tags = {row[0]: row[-1] for row in rows}
    text = resources.files("jieba").joinpath("analyse", "idf.txt").read_text(encoding="utf-8")
    rarity = {word: float(idf) for word, idf in (line.rsplit(" ", 1) for line in text.splitlines())}
    return Chinese(tokenizer, tags, rarity, median(rarity.values()))
