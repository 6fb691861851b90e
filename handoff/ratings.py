"""Was the customer satisfied? Asked once in a while, answered at most once, and changed within a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, or_, select, update

from handoff.tables import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

BEST: Final = 5
UNHAPPY: Final = 2  # from here down a supervisor hears of it
CHANGEABLE: Final = timedelta(hours=24)  # how long a customer may think better of her answer


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer that counts. first: it is her first about this ticket. score: 1 (worst) – 5."""

    ticket_id: int
    team: str
    agent: str | None
    score: int
    first: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """What she was asked about a ticket. rated_at: when she first answered. score: 1 (worst) – 5. None before it."""

    ticket_id: int
    asked_at: datetime
    rated_at: datetime | None
    score: int | None


class Ratings:
    """Reads and writes ratings, inside the caller's transaction."""

    def __init__(self, tables: Tables, now: Callable[[], datetime]) -> None:
        self._tables = tables
        self._now = now

    async def ask(self, connection: AsyncConnection, ticket_id: int, *, every: timedelta) -> bool:
        """Record that she is asked about this ticket; False, changing nothing, if she was asked within `every`."""
        ratings, tickets, now = self._tables.ratings, self._tables.tickets, self._now()
        ticket = (await connection.execute(select(tickets).where(tickets.c.id == ticket_id))).one_or_none()
        if ticket is None:
            return False
        lately = (
            select(ratings.c.ticket_id)
            .join(tickets, tickets.c.id == ratings.c.ticket_id)
            .where(
                tickets.c.account == ticket.account,
                tickets.c.customer == ticket.customer,
                or_(ratings.c.ticket_id == ticket_id, ratings.c.asked_at > now - every),
            )
            .limit(1)
        )
        if (await connection.execute(lately)).one_or_none() is not None:
            return False
        row = {"ticket_id": ticket_id, "conversation_id": ticket.conversation_id, "asked_at": now}
        await connection.execute(insert(ratings).values(**row))
        return True

    async def of(self, connection: AsyncConnection, tickets: Collection[int]) -> Mapping[int, Rating]:
        """By ticket; those about which nobody was asked are left out."""
        r = self._tables.ratings.c
        query = select(r.ticket_id, r.asked_at, r.rated_at, r.score).where(r.ticket_id.in_(sorted(tickets)))
        return {row.ticket_id: Rating(*row) for row in await connection.execute(query)}

    async def rate(
        self, connection: AsyncConnection, ticket_id: int, *, account: str, customer: str, score: int
    ) -> Rated | None:
        """Record her answer; None if she was not asked about this ticket, or answered more than a day ago."""
        ratings, tickets, now = self._tables.ratings, self._tables.tickets, self._now()
        asked = (
            select(tickets.c.team, tickets.c.agent)
            .join(ratings, ratings.c.ticket_id == tickets.c.id)
            .where(tickets.c.id == ticket_id, tickets.c.account == account, tickets.c.customer == customer)
        )
        ticket = (await connection.execute(asked)).one_or_none()
        if ticket is None or not 1 <= score <= BEST:
            return None
        hers = update(ratings).where(ratings.c.ticket_id == ticket_id)
        first = await connection.execute(hers.where(ratings.c.rated_at.is_(None)).values(score=score, rated_at=now))
        if first.rowcount != 1:
            again = await connection.execute(hers.where(ratings.c.rated_at > now - CHANGEABLE).values(score=score))
            if again.rowcount != 1:
                return None
        return Rated(ticket_id, ticket.team, ticket.agent, score, first=first.rowcount == 1)
