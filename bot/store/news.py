"""Which 微信客服 accounts have news, who reads them, and how far? Page and cursor in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from bot.domain import Inbound
from bot.store.bubbles import Patience, no_patience
from bot.store.dialect import insert_for
from bot.store.engine import read_only, unsynced
from bot.store.intake import store_messages
from bot.store.tables import kf_cursors
from bot.store.views import StaleLease

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


# Built once: building the statement costs more than running it.
_c = kf_cursors.c
_NEXT = (
    select(_c.id)
    .where(
        _c.rings > _c.rings_answered,
        _c.ready_at <= bindparam("p_at"),
        or_(_c.lease_until.is_(None), _c.lease_until < bindparam("p_at")),
    )
    .order_by(_c.ready_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(kf_cursors)
    .where(_c.id == _NEXT.scalar_subquery())
    .values(lease_token=bindparam("p_token"), lease_until=bindparam("p_until"))
    .returning(kf_cursors)
)
_HOLD = update(kf_cursors).where(  # what is set are the columns among its parameters
    _c.id == bindparam("p_id"), _c.lease_token == bindparam("p_lease")
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One open_kfid, ours to read until the lease expires.

    rings: doorbells heard when it was claimed. token: of the last one, "" if older than its 10 minutes.
    drained: whether the first start is over (until then old messages are stored, not answered).
    """

    id: int
    account: str
    open_kfid: str
    cursor: str
    token: str
    rings: int
    drained: bool
    lease: str


class News:
    """Leases and cursors of kf/sync_msg. The cursor moves only together with what was read."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        now: Callable[[], datetime],
        lease_s: float,
        token_s: float,
        patience: Patience = no_patience,
    ) -> None:
        self._engine = engine
        self._leases = unsynced(engine)
        self._now = now
        self._lease = timedelta(seconds=lease_s)
        self._token_life = timedelta(seconds=token_s)
        self._patience = patience

    async def register(self, account: str, open_kfids: Sequence[str]) -> None:
        """Make sure these are read at least once, from the start."""
        if not open_kfids:
            return
        rows = [
            {"account": account, "open_kfid": each, "rings": 1, "ready_at": self._now()} for each in sorted(open_kfids)
        ]
        async with self._engine.begin() as connection:
            await connection.execute(insert_for(connection, kf_cursors).values(rows).on_conflict_do_nothing())

    async def known(self) -> list[tuple[str, str]]:
        """Every (account, open_kfid) that is read."""
        async with read_only(self._engine).connect() as connection:
            rows = await connection.execute(select(kf_cursors.c.account, kf_cursors.c.open_kfid))
            return [(row.account, row.open_kfid) for row in rows]

    async def ring_again(self, *, older_than_s: float) -> None:
        """The timer beside the doorbell: whatever was not read for a while is read again (a bell may be lost)."""
        before = self._now() - timedelta(seconds=older_than_s)
        async with self._engine.begin() as connection:
            await connection.execute(
                update(kf_cursors)
                .where(
                    kf_cursors.c.rings == kf_cursors.c.rings_answered,
                    or_(kf_cursors.c.pulled_at.is_(None), kf_cursors.c.pulled_at < before),
                )
                .values(rings=kf_cursors.c.rings + 1)
            )

    async def claim(self) -> Reading | None:
        """An open_kfid with news that nobody reads, or None."""
        now, lease = self._now(), uuid.uuid4().hex
        async with self._leases.begin() as connection:
            taken = await connection.execute(_TAKE, {"p_at": now, "p_token": lease, "p_until": now + self._lease})
            row = taken.one_or_none()
        if row is None:
            return None
        fresh = row.token_at is not None and row.token_at + self._token_life > now
        return Reading(
            id=row.id,
            account=row.account,
            open_kfid=row.open_kfid,
            cursor=row.cursor,
            token=row.token if fresh else "",
            rings=row.rings,
            drained=bool(row.drained),
            lease=lease,
        )

    async def store_page(
        self,
        reading: Reading,
        messages: Sequence[Inbound],
        *,
        cursor: str,
        answerable: Callable[[Inbound], bool],
    ) -> int:
        """Store a page and move the cursor, both or neither. Returns how many were new. Raises StaleLease."""
        now = self._now()
        async with self._leases.begin() as connection:  # lost with its cursor, the page is read again
            await self._hold(connection, reading, {"cursor": cursor, "lease_until": now + self._lease})
            _, new = await store_messages(connection, messages, now=now, patience=self._patience, answerable=answerable)
        return len(new)

    async def finish(self, reading: Reading) -> None:
        """All was read that had rung when it was claimed. Raises StaleLease."""
        values = {
            "rings_answered": reading.rings,
            "drained": 1,
            "pulled_at": self._now(),
            "lease_token": None,
            "lease_until": None,
            "error": None,
        }
        async with self._leases.begin() as connection:
            await self._hold(connection, reading, values)

    async def postpone(self, reading: Reading, until: datetime, *, error: str) -> None:
        """Reading failed; try again at `until`. Raises StaleLease."""
        async with self._engine.begin() as connection:
            await self._hold(
                connection, reading, {"ready_at": until, "error": error, "lease_token": None, "lease_until": None}
            )

    async def _hold(self, connection: AsyncConnection, reading: Reading, values: dict[str, object]) -> None:
        held = await connection.execute(_HOLD, {"p_id": reading.id, "p_lease": reading.lease, **values})
        if held.rowcount != 1:
            raise StaleLease(f"kf cursor {reading.id}")
