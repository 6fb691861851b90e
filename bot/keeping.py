"""What of the archive has been kept long enough? It goes, a bounded batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from archive import Archive, Expired, Retention, expire
from bot.archive_settings import RetentionSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BATCH: Final = 500  # entries of each class in one transaction: writers wait for it on SQLite
BATCHES: Final = 20  # in one sweep
_log = structlog.get_logger()


def retention_of(settings: RetentionSettings) -> Retention:
    """The settings as the archive takes them."""
    return Retention(
        messages=settings.messages_days,
        session_archive=settings.session_archive_days,
        imports=settings.imports_days,
        views=settings.views_days,
    )


@dataclass(frozen=True, slots=True)
class Keeping:
    """Removes what is past its time. Any number may do so side by side."""

    engine: AsyncEngine
    archive: Archive
    retention: Retention
    now: Callable[[], datetime]

    async def sweep(self) -> None:
        """Some batches; the next sweep goes on."""
        entries = views = 0
        for _ in range(BATCHES):
            gone = await self.expire_once()
            entries, views = entries + gone.entries, views + gone.views
            if gone == Expired(0, 0):
                break
        if entries or views:
            _log.info("archive.expired", entries=entries, views=views)

    async def expire_once(self) -> Expired:
        """One batch; nothing removed means that nothing is left to remove."""
        async with self.engine.begin() as connection:
            return await expire(connection, self.archive, self.retention, self.now(), limit=BATCH)
