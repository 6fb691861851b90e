"""Whom does a card call to a ticket that waits? The one it is offered to, or whoever can come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select, update

from bot.domain import ChannelKind
from bot.mind import Mind
from bot.speech import AccountPlan
from bot.store.dialect import take_turns
from bot.store.effects import add_beside
from bot.store.tables import cards
from bot.store.views import Effect
from bot.ticket_cards import LIVES_S, Calling, TicketCards
from handoff import AgentLoad, AgentStatus, Desk, Offer, Tables, Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

CALLS = 7_265_120  # advisory lock: of processes that look for tickets without a card, one calls
AT_A_TIME: Final = 50


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends cards. Where no WeCom app can carry them, nothing is sent: the workbench shows what waits."""

    desk: Desk
    cards: TicketCards
    tables: Tables
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    now: Callable[[], datetime]

    async def offer(self, connection: AsyncConnection, offer: Offer, ticket: Ticket) -> Sequence[Effect]:
        """The card of an offer, to that agent alone, with the seconds she has."""
        seconds = round((offer.expires_at - offer.made_at).total_seconds())
        return await self._send(connection, ticket, Calling((offer.agent,), offer.id, seconds))

    async def supervisors(
        self, connection: AsyncConnection, ticket: Ticket, supervisors: Sequence[str]
    ) -> Sequence[Effect]:
        """Nobody takes it: they are called, and the team too where none of it is ready or nobody leads it."""
        members = await self._members(connection, ticket.team)
        ready = any(each.is_ready(self.now()) for each in members)
        called = (*supervisors, *(() if supervisors and ready else _callable(members)))
        return await self._send(connection, ticket, Calling(tuple(dict.fromkeys(called))))

    async def call_unheard(self, connection: AsyncConnection) -> bool:
        """Call people to what waits without a card that works: nobody was ready, or its card is too old."""
        if not any(plan.cards_via for plan in self.plans.values()):
            return False
        await take_turns(connection, CALLS)
        c = self.tables.tickets.c
        too_old = cards.c.state == "open", cards.c.sent_at <= self.now() - timedelta(seconds=LIVES_S)
        await connection.execute(update(cards).where(*too_old).values(state="settled"))
        heard = exists().where(cards.c.ticket_id == c.id, cards.c.state == "open")
        waiting = select(c.id).where(c.state == TicketState.OPEN.value, ~heard).order_by(c.priority, c.opened_at, c.id)
        called = False
        for ticket_id in (await connection.execute(waiting.limit(AT_A_TIME))).scalars().all():
            called |= await self._call(connection, ticket_id)
        return called

    async def _call(self, connection: AsyncConnection, ticket_id: int) -> bool:
        ticket = await self.desk.ticket(connection, ticket_id)
        if ticket is None:
            return False
        members = await self._members(connection, ticket.team)
        if ticket.escalated_at is not None:
            effects = await self.supervisors(connection, ticket, self.mind().shop.supervisors(ticket.team))
        elif any(each.is_ready(self.now()) for each in members):
            return False  # it is offered as soon as one of them has room
        else:
            effects = await self._send(connection, ticket, Calling(_callable(members)))
        await add_beside(connection, ticket.conversation_id, effects, now=self.now())
        return bool(effects)

    async def _send(self, connection: AsyncConnection, ticket: Ticket, calling: Calling) -> Sequence[Effect]:
        """The card, to those of the called who have none about this ticket that works or is on its way."""
        if calling.offer_id is None:
            query = select(cards.c.receivers).where(cards.c.ticket_id == ticket.id, cards.c.state == "open")
            have = {each for receivers in (await connection.execute(query)).scalars() for each in receivers}
            calling = replace(calling, receivers=tuple(each for each in calling.receivers if each not in have))
        plan = self.plans[ticket.account, ChannelKind(ticket.channel)]
        return await self.cards.send(connection, plan, self.mind().shop, ticket, calling)

    async def _members(self, connection: AsyncConnection, team: str) -> Sequence[AgentLoad]:
        return [each for each in await self.desk.agents(connection) if team in each.teams]


def _callable(members: Sequence[AgentLoad]) -> tuple[str, ...]:
    """Who is called where nobody is ready: who is not off; if all are, all."""
    there = tuple(each.id for each in members if each.status is not AgentStatus.OFF)
    return there or tuple(each.id for each in members)
