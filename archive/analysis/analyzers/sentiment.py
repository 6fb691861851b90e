"""In what mood does the customer write?"""

from __future__ import annotations

from collections.abc import Sequence

from archive.analysis.kit import Scores
from archive.analysis.values import Mark, Utterance
from archive.entry import Voice

CLEAR = 0.3  # of [-1, 1]; what lies between −CLEAR and CLEAR is called neutral


class Sentiment:
    """score: in [-1, 1]; label: positive, neutral or negative. Of customers; how the shop's people write is no mood."""

    name = "sentiment"
    version = 1

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        """Marks for what customers said."""
        said = [each for each in batch if each.voice is Voice.CUSTOMER]
        scores = dict(zip((each.id for each in said), self._scores([each.text for each in said]), strict=True))
        return [Mark(each.id, scores[each.id], label(scores[each.id])) if each.id in scores else None for each in batch]


def label(score: float) -> str:
    """The word for a score."""
    if score <= -CLEAR:
        return "negative"
    return "positive" if score >= CLEAR else "neutral"
