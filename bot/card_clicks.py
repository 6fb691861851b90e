"""What happens when an agent clicks a button of a ticket's card? First click wins; everybody is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import Row, select, update

from bot.domain import ChannelKind
from bot.handover import Handover
from bot.mind import Mind
from bot.speech import AccountPlan
from bot.store.tables import cards, conversations
from bot.store.views import Claimed, Effect, EffectKind, TurnRecord
from bot.ticket_cards import ACCEPT, LATER, PASS, Calling, TicketCards
from handoff import AgentStatus, Refusal, Refused, Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LATER_S = 300  # 稍后: the card comes back to the same agent after five minutes
# Whoever meets one of these has no right to what she asked for, which is worth a line in the log.
NO_RIGHT: Final = frozenset(
    {Refusal.NOT_IN_TEAM, Refusal.LACKS_SKILL, Refusal.UNKNOWN_AGENT, Refusal.NOT_YOURS, Refusal.NOT_OFFERED}
)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CardClicks:
    """Handles template_card_event."""

    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    handover: Handover
    cards: TicketCards
    now: Callable[[], datetime]

    async def handle(self, claimed: Claimed) -> TurnRecord:
        """The turn of one click; a card we do not know any more is answered by words."""
        raw = claimed.message.raw
        task_id, button = str(raw.get("TaskId", "")), str(raw.get("EventKey", ""))
        agent, code = str(raw.get("FromUserName", "")), str(raw.get("ResponseCode", ""))

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            card = (await connection.execute(select(cards).where(cards.c.task_id == task_id))).one_or_none()
            if card is None:
                words = self._say("agent.card_gone", url=f"{self.cards.public_url}/console/")
                return [self.cards.tell(claimed.message.address.account, agent, words)]
            if code:  # each click brings a fresh single-use code
                await connection.execute(update(cards).where(cards.c.task_id == task_id).values(response_code=code))
            buttons = {ACCEPT: self._accept_by_card, PASS: self._pass, LATER: self._later}
            return await buttons[button](connection, card, agent) if button in buttons else ()

        return TurnRecord(decision="silent", reason=f"card {button}", opens=False, act=act)

    async def accept(
        self, connection: AsyncConnection, conversation_id: int, agent: str, *, called: bool = False
    ) -> Sequence[Effect] | Refused:
        """Claim a waiting conversation for an agent; the effects tell the team, WeCom and the customer.

        called: nobody was ready and she was asked to come: whatever she said of herself, by taking it she is ready.
        """
        conversation = (
            await connection.execute(select(conversations).where(conversations.c.id == conversation_id))
        ).one_or_none()
        if conversation is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        attempt = await connection.begin_nested()  # undone, she is not ready by a click that took nothing
        await self._arrive(connection, agent, called=called)
        outcome = await self.handover.desk.claim(
            connection,
            conversation_id,
            conversation.version,
            expected_team=conversation.team,
            agent_id=agent,
            cause="accepted",
        )
        if isinstance(outcome, Refused):
            await attempt.rollback()
            self._log_refusal(agent, conversation.ticket_id, outcome)
            return outcome
        await attempt.commit()
        shop = self.mind().shop
        plan = self.plans[conversation.account, ChannelKind(conversation.channel)]
        taken = shop.phrases.say("agent.card_taken", agent=shop.agent_name(agent))
        return [
            *await self.cards.settle(connection, outcome.ticket.id, taken),
            *(
                replace(effect, address_id=conversation.address_id, conversation_id=conversation_id)
                for effect in self.handover.joined(plan, shop, agent, conversation.session_state)
            ),
        ]

    async def decline(
        self, connection: AsyncConnection, conversation_id: int, agent: str, *, cause: str, words: str
    ) -> Sequence[Effect] | Refused:
        """She lets an offer pass, which goes to the next; its card says so in `words`."""
        declined = await self.handover.desk.decline(connection, conversation_id, agent_id=agent, cause=cause)
        if isinstance(declined, Refused):
            self._log_refusal(agent, None, declined)
            return declined
        return await self.cards.settle(connection, declined.ticket.id, words, offer_id=declined.offer.id)

    async def _accept_by_card(self, connection: AsyncConnection, card: Row[Any], agent: str) -> Sequence[Effect]:
        outcome = await self.accept(connection, card.conversation_id, agent, called=card.offer_id is None)
        if isinstance(outcome, Refused):
            return [self._refuse(card, agent, outcome)]
        in_client = any(effect.kind is EffectKind.SESSION for effect in outcome)
        return [*outcome, self._tell(card, agent, "agent.claimed_client" if in_client else "agent.claimed_console")]

    async def _arrive(self, connection: AsyncConnection, agent: str, *, called: bool) -> None:
        """Whoever takes a conversation while marked off duty is on duty."""
        for each in await self.handover.desk.agents(connection):
            if each.id == agent and (each.status is AgentStatus.OFF or (called and not each.is_ready(self.now()))):
                await self.handover.desk.set_status(connection, agent, AgentStatus.READY, by=agent)

    async def _pass(self, connection: AsyncConnection, card: Row[Any], agent: str) -> Sequence[Effect]:
        """转派: an offer goes to the next; whom else it should go to is chosen in the workbench."""
        if card.offer_id is None:
            return [self._tell(card, agent, "agent.open_workbench_to_pass")]
        words = self._say("agent.card_declined")
        passed = await self.decline(connection, card.conversation_id, agent, cause="card_pass", words=words)
        if isinstance(passed, Refused):
            return [self._refuse(card, agent, passed)]
        return [*passed, self._tell(card, agent, "agent.passed_on")]

    async def _later(self, connection: AsyncConnection, card: Row[Any], agent: str) -> Sequence[Effect]:
        """稍后: not now, and perhaps in five minutes, if it still waits then."""
        ticket = await self.handover.desk.ticket(connection, card.ticket_id)
        if ticket is None or ticket.state is not TicketState.OPEN:
            return [self._refuse(card, agent, Refused(Refusal.NOT_WAITING, agent=ticket.agent if ticket else None))]
        if agent not in card.receivers:  # somebody showed her a card that is not hers
            refused = Refused(Refusal.NOT_OFFERED)
            self._log_refusal(agent, card.ticket_id, refused)
            return [self._refuse(card, agent, refused)]
        words = self._say("agent.card_later_done")
        if card.offer_id is None:
            put_off = self._put_off(card, agent, words)
        else:
            declined = await self.decline(connection, card.conversation_id, agent, cause="card_later", words=words)
            if isinstance(declined, Refused):
                return [self._refuse(card, agent, declined)]
            put_off = declined
        return [*put_off, *await self._again(connection, ticket, agent)]

    def _put_off(self, card: Row[Any], agent: str, words: str) -> Sequence[Effect]:
        """The call goes on for the others: her own card alone changes."""
        payload = {"task_id": card.task_id, "via": card.account, "receivers": [agent], "replace_name": words}
        return [Effect(EffectKind.CARD_UPDATE, payload, ordered=False)]

    async def _again(self, connection: AsyncConnection, ticket: Ticket, agent: str) -> Sequence[Effect]:
        plan = self.plans[ticket.account, ChannelKind(ticket.channel)]
        calling = Calling((agent,), delay_s=LATER_S)
        return await self.cards.send(connection, plan, self.mind().shop, ticket, calling)

    def _refuse(self, card: Row[Any], agent: str, refused: Refused) -> Effect:
        """Why not, in words: who has it, where somebody does."""
        shop = self.mind().shop
        if refused.agent and refused.agent != agent:
            return self._tell(card, agent, "agent.already_taken", agent=shop.agent_name(refused.agent))
        return self._tell(card, agent, "agent.claim_refused", why=self._say(f"refusals.{refused.reason}"))

    def _log_refusal(self, agent: str, ticket: int | None, refused: Refused) -> None:
        if refused.reason in NO_RIGHT:
            _log.warning("claim.no_right", agent=agent, ticket=ticket, reason=refused.reason.value)

    def _tell(self, card: Row[Any], receiver: str, phrase: str, /, **values: object) -> Effect:
        words = self._say(phrase, **{"url": self.cards.url(card.ticket_id), **values})
        return self.cards.tell(card.account, receiver, words)

    def _say(self, phrase: str, **values: object) -> str:
        return self.mind().shop.phrases.say(phrase, **values)
