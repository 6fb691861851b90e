"""What happens to one message, from top to bottom? The story: consider, decide, put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.text import for_understanding
from bot.cut_off import SESSION_ENDED, is_owed
from bot.decide import CHOICE_PREFIX
from bot.domain import (
    ChannelKind,
    Decision,
    HandOver,
    Inbound,
    MessageKind,
    Sender,
    Speaker,
    StaySilent,
)
from bot.events import Events, ask_profile
from bot.handover import Handover
from bot.insight import Insight, Question
from bot.learning import heard_of
from bot.mind import Mind
from bot.settings import NluSettings
from bot.settling import last_of, named, remembered, say, settle
from bot.speech import AccountPlan, Speech
from bot.store.views import Act, Claimed, Collected, Effect, EffectKind, TurnRecord
from bot.survey import Survey
from bot.tagging.standing import TagsOfCustomers
from bot.withdrawing import Withdrawing
from nlu import join_bubbles


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

    def _record(self, claimed: Claimed, mind: Mind, insight: Insight) -> TurnRecord:
        owner, is_text = claimed.conversation.owner, bool(claimed.message.text)
        withdrawal = self.withdrawing.question(claimed, mind.shop)
        decision = settle(insight, mind.shop, withdrawal, owner=owner, is_text=is_text)
        plan = self.plans[claimed.message.address.account, claimed.message.channel]
        window = self.speech.window_after(claimed.message, claimed.budget)
        collected = remembered(insight, decision)
        act = self._follow_up(claimed, plan, mind, decision, collected)
        saying, budget = say(decision, mind.shop), window or claimed.budget
        choices = claimed.conversation.choices if isinstance(decision, StaySilent) else saying.choices
        name, reason = named(decision)
        certain = self.speech.say(plan, saying.certain, speaker=Speaker.BOT, budget=budget, inline=True)
        said = self.speech.say(plan, saying.contents, speaker=Speaker.BOT, budget=budget, inline=True)
        words = (*certain, *said)
        sent, beside = self.speech.attach(plan, saying.attached, behind=len(words), budget=budget)
        return TurnRecord(
            decision=name,
            reason=reason,
            explanation={**insight.explanation, **beside.explain()},
            failures=0 if act is not None else insight.failures,
            choices=choices or beside.choices,
            scene=claimed.message.scene,
            collected=collected,
            effects=(*words, *sent, *self._keep_media(claimed.message), *self._meet(claimed)),
            act=act,
            window=window,
            heard=heard_of("\n".join(claimed.texts), decision, insight.whole, insight.parts),
        )

    def _follow_up(
        self, claimed: Claimed, plan: AccountPlan, mind: Mind, decision: Decision, collected: Collected
    ) -> Act | None:
        """What else must happen in the turn's transaction."""
        match last_of(decision):
            case StaySilent():
                return self.handover.heard(claimed)
            case HandOver() as last:
                return self.handover.open(claimed, plan, mind.shop, last, collected.values)
            case _:
                return None

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


def _is_menu_click(message: Inbound) -> bool:
    """A click on the official account's own menu asks something, like a message does."""
    return message.event == "click" and bool(message.text)
