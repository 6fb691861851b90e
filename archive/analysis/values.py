"""What does an analyzer read, and what does it say about it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from archive.entry import Voice

UNTIMED = "untimed"  # in an entry's body: its source knew the order of what was said, not the time


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing that was said, opened. id: of its entry; who: userid of the person who spoke, "" otherwise.

    at: when, UTC-aware. kind: as its source names it ("text", "image" …); text: as displayed, "" for what has no words.
    """

    id: int
    session_id: int | None
    account: str
    customer: str
    room: str
    voice: Voice
    who: str
    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What an analyzer says about one utterance.

    score: a number to count with, None where it has none. label: one of the analyzer's few words, never text of the
    utterance: it is kept in the open. detail: JSON, sealed with the key of whom it is about.
    """

    entry_id: int
    score: float | None = None
    label: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


class Analyzer(Protocol):
    """Reads utterances in batches. Pure: the same utterance always gets the same mark, whatever stands beside it.

    name: its key in the results, never changed. version: raised by one whenever its marks would come out differently;
    all that was said before is then read again in the background.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def version(self) -> int: ...  # noqa: D102 - see the class

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        """One mark for each utterance, in their order; None where there is nothing to say."""
        ...
