"""By which names do accounts know the same person?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from bot.store.tables import customers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Name = tuple[str, str]  # account, customer
_ASKED: Final = customers.alias("asked")
# built once: it is asked for every message
_SAME: Final = (
    select(customers.c.account, customers.c.customer)
    .join(_ASKED, _ASKED.c.person_id == customers.c.person_id)
    .where(_ASKED.c.account == bindparam("account"), _ASKED.c.customer == bindparam("customer"))
)


async def names_of(connection: AsyncConnection, name: Name) -> list[Name]:
    """All names of who is called so, this one too, in order: profiles that share a unionid are one person's."""
    account, customer = name
    rows = await connection.execute(_SAME, {"account": account, "customer": customer})
    return sorted({name, *((row.account, row.customer) for row in rows)})
