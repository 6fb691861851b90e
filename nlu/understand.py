"""What does the customer want, and in what mood?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.batching import AsyncEncoder
from nlu.entities import find_entities
from nlu.intent_model import OUT_OF_SCOPE, IntentModel
from nlu.mood import Mood, mood
from nlu.text import normalise
from nlu.training_data import Entity

Ranking = tuple[tuple[str, float], ...]

_FOLLOW_UP = re.compile(r"^(?:那么?|还有|然后|另外).{1,6}呢?$|^.{1,6}呢$")


@dataclass(frozen=True, slots=True)
class Context:
    """What was said before. recent: the customer's own earlier utterances of this conversation, oldest first."""

    recent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """One utterance, understood.

    intent: the best of `ranking`; "out_of_scope" where no intent fits, or where nothing was written.
    confidence: its probability. ranking: every intent with its probability (sum 1), best first.
    vector: the utterance's own, [dim], L2-normalised; zeros where nothing was written.
    """

    intent: str
    confidence: float
    ranking: Ranking
    entities: tuple[Entity, ...]
    mood: Mood
    vector: NDArray[np.float32]


class Understander:
    """Intent, entities and mood of one utterance in its conversation."""

    def __init__(self, encoder: AsyncEncoder, model: IntentModel) -> None:
        self._encoder = encoder
        self._model = model

    def replace_model(self, model: IntentModel) -> None:
        """Use another model from the next utterance on."""
        self._model = model

    async def understand(self, text: str, context: Context) -> Understanding:
        """Understand `text`; a short follow-up ("那运费呢") is read together with the utterance before it."""
        if not normalise(text):
            nothing = np.zeros(self._encoder.dim, dtype=np.float32)
            return Understanding(OUT_OF_SCOPE, 1.0, ((OUT_OF_SCOPE, 1.0),), (), mood(text), nothing)
        model = self._model
        vector = await self._encoder.encode_one(text)
        ranking = model.ranking(text, vector)
        if context.recent and _FOLLOW_UP.match(normalise(text)):
            joined = f"{context.recent[-1]}，{text}"
            ranking = _averaged(ranking, model.ranking(joined, await self._encoder.encode_one(joined)))
        intent, confidence = ranking[0]
        return Understanding(intent, confidence, ranking, find_entities(text), mood(text), vector)


def _averaged(one: Ranking, other: Ranking) -> Ranking:
    second = dict(other)
    mixed = [(intent, (probability + second.get(intent, 0.0)) / 2) for intent, probability in one]
    return tuple(sorted(mixed, key=lambda entry: -entry[1]))
