"""How long will she have to wait? Worked out when asked, from the queue as it is now."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad
from handoff.parts import Part
from handoff.tables import Tables
from handoff.tickets import TicketState

RECENT: Final = timedelta(days=7)
FEWEST: Final = 5  # closed tickets from which on their mean says something
MOST: Final = 200  # of them, the latest: how it goes now, and a bounded read


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """position: from 1. ahead: how many come before. expected_wait_s: None where too little is known to say."""

    ticket_id: int
    team: str
    position: int
    ahead: int
    expected_wait_s: int | None


class Places(Part):
    """Reads places in queues."""

    async def place_in_queue(self, connection: AsyncConnection, ticket_id: int) -> QueuePlace | None:
        """Where a ticket stands in its queue; None if it does not wait. Four statements."""
        ticket = await self._parts.tickets.get(connection, ticket_id)
        if ticket is None or ticket.state is not TicketState.OPEN:
            return None
        c = self._parts.tables.tickets.c
        before = tuple_(c.priority, c.opened_at, c.id) < tuple_(
            literal(ticket.priority), literal(ticket.opened_at, c.opened_at.type), literal(ticket.id)
        )
        count = select(func.count()).where(c.state == TicketState.OPEN.value, c.team == ticket.team, before)
        ahead = (await connection.execute(count)).scalar_one()
        members = await self._parts.roster.find(connection, self._parts.roster.member_of([ticket.team]))
        handled = await handle_times(connection, self._parts.tables, ticket.team, self._parts.now())
        return QueuePlace(
            ticket_id,
            ticket.team,
            position=ahead + 1,
            ahead=ahead,
            expected_wait_s=expected_wait_s(ahead, members, handled, self._parts.now()),
        )


async def handle_times(connection: AsyncConnection, tables: Tables, team: str, now: datetime) -> Sequence[float]:
    """How many seconds each of the team's latest conversations took that people had."""
    c = tables.tickets.c
    rows = await connection.execute(
        select(c.assigned_at, c.closed_at)
        .where(c.team == team, c.closed_at >= now - RECENT, c.assigned_at.is_not(None))
        .order_by(c.closed_at.desc())
        .limit(MOST)
    )
    return [(row.closed_at - row.assigned_at).total_seconds() for row in rows]


def expected_wait_s(ahead: int, members: Iterable[AgentLoad], handle_s: Sequence[float], now: datetime) -> int | None:
    """Seconds until somebody is free for a ticket with `ahead` others before it.

    The agents who are ready now can have s conversations at a time, f of which are free. Who is among the first f is
    served at once. Behind them one place falls free every h/s seconds, h being the mean time a conversation took
    lately: the one with `ahead` before it waits for (ahead + 1 - f) of these. That is the mean of a queue with s
    servers who are all busy (Erlang C's conditional wait), told so that the first waiting one gets h/s.
    None where fewer than five conversations ended lately, or nobody is ready.
    """
    ready = [each for each in members if each.is_ready(now)]
    servers = sum(each.capacity for each in ready)
    if len(handle_s) < FEWEST or not servers:
        return None
    turns = ahead + 1 - sum(each.room for each in ready)
    return max(0, math.ceil(turns * fmean(handle_s) / servers))
