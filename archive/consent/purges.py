"""What is to be purged, how far is it, and what was purged when and why?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, insert, or_, select, update

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

DUE, WAITING, DONE = "due", "waiting", "done"
LEASE = timedelta(seconds=60)  # far longer than a batch takes; who takes over from a dead process waits so long
LOOK_AGAIN = timedelta(seconds=60)  # whether the conversation that it waits for is closed


@dataclass(frozen=True, slots=True)
class Target:
    """Whose traces are to go. subject: her keyed digest. counterpart: only what was said with it; "": all of her."""

    subject: str
    account: str
    customer: str
    counterpart: str = ""


@dataclass(frozen=True, slots=True)
class PurgeClaim:
    """One purge, ours until the lease ends. counts: what went so far, by class."""

    id: int
    target: Target
    counts: Mapping[str, int]
    lease: str


@dataclass(frozen=True, slots=True)
class Purge:
    """A line of the log: whom by digest, why, what and when; no content."""

    id: int
    subject: str
    why: str
    state: str
    counts: Mapping[str, int]
    opened_at: datetime
    done_at: datetime | None


class Purges:
    """Jobs and log in one table. Works inside the caller's transaction and never commits."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    async def open(
        self, connection: AsyncConnection, subject: str, account: str, customer: str, counterpart: str = "", *, why: str
    ) -> int:
        """Order a purge; one that is under way for the same stays the one. Returns its id."""
        t, now = self._table, self._now()
        same = select(t.c.id).where(t.c.subject == subject, t.c.counterpart == counterpart, t.c.state != DONE)
        known: int | None = (await connection.execute(same.with_for_update())).scalar()
        if known is not None:
            return known
        values = {
            "subject": subject, "why": why, "state": DUE, "account": account, "customer": customer,
            "counterpart": counterpart, "counts": {}, "opened_at": now, "ready_at": now,
        }  # fmt: skip
        made: int = (await connection.execute(insert(t).values(values).returning(t.c.id))).scalar_one()
        return made

    async def claim(self, connection: AsyncConnection, *, only: int | None = None) -> PurgeClaim | None:
        """The purge that waits longest, or None; only: this one, whenever it would be due."""
        t, now = self._table, self._now()
        free = or_(t.c.lease_until.is_(None), t.c.lease_until <= now)
        wanted = t.c.ready_at <= now if only is None else t.c.id == only
        query = select(t).where(wanted, free, t.c.state != DONE).order_by(t.c.ready_at, t.c.id).limit(1)
        row = (await connection.execute(query.with_for_update(skip_locked=True))).one_or_none()
        if row is None:
            return None
        lease = secrets.token_hex(16)
        await connection.execute(update(t).where(t.c.id == row.id).values(lease_token=lease, lease_until=now + LEASE))
        return PurgeClaim(row.id, Target(row.subject, row.account, row.customer, row.counterpart), row.counts, lease)

    async def count(self, connection: AsyncConnection, claim: PurgeClaim, counts: Mapping[str, int]) -> bool:
        """So much went, all in all; the lease goes on. False where somebody else took over."""
        return await self._hold(connection, claim, counts=dict(counts), lease_until=self._now() + LEASE)

    async def wait(self, connection: AsyncConnection, claim: PurgeClaim) -> bool:
        """All is gone that could go; the rest goes when her conversation is closed. False: somebody else took over."""
        again = self._now() + LOOK_AGAIN
        return await self._hold(connection, claim, state=WAITING, ready_at=again, lease_token=None, lease_until=None)

    async def finish(self, connection: AsyncConnection, claim: PurgeClaim) -> bool:
        """Nothing is left of her, and this row stops naming her. False where somebody else took over."""
        return await self._hold(
            connection, claim, state=DONE, ready_at=None, done_at=self._now(), account="", customer="", counterpart="",
            lease_token=None, lease_until=None,
        )  # fmt: skip

    async def of(self, connection: AsyncConnection, subject: str) -> list[Purge]:
        """The log of one person, oldest first."""
        t = self._table
        rows = await connection.execute(select(t).where(t.c.subject == subject).order_by(t.c.id))
        return [_purge(row) for row in rows]

    async def by_id(self, connection: AsyncConnection, ids: Sequence[int]) -> list[Purge]:
        """These lines of the log."""
        t = self._table
        return [_purge(row) for row in await connection.execute(select(t).where(t.c.id.in_(ids)).order_by(t.c.id))]

    async def lag(self, connection: AsyncConnection) -> tuple[int, float]:
        """(how many are due, seconds the first of them has been)."""
        t, now = self._table, self._now()
        query = select(func.count(), func.min(t.c.ready_at)).where(t.c.ready_at <= now, t.c.state != DONE)
        row = (await connection.execute(query)).one()
        return row[0], 0.0 if row[1] is None else (now - row[1]).total_seconds()

    async def _hold(self, connection: AsyncConnection, claim: PurgeClaim, **values: object) -> bool:
        t = self._table
        change = update(t).where(t.c.id == claim.id, t.c.lease_token == claim.lease).values(**values)
        return (await connection.execute(change)).rowcount > 0


def _purge(row: Row[Any]) -> Purge:
    return Purge(row.id, row.subject, row.why, row.state, row.counts, row.opened_at, row.done_at)
