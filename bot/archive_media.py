"""How do the files of archived conversations come in? After the messages, piece by piece, checked at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from archive import DataKey
from archive.finance import (
    AnswerTooLarge,
    ChildDied,
    FileChunk,
    FileClaim,
    FinanceError,
    LeaseLost,
    LibraryUnusable,
    MediaQueue,
    Pieces,
    Pulls,
    SdkRefused,
)
from bot.archive_settings import ArchivePullSettings
from bot.archive_sources import Source

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PIECES_A_TURN = 16  # of 512 KiB (§5.2): then others' messages and files come first
GONE = frozenset({10005, 10010})  # no such file, too old: it never comes
FILES = Counter("xiaoer_archive_files_total", "Files of the session archive, by outcome", ["account", "outcome"])
_log = structlog.get_logger()

KeyFor = Callable[["AsyncConnection", FileClaim], Awaitable[DataKey]]


@dataclass(frozen=True, slots=True)
class ArchiveMedia:
    """Fetches files. folder: below which they lie. key_for: the key that seals a file's pieces.

    reached: told at each point between two things that are done, for tests of deaths.
    """

    engine: AsyncEngine
    sources: Mapping[str, Source]
    queue: MediaQueue
    pulls: Pulls
    key_for: KeyFor
    settings: ArchivePullSettings
    folder: Path
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def claim(self) -> FileClaim | None:
        """The file that waits longest, or None; messages come first."""
        if not self.sources:
            return None
        async with self.engine.begin() as connection:
            states = await self.pulls.states(connection)
            idle = [each.account for each in states if each.account in self.sources and not each.is_held]
            return await self.queue.claim(connection, idle) if idle else None

    async def fetch(self, claim: FileClaim) -> None:
        """Fetch a turn's worth of one claimed file; a failure postpones it, or ends it for good."""
        try:
            await self._fetch(claim)
        except LeaseLost:
            _log.warning("archive.file_lease_lost", file=claim.id)
            async with self.engine.begin() as connection:
                known = await self.queue.is_known(connection, claim)
            if not known:  # it was purged while it was fetched
                await asyncio.to_thread(self.pieces(claim).remove)

    def pieces(self, claim: FileClaim) -> Pieces:
        """Where the file lies."""
        return Pieces(self.folder / claim.account / str(claim.id), claim.msgid, claim.part)

    async def _fetch(self, claim: FileClaim) -> None:
        if claim.size > self.settings.media_bytes:
            await self._refuse(claim, "too_large")
            return
        for _ in range(PIECES_A_TURN):
            try:
                chunk = await self.sources[claim.account].files.media(claim.file_id, claim.next_index)
            except FinanceError as error:
                await self._failed(claim, error)
                return
            if claim.received + len(chunk.data) > self.settings.media_bytes:
                await self._refuse(claim, "too_large")
                return
            written = await self._write(claim, chunk)
            if written is None:
                return
            claim, key = written
            self.reached("archive_piece_written")
            if chunk.finished:
                await self._finish(claim, key)
                return
            async with self.engine.begin() as connection:
                await self.queue.keep(connection, claim)
        async with self.engine.begin() as connection:
            await self.queue.postpone(connection, claim, self.now())

    async def _write(self, claim: FileClaim, chunk: FileChunk) -> tuple[FileClaim, DataKey] | None:
        """Piece on the disk, before the row; None where the file must begin anew under another key."""
        async with self.engine.begin() as connection:
            await self.queue.renew(connection, claim)  # or no new key is made for somebody who was forgotten
            key = await self.key_for(connection, claim)
        if claim.pieces and key.id != claim.key_id:
            await self._restart(claim, "the key changed")
            return None
        await asyncio.to_thread(self.pieces(claim).write, claim.pieces, chunk.data, key)
        received = claim.received + len(chunk.data)
        return replace(claim, key_id=key.id, pieces=claim.pieces + 1, received=received, next_index=chunk.index), key

    async def _finish(self, claim: FileClaim, key: DataKey) -> None:
        """Is it what the message said? The platform may leave md5sum empty (§5.2).

        The last piece is noted with the end: what asks for the piece after the last is nothing, and would bring the
        first one again.
        """
        pieces = self.pieces(claim)
        if claim.md5 and await asyncio.to_thread(pieces.md5, claim.pieces, key) != claim.md5.lower():
            await self._restart(claim, "md5")
            return
        async with self.engine.begin() as connection:
            await self.queue.finish(connection, claim, str(pieces.folder.relative_to(self.folder)))
        FILES.labels(account=claim.account, outcome="fetched").inc()

    async def _failed(self, claim: FileClaim, error: FinanceError) -> None:
        wait_s = self.settings.backoff_cap_s if error.retryable else self.settings.refused_again_s
        match error:
            case SdkRefused(code=code) if code in GONE:
                await self._refuse(claim, f"code {code}")
                return
            case AnswerTooLarge():
                await self._refuse(claim, "too_large")
                return
            case ChildDied() if claim.attempts + 1 >= self.settings.media_attempts:
                await self._refuse(claim, "killed")
                return
            case SdkRefused() | LibraryUnusable() | ChildDied() | _:
                counts = isinstance(error, ChildDied)
        async with self.engine.begin() as connection:
            until = self.now() + timedelta(seconds=wait_s)
            await self.queue.postpone(connection, claim, until, str(error), counts=counts)

    async def _restart(self, claim: FileClaim, why: str) -> None:
        if claim.attempts + 1 >= self.settings.media_attempts:
            await self._refuse(claim, why)
            return
        async with self.engine.begin() as connection:
            await self.queue.restart(connection, claim, self.now() + timedelta(seconds=self.settings.backoff_s), why)

    async def _refuse(self, claim: FileClaim, why: str) -> None:
        async with self.engine.begin() as connection:
            await self.queue.refuse(connection, claim, why)
        await asyncio.to_thread(self.pieces(claim).remove)
        FILES.labels(account=claim.account, outcome="refused").inc()
        _log.warning("archive.file_refused", account=claim.account, file=claim.id, why=why)
