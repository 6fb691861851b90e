"""What is a customer told of her place in the queue? Only what is true, and only while it may be said."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import select

from bot.content.shop import Shop
from bot.domain import ChannelKind, Speaker, TextContent
from bot.following import served_in_client
from bot.mind import Mind
from bot.speech import AccountPlan, Speech
from bot.store.budget import room_of
from bot.store.effects import add_beside
from bot.store.tables import conversations
from bot.store.views import Budget
from handoff import Desk, QueuePlace, Tables, Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

APART: Final = timedelta(seconds=60)  # between two notices to one customer
AT_A_TIME: Final = 50
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class QueueNotices:
    """Words about places. reserve: how many sends are kept for the person who will serve."""

    desk: Desk
    tables: Tables
    speech: Speech
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    reserve: int
    now: Callable[[], datetime]

    async def at_entry(self, connection: AsyncConnection, shop: Shop, ticket: Ticket, plain: str) -> str:
        """What she is told when she comes into the queue: `plain`, with her place where others come before her."""
        place = await self.desk.place_in_queue(connection, ticket.id)
        if place is None or place.ahead == 0:
            return plain
        await self.desk.told_position(connection, ticket.id, place.position)
        return f"{plain}{_ahead(shop, place)}"

    async def tell_near_front(self, connection: AsyncConnection) -> bool:
        """Tell those who came near the front, once each. Nobody in a pool: state 2 forbids to send (95018)."""
        near, now = self.mind().shop.policy.offers.near_front, self.now()
        c = self.tables.tickets.c
        farther = (
            select(c.id)
            .where(c.state == TicketState.OPEN.value, c.told_position > near, c.queued_at <= now - APART)
            .order_by(c.priority, c.opened_at, c.id)
            .limit(AT_A_TIME)
            .with_for_update(skip_locked=True)
        )
        told = False
        for ticket_id in (await connection.execute(farther)).scalars().all():
            place = await self.desk.place_in_queue(connection, ticket_id)
            ticket = await self.desk.ticket(connection, ticket_id)
            if place is not None and ticket is not None and place.position <= near:
                told |= await self._tell(connection, ticket, place)
        return told

    async def _tell(self, connection: AsyncConnection, ticket: Ticket, place: QueuePlace) -> bool:
        await self.desk.told_position(connection, ticket.id, place.position)
        query = select(conversations).where(conversations.c.id == ticket.conversation_id)
        row = (await connection.execute(query)).one()
        plan = self.plans[row.account, ChannelKind(row.channel)]
        room = await room_of(connection, row.address_id, self.now())
        if served_in_client(plan, row.session_state) or plan.answering == "inline" or room <= self.reserve:
            return False
        shop = self.mind().shop
        words = shop.phrases.say("customer.near_front") if place.ahead == 0 else _ahead(shop, place)
        said = self.speech.say(
            plan, (TextContent(words),), speaker=Speaker.SYSTEM, budget=Budget(room, None), inline=False
        )
        await add_beside(connection, row.id, said, now=self.now())
        _log.info("customer.told_place", ticket=ticket.id, position=place.position)
        return True


def _ahead(shop: Shop, place: QueuePlace) -> str:
    if place.expected_wait_s is None:
        return shop.phrases.say("customer.ahead", ahead=place.ahead)
    minutes = max(1, math.ceil(place.expected_wait_s / 60))
    return shop.phrases.say("customer.ahead_minutes", ahead=place.ahead, minutes=minutes)
