"""What did we make of a message, and how is that told to whoever asks why? Values; no engine is asked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np

from bot.costs import InForce
from bot.decide import Candidate, Need, Part
from bot.domain import ChannelKind, Content
from bot.store.views import NOTHING_COLLECTED, Collected
from handoff import Verdict
from knowledge_base import Passage
from nlu import Understanding

LISTED: Final = 5  # intents and scripts a trace holds


@dataclass(frozen=True, slots=True)
class Question:
    """One message, ready to be understood.

    text: normalised for understanding, all bubbles of the thought joined and cut to what is worth reading. words: all
    that was written. picked: script id chosen from a menu, "" if none. choice: id of the menu item as the router knows
    it ("ask_human"), "" if none.
    failures: how often in a row nothing was found before this message. recent: what was written before, oldest first.
    collected: what the customer told before. scene: where she came from. bubbles: how many messages it was.
    tags: of the customer. region: province, city where her profile says so. position: latitude, longitude in degrees
    that she sent. promises: how many things the last person left open.
    """

    text: str
    words: str
    channel: ChannelKind
    at: datetime
    picked: str = ""
    choice: str = ""
    failures: int = 0
    recent: tuple[str, ...] = ()
    collected: Collected = NOTHING_COLLECTED
    scene: str = ""
    bubbles: int = 1
    tags: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    position: tuple[float, float] | None = None
    promises: int = 0


@dataclass(frozen=True)
class Thought:
    """One question with all that was found for it.

    asked: as it was understood, the customer's own words. words: all that she wrote with it, for the router.
    in_force: the costs for each passage, in the same order. attached: what is sent after a script's words, by its id.
    before: what she asked about, where this message asks nothing of its own ("转人工"); None where it does.
    """

    asked: str
    words: str
    understanding: Understanding
    passages: Sequence[Passage]
    in_force: Sequence[InForce]
    small_talk: tuple[str, str] = ("", "")
    attached: Mapping[str, tuple[Content, ...]] = field(default_factory=dict)
    before: Passage | None = None

    @property
    def topic(self) -> Passage | None:
        """What it is about, as far as scripts tell: whoever takes her over must know that, too."""
        return self.before or (self.passages[0] if self.passages else None)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The passages as the decision sees them."""
        return tuple(
            Candidate(
                each.script_id,
                each.title,
                each.answer,
                each.probability,
                cost.thresholds,
                each.question,
                self.attached.get(each.script_id, ()),
            )
            for each, cost in zip(self.passages, self.in_force, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A thought with what the router and the pack's slots say of it."""

    thought: Thought
    verdict: Verdict
    need: Need | None
    picked: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    withdraws: bool = False

    @property
    def part(self) -> Part:
        """As the decision sees it."""
        thought = self.thought
        return Part(
            thought.understanding.text,
            thought.candidates,
            self.verdict,
            thought.small_talk,
            self.need,
            self.picked,
            self.facts,
            self.withdraws,
        )


@dataclass(frozen=True, slots=True)
class Insight:
    """What came out, and the trace for `explain`.

    whole: the message as one question. parts: its questions one by one where there are several, else empty.
    failures: with this message counted. collected: with what it told; what was asked for stays until it is told.
    """

    whole: Part
    parts: tuple[Part, ...]
    failures: int
    collected: Collected
    explanation: Mapping[str, object] = field(default_factory=dict)


def explain(
    question: Question, whole: Judged, parts: Sequence[Judged], collected: Collected, *, ms: float
) -> dict[str, object]:
    """The trace of one message. It holds no words of the customer's, only where they stand."""
    told: dict[str, object] = {**_explain_one(whole, _span(question.text, whole.thought.asked))}
    if parts:
        spans = [_span(question.text, part.thought.asked) for part in parts]
        told["parts"] = [{"span": span, **_explain_one(part, span)} for part, span in zip(parts, spans, strict=True)]
    if question.bubbles > 1:
        told["bubbles"] = question.bubbles
    if collected.values or collected.asked or whole.need:
        told["slots"] = {
            "known": sorted(collected.values),
            "needed": whole.need.slot if whole.need else "",
            "asked": collected.asked.times if collected.asked else 0,
        }
    return {**told, "ms": round(ms, 2)}


def _explain_one(judged: Judged, span: Sequence[int]) -> dict[str, object]:
    """Spans are counted in the joined text of all bubbles; none where another message is meant."""
    understanding = judged.thought.understanding
    listed = judged.thought.passages[:LISTED]
    shift = span[0] if span else None
    return {
        "stage": understanding.stage,
        "intent": understanding.intent,
        "confidence": round(understanding.confidence, 4),
        "ranking": [[name, round(value, 4)] for name, value in understanding.ranking[:LISTED]],
        "entities": [
            {"type": e.type} if shift is None else {"type": e.type, "start": e.start + shift, "end": e.end + shift}
            for e in understanding.entities
        ],
        "mood": {
            "sentiment": round(understanding.mood.sentiment, 3),
            "urgency": round(understanding.mood.urgency, 3),
        },
        "passages": [
            _explain_passage(passage, cost, features, picked=judged.picked)
            for passage, cost, features in zip(listed, judged.thought.in_force, _rounded(listed), strict=False)
        ],
        **explain_verdict(judged.verdict),
    }


def explain_verdict(verdict: Verdict) -> dict[str, object]:
    """Which signals fired with which weight, what was weighed against what, and the rule."""
    return {
        "signals": list(verdict.signals),
        "weights": {name: round(weight, 4) for name, weight in verdict.weights.items()},
        "need": round(verdict.need, 4),
        "ignoring": round(verdict.ignoring, 4),
        "handing_over": round(verdict.handing_over, 4),
        "rule": verdict.rule,
    }


def _rounded(passages: Sequence[Passage]) -> list[dict[str, float]]:
    """Their features to four digits, all at once: one by one that took a fortieth of the work on a message.

    They are single precision, of which `np.round` makes the same numbers as `round`.
    """
    rounded = iter(np.round([value for each in passages for value in each.features.values()], 4).tolist())
    return [dict(zip(each.features, rounded, strict=False)) for each in passages]


def _explain_passage(
    passage: Passage, cost: InForce, features: Mapping[str, float], *, picked: bool
) -> dict[str, object]:
    thresholds = cost.thresholds
    if picked or passage.probability >= thresholds.answer:
        fate = "picked" if picked else "may be said"
    else:
        fate = "may be offered" if passage.probability >= thresholds.ask else "refused: too improbable"
    return {
        "script": passage.script_id,
        "question": passage.question,
        "probability": round(passage.probability, 4),
        "fate": fate,
        "answer_above": round(thresholds.answer, 4),
        "ask_above": round(thresholds.ask, 4),
        "costs": {
            "wrong_answer": cost.costs.wrong_answer,
            "ask_back": cost.costs.ask_back,
            "handover": cost.costs.handover,
        },
        "costs_of": list(cost.because),
        "features": features,
    }


def _span(text: str, part: str) -> list[int]:
    """Where a part stands in the text; empty where it is none of it word by word."""
    start = text.find(part)
    return [start, start + len(part)] if start >= 0 else []
