"""How does what is said in the WeCom client become ours? The parts that read session archives, and how they stand."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archive import Archive, ArchiveTables, DataKey
from archive.finance import ConsentLedger, FileClaim, RemoveFiles, Storing
from bot.archive_media import ArchiveMedia
from bot.archive_puller import ArchivePuller
from bot.archive_reading import Parts
from bot.archive_settings import ArchivePullSettings
from bot.archive_sources import Source, build_sources
from bot.archive_standing import Stores
from bot.settings import Account
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MEDIA_FOLDER = Path("archive") / "media"  # below data_dir
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Archiving:
    """All of it, for a worker."""

    engine: AsyncEngine
    stores: Stores
    sources: Mapping[str, Source]
    storing: Storing
    puller: ArchivePuller
    media: ArchiveMedia
    settings: ArchivePullSettings
    _alarmed: set[str] = field(default_factory=set)

    @property
    def has_sources(self) -> bool:
        """Whether there is any archive to read."""
        return bool(self.sources)

    async def watch(self) -> None:
        """The timer beside the doorbell; whoever is too far behind is named in the log, once."""
        async with self.engine.begin() as connection:
            await self.stores.pulls.ring_again(connection, older_than_s=self.settings.every_s)
            await self.storing.forget_recalls(connection)
        async with read_only(self.engine).connect() as connection:
            standings = await self.stores.standings(connection)
        for each in standings:
            if each.is_lagging and each.account not in self._alarmed:
                _log.error("archive.lagging", account=each.account, lag_s=each.lag_s, last_error=each.error)
        self._alarmed.clear()
        self._alarmed.update(each.account for each in standings if each.is_lagging)

    async def aclose(self) -> None:
        """End the library's processes."""
        for source in self.sources.values():
            await source.aclose()


def file_remover(data_dir: Path) -> RemoveFiles:
    """What removes files of messages from the disk."""

    async def remove(files: Sequence[tuple[str, int]]) -> None:
        await asyncio.to_thread(_remove, [data_dir / MEDIA_FOLDER / account / str(id_) for account, id_ in files])

    return remove


def _remove(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def build_archiving(
    accounts: Sequence[Account],
    stores: Stores,
    *,
    engine: AsyncEngine,
    tables: ArchiveTables,
    record: Archive,
    ledger: ConsentLedger | None,
    data_dir: Path,
    sleep: Callable[[float], Awaitable[object]],
    reached: Callable[[str], None],
) -> Archiving:
    """The parts that read session archives, wired; nothing is started. ledger: who keeps consent."""
    settings, now = stores.settings, stores.now
    sources = build_sources(accounts, settings, sleep)
    storing = Storing(tables.finance, record, now, internal=settings.internal, media=settings.media, ledger=ledger)
    puller = ArchivePuller(Parts(engine, stores.pulls, stores.aside, storing, settings, now, sleep, reached), sources)

    async def key_for(connection: AsyncConnection, claim: FileClaim) -> DataKey:
        """Her own key, as of what she said: a file is erased with it."""
        return await record.seal_for(connection, claim.account, claim.customer, claim.room)

    media = ArchiveMedia(
        engine, sources, stores.media, stores.pulls, key_for, settings, data_dir / MEDIA_FOLDER, now, reached
    )
    return Archiving(engine, stores, sources, storing, puller, media, settings)
