"""Which version of each analyzer has read what was said before it came, and whose turn is it to analyse?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Table, func, insert, or_, select, update

from archive.analysis.tables import AnalysisTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SHIFT = ""  # the row of whose turn it is
RULES = "rules"  # the row of the shop's quality rules: their digest is the version, sessions are read anew
ADVISORY_LOCK = 7_265_115  # one transaction at a time writes what the analysis found; SQLite's writers wait anyway


class OvertakenError(Exception):
    """Another process runs a newer version of an analyzer: what this one finds would undo it. Update this process."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a version has come with what was said before it. left: of `total`."""

    analyzer: str
    version: int
    upto: int
    done: int
    total: int
    at: datetime

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be read anew."""
        return self.upto <= 0


class ProgressStore:
    """Progress in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, tables: AnalysisTables, entries: Table) -> None:
        self._table = tables.progress
        self._entries = entries
        self._sessions = tables.sessions

    async def register(self, connection: AsyncConnection, versions: Mapping[str, int], now: datetime) -> None:
        """Note which versions run here; what an older version has read is to be read anew, newest first.

        Raises OvertakenError where a newer version of an analyzer was at work already.
        """
        p = self._table
        known = {row.analyzer: row.version for row in await connection.execute(select(p.c.analyzer, p.c.version))}
        if SHIFT not in known:
            await connection.execute(insert(p), {"analyzer": SHIFT, "version": 0, "upto": 0, "at": now})
        for name, version in versions.items():
            if name in known and name != RULES and known[name] > version:
                raise OvertakenError(f"analyzer {name}: version {known[name]} is at work, this process has {version}")
            if known.get(name) != version:
                row = {"version": version, "done": 0, "at": now, **await self._before(connection, name)}
                if name in known:
                    await connection.execute(update(p).where(p.c.analyzer == name).values(row))
                else:
                    await connection.execute(insert(p), {"analyzer": name, **row})

    async def check(self, connection: AsyncConnection, versions: Mapping[str, int]) -> None:
        """Raises OvertakenError where a newer version than ours is registered."""
        for each in await self.all(connection):
            if each.analyzer != RULES and each.version > versions.get(each.analyzer, each.version):
                raise OvertakenError(f"analyzer {each.analyzer}: version {each.version} is at work elsewhere")

    async def all(self, connection: AsyncConnection) -> list[Progress]:
        """The progress of each analyzer."""
        p = self._table
        query = select(p.c.analyzer, p.c.version, p.c.upto, p.c.done, p.c.total, p.c.at).where(p.c.analyzer != SHIFT)
        return [Progress(*row) for row in await connection.execute(query.order_by(p.c.analyzer))]

    async def advance(
        self, connection: AsyncConnection, seen: Progress, *, upto: int, done: int, now: datetime
    ) -> bool:
        """Move the cursor on; False where another process did, or a newer version began: write nothing then."""
        p = self._table
        moved = await connection.execute(
            update(p)
            .where(p.c.analyzer == seen.analyzer, p.c.version == seen.version, p.c.upto == seen.upto)
            .values(upto=upto, done=p.c.done + done, at=now)
        )
        return moved.rowcount > 0

    async def take_shift(self, connection: AsyncConnection, token: str, now: datetime, length: timedelta) -> bool:
        """Whether it is this process' turn, until `now + length`.

        Only so that two do not do the same work; what is written is right even if they do.
        """
        p = self._table
        free = or_(p.c.lease_token == token, p.c.lease_until.is_(None), p.c.lease_until < now)
        taken = await connection.execute(
            update(p).where(p.c.analyzer == SHIFT, free).values(lease_token=token, lease_until=now + length)
        )
        return taken.rowcount > 0

    async def end_shift(self, connection: AsyncConnection, token: str) -> None:
        """Let others have their turn at once."""
        p = self._table
        await connection.execute(
            update(p).where(p.c.analyzer == SHIFT, p.c.lease_token == token).values(lease_token=None, lease_until=None)
        )

    async def _before(self, connection: AsyncConnection, name: str) -> dict[str, int]:
        """Below which id lies what was read already, and how much that is."""
        if name == RULES:
            ids: Sequence[int] = (await connection.execute(select(func.max(self._sessions.c.id)))).scalars().all()
            count = select(func.count()).select_from(self._sessions)
        else:
            ids = (await connection.execute(select(func.max(self._entries.c.id)))).scalars().all()
            count = select(func.count()).select_from(self._entries).where(self._entries.c.fresh == 0)
        total = await connection.scalar(count) or 0
        return {"upto": (ids[0] or 0) + 1 if total else 0, "total": total}


async def write_alone(connection: AsyncConnection) -> None:
    """Wait until no other transaction writes what the analysis found."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
