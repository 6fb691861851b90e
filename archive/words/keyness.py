"""Which words are said here more than elsewhere? The weighted log-odds-ratio with an informative Dirichlet prior."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

PRIOR = 0.05  # of the background's words as pseudo-counts: rare words need more to stand out
SURPRISE = 3.0  # standard deviations; 1 word in 700 of no news passes


@dataclass(frozen=True, slots=True)
class Key:
    """A word that is said more often here.

    z: standard deviations above the background. times: how many times as often.
    """

    text: str
    count: int
    z: float
    times: float


def keyness(
    counts: Mapping[str, int], background: Mapping[str, int], *, least: int = 2, surprise: float = SURPRISE
) -> list[Key]:
    """Compare word counts with those of a background; the most telling words first.

    Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16, 2008), equations 16, 19 and 22, with the prior
    in the proportions of both texts together. Unlike a ratio it does not favour the rarest words, and unlike G² it
    knows words that the background lacks.

    Args:
        counts: how often each word is said here.
        background: how often elsewhere; if it is empty nothing stands out.
        least: how often a word must be said here.
        surprise: standard deviations from which a word is told.
    """
    here, there = sum(counts.values()), sum(background.values())
    if not here or not there:
        return []
    totals = (here, there)
    keys = (_key(text, (count, background.get(text, 0)), totals) for text, count in counts.items() if count >= least)
    return sorted((key for key in keys if key.z >= surprise), key=lambda key: (-key.z, key.text))


def _key(text: str, counts: tuple[int, int], totals: tuple[int, int]) -> Key:
    """Of pairs: here, elsewhere."""
    (count, elsewhere), (here, there) = counts, totals
    weight = PRIOR * (here + there)
    prior = weight * (count + elsewhere) / (here + there)
    one, other = count + prior, elsewhere + prior
    odds = math.log(one / max(here + weight - one, 1.0)) - math.log(other / max(there + weight - other, 1.0))
    return Key(text, count, round(odds / math.sqrt(1 / one + 1 / other), 3), round(math.exp(odds), 3))
