"""How do reviews of what a customer said go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from archive.reviews.tables import ReviewTables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


async def forget_reviews(
    connection: AsyncConnection, tables: ReviewTables, which: ColumnElement[bool], limit: int
) -> int:
    """Remove up to so many reviews of which that holds, with their events. Returns how many."""
    r, e = tables.reviews, tables.events
    ids = list(await connection.scalars(select(r.c.id).where(which).order_by(r.c.id).limit(limit)))
    if ids:
        await connection.execute(delete(e).where(e.c.review_id.in_(ids)))
        await connection.execute(delete(r).where(r.c.id.in_(ids)))
    return len(ids)
