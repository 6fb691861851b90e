"""How does a conversation stand, with the budget of its address and her name? And what are many customers called?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from bot.store.tables import addresses, conversations, customers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def conversation_row(connection: AsyncConnection, conversation_id: int) -> Row[Any] | None:
    """All of its columns with sends_left, window_ends_at and nickname; None if there is none of this id."""
    query = (
        select(conversations, addresses.c.sends_left, addresses.c.window_ends_at, customers.c.nickname)
        .join(addresses, addresses.c.id == conversations.c.address_id)
        .outerjoin(
            customers,
            (customers.c.account == conversations.c.account) & (customers.c.customer == conversations.c.customer),
        )
        .where(conversations.c.id == conversation_id)
    )
    found = await connection.execute(query)
    return found.one_or_none()


async def nicknames(connection: AsyncConnection, whom: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """(account, customer) → the name she goes by, where it is known."""
    if not whom:
        return {}
    c = customers.c
    hers = c.customer.in_({customer for _, customer in whom}), c.account.in_({account for account, _ in whom})
    query = select(c.account, c.customer, c.nickname).where(*hers, c.nickname != "")
    return {(row.account, row.customer): row.nickname for row in await connection.execute(query)}
