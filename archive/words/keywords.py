"""What is a text about, in its own words and phrases?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.words.candidates import Candidate, candidates, headline
from archive.words.goods import Goods
from archive.words.normalising import normalise
from archive.words.ranking import place_of, score
from archive.words.tokens import tokenise


@dataclass(frozen=True, slots=True)
class Keyword:
    """text: as the normalised text writes it. weight: 0–1, higher is more key; no probability."""

    text: str
    weight: float


class Keywords:
    """Finds keywords and phrases. dictionary: the shop's goods, series, services: one token each, and most telling."""

    def __init__(self, dictionary: Iterable[str] = ()) -> None:
        self._goods = Goods(dictionary)

    def of(self, text: str, *, top: int = 5) -> list[Keyword]:
        """At most `top` keywords, the most telling first; the same ones for the same text.

        Each is a part of `normalise(text)`. None is part of another unless it also stands alone somewhere. Stop words,
        chat fillers, numbers, ids and masked places are none.
        """
        return [Keyword(candidate.text, weight) for candidate, weight in self._ranked(text, top)]

    def phrases(self, text: str) -> list[str]:
        """Every word and phrase of the text that could be a keyword, once each, in the order of the text."""
        plain = normalise(text)
        return [candidate.text for candidate in candidates(plain, tokenise(plain, self._goods))]

    def _ranked(self, text: str, top: int) -> Iterator[tuple[Candidate, float]]:
        plain = normalise(text)
        tokens = tokenise(plain, self._goods)
        place = place_of(tokens, headline(plain), len(plain))
        scored = [(score(each, place), each) for each in candidates(plain, tokens)]
        scored.sort(key=lambda pair: (-pair[0], pair[1].starts[0], -len(pair[1].text)))
        return ((each, _weight(value)) for value, each in _apart(scored, top))


def _weight(total: float) -> float:
    return round(1 / (1 + math.exp(-total)), 4)


def _apart(scored: Sequence[tuple[float, Candidate]], top: int) -> list[tuple[float, Candidate]]:
    """The best ones, without those that only repeat a part of a better one, or only wrap one."""
    chosen: list[tuple[float, Candidate]] = []
    for value, candidate in scored:
        if len(chosen) >= top:
            break
        if not any(_within(candidate, other) or _within(other, candidate) for _, other in chosen):
            chosen.append((value, candidate))
    return chosen


def _within(part: Candidate, whole: Candidate) -> bool:
    """Whether `part` stands nowhere but inside of `whole`."""
    at = whole.text.find(part.text)
    if at < 0:
        return False
    inside: set[int] = set()
    while at >= 0:
        inside.update(start + at for start in whole.starts)
        at = whole.text.find(part.text, at + 1)
    return inside.issuperset(part.starts)
