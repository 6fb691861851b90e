"""Did the mood rise or fall over a conversation, and how did it end?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SAYS_NOTHING = 0.35  # below that a message tells no mood: 好的, 嗯, 谢谢
_CLOSING = 0.5  # what politeness at the end may reach; delight goes beyond
_CLOSINGS = 2  # messages that say goodbye
_HALF_LIFE = 3.0  # messages that tell a mood, after which one counts half in the end mood
_SHORTEST_S = 60.0  # a change is measured over at least a minute


@dataclass(frozen=True, slots=True)
class Trend:
    """first, last: mood in [-1, 1] at the beginning and the end, 0 where nobody showed any.

    slope: rise over the whole conversation in [-2, 2], by the straight line of median slopes (Theil–Sen).
    lowest: the worst message.
    """

    first: float
    last: float
    slope: float
    lowest: float


def trend(scores: Sequence[float], instants: Sequence[int]) -> Trend:
    """Of a customer's messages in order. scores in [-1, 1]; instants: milliseconds since 1970, not falling.

    A polite end does not undo anger: up to two last messages that are only civil (好的谢谢) do not count where the
    mood before them was bad. Raises ValueError where there is not one instant a score.
    """
    if len(scores) != len(instants):
        raise ValueError(f"{len(scores)} scores, but {len(instants)} instants")
    values = np.asarray(scores, dtype=np.float64)
    told = np.flatnonzero(np.abs(values) >= _SAYS_NOTHING)
    told = _without_closings(values, told)
    if not len(told):
        return Trend(0.0, 0.0, 0.0, float(values.min(initial=0.0)))
    moods, seconds = values[told], np.asarray(instants, dtype=np.float64)[told] / 1000
    return Trend(
        first=float(moods[0]),
        last=_recent(moods),
        slope=_rise(moods, seconds),
        lowest=float(values.min()),
    )


def _without_closings(values: NDArray[np.float64], told: NDArray[np.intp]) -> NDArray[np.intp]:
    """What tells a mood, less a civil end after a bad mood."""
    civil = 0
    while civil < min(_CLOSINGS, len(told)) and 0 < values[told[-1 - civil]] < _CLOSING:
        civil += 1
    before, end = told[: len(told) - civil], told[len(told) - civil :]
    closes = len(before) and values[before[-1]] < 0 and (end >= len(values) - _CLOSINGS).all()
    return before if closes else told


def _recent(moods: NDArray[np.float64]) -> float:
    """The mean, the last message counting most."""
    weights = 0.5 ** (np.arange(len(moods))[::-1] / _HALF_LIFE)
    return float(np.clip(moods @ weights / weights.sum(), -1, 1))


def _rise(moods: NDArray[np.float64], seconds: NDArray[np.float64]) -> float:
    """The median of the slopes between all pairs, times the duration."""
    if len(moods) < 2:  # noqa: PLR2004 - a line needs two
        return 0.0
    moods, seconds = moods[-200:], seconds[-200:]  # pairs grow with the square
    later, earlier = np.tril_indices(len(moods), -1)
    duration = max(float(seconds[-1] - seconds[0]), _SHORTEST_S)
    # messages of one second: as far apart as the conversation's mean
    gaps = np.maximum(seconds[later] - seconds[earlier], duration / len(moods) * (later - earlier) / 2)
    return float(np.clip(np.median((moods[later] - moods[earlier]) / gaps) * duration, -2, 2))
