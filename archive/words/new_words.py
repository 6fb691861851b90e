"""Which words do these texts use that no dictionary holds? Runs that hold together inside and stand freely outside."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from archive.words.chinese import UNKNOWN_TAG, chinese
from archive.words.goods import Goods
from archive.words.normalising import normalise
from archive.words.tokens import tokenise, without_masks

LONGEST = 5  # units: characters, or Latin words; longer names are found as phrases
MOST_GRAMS = 1_000_000  # counted at once, some 200 MB
COHESION = 3.0  # nats: seen together e³ = 20 times as often as by chance
FREEDOM = 1.0  # nats: as many neighbours as e even ones
_UNIT = re.compile(r"[㐀-鿿豈-﫿]|[A-Za-z]+")
_RUN = re.compile(r"[㐀-鿿豈-﫿A-Za-z]+")
_EDGE = "\n"

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word no dictionary holds.

    cohesion: pointwise mutual information of its parts, in nats, at its weakest seam. freedom: entropy of its
    neighbours in nats, on the poorer side (branching entropy: Jin and Tanaka-Ishii 2006).
    """

    text: str
    count: int
    cohesion: float
    freedom: float


class GramCounts:
    """Counts runs of 1 to `LONGEST` + 1 units over any number of texts, in bounded memory.

    Above `most` runs the rarest are forgotten (lossy counting, Manku and Motwani 2002): `missed` is the most by which
    any count may be too low.
    """

    def __init__(self, most: int = MOST_GRAMS) -> None:
        self._most = most
        self._counts: Counter[Gram] = Counter()
        self.missed = 0
        self.units = 0

    def __len__(self) -> int:
        return len(self._counts)

    def __getitem__(self, gram: Gram) -> int:
        return self._counts[gram]

    def add(self, text: str) -> None:
        """Count one text."""
        for run in _RUN.findall(without_masks(normalise(text))):
            units = [_EDGE, *_UNIT.findall(run), _EDGE]
            self.units += len(units) - 2
            for size in range(1, LONGEST + 2):
                self._counts.update(tuple(units[at : at + size]) for at in range(len(units) - size + 1))
        if len(self._counts) > self._most:
            self._forget()

    def grams(self) -> Iterator[tuple[Gram, int]]:
        """Runs that could be words: two to `LONGEST` units, none an edge."""
        return (
            (gram, count)
            for gram, count in self._counts.items()
            if 1 < len(gram) <= LONGEST and gram[0] != _EDGE and gram[-1] != _EDGE
        )

    def neighbours(self, wanted: Container[Gram]) -> tuple[Mapping[Gram, list[int]], Mapping[Gram, list[int]]]:
        """How often each unit stands left and right of the wanted runs; every edge is a neighbour of its own."""
        left: dict[Gram, list[int]] = defaultdict(list)
        right: dict[Gram, list[int]] = defaultdict(list)
        for gram, count in self._counts.items():
            for side, inner, outer in ((left, gram[1:], gram[0]), (right, gram[:-1], gram[-1])):
                if len(gram) > 2 and inner in wanted:  # noqa: PLR2004 - a word of two units and its neighbour
                    side[inner] += [1] * count if outer == _EDGE else [count]
        return left, right

    def _forget(self) -> None:
        # a run is never more frequent than its parts: no part is forgotten before it
        while len(self._counts) > self._most // 2:
            self.missed += 1
            self._counts = Counter({gram: count for gram, count in self._counts.items() if count > self.missed})


def new_words(
    texts: Iterable[str],
    *,
    known: Container[str] = frozenset(),
    least: int = 5,
    most: int = 50,
    grams: int = MOST_GRAMS,
) -> list[NewWord]:
    """The `most` most frequent new words of the texts, which are read once and not kept.

    Args:
        texts: any number.
        known: words that are no news: the shop's dictionary. jieba's own are known anyhow.
        least: how often a word must be seen.
        most: how many words are wanted.
        grams: runs counted at once; bounds the memory.
    """
    counts = GramCounts(grams)
    for text in texts:
        counts.add(text)
    cohesive = {
        gram: cohesion
        for gram, count in counts.grams()
        if count >= least and (cohesion := _cohesion(gram, counts)) >= COHESION and _is_news(gram, known)
    }
    left, right = counts.neighbours(cohesive.keys())
    found = [
        NewWord("".join(gram), counts[gram], round(cohesion, 2), round(freedom, 2))
        for gram, cohesion in cohesive.items()
        if (freedom := min(_entropy(left[gram]), _entropy(right[gram]))) >= FREEDOM
    ]
    found.sort(key=lambda word: (-word.count, -word.cohesion, word.text))
    return _distinct(found)[:most]


def _cohesion(gram: Gram, counts: GramCounts) -> float:
    together = math.log(counts[gram] * counts.units)
    seams = ((counts[gram[:at]], counts[gram[at:]]) for at in range(1, len(gram)))
    return min(together - math.log(max(one, 1) * max(other, 1)) for one, other in seams)


def _is_news(gram: Gram, known: Container[str]) -> bool:
    """No dictionary holds it, it is no phrase of known words, and no function word or filler is in it."""
    text = "".join(gram)
    if text in known or text in chinese().tags or text.isascii():
        return False
    tokens = tokenise(text, _NO_GOODS)
    if any(token.breaks for token in tokens):
        return False
    return any(len(token.text) == 1 or token.tag == UNKNOWN_TAG or token.text.isascii() for token in tokens)


_NO_GOODS = Goods(())


def _entropy(counts: list[int]) -> float:
    total = sum(counts)
    return -sum(count / total * math.log(count / total) for count in counts) if total else 0.0


def _distinct(words: list[NewWord]) -> list[NewWord]:
    """Of words within words, the longer one where the shorter is mostly seen inside of it, else the shorter.

    words: the most frequent first.
    """
    whole = [
        word
        for word in words
        if not any(word.text in other.text and word != other and other.count > word.count / 2 for other in words)
    ]
    kept: list[NewWord] = []
    for word in whole:
        if not any(other.text in word.text for other in kept):
            kept.append(word)
    return kept
