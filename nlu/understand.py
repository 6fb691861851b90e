"""What does the customer want, and in what mood?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlu.batching import AsyncEncoder
from nlu.encoder import normalised
from nlu.engine import Engine, EngineUnavailable, Reading
from nlu.entities import EMPTY, Gazetteer, find_entities
from nlu.intent_model import OUT_OF_SCOPE, IntentModel
from nlu.mood import Mood, mood
from nlu.mood_head import MoodHead
from nlu.questions import resolve
from nlu.text import normalise
from nlu.tidying import tidy
from nlu.training_data import Entity
from nlu.typos import Speller

Ranking = tuple[tuple[str, float], ...]
KEPT = 2_048  # texts
AT_ONCE = 64  # messages under way
Stage = Literal["nothing", "spelling", "meaning", "engine"]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around an utterance.

    recent: the customer's own earlier utterances of this conversation, oldest first. at: when it was written, aware,
    in the shop's time zone: "昨天" is counted from there; with None such a day keeps its words for a value.
    """

    recent: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """One utterance, understood.

    text: as it was read: tidied, mistyped words corrected, a follow-up joined with what it leans on. Search for this.
    intent: the best of `ranking`; "out_of_scope" where no intent fits, or where nothing was written.
    confidence: its probability. ranking: every intent with its probability (sum 1), best first.
    entities: with spans in the utterance as given. vector: of `text`, [dim], L2-normalised; zeros where nothing was
    written, None where it was not needed. stage: what the ranking rests on. leans_on: the earlier utterance that a
    follow-up was joined with, "" where it stands for itself.
    """

    text: str
    intent: str
    confidence: float
    ranking: Ranking
    entities: tuple[Entity, ...]
    mood: Mood
    vector: NDArray[np.float32] | None
    stage: Stage
    leans_on: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An utterance on its way. tidied: without mess. alone: corrected too. read: joined with what it leans on."""

    text: str
    tidied: str
    alone: str
    read: str
    context: Context


class Understander:
    """Intent, entities and mood of one utterance in its conversation."""

    def __init__(
        self,
        encoder: AsyncEncoder,
        model: IntentModel,
        *,
        speller: Speller | None = None,
        gazetteer: Gazetteer = EMPTY,
        mood_head: MoodHead | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            encoder: for the vectors.
            model: the shop's intents.
            speller: corrects towards the shop's words; None corrects nothing.
            gazetteer: products and whatever else the shop names.
            mood_head: reads the mood from vectors of `encoder` too; None reads it from spelling alone.
            engine: reads intents (and more entities) in place of the model; None for the model alone.
        """
        self._encoder = encoder
        self._engine = engine
        # customers keep asking the same: what was made of the last texts is remembered
        self._tidied = lru_cache(KEPT)(tidy)
        self._corrected = lru_cache(KEPT)(speller.correct if speller is not None else str)
        self._by_spelling = lru_cache(KEPT)(lambda read: model.ranking(read, None))
        self._by_meaning = lru_cache(KEPT)(lambda read, raw: model.ranking(read, _vector(raw)))
        # days are counted from the moment of writing, so this serves the second look at one message only
        self._named = lru_cache(AT_ONCE)(lambda text, at: find_entities(text, at=at, gazetteer=gazetteer))
        self._felt = lru_cache(KEPT)(
            lambda text, raw: mood(text, None if raw is None else _vector(raw), head=mood_head)
        )

    def glance(self, text: str, context: Context) -> Understanding | None:
        """Understand from spelling alone, in a fraction of a millisecond and without a vector.

        None where that cannot be asked: another engine reads the intents, or nothing was written.
        """
        if self._engine is not None:
            return None
        asked = self._read(text, context)
        if not normalise(asked.read):
            return None
        return self._understanding(asked, Reading(self._by_spelling(asked.read)), None, "spelling")

    async def understand(
        self, text: str, context: Context, *, questions: Sequence[Understanding] = ()
    ) -> Understanding:
        """Understand `text` in full; a follow-up ("那运费呢") is read together with the utterance before it.

        questions: what `text` consists of, understood already: their vectors then stand for its own. With the bundled
        encoder their mean is as near to it (cosine .987) as makes 2 of 726 decisions about several questions another.
        """
        asked = self._read(text, context)
        if not normalise(asked.read):
            nothing = np.zeros(self._encoder.dim, dtype=np.float32)
            return self._understanding(asked, Reading(((OUT_OF_SCOPE, 1.0),)), nothing, "nothing")
        vector = None if asked.read != asked.alone else _mean_of(questions)
        if vector is None:
            vector = await self._encoder.encode_one(asked.read)
        reading = await self._ask_engine(asked)
        if reading is None:
            return self._understanding(
                asked, Reading(self._by_meaning(asked.read, vector.tobytes())), vector, "meaning"
            )
        return self._understanding(asked, reading, vector, "engine")

    def _read(self, text: str, context: Context) -> _Asked:
        tidied = self._tidied(text)
        alone = self._corrected(tidied).strip()
        return _Asked(text, tidied, alone, resolve(alone, context.recent), context)

    async def _ask_engine(self, asked: _Asked) -> Reading | None:
        """What the engine says; None where there is none, or where it gives no answer."""
        if self._engine is None:
            return None
        as_given = asked.read == asked.tidied  # nothing was corrected or joined: spans hold in the text as given
        try:
            reading = await self._engine.read(asked.text if as_given else asked.read)
        except EngineUnavailable:  # whoever made the engine counts it
            return None
        return reading if as_given else Reading(reading.ranking)

    def _understanding(
        self, asked: _Asked, reading: Reading, vector: NDArray[np.float32] | None, stage: Stage
    ) -> Understanding:
        intent, confidence = reading.ranking[0]
        own = self._named(asked.text, asked.context.at)
        return Understanding(
            text=asked.read,
            intent=intent,
            confidence=confidence,
            ranking=reading.ranking,
            entities=_merged(reading.entities, own),
            mood=self._felt(asked.text, None if vector is None else vector.tobytes()),
            vector=vector,
            stage=stage,
            leans_on=asked.read.removesuffix(asked.alone).rstrip("，") if asked.read != asked.alone else "",
        )


def _mean_of(questions: Sequence[Understanding]) -> NDArray[np.float32] | None:
    """The direction in which they point together, [dim]; None where one of them has no vector."""
    vectors = [each.vector for each in questions if each.vector is not None]
    if not vectors or len(vectors) < len(questions):
        return None
    (mean,) = normalised(np.sum(vectors, axis=0, keepdims=True))
    return mean if mean.any() else None


def _vector(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, dtype=np.float32)


def _merged(first: tuple[Entity, ...], second: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """All of `first`, and those of `second` that overlap none of them, by where they start."""
    added = [each for each in second if not any(one.start < each.end and each.start < one.end for one in first)]
    return tuple(sorted([*first, *added], key=lambda entity: entity.start))
