"""How much may still be said to a customer, beside what is on its way?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.store.tables import addresses, outbox
from bot.store.views import EffectKind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def room_of(connection: AsyncConnection, address_id: int, now: datetime) -> int:
    """Messages that the platform will still take from us: those left, less those that wait to be sent."""
    under_way = (
        select(func.count())
        .where(
            outbox.c.address_id == address_id,
            outbox.c.kind == EffectKind.SEND.value,
            outbox.c.state == "pending",
            outbox.c.spent == 0,
        )
        .scalar_subquery()
    )
    query = select(addresses.c.sends_left, addresses.c.window_ends_at, under_way.label("under_way"))
    row = (await connection.execute(query.where(addresses.c.id == address_id))).one()
    if row.window_ends_at is None or row.window_ends_at <= now:
        return 0
    return max(0, int(row.sends_left - row.under_way))
