"""Who is this customer, over all the channels by which she comes? And what did she come for before?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, or_, select

from bot.profiles import home_of, tags_of
from bot.store.engine import read_only
from bot.store.tables import customers
from handoff import Desk, Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MOST_NAMES: Final = 10
MOST_TICKETS: Final = 10


@dataclass(frozen=True, slots=True)
class KnownAs:
    """One channel by which she comes. since: when she first wrote there. home: province, city of her profile there."""

    account: str
    channel: str
    customer: str
    nickname: str
    since: datetime
    home: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A person. names: the asked one first. region: province, city of her profile. labels: what the platform calls her.

    tickets: of all her names, the newest first.
    """

    names: Sequence[KnownAs] = ()
    region: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    tickets: Sequence[Ticket] = ()


@dataclass(frozen=True, slots=True)
class CustomerCards:
    """Reads cards."""

    engine: AsyncEngine
    desk: Desk

    async def of(self, connection: AsyncConnection, account: str, customer: str) -> CustomerCard:
        """Her card; nothing but tickets where no platform told who she is."""
        c = customers.c
        hers = (c.account == account) & (c.customer == customer)
        person = select(c.person_id).where(hers, c.person_id.is_not(None)).scalar_subquery()
        query = select(customers).where(or_(hers, c.person_id == person)).order_by(c.id).limit(MOST_NAMES)
        rows = (await connection.execute(query)).all()
        rows = sorted(rows, key=lambda row: (row.account, row.customer) != (account, customer))
        people = [(row.account, row.customer) for row in rows] or [(account, customer)]
        tickets = [
            ticket for each in people for ticket in await self.desk.past_tickets(connection, *each, MOST_TICKETS)
        ]
        names = [_known_as(row) for row in rows]
        return CustomerCard(
            names=names,
            region=next((each.home for each in names if each.home), ()),
            labels=tuple(dict.fromkeys(name for row in rows if row.profile for name in tags_of(row.profile))),
            tickets=sorted(tickets, key=lambda each: each.opened_at, reverse=True)[:MOST_TICKETS],
        )

    async def named(self, words: str, *, limit: int) -> Sequence[Ticket]:
        """The newest tickets of customers whose name begins so."""
        c = customers.c
        query = (
            select(c.account, c.customer)
            .where(c.nickname.startswith(words, autoescape=True))
            .order_by(c.id.desc())
            .limit(limit)
        )
        async with read_only(self.engine).connect() as connection:
            found = [
                await self.desk.past_tickets(connection, row.account, row.customer, 1)
                for row in (await connection.execute(query)).all()
            ]
        return [ticket for tickets in found for ticket in tickets]


def _known_as(row: Row[Any]) -> KnownAs:
    home = home_of(row.profile) if row.profile else ()
    return KnownAs(row.account, row.channel, row.customer, row.nickname, row.created_at, home)
