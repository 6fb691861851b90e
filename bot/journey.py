"""What happens to one message, from top to bottom? The story: consider, decide, put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.text import for_understanding
from bot.cut_off import SESSION_ENDED, is_owed
from bot.decide import CHOICE_PREFIX, Situation, decide
from bot.domain import (
    Answer,
    AskBack,
    AskSlot,
    ChannelKind,
    Choice,
    Content,
    Decision,
    HandOver,
    Inbound,
    MenuContent,
    MessageKind,
    Sender,
    Several,
    Speaker,
    StaySilent,
    TextContent,
)
from bot.events import Events, ask_profile
from bot.handover import Handover
from bot.insight import Insight, Question
from bot.learning import heard_of
from bot.mind import Mind
from bot.settings import NluSettings
from bot.speech import AccountPlan, Speech
from bot.store.views import Act, Asked, Claimed, Collected, Effect, EffectKind, TurnRecord
from bot.survey import Survey
from bot.tagging.standing import TagsOfCustomers
from bot.withdrawing import Withdrawing
from nlu import join_bubbles


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A decision as the turn records it: name, reason, words, and what else must happen.

    certain: what is said about the questions that have an answer, before `contents` about the others.
    attached: what is sent after all words.
    """

    name: str
    reason: str
    certain: tuple[TextContent, ...] = ()
    contents: tuple[TextContent | MenuContent, ...] = ()
    choices: tuple[Choice, ...] = ()
    act: Act | None = None
    attached: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """Decides what is recorded about a message. Reads only; everything it wants done is in the TurnRecord."""

    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    speech: Speech
    handover: Handover
    events: Events
    survey: Survey
    withdrawing: Withdrawing
    tags: TagsOfCustomers
    settings: NluSettings
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
        shop = self.mind().shop
        if (rating := self.survey.answer_of(claimed, shop)) is not None:
            plan = self.plans[message.address.account, message.channel]
            return self.survey.turn(claimed, plan, shop, rating)
        if (reply := self.withdrawing.reply_of(claimed)) is not None:
            plan = self.plans[message.address.account, message.channel]
            return await self.withdrawing.turn(claimed, plan, shop, reply)
        return await self._answer(claimed)

    async def hand_over_unread(self, claimed: Claimed, error: str) -> TurnRecord:
        """The turn for a message that could not be handled in any try: a person must look at it."""
        mind = self.mind()
        question = self._question(claimed)
        return self._record(claimed, mind, mind.give_up(question, error))

    async def _answer(self, claimed: Claimed) -> TurnRecord:
        mind = self.mind()
        question = self._question(claimed)
        if claimed.conversation.owner != "bot":  # nothing is to be said, so nothing needs to be understood now
            return self._record(claimed, mind, mind.not_asked(question))
        if is_owed(claimed, mind.shop, self.now()):
            return self._record(claimed, mind, mind.owed(question, SESSION_ENDED))
        address = claimed.message.address
        question = replace(question, tags=await self.tags.of(address.account, address.customer, question.tags))
        insight = await mind.consider(
            question,
            key=claimed.message.message_id,
            timeout_s=self.settings.timeout_s,
            clock=self.clock,
        )
        return self._record(claimed, mind, insight)

    def _question(self, claimed: Claimed) -> Question:
        message = claimed.message
        choice = claimed.picked
        if not choice and message.kind is MessageKind.EVENT:
            choice = message.text
        words = [for_understanding(text) for text in claimed.texts]
        is_script = choice.startswith(CHOICE_PREFIX)
        return Question(
            text=words[0] if len(words) == 1 else join_bubbles(words),
            words=" ".join(words),
            channel=message.channel,
            at=self.now(),
            picked=choice.removeprefix(CHOICE_PREFIX) if is_script else "",
            choice="" if is_script else choice,
            failures=claimed.conversation.failures,
            recent=tuple(map(for_understanding, claimed.recent)),
            collected=claimed.conversation.collected,
            scene=message.scene or claimed.conversation.scene,
            bubbles=len(claimed.texts),
            tags=claimed.conversation.tags,
            region=claimed.conversation.region,
            position=claimed.position,
            promises=len(claimed.conversation.promises),
        )

    def _decide(self, claimed: Claimed, mind: Mind, insight: Insight) -> Decision:
        say = mind.shop.phrases.say
        is_text = bool(claimed.message.text)
        return decide(
            Situation(
                owner=claimed.conversation.owner,
                whole=insight.whole,
                parts=insight.parts,
                wordings={
                    "ask_back": say("customer.ask_back"),
                    "ask_back_none": say("customer.ask_back_none"),
                    "ask_again": say("customer.ask_again" if is_text else "customer.not_text"),
                    "ask_rest": say("customer.ask_rest"),
                    "ask_rest_again": say("customer.ask_rest_again"),
                },
                choices=mind.shop.tariff.choices,
                withdrawal=self.withdrawing.question(claimed, mind.shop),
            )
        )

    def _record(self, claimed: Claimed, mind: Mind, insight: Insight) -> TurnRecord:
        decision = self._decide(claimed, mind, insight)
        plan = self.plans[claimed.message.address.account, claimed.message.channel]
        window = self.speech.window_after(claimed.message, claimed.budget)
        collected = _collected(insight, decision)
        outcome = self._outcome(claimed, plan, mind, decision, collected)
        budget = window or claimed.budget
        certain = self.speech.say(plan, outcome.certain, speaker=Speaker.BOT, budget=budget, inline=True)
        said = self.speech.say(plan, outcome.contents, speaker=Speaker.BOT, budget=budget, inline=True)
        words = (*certain, *said)
        sent, beside = self.speech.attach(plan, outcome.attached, behind=len(words), budget=budget)
        return TurnRecord(
            decision=outcome.name,
            reason=outcome.reason,
            explanation={**insight.explanation, **beside.explain()},
            failures=0 if outcome.act is not None else insight.failures,
            choices=outcome.choices or beside.choices,
            scene=claimed.message.scene,
            collected=collected,
            effects=(*words, *sent, *self._keep_media(claimed.message), *self._meet(claimed)),
            act=outcome.act,
            window=window,
            heard=heard_of("\n".join(claimed.texts), decision, insight.whole, insight.parts),
        )

    def _outcome(
        self, claimed: Claimed, plan: AccountPlan, mind: Mind, decision: Decision, collected: Collected
    ) -> _Outcome:
        if isinstance(decision, StaySilent):
            act = self.handover.heard(claimed)
            return _Outcome("silent", decision.reason, choices=claimed.conversation.choices, act=act)
        if not isinstance(decision, Several):
            return self._one_outcome(claimed, plan, mind, decision, collected)
        certain = _in_one(decision.answers, mind)
        attached = tuple(each for answer in decision.answers for each in answer.attachments)
        if decision.rest is not None:
            rest = self._one_outcome(claimed, plan, mind, decision.rest, collected)
            return replace(rest, certain=(certain,), attached=attached)
        scripts = " ".join(answer.script_id for answer in decision.answers)
        return _Outcome("answered", scripts, contents=(certain,), attached=attached)

    def _one_outcome(
        self,
        claimed: Claimed,
        plan: AccountPlan,
        mind: Mind,
        decision: Answer | AskBack | AskSlot | HandOver,
        collected: Collected,
    ) -> _Outcome:
        match decision:
            case Answer(text=text, script_id=script_id, attachments=attached):
                return _Outcome("answered", script_id, contents=(TextContent(text),), attached=attached)
            case AskBack(question=question, choices=()):
                return _Outcome("asked_back", "nothing found", contents=(TextContent(question),))
            case AskBack(question=question, choices=choices):
                return _Outcome("asked_back", "choices", contents=(MenuContent(question, choices),), choices=choices)
            case AskSlot(slot=slot, question=question):
                return _Outcome("asked_back", f"slot {slot}", contents=(TextContent(question),))
            case HandOver(reason=reason):
                act = self.handover.open(claimed, plan, mind.shop, decision, collected.values)
                return _Outcome("handed_over", reason, act=act)

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


def _collected(insight: Insight, decision: Decision) -> Collected:
    """What is kept of what she told; and what we wait for, if we ask for a fact now."""
    last = decision.rest if isinstance(decision, Several) else decision
    match last:
        case AskSlot(slot=slot):
            asking = (part for part in (*insight.parts, insight.whole) if part.need and part.need.slot == slot)
            before = insight.collected.asked
            times = before.times if before is not None and before.slot == slot else 0
            return replace(insight.collected, asked=Asked(slot, next(asking).text, times + 1))
        case HandOver():
            return replace(insight.collected, asked=None)
        case _:
            return insight.collected


def _in_one(answers: tuple[Answer, ...], mind: Mind) -> TextContent:
    """Answers to several questions as one message, numbered if there are several."""
    if len(answers) == 1:
        return TextContent(answers[0].text)
    say = mind.shop.phrases.say
    numbered = [
        say("customer.several_item", number=number, answer=answer.text)
        for number, answer in enumerate(answers, start=1)
    ]
    return TextContent("\n".join(numbered))


def _is_menu_click(message: Inbound) -> bool:
    """A click on the official account's own menu asks something, like a message does."""
    return message.event == "click" and bool(message.text)
