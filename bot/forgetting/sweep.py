"""Who withdrew, was served again since, and is to be forgotten again?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from archive.consent import Consents
from bot.forgetting.words import GONE
from bot.store.tables import conversations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def withdrawn_again(connection: AsyncConnection, consents: Consents, since: datetime) -> int:
    """Order the purge of what was said since with people who had withdrawn; how many there are.

    A shop still answers who writes to it. What that needs is kept while the conversation is open, and no longer.
    """
    c = conversations.c
    query = (
        select(c.account, c.customer)
        .where(c.state == "closed", c.updated_at >= since, c.customer.not_like(f"{GONE}%"))
        .distinct()
    )
    people = [(row.account, row.customer) for row in await connection.execute(query)]
    again = await consents.withdrawn(connection, people)
    for account, customer in again:
        digest = await consents.digest(connection, account, customer)
        await consents.purges.open(connection, digest, account, customer, why="withdrawn")
    return len(again)
