"""What do we make of one message? Understanding, scripts and routing asked in turn; failing is a result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.content.shop import Shop
from bot.decide import Candidate, Thresholds, found_nothing
from bot.domain import ChannelKind
from handoff import Facts, Router, Verdict
from knowledge_base import Audience, KnowledgeBase, Passage
from nlu import Context, Understander, Understanding

_SMALL_TALK_CONFIDENCE = 0.5  # below it a greeting is only a guess, and asking back is the better answer
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Question:
    """One message, ready to be understood.

    text: normalised for understanding. picked: script id chosen from a menu, "" if none.
    choice: id of the menu item as the router knows it ("ask_human"), "" if none.
    failures: how often in a row nothing was found before this message. recent: what was written before, oldest first.
    """

    text: str
    channel: ChannelKind
    at: datetime
    picked: str = ""
    choice: str = ""
    failures: int = 0
    recent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Insight:
    """What came out: candidates best first, the router's verdict, and the trace for `explain`.

    failures: with this message counted. small_talk: (intent, ready reply) or ("", "").
    """

    candidates: tuple[Candidate, ...]
    verdict: Verdict
    failures: int
    small_talk: tuple[str, str]
    explanation: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mind:
    """One consistent generation of understanding, scripts and shop; replaced as a whole on new content."""

    shop: Shop
    router: Router
    understander: Understander
    knowledge: KnowledgeBase

    async def consider(
        self, question: Question, *, key: str, thresholds: Thresholds, timeout_s: float, clock: Callable[[], float]
    ) -> Insight:
        """Understand, search and route. An engine that fails or is too slow yields a verdict to hand over."""
        began = clock()
        try:
            async with asyncio.timeout(timeout_s):
                understanding = await self.understander.understand(question.text, Context(question.recent))
                passages = self._search(question, understanding)
        except Exception as error:  # noqa: BLE001 - whatever an engine raises, the customer gets a person
            _log.warning("mind.engine_failed", error=type(error).__name__)
            return self._blind(question, type(error).__name__)
        candidates = tuple(
            Candidate(script_id=p.script_id, title=p.title, answer=p.answer, probability=p.probability)
            for p in passages
        )
        small_talk = self._small_talk(understanding, key)
        nothing = not question.picked and not small_talk[1] and found_nothing(candidates, thresholds)
        failures = question.failures + 1 if nothing else 0
        verdict = self.router.route(self._facts(question, understanding, passages, failures))
        explanation = _explain(understanding, passages, verdict, ms=(clock() - began) * 1000)
        return Insight(candidates, verdict, failures, small_talk, explanation)

    def not_asked(self, failures: int) -> Insight:
        """The insight where a person has the conversation: none; `failures` stay as they are."""
        return Insight((), self.router.route(Facts()), failures, ("", ""))

    def give_up(self, question: Question, error: str) -> Insight:
        """The insight of a message that no engine could be asked about: the router decides blind."""
        return self._blind(question, error)

    def _search(self, question: Question, understanding: Understanding) -> list[Passage]:
        audience = Audience(channel=question.channel.value, at=question.at.astimezone(self.shop.timezone))
        if question.picked:
            picked = self.knowledge.passage(question.picked, audience)
            return [picked] if picked is not None else []
        if not question.text:
            return []
        return self.knowledge.search(question.text, understanding.vector, audience)

    def _small_talk(self, understanding: Understanding, key: str) -> tuple[str, str]:
        if understanding.confidence < _SMALL_TALK_CONFIDENCE:
            return "", ""
        reply = self.shop.reply_to(understanding.intent, key)
        return (understanding.intent, reply) if reply else ("", "")

    def _facts(self, question: Question, understanding: Understanding, passages: list[Passage], failures: int) -> Facts:
        best = passages[0] if passages else None
        script = self.knowledge.script(best.script_id) if best else None
        return Facts(
            text=question.text,
            intent=understanding.intent,
            confidence=understanding.confidence,
            choice=question.choice,
            failures=failures,
            best_probability=best.probability if best else 0.0,
            stage=script.stage if script else None,
            category=script.category if script else (),
            channel=question.channel.value,
            urgency=understanding.mood.urgency,
            sentiment=understanding.mood.sentiment,
        )

    def _blind(self, question: Question, error: str) -> Insight:
        facts = Facts(
            text=question.text,
            choice=question.choice,
            failures=question.failures,
            channel=question.channel.value,
            engine_failed=True,
        )
        return Insight((), self.router.route(facts), question.failures, ("", ""), {"engine_failed": error})


def _explain(
    understanding: Understanding, passages: list[Passage], verdict: Verdict, *, ms: float
) -> dict[str, object]:
    return {
        "intent": understanding.intent,
        "confidence": round(understanding.confidence, 4),
        "ranking": [[name, round(value, 4)] for name, value in understanding.ranking[:5]],
        "entities": [{"type": e.type, "start": e.start, "end": e.end} for e in understanding.entities],
        "mood": {
            "sentiment": round(understanding.mood.sentiment, 3),
            "urgency": round(understanding.mood.urgency, 3),
        },
        "passages": [
            {"script": p.script_id, "question": p.question, "probability": round(p.probability, 4)}
            for p in passages[:5]
        ],
        "signals": list(verdict.signals),
        "rule": verdict.rule,
        "ms": round(ms, 2),
    }
