"""How do offers end without the ticket being taken? Declined, silent, or withdrawn because she is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.loads import Load
from handoff.offers import Declined, Offer, OfferEnded, OfferState
from handoff.outcomes import Refusal, Refused
from handoff.parts import SYSTEM, Part, Parts
from handoff.ticket_store import Entry


class Offering(Part):
    """Ends offers. The ticket waits on; who let it pass is not offered it again while it does."""

    async def decline(
        self, connection: AsyncConnection, conversation_id: int, *, agent_id: str, cause: str = "declined"
    ) -> Declined | Refused:
        """She does not want what she is offered. cause: what led to it, e.g. "card_click"."""
        parts = self._parts
        seen = await parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        load = Load(agent_id, seen.channel, offered=-1)
        if seen.offered_to != agent_id or not await parts.loads.count(connection, load):
            return seen.refused(Refusal.NOT_OFFERED)
        at = parts.now()
        ended = seen.offer_id and await parts.offers.end_one(connection, seen.offer_id, OfferState.DECLINED, at)
        if not ended:  # it expired or was withdrawn since it was read
            await parts.loads.count(connection, load.reversed)
            return seen.refused(Refusal.NOT_OFFERED)
        told = await _tell(parts, connection, [ended], at, by=agent_id, cause=cause)
        return Declined(told[0].offer, told[0].ticket)

    async def expire_offers(self, connection: AsyncConnection, *, limit: int = 100) -> tuple[OfferEnded, ...]:
        """End the offers whose time is over, the oldest first. In a transaction of its own; few statements in all."""
        parts, c, at = self._parts, self._parts.tables.offers.c, self._parts.now()
        over = parts.offers.open, c.expires_at <= at
        rows = (await connection.execute(select(c.id, c.agent).where(*over).order_by(c.expires_at).limit(limit))).all()
        if not rows:
            return ()
        await parts.roster.hold(connection, parts.tables.agents.c.id.in_({row.agent for row in rows}))
        due = c.id.in_([row.id for row in rows])
        ended = await parts.offers.end(connection, OfferState.EXPIRED, at, due)
        return await _dropped(parts, connection, ended, at, by=SYSTEM, cause="silence")

    async def offers(self, connection: AsyncConnection, ticket_id: int) -> tuple[Offer, ...]:
        """All offers of a ticket, oldest first, each with who could have had it and what kept the others from it."""
        return await self._parts.offers.find(connection, self._parts.tables.offers.c.ticket_id == ticket_id)

    async def offers_to(self, connection: AsyncConnection, agent_id: str) -> tuple[Offer, ...]:
        """What an agent is offered now."""
        hers = self._parts.tables.offers.c.agent == agent_id
        return await self._parts.offers.find(connection, hers, self._parts.offers.open)


async def withdraw_from(
    parts: Parts, connection: AsyncConnection, agent_id: str, at: datetime, *, by: str, cause: str
) -> tuple[OfferEnded, ...]:
    """End what is offered to an agent whose row is held: she is not there. That is not letting it pass."""
    ended = await parts.offers.end(connection, OfferState.WITHDRAWN, at, parts.tables.offers.c.agent == agent_id)
    return await _dropped(parts, connection, ended, at, by=by, cause=cause)


async def _dropped(
    parts: Parts, connection: AsyncConnection, ended: Sequence[Offer], at: datetime, *, by: str, cause: str
) -> tuple[OfferEnded, ...]:
    await parts.loads.count_offers(connection, [(offer.agent, offer.channel) for offer in ended], change=-1)
    return await _tell(parts, connection, ended, at, by=by, cause=cause)


async def _tell(
    parts: Parts, connection: AsyncConnection, ended: Sequence[Offer], at: datetime, *, by: str, cause: str
) -> tuple[OfferEnded, ...]:
    """Put it into the tickets' histories."""
    await parts.tickets.note(
        connection,
        [
            (offer.ticket_id, Entry(at, offer.state, by, cause, {"offer": offer.id, "agent": offer.agent}))
            for offer in ended
        ],
    )
    tickets = await parts.tickets.by_id(connection, [offer.ticket_id for offer in ended])
    return tuple(OfferEnded(offer, tickets[offer.ticket_id]) for offer in ended)
