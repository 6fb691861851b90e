"""What happens when an agent clicks a button of a ticket's card? First click wins; everybody is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update

from bot.domain import ChannelKind
from bot.handover import Handover, name_of
from bot.mind import Mind
from bot.speech import AccountPlan
from bot.store.tables import cards, conversations
from bot.store.views import Claimed, Effect, EffectKind, TurnRecord
from handoff import AgentStatus, Refusal, Refused

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LATER_S = 300  # 稍后: the card comes back to the same agent after five minutes


@dataclass(frozen=True, slots=True)
class CardClicks:
    """Handles template_card_event."""

    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    handover: Handover
    now: Callable[[], datetime]

    async def handle(self, claimed: Claimed) -> TurnRecord:
        """The turn of one click; a click on a card we do not know is recorded only."""
        raw = claimed.message.raw
        task_id, button = str(raw.get("TaskId", "")), str(raw.get("EventKey", ""))
        agent, code = str(raw.get("FromUserName", "")), str(raw.get("ResponseCode", ""))

        async def act(connection: AsyncConnection, _: int) -> Sequence[Effect]:
            card = (await connection.execute(select(cards).where(cards.c.task_id == task_id))).one_or_none()
            if card is None:
                return ()
            if code:  # each click brings a fresh single-use code
                await connection.execute(update(cards).where(cards.c.task_id == task_id).values(response_code=code))
            match button:
                case "accept":
                    return await self._accept_by_card(connection, card, agent)
                case "pass":
                    return [self._tell(card, agent, "agent.open_workbench_to_pass")]
                case "later":
                    return await self._later(connection, card, agent)
                case _:
                    return ()

        return TurnRecord(decision="silent", reason=f"card {button}", opens=False, act=act)

    async def accept(self, connection: AsyncConnection, conversation_id: int, agent: str) -> Sequence[Effect] | Refused:
        """Claim a waiting conversation for an agent; the effects tell the team, WeCom and the customer."""
        conversation = (
            await connection.execute(select(conversations).where(conversations.c.id == conversation_id))
        ).one_or_none()
        if conversation is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        await self._arrive(connection, agent)
        outcome = await self.handover.desk.claim(
            connection,
            conversation_id,
            conversation.version,
            expected_team=conversation.team,
            agent_id=agent,
            cause="accepted",
        )
        if isinstance(outcome, Refused):
            return outcome
        shop = self.mind().shop
        plan = self.plans[conversation.account, ChannelKind(conversation.channel)]
        taken = shop.phrases.say("agent.card_taken", agent=shop.agent_name(agent))
        return [
            *await self.handover.settle_cards(connection, conversation.ticket_id, taken),
            *(
                replace(effect, address_id=conversation.address_id, conversation_id=conversation_id)
                for effect in self.handover.joined(plan, shop, agent)
            ),
        ]

    async def _accept_by_card(self, connection: AsyncConnection, card: Row[Any], agent: str) -> Sequence[Effect]:
        outcome = await self.accept(connection, card.conversation_id, agent)
        if isinstance(outcome, Refused):
            why = self.mind().shop.phrases.say(f"refusals.{outcome.reason}")
            return [self._tell(card, agent, "agent.claim_refused", why=why)]
        in_client = any(effect.kind is EffectKind.SESSION for effect in outcome)
        return [*outcome, self._tell(card, agent, "agent.claimed_client" if in_client else "agent.claimed_console")]

    async def _arrive(self, connection: AsyncConnection, agent: str) -> None:
        """Whoever takes a conversation while marked off duty is on duty; busy and away are kept as said."""
        for each in await self.handover.desk.agents(connection):
            if each.id == agent and each.status is AgentStatus.OFF:
                await self.handover.desk.set_status(connection, agent, AgentStatus.READY, by=agent)

    async def _later(self, connection: AsyncConnection, card: Row[Any], agent: str) -> Sequence[Effect]:
        shop = self.mind().shop
        ticket = await self.handover.desk.ticket(connection, card.ticket_id)
        if ticket is None or ticket.state != "open":
            return [self._tell(card, agent, "agent.claim_refused", why=shop.phrases.say("refusals.not_waiting"))]
        again = f"{card.task_id}-{agent}-{int(self.now().timestamp())}"[:128]
        await connection.execute(
            insert(cards).values(
                task_id=again,
                account=card.account,
                ticket_id=card.ticket_id,
                conversation_id=card.conversation_id,
                receivers=[agent],
                state="open",
                sent_at=self.now() + timedelta(seconds=LATER_S),
            )
        )
        name = await name_of(connection, ticket)
        payload = self.handover.card_payload(shop, ticket, via=card.account, name=name)
        return [
            Effect(
                kind=EffectKind.CARD_UPDATE,
                ordered=False,
                payload={
                    "task_id": card.task_id,
                    "via": card.account,
                    "receivers": [agent],
                    "replace_name": shop.phrases.say("agent.card_later_done"),
                },
            ),
            Effect(
                kind=EffectKind.CARD,
                ordered=False,
                payload={**payload, "task_id": again, "receivers": [agent]},
                delay_s=LATER_S,
                conversation_id=card.conversation_id,
            ),
        ]

    def _tell(self, card: Row[Any], agent: str, phrase: str, **values: object) -> Effect:
        url = f"{self.handover.public_url}/console/tickets/{card.ticket_id}"
        words = self.mind().shop.phrases.say(phrase, **{"url": url, **values})
        return Effect(
            kind=EffectKind.TELL_AGENT,
            ordered=False,
            payload={"via": card.account, "agent": agent, "text": words},
        )
