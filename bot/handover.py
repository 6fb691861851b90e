"""How does a hand-over reach a person, and how does it come back? Desk commands and the words around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import null, select, update

from archive import Archive, Voice
from bot.clockwork import Clockwork, ticket_of
from bot.content.shop import Shop
from bot.cut_off import SESSION_ENDED
from bot.domain import Content, HandOver, Speaker, TextContent
from bot.endings import Held
from bot.following import ENDED, IN_POOL, PERSON_SERVES, served_in_client
from bot.notices import QueueNotices
from bot.settling import notice_of
from bot.speech import AccountPlan, Speech
from bot.store.serial import content_to_json, texts_from_json
from bot.store.tables import conversations
from bot.store.views import Act, Claimed, ConversationMoved, Effect, EffectKind
from bot.ticket_cards import PROMISED, SCENE
from bot.ticket_media import TicketMedia, media_of
from handoff import Desk, NewTicket, Queued, Refusal, Refused, Summary, Ticket, Utterance, Verdict

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_WENT_ON: Final = frozenset({Refusal.UNKNOWN_TICKET, Refusal.TICKET_STATE})  # it is open already, or merged
LAST_UTTERANCES = 6  # how much of the conversation an agent sees on the card's ticket at once


@dataclass(frozen=True, slots=True)
class Handover:
    """Opens tickets and tells agents; everything happens in the transaction of the turn."""

    desk: Desk
    archive: Archive
    speech: Speech
    notices: QueueNotices
    clockwork: Clockwork
    media: TicketMedia
    now: Callable[[], datetime]

    def open(
        self, claimed: Claimed, plan: AccountPlan, shop: Shop, decision: HandOver, values: Mapping[str, str]
    ) -> Act:
        """An act that opens the ticket, tells the customer, and queues the session where WeCom has one.

        Where she is owed an answer from before, and that is why, the ticket is the one from before.
        values: what the customer told us, by the slot's name.
        """
        budget = self.speech.window_after(claimed.message, claimed.budget) or claimed.budget
        told = {slot.title: values[slot.name] for slot in shop.slots if slot.name in values}

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            ticket = await self._taken_up(connection, claimed, conversation_id, decision)
            if ticket is None:
                summary = await self._summary(connection, claimed, conversation_id, decision, told)
                promised = notice_of(shop, decision.team, values, self.now())
                new = _new_ticket(claimed, conversation_id, decision, replace(summary, promised=promised))
                ticket = await self.desk.open_ticket(connection, new)
            if isinstance(ticket, Refused):
                raise ConversationMoved(f"conversation {conversation_id}: {ticket.reason}")
            if claimed.conversation.owed is not None:
                settled = update(conversations).where(conversations.c.id == conversation_id).values(owed=null())
                await connection.execute(settled)
            await self.media.attach_before(connection, ticket.id, conversation_id)
            await self.media.attach_now(connection, ticket.id, claimed)
            words = await self.notices.at_entry(
                connection, shop, ticket, notice_of(shop, ticket.team, values, self.now())
            )
            said = self.speech.say(plan, (TextContent(words),), speaker=Speaker.SYSTEM, budget=budget, inline=True)
            if served_in_client(plan, claimed.conversation.session_state):
                return [*said, Effect(kind=EffectKind.SESSION, payload={"state": IN_POOL})]
            return said

        return act

    def heard(self, claimed: Claimed) -> Act | None:
        """An act for what the customer wrote to the person who has her or whom she waits for; None: nothing to do."""
        served, sent = claimed.conversation.owner == "agent", bool(media_of(claimed))
        if not served and not (claimed.conversation.owner == "queue" and sent):
            return None

        async def act(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
            await unmoved(connection, claimed)
            if served:
                await self.clockwork.customer_wrote(connection, conversation_id)
            ticket_id = await ticket_of(connection, conversation_id) if sent else None
            if ticket_id is not None:
                await self.media.attach_now(connection, ticket_id, claimed)
            return ()

        return act

    async def _taken_up(
        self, connection: AsyncConnection, claimed: Claimed, conversation_id: int, decision: HandOver
    ) -> Ticket | Refused | None:
        """The ticket whose answer she is owed, waiting again; None where there is none, or it went on otherwise."""
        owed = claimed.conversation.owed
        if owed is None or decision.reason != SESSION_ENDED:
            return None
        version = claimed.conversation.version or 1
        taken_up = await self.desk.reopen(
            connection, owed.ticket, conversation_id, version, by="bot", reason=SESSION_ENDED
        )
        return None if isinstance(taken_up, Refused) and taken_up.reason in _WENT_ON else taken_up

    async def _summary(
        self,
        connection: AsyncConnection,
        claimed: Claimed,
        conversation_id: int,
        decision: HandOver,
        told: Mapping[str, str],
    ) -> Summary:
        said = await self.archive.transcript(connection, conversation_id, limit=LAST_UTTERANCES)
        scene = claimed.message.scene or claimed.conversation.scene
        promised = "；".join(claimed.conversation.promises)
        return Summary(
            asked=_question(claimed, decision),
            tried=tuple(entry.text for entry in said if entry.voice is Voice.BOT and entry.text)[-3:],
            collected={**told, **({PROMISED: promised} if promised else {}), **({SCENE: scene} if scene else {})},
            utterances=tuple(Utterance(author=entry.voice.value, text=entry.text, at=entry.at) for entry in said),
        )

    async def queue_again(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        *,
        agent: str,
        cause: str,
    ) -> Queued | None:
        """Back to the team's queue: the agent who had it cannot serve. None if it went on meanwhile."""
        version = select(conversations.c.version).where(conversations.c.id == conversation_id)
        queued = await self.desk.release(
            connection,
            conversation_id,
            (await connection.execute(version)).scalar_one(),
            agent_id=agent,
            cause=cause,
            by="system",
        )
        return None if isinstance(queued, Refused) else queued

    async def queue_pooled(self, connection: AsyncConnection, held: Held, channel: str, verdict: Verdict) -> None:
        """WeCom has the customer waiting in its pool, and not by our doing: she waits in our queue too."""
        ticket = await self.desk.open_ticket(
            connection,
            NewTicket(
                conversation_id=held.id,
                expected_version=held.version,
                account=held.account,
                channel=channel,
                customer=held.customer,
                verdict=replace(verdict, hand_over=True, reason="in_pool", signals=()),
                summary=Summary(),
                by="platform",
            ),
        )
        if isinstance(ticket, Ticket):
            await self.media.attach_before(connection, ticket.id, held.id)

    def joined(self, plan: AccountPlan, shop: Shop, agent: str, session_state: int | None) -> Sequence[Effect]:
        """Effects after a person took the conversation: WeCom is told, and the customer."""
        words = shop.phrases.say("customer.agent_joined", agent=shop.agent_name(agent))
        content = content_to_json(TextContent(words))
        if served_in_client(plan, session_state):
            return [Effect(kind=EffectKind.SESSION, payload={"state": PERSON_SERVES, "agent": agent, "say": content})]
        return [Effect(kind=EffectKind.SEND, payload={"content": content})]

    def left(self, plan: AccountPlan, session_state: int | None, words: Content) -> Sequence[Effect]:
        """Effects after a person ended the service from the workbench."""
        content = content_to_json(words)
        if served_in_client(plan, session_state):
            return [Effect(kind=EffectKind.SESSION, payload={"state": ENDED, "say": content})]
        return [Effect(kind=EffectKind.SEND, payload={"content": content})]


async def unmoved(connection: AsyncConnection, claimed: Claimed) -> None:
    """Hold the conversation as the decision saw it. Raises ConversationMoved where it has changed hands since."""
    query = select(conversations.c.version, conversations.c.state).where(conversations.c.id == claimed.conversation.id)
    row = (await connection.execute(query.with_for_update())).one()
    if row.version != claimed.conversation.version or row.state != "open":
        raise ConversationMoved(f"conversation {claimed.conversation.id}")


def _new_ticket(claimed: Claimed, conversation_id: int, decision: HandOver, summary: Summary) -> NewTicket:
    address = claimed.message.address
    return NewTicket(
        conversation_id=conversation_id,
        expected_version=claimed.conversation.version or 1,
        account=address.account,
        channel=claimed.message.channel.value,
        customer=address.customer,
        verdict=Verdict(
            hand_over=True,
            reason=decision.reason,
            signals=decision.signals,
            team=decision.team,
            priority=decision.priority,
            rule=decision.rule,
            skills=decision.skills,
            sla=decision.sla,
            type=decision.type,
        ),
        source=str(decision.facts.get("source", "")),
        region=texts_from_json(decision.facts.get("region")),
        facts=decision.facts or None,
        summary=summary,
        by="bot",
    )


def _question(claimed: Claimed, decision: HandOver) -> str:
    """What the customer wants to know: "a person, please" is not it, what she wrote before that may be."""
    if decision.left_open:
        return "\n".join(decision.left_open)
    if decision.reason == "asked_for_person" and claimed.recent:
        return claimed.recent[-1]
    return "\n".join(text for text in claimed.texts if text)
