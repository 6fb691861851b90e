"""What does a Rasa server read in a text? The answer of its HTTP API, in our terms (Rasa 3.6, POST /model/parse)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Literal

from nlu.circuit import Circuit
from nlu.engine import EngineUnavailable, Reading
from nlu.intent_model import OUT_OF_SCOPE
from nlu.training_data import Entity

ParseRemotely = Callable[[str], Awaitable[Mapping[str, object]]]
Why = Literal["time_out", "no_connection", "refused", "unreadable", "circuit_open"]

FALLBACK = "nlu_fallback"  # what Rasa's FallbackClassifier names no intent
LONGEST = 1_000  # characters; DIET's time grows with the square of the tokens, and no question is longer
_READS_PATTERNS = "RegexEntityExtractor"


class RasaUnavailable(EngineUnavailable):
    """The server gave no answer that can be used. reason: one of `Why`."""

    def __init__(self, reason: Why) -> None:
        super().__init__(reason)


class RasaEngine:
    """Asks a Rasa server through `parse`, and spares it (and us) while it is down."""

    def __init__(self, parse: ParseRemotely, circuit: Circuit) -> None:
        self._parse = parse
        self._circuit = circuit

    async def read(self, text: str) -> Reading:
        """Intents and entities of `text`. Raises RasaUnavailable."""
        asked = text.strip()[:LONGEST]
        if not asked:
            return Reading(((OUT_OF_SCOPE, 1.0),))
        if not self._circuit.allows():
            raise RasaUnavailable("circuit_open")
        try:
            reading = read_answer(await self._parse(_harmless(asked)), text, text.index(asked))
        except RasaUnavailable:
            self._circuit.failed()
            raise
        except asyncio.CancelledError:  # the caller lost patience before our own time-out: that is no answer either
            self._circuit.failed()
            raise
        self._circuit.succeeded()
        return reading


def read_answer(answer: Mapping[str, object], text: str, shift: int = 0) -> Reading:
    """The answer of /model/parse in our terms; shift: where in `text` that began what the server was asked.

    A retrieval intent has its full name ("faq/refund"). `nlu_fallback` is "out_of_scope"; Rasa gives it the threshold
    for a confidence, so it gets what the best real intent leaves over instead.

    Raises:
        RasaUnavailable: "unreadable"; the answer has not the shape that Rasa documents.
    """
    try:
        ranking = list(_intents(answer))
        entities = tuple(_entities(answer, text, shift))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RasaUnavailable("unreadable") from error
    if not ranking:
        raise RasaUnavailable("unreadable")
    return Reading(_probable(ranking), entities)


def _harmless(text: str) -> str:
    """A leading "/" is a command to Rasa ("/greet" is the intent greet, unasked): the full-width one is not."""
    return f"／{text[1:]}" if text.startswith("/") else text


def _intents(answer: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    full_names = dict(_retrieved(answer))
    ranking = answer.get("intent_ranking") or [answer["intent"]]
    if not isinstance(ranking, list):
        raise TypeError("intent_ranking is no list")
    for entry in ranking:
        name, confidence = entry["name"], float(entry["confidence"])
        if not isinstance(name, str) or not 0 <= confidence <= 1 + 1e-6:
            raise ValueError("an intent has no name or no probability")
        yield full_names.get(name, name), min(confidence, 1.0)


def _retrieved(answer: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Which response was chosen for each retrieval intent: "faq" → "faq/refund".

    Rasa names a selector after its intent, or "default" where it serves all of them.
    """
    selectors = answer.get("response_selector")
    if not isinstance(selectors, dict):
        return
    for found in selectors.values():
        response = found.get("response") if isinstance(found, dict) else None
        key = response.get("intent_response_key") if isinstance(response, dict) else None
        if isinstance(key, str) and "/" in key:
            yield key.partition("/")[0], key


def _probable(ranking: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    real = sorted(((name, share) for name, share in ranking if name != FALLBACK), key=lambda each: -each[1])
    total = sum(share for _, share in real)
    if ranking[0][0] != FALLBACK:
        scale = max(total, 1.0)
        return tuple((name, share / scale) for name, share in real)
    outside = 1.0 - real[0][1] if real else 1.0
    # the rest share what is left, and none may pass the intent that Rasa refused them all for
    scale = min((1.0 - outside) / total, outside / real[0][1]) if total and real[0][1] else 0.0
    return ((OUT_OF_SCOPE, outside), *((name, min(share * scale, outside)) for name, share in real))


def _entities(answer: Mapping[str, object], text: str, shift: int) -> Iterator[Entity]:
    found = answer.get("entities", [])
    if not isinstance(found, list):
        raise TypeError("entities is no list")
    # Both extractors may find the same; DIET's comes first, for it may carry role and group.
    kept: dict[tuple[str, int, int], Entity] = {}
    for entry in sorted(found, key=lambda each: each.get("extractor") == _READS_PATTERNS):
        start, end = int(entry["start"]) + shift, int(entry["end"]) + shift
        if not 0 <= start < end <= len(text):
            raise ValueError("an entity lies outside of the text")
        kind = str(entry["entity"])
        role, group = str(entry.get("role") or ""), str(entry.get("group") or "")
        kept.setdefault((kind, start, end), Entity(kind, start, end, str(entry["value"]), role, group))
    ordered = sorted(kept.values(), key=lambda each: (each.start, -each.end))
    for each in ordered:
        if not any(other.type == each.type and _covers(other, each) for other in ordered):
            yield each


def _covers(other: Entity, each: Entity) -> bool:
    """Whether `other` holds all of `each` and more: a part of an order number is no order number."""
    return (other.start, other.end) != (each.start, each.end) and other.start <= each.start and each.end <= other.end
