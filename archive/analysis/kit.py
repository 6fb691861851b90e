"""What do analyzers read with? Models and word lists, loaded once and shared, so that no text is read twice alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Scores = Callable[[Sequence[str]], Sequence[float]]
Signals = Callable[[Sequence[str], Sequence[float]], Sequence[Mapping[str, float]]]
KeywordsOf = Callable[[str], Sequence[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Kit:
    """scores: moods in [-1, 1]. signals: by name, in [0, 1]. keywords: (word, weight), the heaviest first."""

    scores: Scores
    signals: Signals
    keywords: KeywordsOf


class LastScores:
    """Scores that remember the last batch: several analyzers read the same texts one after the other."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._last: tuple[tuple[str, ...], tuple[float, ...]] = ((), ())

    def __call__(self, texts: Sequence[str]) -> Sequence[float]:
        """As the scores beneath."""
        asked, known = self._last  # read once: another thread may put its own batch in its place
        wanted = tuple(texts)
        if wanted != asked:
            known = tuple(float(each) for each in self._scores(wanted)) if wanted else ()
            self._last = (wanted, known)
        return known
