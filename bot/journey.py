"""What happens to one message, from top to bottom? The story: consider, decide, put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.text import for_understanding
from bot.decide import CHOICE_PREFIX, Situation, Thresholds, decide
from bot.domain import (
    Answer,
    AskBack,
    ChannelKind,
    Choice,
    Decision,
    HandOver,
    Inbound,
    MenuContent,
    MessageKind,
    Sender,
    Speaker,
    StaySilent,
    TextContent,
)
from bot.events import Events, ask_profile
from bot.handover import Handover
from bot.mind import Insight, Mind, Question
from bot.settings import UnderstandingSettings
from bot.speech import AccountPlan, Speech
from bot.store.views import Act, Claimed, Effect, EffectKind, TurnRecord


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A decision as the turn records it: name, reason, words, and what else must happen."""

    name: str
    reason: str
    contents: tuple[TextContent | MenuContent, ...] = ()
    speaker: Speaker = Speaker.BOT
    choices: tuple[Choice, ...] = ()
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """Decides what is recorded about a message. Reads only; everything it wants done is in the TurnRecord."""

    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    speech: Speech
    handover: Handover
    events: Events
    settings: UnderstandingSettings
    clock: Callable[[], float]
    now: Callable[[], datetime]

    async def handle_message(self, claimed: Claimed) -> TurnRecord:
        """The turn for this message: exactly one, whatever happens on the way."""
        message = claimed.message
        if not claimed.answerable:
            return TurnRecord(decision="silent", reason="arrived before the first start", opens=False)
        if message.kind is MessageKind.EVENT and not _is_menu_click(message):
            return await self.events.handle(claimed)
        if message.sender is not Sender.CUSTOMER:
            return await self.events.colleague_wrote(claimed)
        return await self._answer(claimed)

    async def hand_over_unread(self, claimed: Claimed, error: str) -> TurnRecord:
        """The turn for a message that could not be handled in any try: a person must look at it."""
        mind = self.mind()
        question = self._question(claimed)
        return self._record(claimed, mind, question, mind.give_up(question, error))

    async def _answer(self, claimed: Claimed) -> TurnRecord:
        mind = self.mind()
        question = self._question(claimed)
        if claimed.conversation.owner != "bot":  # nothing is to be said, so nothing needs to be understood now
            return self._record(claimed, mind, question, mind.not_asked(question.failures))
        insight = await mind.consider(
            question,
            key=claimed.message.message_id,
            thresholds=self._thresholds,
            timeout_s=self.settings.timeout_s,
            clock=self.clock,
        )
        return self._record(claimed, mind, question, insight)

    def _question(self, claimed: Claimed) -> Question:
        message = claimed.message
        choice = message.choice or _numbered(claimed)
        if not choice and message.kind is MessageKind.EVENT:
            choice = message.text
        is_script = choice.startswith(CHOICE_PREFIX)
        return Question(
            text=for_understanding(message.text),
            channel=message.channel,
            at=self.now(),
            picked=choice.removeprefix(CHOICE_PREFIX) if is_script else "",
            choice="" if is_script else choice,
            failures=claimed.conversation.failures,
            recent=tuple(map(for_understanding, claimed.recent)),
        )

    def _decide(self, claimed: Claimed, mind: Mind, question: Question, insight: Insight) -> Decision:
        phrases = mind.shop.phrases
        is_text = bool(claimed.message.text)
        return decide(
            Situation(
                owner=claimed.conversation.owner,
                picked=question.picked,
                candidates=insight.candidates,
                small_talk=insight.small_talk,
                verdict=insight.verdict,
                wordings={
                    "ask_back": phrases.say("customer.ask_back"),
                    "ask_back_none": phrases.say("customer.ask_back_none"),
                    "ask_again": phrases.say("customer.ask_again" if is_text else "customer.not_text"),
                },
            ),
            self._thresholds,
        )

    def _record(self, claimed: Claimed, mind: Mind, question: Question, insight: Insight) -> TurnRecord:
        decision = self._decide(claimed, mind, question, insight)
        plan = self.plans[claimed.message.address.account, claimed.message.channel]
        window = self.speech.window_after(claimed.message, claimed.budget)
        outcome = self._outcome(claimed, plan, mind, decision)
        said = self.speech.say(
            plan, outcome.contents, speaker=outcome.speaker, budget=window or claimed.budget, inline=True
        )
        return TurnRecord(
            decision=outcome.name,
            reason=outcome.reason,
            explanation=insight.explanation,
            failures=0 if isinstance(decision, HandOver) else insight.failures,
            choices=outcome.choices,
            clear_promises=isinstance(decision, Answer),
            scene=claimed.message.scene,
            effects=(*said, *self._keep_media(claimed.message), *self._meet(claimed)),
            act=outcome.act,
            window=window,
        )

    def _outcome(self, claimed: Claimed, plan: AccountPlan, mind: Mind, decision: Decision) -> _Outcome:
        match decision:
            case Answer(text=text, script_id=script_id):
                return _Outcome("answered", script_id, (TextContent(text),))
            case AskBack(question=question, choices=()):
                return _Outcome("asked_back", "nothing found", (TextContent(question),))
            case AskBack(question=question, choices=choices):
                return _Outcome("asked_back", "choices", (MenuContent(question, choices),), choices=choices)
            case HandOver(reason=reason):
                notice = TextContent(self.handover.notice(mind.shop, decision))
                act = self.handover.open(claimed, plan, mind.shop, decision)
                return _Outcome("handed_over", reason, (notice,), speaker=Speaker.SYSTEM, act=act)
            case StaySilent(reason=reason):
                return _Outcome("silent", reason, choices=claimed.conversation.choices)

    def _keep_media(self, message: Inbound) -> tuple[Effect, ...]:
        return tuple(
            Effect(
                kind=EffectKind.FETCH_MEDIA,
                payload={"media_id": ref.media_id, "media": ref.kind},
                ordered=False,
            )
            for ref in message.media
        )

    def _meet(self, claimed: Claimed) -> tuple[Effect, ...]:
        """A new conversation asks who the customer is: names and unionid may have changed since the last one."""
        return () if claimed.conversation.id else (ask_profile(claimed),)

    @property
    def _thresholds(self) -> Thresholds:
        settings = self.settings
        return Thresholds(answer=settings.answer_above, ask=settings.ask_above, choices=settings.choices)


def _is_menu_click(message: Inbound) -> bool:
    """A click on the official account's own menu asks something, like a message does."""
    return message.event == "click" and bool(message.text)


def _numbered(claimed: Claimed) -> str:
    """A bare number or the very words of an offered choice is a click where menus cannot be clicked."""
    text = claimed.message.text.strip()
    for number, choice in enumerate(claimed.conversation.choices, start=1):
        if text in {str(number), choice.label}:
            return choice.id
    return ""
