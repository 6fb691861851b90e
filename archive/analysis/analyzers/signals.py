"""Is the customer in a hurry, about to complain, to leave or to buy?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archive.analysis.kit import Scores
from archive.analysis.kit import Signals as SignalsOf
from archive.analysis.values import Mark, Utterance
from archive.entry import Voice

FELT = 0.05  # what is below it everywhere is not worth a row


class Signals:
    """detail: {"urgency", "complaint", "churn", "purchase"} in [0, 1]; score: the highest; label: its name."""

    name = "signals"
    version = 1

    def __init__(self, scores: Scores, signals: SignalsOf) -> None:
        self._scores = scores
        self._signals = signals

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        """Marks for what customers said and that carries a signal."""
        said = [each for each in batch if each.voice is Voice.CUSTOMER]
        texts = [each.text for each in said]
        found = dict(zip((each.id for each in said), self._signals(texts, self._scores(texts)), strict=True))
        return [self._mark(each.id, found[each.id]) if each.id in found else None for each in batch]

    def _mark(self, entry_id: int, signals: Mapping[str, float]) -> Mark | None:
        name, score = max(signals.items(), key=lambda each: each[1])
        if score < FELT:
            return None
        return Mark(entry_id, float(score), name, {key: round(float(value), 4) for key, value in signals.items()})
