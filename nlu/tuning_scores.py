"""How well does an encoder find a script by another of its questions?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.tuning_data import Split

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """n questions were asked: the share whose script came first, among the first 3, the first 10; mean 1/rank."""

    recall_at_1: float
    recall_at_3: float
    recall_at_10: float
    mrr: float
    n: int


def score(split: Split, encode: Encode) -> RetrievalScores:
    """Ask every question of the groups kept aside but their first; the first questions of all groups are the library.

    encode: texts to rows of length one.
    """
    asked = [(text, number) for number in split.asked for text in split.groups[number][1:]]
    library = encode([group[0] for group in split.groups])
    cosines = encode([text for text, _ in asked]) @ library.T
    right = cosines[np.arange(len(asked)), [number for _, number in asked]]
    places = (cosines >= right[:, None]).sum(axis=1)  # the worst rank that ties allow: vectors all alike find nothing
    return RetrievalScores(
        recall_at_1=float(np.mean(places <= 1)),
        recall_at_3=float(np.mean(places <= 3)),  # noqa: PLR2004 - as the field's name says
        recall_at_10=float(np.mean(places <= 10)),  # noqa: PLR2004
        mrr=float(np.mean(1 / places)),
        n=len(asked),
    )
