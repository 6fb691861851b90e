"""How does a customer go in a test? By the steps of the purge, to their end, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from archive import Archive
from archive.consent import ArchiveTraces, Serving, Target
from archive.finance import RemoveFiles
from bot.bootstrap import ARCHIVE_TABLES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def no_files(files: Sequence[tuple[str, int]]) -> None:
    """Where there are none."""
    assert not files


async def purged(
    connection: AsyncConnection,
    archive: Archive,
    customer: str,
    *,
    account: str = "shop",
    now: datetime = NOON,
    remove_files: RemoveFiles = no_files,
) -> dict[str, int]:
    """Purge her; what went, by class."""
    traces, target = ArchiveTraces(ARCHIVE_TABLES, archive, remove_files, lambda: now), Target("", account, customer)
    gone: Counter[str] = Counter()
    while True:
        some: Counter[str] = Counter()
        for step in traces.steps():
            some += Counter(await step.remove(connection, target, Serving(), 100))
        if not some:
            return dict(gone)
        gone += some
