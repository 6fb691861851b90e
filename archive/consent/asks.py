"""Whose status is the platform to be asked for next, and how far behind are we with asking?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.consent.values import Party, Provenance

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

LEASE = timedelta(seconds=60)  # far longer than a call takes
ERROR_CHARS = 64


@dataclass(frozen=True, slots=True)
class Rhythm:
    """every: a pair that writes is asked about at most so often. gap: after a silence this long, at once."""

    every: timedelta
    gap: timedelta


@dataclass(frozen=True, slots=True)
class AskClaim:
    """Whom to ask about in one call, ours until the lease ends. pairs: (customer, counterpart); ("", room): a group."""

    account: str
    ids: tuple[int, ...]
    pairs: tuple[tuple[str, str], ...]
    failures: int
    lease: str

    @property
    def room(self) -> str:
        """The group's id where it is one, else ""."""
        return self.pairs[0][1] if not self.pairs[0][0] else ""


class Asks:
    """Works inside the caller's transaction and never commits."""

    def __init__(self, table: Table, rhythm: Rhythm, now: Callable[[], datetime]) -> None:
        self._table = table
        self._every = rhythm.every
        self._gap = rhythm.gap
        self._now = now
        self._notes = {
            "postgresql": _noting(postgresql.insert(table), table),
            "sqlite": _noting(sqlite.insert(table), table),
        }

    async def note(self, connection: AsyncConnection, parties: Collection[Party]) -> None:
        """They write to each other: ask, unless we did a while ago and they have been talking since."""
        pairs = sorted(
            {
                # a group is asked about as a whole
                (each.account, "" if each.is_group else each.customer, each.counterpart)
                for each in parties
                if each.provenance is Provenance.ARCHIVE and each.counterpart and (each.customer or each.is_group)
            }
        )
        now = self._now()
        rows = [
            {"account": account, "customer": customer, "counterpart": counterpart, "news_at": now, "due_at": now}
            for account, customer, counterpart in pairs
        ]
        for row in rows:
            await connection.execute(self._notes[connection.dialect.name], {**row, "quiet_since": now - self._gap})

    async def claim(self, connection: AsyncConnection, *, limit: int) -> AskClaim | None:
        """Up to `limit` pairs of one account, or one group; those that wait longest."""
        t, now = self._table, self._now()
        free = and_(t.c.due_at <= now, or_(t.c.lease_until.is_(None), t.c.lease_until <= now))
        first = (await connection.execute(select(t).where(free).order_by(t.c.due_at, t.c.id).limit(1))).one_or_none()
        if first is None:
            return None
        same = t.c.id == first.id if not first.customer else and_(t.c.account == first.account, t.c.customer != "")
        query = select(t).where(free, same).order_by(t.c.due_at, t.c.id).limit(1 if not first.customer else limit)
        rows = (await connection.execute(query.with_for_update(skip_locked=True))).all()
        if not rows:
            return None
        ids, lease = tuple(row.id for row in rows), secrets.token_hex(16)
        await connection.execute(update(t).where(t.c.id.in_(ids)).values(lease_token=lease, lease_until=now + LEASE))
        pairs = tuple((row.customer, row.counterpart) for row in rows)
        return AskClaim(first.account, ids, pairs, max(row.failures for row in rows), lease)

    async def finish(self, connection: AsyncConnection, claim: AskClaim) -> None:
        """They were asked about."""
        now = self._now()
        await self._settle(
            connection, claim, asked_at=now, next_at=now + self._every, due_at=None, failures=0, error=""
        )

    async def postpone(self, connection: AsyncConnection, claim: AskClaim, until: datetime, why: str) -> None:
        """It failed: again at `until`. why: a name, no text of anybody's."""
        await self._settle(connection, claim, due_at=until, failures=claim.failures + 1, error=why[:ERROR_CHARS])

    async def lag(self, connection: AsyncConnection) -> tuple[int, float]:
        """(how many are due, seconds the first of them has been)."""
        t, now = self._table, self._now()
        row = (await connection.execute(select(func.count(), func.min(t.c.due_at)).where(t.c.due_at <= now))).one()
        return row[0], 0.0 if row[1] is None else (now - row[1]).total_seconds()

    async def _settle(self, connection: AsyncConnection, claim: AskClaim, **values: object) -> None:
        t = self._table
        ours = t.c.lease_token == claim.lease
        await connection.execute(
            update(t).where(t.c.id.in_(claim.ids), ours).values(**values, lease_token=None, lease_until=None)
        )


def _noting(insert: postgresql.Insert | sqlite.Insert, table: Table) -> postgresql.Insert | sqlite.Insert:
    starts = table.c.news_at <= bindparam("quiet_since", type_=table.c.news_at.type)
    due = case(
        (table.c.due_at.is_not(None), table.c.due_at),
        (or_(starts, table.c.next_at.is_(None)), insert.excluded.news_at),
        else_=table.c.next_at,
    )
    return insert.on_conflict_do_update(
        index_elements=["account", "customer", "counterpart"],
        set_={"news_at": insert.excluded.news_at, "due_at": due},
    )
