"""Was the customer satisfied with the person who served her? Asked at the end by a menu; her click is no question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.content.shop import Shop
from bot.domain import Choice, MenuContent, Speaker, TextContent
from bot.settings import SurveySettings
from bot.speech import AccountPlan, Speech
from bot.store.views import Claimed, Effect, TurnRecord
from bot.ticket_cards import TicketCards
from handoff import BEST, UNHAPPY, Rated, Ratings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_CLICK = re.compile(r"csat:([0-9]{1,18}):([1-5])")
TYPED_WITHIN = timedelta(hours=1)  # how long a bare number is an answer, where menus cannot be clicked
# Outcomes after which nobody was served, so that there is nothing to be satisfied with.
UNSERVED: Final = frozenset({"not_service", "unreachable", "session_ended", "idle", "unsubscribed", "spam"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What she says about one ticket, 1 (worst) to 5."""

    ticket_id: int
    score: int


@dataclass(frozen=True, slots=True)
class Survey:
    """Asks, recognises the answer, and records it."""

    ratings: Ratings
    cards: TicketCards
    speech: Speech
    settings: SurveySettings
    now: Callable[[], datetime]

    async def farewell(
        self, connection: AsyncConnection, shop: Shop, *, ticket_id: int, outcome: str, words: str
    ) -> TextContent | MenuContent:
        """The last words of a person's service, with the question where it is time for one: one message, not two."""
        plain = TextContent(words)
        if not self.settings.enabled or outcome in UNSERVED or not ticket_id:
            return plain
        return await self.question(connection, shop, ticket_id=ticket_id, words=f"{words}\n") or plain

    async def question(
        self, connection: AsyncConnection, shop: Shop, *, ticket_id: int, words: str = ""
    ) -> MenuContent | None:
        """The question about one ticket, behind some words; None where she was asked not long ago."""
        every = timedelta(days=self.settings.every_days)
        if not await self.ratings.ask(connection, ticket_id, every=every):
            return None
        say = shop.phrases.say
        # from worst to best: where the items become a numbered list, the number is the score
        choices = [Choice(f"csat:{ticket_id}:{score}", say(f"survey.score_{score}")) for score in range(1, BEST + 1)]
        return MenuContent(head=f"{words}{say('survey.ask')}", choices=tuple(choices))

    def answer_of(self, claimed: Claimed, shop: Shop) -> Answer | None:
        """Her answer, if this message is one: a click, or its number or words soon after she was asked."""
        if click := _CLICK.fullmatch(claimed.message.choice):
            return Answer(int(click[1]), int(click[2]))
        left, known = claimed.conversation.stretch, claimed.conversation
        if left is None or not left.asked or left.ended_at < self.now() - TYPED_WITHIN:
            return None
        if known.owner != "bot" or known.choices or claimed.earlier:  # she may mean something else by a number
            return None
        text = claimed.message.text.strip()
        scores = {shop.phrases.say(f"survey.score_{score}"): score for score in range(1, BEST + 1)}
        typed = {str(score): score for score in range(1, BEST + 1)} | scores
        return Answer(left.ticket, typed[text]) if text in typed else None

    def turn(self, claimed: Claimed, plan: AccountPlan, shop: Shop, answer: Answer) -> TurnRecord:
        """The turn that records it and thanks her; it opens nothing and asks no engine."""
        window = self.speech.window_after(claimed.message, claimed.budget)
        said: Sequence[Effect] = ()
        if claimed.conversation.owner == "bot":
            words = shop.phrases.say("survey.thanks_unhappy" if answer.score <= UNHAPPY else "survey.thanks")
            said = self.speech.say(
                plan, (TextContent(words),), speaker=Speaker.SYSTEM, budget=window or claimed.budget, inline=True
            )
        address = claimed.message.address

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            rated = await self.ratings.rate(
                connection, answer.ticket_id, account=address.account, customer=address.customer, score=answer.score
            )
            return () if rated is None else self._alarm(plan, shop, rated)

        return TurnRecord(
            decision="rated",
            reason=f"ticket {answer.ticket_id}: {answer.score}",
            opens=False,
            failures=claimed.conversation.failures,
            choices=claimed.conversation.choices,
            effects=tuple(said),
            act=act,
            window=window,
        )

    def _alarm(self, plan: AccountPlan, shop: Shop, rated: Rated) -> Sequence[Effect]:
        """The supervisors hear of an unhappy customer."""
        if rated.score > UNHAPPY or not plan.cards_via:
            return ()
        words = shop.phrases.say(
            "agent.unhappy_customer",
            agent=shop.agent_name(rated.agent or ""),
            score=shop.phrases.say(f"survey.score_{rated.score}"),
            url=self.cards.url(rated.ticket_id),
        )
        return [self.cards.tell(plan.cards_via, each, words) for each in shop.supervisors(rated.team)]
