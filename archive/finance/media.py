"""Which files are still to be fetched, how far is each, and which of them will never come?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from archive.finance.leases import hold, take

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

PENDING, FETCHED, REFUSED = "pending", "fetched", "refused"
ERROR_CHARS = 200  # of the column
RemoveFiles = Callable[[Sequence[tuple[str, int]]], Awaitable[object]]  # of (account, row id), from the disk


@dataclass(frozen=True, slots=True)
class FileClaim:
    """One file of a message, ours to fetch until the lease expires.

    size: as the message says, 0 if it does not. next_index, pieces, received: how far it is. attempts: whole ones
    that failed. key_id: of the key that sealed its pieces.
    """

    id: int
    account: str
    customer: str
    room: str
    msgid: str
    part: int
    file_id: str
    md5: str
    size: int
    next_index: str
    pieces: int
    received: int
    attempts: int
    key_id: int | None
    lease: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is here. path: folder of its pieces."""

    part: int
    kind: str
    path: str
    pieces: int
    key_id: int | None


class MediaQueue:
    """Works inside the caller's transaction and never commits."""

    def __init__(self, media: Table, now: Callable[[], datetime], lease_s: float) -> None:
        self._media = media
        self._now = now
        self._lease = timedelta(seconds=lease_s)

    async def claim(self, connection: AsyncConnection, accounts: Sequence[str]) -> FileClaim | None:
        """The file that waits longest, or None."""
        media, now = self._media, self._now()
        row = await take(
            connection, media, media.c.state == PENDING, media.c.ready_at <= now, media.c.account.in_(accounts),
            order=media.c.ready_at, now=now, until=now + self._lease,
        )  # fmt: skip
        return None if row is None else _claim(row)

    async def keep(self, connection: AsyncConnection, claim: FileClaim) -> None:
        """So many pieces are on disk, and more will come. Raises LeaseLost."""
        until = self._now() + self._lease
        await hold(connection, self._media, claim.id, claim.lease, **_progress(claim), lease_until=until)

    async def renew(self, connection: AsyncConnection, claim: FileClaim) -> None:
        """It is still ours, and who would remove it waits until this transaction ends. Raises LeaseLost."""
        await hold(connection, self._media, claim.id, claim.lease, lease_until=self._now() + self._lease)

    async def is_known(self, connection: AsyncConnection, claim: FileClaim) -> bool:
        """Whether the file is still wanted, by us or another."""
        media = self._media
        return (await connection.execute(select(media.c.id).where(media.c.id == claim.id))).first() is not None

    async def finish(self, connection: AsyncConnection, claim: FileClaim, path: str) -> None:
        """All pieces are there and make the file. Raises LeaseLost."""
        await self._settle(connection, claim, state=FETCHED, path=path, error="", **_progress(claim))

    async def refuse(self, connection: AsyncConnection, claim: FileClaim, why: str) -> None:
        """It will never come. Raises LeaseLost."""
        await self._settle(connection, claim, state=REFUSED, error=why[:ERROR_CHARS])

    async def restart(self, connection: AsyncConnection, claim: FileClaim, until: datetime, why: str) -> None:
        """What came is not the file: once more from the beginning, at `until`. Raises LeaseLost."""
        await self._settle(
            connection, claim, next_index="", chunks=0, received=0, key_id=None, attempts=claim.attempts + 1,
            ready_at=until, error=why[:ERROR_CHARS],
        )  # fmt: skip

    async def postpone(
        self, connection: AsyncConnection, claim: FileClaim, until: datetime, why: str = "", *, counts: bool = False
    ) -> None:
        """Go on from here at `until`; counts: as a failed attempt. Raises LeaseLost."""
        await self._settle(
            connection, claim, ready_at=until, error=why[:ERROR_CHARS], attempts=claim.attempts + int(counts)
        )

    async def of_message(self, connection: AsyncConnection, msgid: str) -> list[StoredFile]:
        """The files of a message that are here."""
        media = self._media
        query = select(media).where(media.c.msgid == msgid, media.c.state == FETCHED).order_by(media.c.part)
        return [
            StoredFile(row.part, row.kind, row.path, row.chunks, row.key_id) for row in await connection.execute(query)
        ]

    async def counts(self, connection: AsyncConnection) -> dict[tuple[str, str], int]:
        """(account, state) → how many files."""
        media = self._media
        query = select(media.c.account, media.c.state, func.count().label("n")).group_by(media.c.account, media.c.state)
        return {(row.account, row.state): row.n for row in await connection.execute(query)}

    async def _settle(self, connection: AsyncConnection, claim: FileClaim, **values: object) -> None:
        await hold(connection, self._media, claim.id, claim.lease, **values, lease_token=None, lease_until=None)


def _progress(claim: FileClaim) -> dict[str, object]:
    return {
        "chunks": claim.pieces, "received": claim.received, "next_index": claim.next_index, "key_id": claim.key_id,
    }  # fmt: skip


def _claim(row: Row[Any]) -> FileClaim:
    return FileClaim(
        id=row.id,
        account=row.account,
        customer=row.customer,
        room=row.room,
        msgid=row.msgid,
        part=row.part,
        file_id=row.file_id,
        md5=row.md5,
        size=row.size,
        next_index=row.next_index,
        pieces=row.chunks,
        received=row.received,
        attempts=row.attempts,
        key_id=row.key_id,
        lease=row.lease_token,
    )
