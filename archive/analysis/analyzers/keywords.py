"""Which words say what an utterance is about?"""

from __future__ import annotations

from collections.abc import Sequence

from archive.analysis.kit import KeywordsOf
from archive.analysis.values import Mark, Utterance
from archive.entry import Voice
from archive.words.catalogue import catalogue
from archive.words.normalising import normalise


class KeywordsOfEach:
    """detail: {"keywords": [[word, weight], …]} of what a customer said, the heaviest first."""

    name = "keywords"
    version = 1

    def __init__(self, keywords: KeywordsOf) -> None:
        self._keywords = keywords

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        """Marks for customers' utterances that have keywords."""
        return [self._mark(each) if each.voice is Voice.CUSTOMER else None for each in batch]

    def _mark(self, said: Utterance) -> Mark | None:
        found = [[word, round(float(weight), 4)] for word, weight in self._keywords(spoken(said.text))]
        return Mark(said.id, detail={"keywords": found}) if found else None


def spoken(text: str) -> str:
    """The text without what platforms write in a customer's name: order cards, menus that were clicked."""
    return catalogue().scaffolds.sub(" ", normalise(text))
