"""What do the pages need beyond the workbench's reads? The history of closed tickets."""

from __future__ import annotations

from bot.store.engine import read_only
from bot.workbench import Workbench
from handoff import TicketEvent


async def history(workbench: Workbench, ticket_id: int) -> tuple[TicketEvent, ...]:
    """A ticket's events, oldest first; a thread brings only those of the ticket that is open."""
    async with read_only(workbench.engine).connect() as connection:
        return await workbench.handover.desk.events(connection, ticket_id)
