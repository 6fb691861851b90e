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
from archive.words.catalogue import catalogue
from archive.words.chinese import chinese
from archive.words.tokens import GOODS_TAG, Token

# what each observation adds
_LENGTHS = {2: -0.5, 3: 0.5, 4: 1.0, 5: 0.5}  # characters; Chinese terms are of four first of all
_RARE = 0.15  # each unit of the idf of the most common word in it
_AGAIN = 0.5  # each factor e of occurrences
_ONCE = -1.0
_IN_HEADLINE = 1.5
_LATE = -1 / 6  # each factor e of characters before it: −1 at the end of an abstract
_GOODS = 3.0  # the shop's own words come first
_NOUN_LAST = 0.5  # nouns end terms
_LONE_NOUN = -0.5  # and alone are often too wide
_HOLLOW_EDGE = -1.0  # "临床研究": the word at the edge adds nothing
_LONG, _MANY_TOKENS = -1.0, 4  # half a sentence
_OWN_TERM = 0.5  # stands nowhere without its parts: 1, its parts stand elsewhere too: less
_FREE_SIDE = 0.5  # each side on which a phrase ends somewhere
_BOUND_SIDE = -1.0  # each side on which the same word stands always


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
    times = len(candidate.starts)
    words = chinese()
    goods = any(token.tag == GOODS_TAG for token in candidate.tokens)
    rarest = words.typical if goods else min(words.idf(token.text) for token in candidate.tokens)
    total = _RARE * rarest + _LENGTHS.get(len(candidate.text), 0.0) + _AGAIN * math.log(times)
    total += _LATE * math.log1p(min(candidate.starts[0], place.headline))
    total += _ONCE * (times == 1) + _IN_HEADLINE * (candidate.starts[-1] >= place.headline) + _GOODS * goods
    return total + _shape(candidate) + _termhood(candidate, place)


def _shape(candidate: Candidate) -> float:
    """What it is made of."""
    tokens, hollow = candidate.tokens, catalogue().hollow
    total = _NOUN_LAST * (tokens[-1].tag == "n") + _LONG * (len(tokens) >= _MANY_TOKENS)
    if len(tokens) == 1:
        return total + _LONE_NOUN * (tokens[0].tag == "n")
    return total + _HOLLOW_EDGE * ((tokens[0].text in hollow) + (tokens[-1].text in hollow))


def _termhood(candidate: Candidate, place: Place) -> float:
    """Does it stand for itself, or is it always a part of the same longer term (as in C-value, Frantzi 2000)?"""
    times = len(candidate.starts)
    total = _OWN_TERM * times / min(place.counts[token.text] for token in candidate.tokens)
    for beside in (candidate.left, candidate.right):
        neighbour, together = beside.most_common(1)[0]
        bound = times > 1 and together == times and neighbour != EDGE
        total += _FREE_SIDE * (EDGE in beside) + _BOUND_SIDE * bound
    return total
