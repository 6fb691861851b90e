"""Does the key ring open what the archive keeps, and is the key somewhere else too?"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError

from archive import Archive, ArchiveError
from bot.archive_keys import OWN, key_file, open_ring
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.doctor_line import Line
from bot.settings import Settings, SettingsError
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


async def check_archive(engine: AsyncEngine, settings: Settings, absent: Path | None) -> Line:
    """Are there keys, and do they fit the database? Makes none. absent: the SQLite file that is not there yet."""
    file = key_file(settings)
    embedded = make_url(settings.database.url).get_backend_name() == "sqlite"
    if embedded and not settings.archive.keys and not await asyncio.to_thread(file.exists):
        if absent is None and await _has_keys(engine):
            advice = f"put {file} back from your backup: without it nothing that was said can be read"
            return Line("archive", False, f"the key file {file} is gone", advice)
        return Line(
            "archive", True, f"no key yet; the first start makes {file}", "keep a copy of it, apart from the rest"
        )
    try:
        ring = await asyncio.to_thread(open_ring, settings)
        if absent is None:
            await _check_against(engine, open_archive(ring, utc_now))
    except (SettingsError, ArchiveError, OSError) as error:
        return Line("archive", False, str(error), "see docs/archive.md")
    if ring.newest == OWN:
        return Line("archive", True, f"sealed under the key in {file}", "keep a copy of it, apart from the database's")
    return Line("archive", True, f"sealed under the key {ring.newest!r}, {len(ring.keys)} in the ring")


async def _check_against(engine: AsyncEngine, archive: Archive) -> None:
    with contextlib.suppress(SQLAlchemyError):  # the line about the database says it
        async with read_only(engine).connect() as connection:
            await archive.vault.check(connection)


async def _has_keys(engine: AsyncEngine) -> bool:
    try:
        async with read_only(engine).connect() as connection:
            return (await connection.execute(select(ARCHIVE_TABLES.keys.c.id).limit(1))).one_or_none() is not None
    except (SQLAlchemyError, OSError):
        return False
