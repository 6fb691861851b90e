"""How does one worker hold what others must leave alone meanwhile?"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Table, or_, select, update

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class LeaseLost(Exception):  # noqa: N818 - reads as the fact it is
    """Somebody else holds it by now: what we were about to write must not be written."""


async def take(
    connection: AsyncConnection,
    table: Table,
    *due: ColumnElement[bool],
    order: ColumnElement[Any],
    now: datetime,
    until: datetime,
) -> Row[Any] | None:
    """The first row that is due and free, ours from now on until `until`; None if there is none."""
    following = (
        select(table.c.id)
        .where(*due, or_(table.c.lease_until.is_(None), table.c.lease_until < now))
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taking = (
        update(table)
        .where(table.c.id == following.scalar_subquery())
        .values(lease_token=uuid.uuid4().hex, lease_until=until)
        .returning(table)
    )
    row: Row[Any] | None = (await connection.execute(taking)).one_or_none()
    return row


async def hold(connection: AsyncConnection, table: Table, id_: int, lease: str, **values: object) -> None:
    """Write to a row that is ours. Raises LeaseLost."""
    held = await connection.execute(
        update(table).where(table.c.id == id_, table.c.lease_token == lease).values(**values)
    )
    if held.rowcount != 1:
        raise LeaseLost(f"{table.name} {id_}")
