"""What of the archive has been kept long enough? It goes, a bounded batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from archive import Archive, Expired, Retention, expire
from archive.finance import RemoveFiles
from bot.archive_settings import RetentionSettings
from bot.archiving import file_remover

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BATCH: Final = 500  # of each class in one transaction: writers wait for it on SQLite
BATCHES: Final = 20  # in one sweep
_log = structlog.get_logger()


def retention_of(settings: RetentionSettings) -> Retention:
    """The settings as the archive takes them."""
    return Retention(
        messages=settings.messages_days,
        session_archive=settings.session_archive_days,
        imports=settings.imports_days,
        files=settings.files_days,
        results=settings.results_days,
        views=settings.views_days,
    )


def build_keeping(
    settings: RetentionSettings, data_dir: Path, engine: AsyncEngine, archive: Archive, now: Callable[[], datetime]
) -> Keeping:
    """Who removes it; data_dir: below which the files lie."""
    return Keeping(engine, archive, retention_of(settings), file_remover(data_dir), now)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Removes what is past its time. Any number may do so side by side. remove_files: from the disk."""

    engine: AsyncEngine
    archive: Archive
    retention: Retention
    remove_files: RemoveFiles
    now: Callable[[], datetime]

    async def sweep(self) -> None:
        """Some batches; the next sweep goes on."""
        gone = await self.expire(BATCHES)
        if gone != Expired():
            _log.info("archive.expired", **asdict(gone))

    async def expire(self, batches: int | None = None) -> Expired:
        """Remove all that is due, or so many batches of it; how much went."""
        gone = Expired()
        while batches is None or batches > 0:
            some = await self._expire_once()
            if some == Expired():
                break
            gone += some
            batches = None if batches is None else batches - 1
        return gone

    async def _expire_once(self) -> Expired:
        async with self.engine.begin() as connection:
            return await expire(
                connection, self.archive, self.retention, self.now(), limit=BATCH, remove_files=self.remove_files
            )
