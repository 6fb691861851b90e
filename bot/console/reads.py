"""What do the pages need beyond the workbench's reads? Names of customers, the history of closed tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from bot.store.engine import read_only
from bot.store.tables import customers
from bot.workbench import Workbench
from handoff import Ticket, TicketEvent


async def nicknames(workbench: Workbench, tickets: Iterable[Ticket]) -> Mapping[tuple[str, str], str]:
    """(account, customer) → the name she goes by, where it is known."""
    ids = {ticket.customer for ticket in tickets}
    if not ids:
        return {}
    query = select(customers.c.account, customers.c.customer, customers.c.nickname).where(
        customers.c.customer.in_(ids), customers.c.nickname != ""
    )
    async with read_only(workbench.engine).connect() as connection:
        return {(row.account, row.customer): row.nickname for row in await connection.execute(query)}


async def history(workbench: Workbench, ticket_id: int) -> tuple[TicketEvent, ...]:
    """A ticket's events, oldest first; a thread brings only those of the ticket that is open."""
    async with read_only(workbench.engine).connect() as connection:
        return await workbench.handover.desk.events(connection, ticket_id)
