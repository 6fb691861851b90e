"""Which clocks do people's and customers' words stop and start?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.tables import conversations
from handoff import Desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What people and customers say, for the clocks that wait for it."""

    desk: Desk

    async def person_spoke(self, connection: AsyncConnection, conversation_id: int, *, by: str) -> None:
        """A person answered the customer."""
        ticket_id = await ticket_of(connection, conversation_id)
        if ticket_id is not None:
            await self.desk.responded(connection, ticket_id, by=by)

    async def customer_wrote(self, connection: AsyncConnection, conversation_id: int) -> None:
        """The customer wrote to the person who has her: what waited for that goes on, and an answer is owed."""
        ticket_id = await ticket_of(connection, conversation_id)
        if ticket_id is not None:
            await self.desk.asked(connection, ticket_id)


async def ticket_of(connection: AsyncConnection, conversation_id: int) -> int | None:
    """The conversation's open ticket, None if it has none."""
    found: int | None = (
        await connection.execute(select(conversations.c.ticket_id).where(conversations.c.id == conversation_id))
    ).scalar_one_or_none()
    return found
