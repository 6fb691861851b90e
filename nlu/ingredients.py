"""What goes into an intent model? The defaults are what pays; benchmarks leave parts out to see what each buys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ingredients:
    """meaning_share: 0 to 1, of the vector in the kernel, the rest is spelling; .4 to .6 are alike on the public sets.

    words: jieba's words beside the runs of characters; they bought nothing there and cost 0.6 s and 60 MB at start.
    doubt: little trust in labels that the other examples contradict, where that predicts better.
    """

    meaning_share: float = 0.5
    words: bool = False
    doubt: bool = True
