"""What lies aside because it cannot be opened now, and when is it tried again?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, or_, select

from archive.finance.inserting import insert_for
from archive.finance.opening import WAITING_KEY
from archive.finance.page import Envelope, PutAside

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Lying:
    """How many messages of an account lie aside for this reason, and which key versions they wait for."""

    account: str
    reason: str
    key_version: int
    count: int


class Aside:
    """Messages kept with their ciphertext. Works inside the caller's transaction and never commits."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    async def put(self, connection: AsyncConnection, account: str, items: Sequence[PutAside]) -> None:
        """Keep them; one that lies there already gets its newest reason."""
        if not items:
            return
        insert = insert_for(connection, self._table)
        keeping = insert.on_conflict_do_update(
            index_elements=["account", "msgid"],
            set_={"reason": insert.excluded.reason, "code": insert.excluded.code},
        )
        now = self._now()
        rows = [
            {
                "account": account,
                "seq": item.envelope.seq,
                "msgid": item.envelope.msgid,
                "key_version": item.envelope.version,
                "reason": item.reason,
                "code": item.code,
                "random_key": item.envelope.random_key,
                "message": item.envelope.message,
                "put_at": now,
            }
            for item in items
        ]
        await connection.execute(keeping, rows)

    async def due(
        self,
        connection: AsyncConnection,
        account: str,
        versions: Collection[int],
        *,
        after: int,
        limit: int,
        everything: bool,
    ) -> list[tuple[int, Envelope]]:
        """(row id, message) of what can be tried, by row id after `after`: what waits for a key that is there now.

        everything: also what resisted before. Rows come in the order they were put, which is that of seq.
        """
        table = self._table
        opens = and_(table.c.reason == WAITING_KEY, table.c.key_version.in_(versions))
        query = (
            select(table)
            .where(
                table.c.account == account,
                table.c.id > after,
                or_(opens, table.c.reason != WAITING_KEY) if everything else opens,
            )
            .order_by(table.c.id)
            .limit(limit)
        )
        return [
            (row.id, Envelope(row.seq, row.msgid, row.key_version, row.random_key, row.message))
            for row in await connection.execute(query)
        ]

    async def settle(self, connection: AsyncConnection, ids: Collection[int]) -> None:
        """These were opened and stored: they lie here no longer."""
        if ids:
            await connection.execute(delete(self._table).where(self._table.c.id.in_(ids)))

    async def lying(self, connection: AsyncConnection) -> list[Lying]:
        """What lies aside, counted."""
        table = self._table
        columns = (table.c.account, table.c.reason, table.c.key_version)
        rows = await connection.execute(select(*columns, func.count().label("n")).group_by(*columns).order_by(*columns))
        return [Lying(row.account, row.reason, row.key_version, row.n) for row in rows]


def by_reason(lying: Sequence[Lying], account: str) -> Counter[str]:
    """How many messages of an account lie aside, by reason."""
    counted: Counter[str] = Counter()
    for each in lying:
        if each.account == account:
            counted[each.reason] += each.count
    return counted
