"""Where are offers kept, and how do they end?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.offers import IN_VAIN, Offer, OfferState
from handoff.tables import Tables
from handoff.ticket_rows import offer_of


class OfferStore:
    """Reads and writes `offers`.

    Who ends an offer holds the row of its agent, who makes one the conversation's row besides. So who holds both
    knows for sure what is offered of a conversation.
    """

    def __init__(self, tables: Tables) -> None:
        self._table = tables.offers
        c = tables.offers.c
        # Statements of each move, built once: building one costs more than running it.
        self._end = update(tables.offers).where(self.open).returning(tables.offers)
        self._end_one = self._end.where(c.id == bindparam("p_id"))

    async def insert(self, connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> tuple[Offer, ...]:
        """Write open offers, of conversations that have none; in their order."""
        made = await connection.execute(insert(self._table).returning(self._table), [dict(row) for row in rows])
        offers = {row.conversation_id: offer_of(row) for row in made}  # asking the database for the order costs more
        return tuple(offers[row["conversation_id"]] for row in rows)

    async def end(
        self, connection: AsyncConnection, state: OfferState, at: datetime, *conditions: ColumnElement[bool]
    ) -> tuple[Offer, ...]:
        """End the open offers that meet the conditions; their agents' rows are held."""
        ended = await connection.execute(self._end.where(*conditions), {"state": state.value, "ended_at": at})
        return tuple(sorted(map(offer_of, ended), key=lambda offer: offer.id))

    async def end_one(
        self, connection: AsyncConnection, offer_id: int, state: OfferState, at: datetime
    ) -> Offer | None:
        """End an open offer, whose agent's row is held; None if it is not open."""
        given = {"p_id": offer_id, "state": state.value, "ended_at": at}
        row = (await connection.execute(self._end_one, given)).one_or_none()
        return None if row is None else offer_of(row)

    async def find(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> tuple[Offer, ...]:
        """Offers that meet the conditions, oldest first."""
        query = select(self._table).where(*conditions).order_by(self._table.c.id)
        return tuple(map(offer_of, await connection.execute(query)))

    async def passes(self, connection: AsyncConnection, waiting: Mapping[int, int]) -> Mapping[int, Sequence[str]]:
        """Ticket → who let it pass, of tickets given with the version of their conversation since they wait."""
        c = self._table.c
        rows = await connection.execute(
            select(c.ticket_id, c.agent, c.version).where(
                c.ticket_id.in_(waiting), c.state.in_([state.value for state in IN_VAIN])
            )
        )
        found: dict[int, list[str]] = {}
        for row in rows:
            if waiting[row.ticket_id] == row.version:
                found.setdefault(row.ticket_id, []).append(row.agent)
        return found

    @property
    def open(self) -> ColumnElement[bool]:
        """The condition that an offer is open."""
        return self._table.c.state == OfferState.OPEN.value
