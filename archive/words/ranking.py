"""How much does a candidate look like a keyword of its text? A sum of a dozen observations with weights of ours.

The weights are round numbers set by hand, with half of the abstracts of CSL (CLUE) as the yardstick and the other half
to report on; no model fitted on anybody's data is shipped. A logistic regression over 45 such observations found no
better order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archive.words.candidates import EDGE, Candidate
from archive.words.chinese import chinese
from archive.words.tokens import GOODS_TAG, Token

_LENGTHS = {2: -0.5, 3: 0.5, 4: 1.0, 5: 0.5}  # characters; Chinese terms are of four first of all
_MANY_TOKENS = 4
_FIRST_SCALE = 6.0  # log of 400 characters: how long an abstract is


@dataclass(frozen=True, slots=True)
class Place:
    """What of the text a candidate is weighed against.

    counts: its tokens. headline: where that starts, `length` for none.
    """

    counts: Counter[str]
    headline: int
    length: int


def place_of(tokens: Sequence[Token], headline: int, length: int) -> Place:
    """Count the tokens of the text."""
    return Place(Counter(token.text for token in tokens), headline, length)


def score(candidate: Candidate, place: Place) -> float:
    """The sum; only the order of the candidates of one text means something."""
    times, size = len(candidate.starts), len(candidate.text)
    words = chinese()
    goods = any(token.tag == GOODS_TAG for token in candidate.tokens)
    rarest = words.typical if goods else min(words.idf(token.text) for token in candidate.tokens)
    total = 0.15 * rarest + _LENGTHS.get(size, 0.0) + 0.5 * math.log(times)
    total -= 1.0 if times == 1 else 0.0
    total += 1.5 if candidate.starts[-1] >= place.headline else 0.0
    total -= math.log1p(min(candidate.starts[0], place.headline)) / _FIRST_SCALE
    return total + _shape(candidate) + _termhood(candidate, place) + (3.0 if goods else 0.0)


def _shape(candidate: Candidate) -> float:
    """What it is made of: nouns end terms, long runs are half sentences, a lone noun is often too wide."""
    tokens = candidate.tokens
    total = 0.5 if tokens[-1].tag == "n" else 0.0
    total -= 0.5 if len(tokens) == 1 and tokens[0].tag == "n" else 0.0
    return total - (1.0 if len(tokens) >= _MANY_TOKENS else 0.0)


def _termhood(candidate: Candidate, place: Place) -> float:
    """Does it stand for itself, or is it always a part of the same longer term (as in C-value, Frantzi 2000)?"""
    times = len(candidate.starts)
    total = 0.5 * times / min(place.counts[token.text] for token in candidate.tokens)
    for beside in (candidate.left, candidate.right):
        total += 0.5 if EDGE in beside else 0.0
        neighbour, together = beside.most_common(1)[0]
        total -= 1.0 if times > 1 and together == times and neighbour != EDGE else 0.0
    return total
