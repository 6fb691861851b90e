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

MESSAGE = 60  # characters up to which a text is a message; in longer ones phrases may cross, as authors' keywords do


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

        Each is a part of `normalise(text)`. None is part of another unless it also stands alone somewhere; within a
        message none crosses another. Stop words, chat fillers, numbers, ids and masked places are none.
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
        return ((each, _weight(value)) for value, each in _apart(scored, top, plain))


def _weight(total: float) -> float:
    return round(1 / (1 + math.exp(-total)), 4)


def _apart(scored: Sequence[tuple[float, Candidate]], top: int, plain: str) -> list[tuple[float, Candidate]]:
    """The best ones, without those that repeat or wrap a better one; in a message also without those that cross one."""
    chosen: list[tuple[float, Candidate]] = []
    for value, candidate in scored:
        if len(chosen) >= top:
            break
        if not any(_repeats(candidate, other, plain) for _, other in chosen):
            chosen.append((value, candidate))
    return chosen


def _repeats(one: Candidate, other: Candidate, plain: str) -> bool:
    if one.text in other.text:
        return _shadowed(one, other, plain)
    if other.text in one.text:
        return _shadowed(other, one, plain)
    return len(plain) <= MESSAGE and (_shadowed(one, other, plain) or _shadowed(other, one, plain))


def _shadowed(one: Candidate, other: Candidate, plain: str) -> bool:
    """Whether `one` stands nowhere apart from `other`, wherever that can be read, as words or across them."""
    taken = {place for start in _places(other.text, plain) for place in range(start, start + len(other.text))}
    return all(any(start + at in taken for at in range(len(one.text))) for start in one.starts)


def _places(text: str, plain: str) -> Iterator[int]:
    """Where the text can be read; it may overlap itself."""
    start = plain.find(text)
    while start >= 0:
        yield start
        start = plain.find(text, start + 1)
