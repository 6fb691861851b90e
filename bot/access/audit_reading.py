"""What does the audit log say, and has anybody touched it? Pages by key, and the chain from its beginning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, select

from bot.access.chain import Broken, Head, Record, follow
from bot.access.tables import audit_log

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

_STEP: Final = 1_000  # rows read at a time


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. "" and None: any. since is within, until is not. before: only rows with a smaller number."""

    who: str = ""
    action: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


async def read(connection: AsyncConnection, wanted: Wanted, *, limit: int) -> list[Record]:
    """The newest of the wanted rows first."""
    query = _where(select(audit_log), wanted).order_by(audit_log.c.number.desc()).limit(limit)
    return [_record(row) for row in await connection.execute(query)]


async def read_all(connection: AsyncConnection, wanted: Wanted) -> AsyncIterator[Record]:
    """All wanted rows, newest first, a step at a time."""
    while records := await read(connection, wanted, limit=_STEP):
        for record in records:
            yield record
        wanted = Wanted(wanted.who, wanted.action, wanted.object, wanted.since, wanted.until, records[-1].number)


async def verify(connection: AsyncConnection) -> Head | Broken:
    """Read the whole log and compare: the head of a whole chain, or the first row that does not fit."""
    head = Head()
    while True:
        query = select(audit_log).where(audit_log.c.number > head.number).order_by(audit_log.c.number).limit(_STEP)
        records = [_record(row) for row in await connection.execute(query)]
        if not records:
            return head
        found = follow(head, records)
        if isinstance(found, Broken):
            return found
        head = found


async def holds(connection: AsyncConnection, hash_: str) -> bool:
    """Is there a row with this hash? One that was noted elsewhere betrays rows cut off at the end."""
    query = select(audit_log.c.number).where(audit_log.c.hash == hash_).limit(1)
    return (await connection.execute(query)).one_or_none() is not None


def _where(query: Select[tuple[object, ...]], wanted: Wanted) -> Select[tuple[object, ...]]:
    for column, value in (("who", wanted.who), ("action", wanted.action), ("object", wanted.object)):
        if value:
            query = query.where(audit_log.c[column] == value)
    if wanted.since is not None:
        query = query.where(audit_log.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_log.c.at < wanted.until)
    if wanted.before is not None:
        query = query.where(audit_log.c.number < wanted.before)
    return query


def _record(row: Row[tuple[object, ...]]) -> Record:
    return Record(**row._mapping)  # noqa: SLF001 - the documented way to a row's mapping
