"""Who withdrew, was served again since, and is to be forgotten again?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, union

from archive.consent import Consents
from bot.forgetting.words import GONE
from bot.store.tables import addresses, conversations, inbox, turns

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def withdrawn_again(connection: AsyncConnection, consents: Consents, since: datetime) -> int:
    """Order the purge of what came since of people who had withdrawn; how many there are.

    A shop still answers who writes to it. What that needs is kept while the conversation is open, and no longer. Nor is
    what no conversation was opened for: a click on an old menu, what colleagues did to her card.
    """
    c, a = conversations.c, addresses.c
    closed = select(c.account, c.customer).where(c.state == "closed", c.updated_at >= since)
    came = select(a.account, a.customer).join_from(turns, inbox).join(addresses).where(turns.c.created_at >= since)
    rows = await connection.execute(union(closed, came))
    people = [(row.account, row.customer) for row in rows if row.customer and not row.customer.startswith(GONE)]
    again = await consents.withdrawn(connection, people)
    for account, customer in again:
        digest = await consents.digest(connection, account, customer)
        await consents.purges.open(connection, digest, account, customer, why="withdrawn")
    return len(again)
