"""Who may read intents and entities from a text in place of the in-process model?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nlu.training_data import Entity


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine read in one text.

    ranking: intents with their probabilities, best first, sum at most 1, never empty; "out_of_scope" is the name of
    no intent. entities: by where they start, spans in the text as it was given.
    """

    ranking: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...] = ()


class Engine(Protocol):
    """Reads one text at a time, any number at once."""

    async def read(self, text: str) -> Reading:
        """Read `text`. Raises EngineUnavailable, soon, where no answer can be had."""
        ...


class EngineUnavailable(Exception):  # noqa: N818 - reads as the fact it is
    """The engine gave no answer; the in-process model answers in its place. reason: a word that counters carry."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the engine gave no answer: {reason}")
        self.reason = reason
