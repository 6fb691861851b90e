"""What do we make of one message? Understanding, scripts and routing asked in turn; failing is a result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.beside import contents_of
from bot.content.shop import Shop
from bot.decide import Need, Part, found_nothing, is_certain
from bot.domain import Content
from bot.follow_up import combined
from bot.glance import asks, enough_without_meaning
from bot.grounds import blind_facts, facts_of, region_of
from bot.insight import LISTED, Insight, Judged, Question, Thought, explain, explain_verdict
from bot.slots import collect, need_of
from bot.store.views import Collected
from handoff import Facts, Router, Verdict, facts_to_json
from knowledge_base import Audience, KnowledgeBase, Passage, Script
from nlu import Context, Understander, Understanding, split_questions

CERTAIN = 1.0  # probability that a person is needed, of a signal that calls one by itself (handoff.weighing)
MOST_QUESTIONS = 4  # of one message; more would not fit into one answer
_EARLIER = 3  # messages looked back at for what she wants of a person
_STEERS = 0.5  # below it a greeting, or a wish to be forgotten, is only a guess
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mind:
    """One consistent generation of understanding, scripts and shop; replaced as a whole on new content."""

    shop: Shop
    router: Router
    understander: Understander
    knowledge: KnowledgeBase

    async def consider(self, question: Question, *, key: str, timeout_s: float, clock: Callable[[], float]) -> Insight:
        """Understand, search and route. An engine that fails or is too slow yields a verdict to hand over."""
        began = clock()
        try:
            async with asyncio.timeout(timeout_s):
                whole, parts, collected = await self._think(question, key)
                first = await self._with_topic(question, self._routed(question, whole))
        except Exception as error:  # noqa: BLE001 - whatever an engine raises, the customer gets a person
            _log.warning("mind.engine_failed", error=type(error).__name__)
            return self.give_up(question, type(error).__name__)
        routed = [first, *(self._routed(question, each) for each in parts)]
        needs = [self._need(question, collected, each) for each in routed]
        nothing = not question.picked and not any(needs) and all(self._is_lost(each.thought) for each in routed)
        failures = question.failures + 1 if nothing else 0
        judged = [self._judged(question, each, need, failures) for each, need in zip(routed, needs, strict=True)]
        explanation = explain(question, judged[0], judged[1:], collected, ms=(clock() - began) * 1000)
        return Insight(judged[0].part, tuple(each.part for each in judged[1:]), failures, collected, explanation)

    def not_asked(self, question: Question) -> Insight:
        """The insight where a person has the conversation: none; everything stays as it is."""
        nothing = Part(question.words, (), self.router.route(Facts()))
        return Insight(nothing, (), question.failures, question.collected)

    def give_up(self, question: Question, error: str) -> Insight:
        """The insight of a message that no engine could be asked about: the router decides blind."""
        facts = blind_facts(question, self.shop)
        verdict = self.router.route(facts)
        blind = Part(question.words, (), verdict, facts=facts_to_json(facts))
        told = {"engine_failed": error, **explain_verdict(verdict)}
        return Insight(blind, (), question.failures, question.collected, told)

    def owed(self, question: Question, reason: str) -> Insight:
        """The insight where a person is called whatever she writes, for she is owed an answer from before."""
        verdict = replace(self.router.route(Facts()), hand_over=True, reason=reason, signals=())
        return Insight(Part(question.words, (), verdict), (), 0, question.collected, {"owed": reason})

    async def suggest(self, question: Question, limit: int) -> Sequence[Passage]:
        """The scripts a person could answer with, most probable first; none where the search fails."""
        try:
            context = Context(question.recent, question.at.astimezone(self.shop.timezone))
            understanding = await self.understander.understand(question.text, context)
        except Exception as error:  # noqa: BLE001 - whatever an engine raises: she answers in her own words
            _log.warning("mind.no_suggestions", error=type(error).__name__)
            return ()
        return self._search(question, understanding)[:limit]

    # ── thinking ─────────────────────────────────────────────────────────────────────────────

    async def _think(self, question: Question, key: str) -> tuple[Thought, Sequence[Thought], Collected]:
        """The message as a whole, its questions where there are several, and what it told."""
        asked, *questions = _questions(question)
        thinking = [self._about(each, question, key, before=questions[:place]) for place, each in enumerate(questions)]
        parts = await asyncio.gather(*thinking) if thinking else []  # one alone needs no task
        whole = await self._about(
            asked, question, key, words=question.words, questions=[each.understanding for each in parts]
        )
        known = question.collected
        values = collect(self.shop.slots, known.values, whole.understanding.entities, asked)
        if known.asked is None or question.picked or question.choice:
            return whole, parts, Collected(values, known.asked)
        told = values.get(known.asked.slot, "") not in {"", known.values.get(known.asked.slot, "")}
        collected = Collected(values, None if told else known.asked)
        if told or not any(map(_finds, [whole, *parts])):
            return await self._continue(known.asked.question, question, key, [whole, *parts], collected)
        return whole, parts, collected

    async def _continue(
        self, wanted: str, question: Question, key: str, now: Sequence[Thought], collected: Collected
    ) -> tuple[Thought, Sequence[Thought], Collected]:
        """Back to what was wanted when we asked; beside it what this message asks, if that is certain.

        Whoever calls for a person now is heard first; weak signals do not count, for this answers us and asks nothing.
        """
        if any(self._routed(question, each).verdict.need >= CERTAIN for each in now):
            return now[0], now[1:], collected
        before = await self._about(wanted, question, key)
        certain = [each for each in now if is_certain(each.candidates)]
        return before, ([*certain, before] if certain else []), collected

    async def _about(
        self,
        asked: str,
        question: Question,
        key: str,
        *,
        words: str = "",
        before: Sequence[str] = (),
        questions: Sequence[Understanding] = (),
    ) -> Thought:
        """One question. words: all that was written, where more was. before: the questions before it.

        questions: those that it consists of.
        """
        context = Context((*question.recent, *before), question.at.astimezone(self.shop.timezone))
        understanding, passages = await self._found(asked, question, context, questions)
        scripts = [self.knowledge.script(each.script_id) for each in passages]
        channel = question.channel.value
        in_force = [self.shop.tariff.in_force(channel, script.category if script else ()) for script in scripts]
        small_talk = self._small_talk(understanding, key)
        attaching = [script for script in scripts if script and script.attachments]
        attached = self._attached(attaching, self._audience(question, understanding)) if attaching else {}
        return Thought(asked, words or asked, understanding, passages, in_force, small_talk, attached)

    async def _with_topic(self, question: Question, routed: _Routed) -> _Routed:
        """Who only calls for a person wants one for what she asked before: its likeliest script tells to whom she goes.

        Her last messages were understood already, so that their vectors are at hand.
        """
        if question.picked or not routed.verdict.hand_over or asks(routed.thought.understanding):
            return routed
        nothing_before = Context((), question.at.astimezone(self.shop.timezone))
        for text in question.recent[: -_EARLIER - 1 : -1]:
            understanding = await self.understander.understand(text, nothing_before)
            if asks(understanding) and (found := self._search(question, understanding)):
                return self._routed(question, replace(routed.thought, before=found[0]))
        return routed

    async def _found(
        self, asked: str, question: Question, context: Context, questions: Sequence[Understanding] = ()
    ) -> tuple[Understanding, Sequence[Passage]]:
        """What is wanted and what there is to say: by spelling alone where that is certain, else by meaning too."""
        glance = self.understander.glance(asked, context)
        if glance is not None and not glance.leans_on:
            found = enough_without_meaning(glance, lambda least: self._search(question, glance, at_least=least))
            if found is not None:
                return glance, found
        understanding = await self.understander.understand(asked, context, questions=questions)
        found = self._search(question, understanding)
        if not understanding.leans_on or question.picked:
            return understanding, found
        nothing_before = replace(context, recent=())
        alone = self._search(question, await self.understander.understand(asked, nothing_before))
        before = self._search(question, await self.understander.understand(understanding.leans_on, nothing_before))
        return understanding, combined(alone, found, before, LISTED)

    def _audience(self, question: Question, understanding: Understanding) -> Audience:
        """To whom it is said: where she lives is known if she said so, now or when she was asked."""
        region = "".join(region_of(question, understanding.entities, self.shop))
        at = question.at.astimezone(self.shop.timezone)
        tags = frozenset(question.tags)
        return Audience(channel=question.channel.value, at=at, region=region, tags=tags, scene=question.scene)

    def _search(self, question: Question, understanding: Understanding, *, at_least: float = 0.0) -> list[Passage]:
        audience = self._audience(question, understanding)
        if question.picked:
            picked = self.knowledge.passage(question.picked, audience)
            return [picked] if picked is not None else []
        if not question.text:
            return []
        text, vector = understanding.text, understanding.vector
        return self.knowledge.search(text, vector, audience, LISTED, at_least=at_least)

    def _attached(self, scripts: Sequence[Script], audience: Audience) -> dict[str, tuple[Content, ...]]:
        """What is sent after the words of each of these scripts."""

        def title_of(script_id: str) -> str:
            passage = self.knowledge.passage(script_id, audience)
            return passage.title if passage else ""

        head = self.shop.phrases.say("customer.menu_head")
        return {script.id: contents_of(script.attachments, title_of=title_of, menu_head=head) for script in scripts}

    def _small_talk(self, understanding: Understanding, key: str) -> tuple[str, str]:
        if understanding.confidence < _STEERS:
            return "", ""
        reply = self.shop.reply_to(understanding.intent, key)
        return (understanding.intent, reply) if reply else ("", "")

    # ── judging ──────────────────────────────────────────────────────────────────────────────

    def _need(self, question: Question, collected: Collected, routed: _Routed) -> Need | None:
        thought = routed.thought
        if question.picked or not self.shop.slots or _finds(thought) or self._withdraws(thought):
            return None
        return need_of(
            self.shop.slots,
            intent=thought.understanding.intent,
            confidence=thought.understanding.confidence,
            rule=routed.verdict.rule,
            values=collected.values,
            asked=collected.asked,
        )

    def _judged(self, question: Question, routed: _Routed, need: Need | None, failures: int) -> Judged:
        thought, facts, verdict = routed.thought, routed.facts, routed.verdict
        if failures:
            facts = replace(facts, failures=failures)
            verdict = self.router.route(facts)
        withdraws = self._withdraws(thought)
        return Judged(thought, verdict, need, bool(question.picked), facts_to_json(facts), withdraws=withdraws)

    def _withdraws(self, thought: Thought) -> bool:
        """Whether she takes back what she agreed to, more probably than she asks what a script answers."""
        confidence = thought.understanding.confidence
        answered = max((each.probability for each in thought.passages), default=0.0)
        return thought.understanding.intent in self.shop.withdrawals and confidence >= max(_STEERS, answered)

    def _is_lost(self, thought: Thought) -> bool:
        """Whether nothing is even worth offering."""
        return not thought.small_talk[1] and not self._withdraws(thought) and found_nothing(thought.candidates)

    def _routed(self, question: Question, thought: Thought) -> _Routed:
        """What the router says of it as long as it is not counted whether anything was found."""
        script = self.knowledge.script(thought.topic.script_id) if thought.topic else None
        facts = facts_of(question, thought, shop=self.shop, script=script, router=self.router)
        return _Routed(thought, facts, self.router.route(facts))


@dataclass(frozen=True, slots=True)
class _Routed:
    """A thought and what the router says of it, no failure counted."""

    thought: Thought
    facts: Facts
    verdict: Verdict


def _questions(question: Question) -> list[str]:
    """The message as a whole, then its questions where there are several; greetings before a question are no part."""
    if question.picked or question.choice:
        return [question.text]
    several = split_questions(question.text)[:MOST_QUESTIONS]
    return [question.text, *several] if len(several) > 1 else list(several)


def _finds(thought: Thought) -> bool:
    """Whether there is something to say about it without a person."""
    return bool(thought.small_talk[1]) or is_certain(thought.candidates)
