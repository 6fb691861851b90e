"""How does a corp's archive get read in a test? The real parts around one database and one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Archive
from archive.finance import FinanceTables
from benchmarks.finance.corp import ArchivedCorp
from bot.archive_reading import Pulled
from bot.archive_settings import ArchivePullSettings
from bot.archive_standing import Standing, Stores
from bot.archiving import Archiving, build_archiving
from bot.bootstrap import ARCHIVE_TABLES, nothing_happens, open_archive
from bot.settings import WeComCorp
from tests.archive_keys import TEST_RING
from tests.store.counter import Clock

ACCOUNT = "corp"
TABLES: FinanceTables = ARCHIVE_TABLES.finance
ENTRIES = ARCHIVE_TABLES.entries
SETTINGS = ArchivePullSettings(timeout_s=20, decrypt_s=20.0)


@dataclass(slots=True)
class Reader:
    """One worker's parts."""

    archiving: Archiving
    archive: Archive
    clock: Clock
    engine: AsyncEngine

    async def pull(self, *, pages: int | None = None, replay: bool = False) -> Pulled:
        """Read what is there, due or not."""
        claim = await self.archiving.puller.claim_now(ACCOUNT)
        assert claim is not None
        return await self.archiving.puller.pull(claim, pages=pages, replay=replay)

    async def fetch(self) -> int:
        """Fetch files until none is due; how many turns it took."""
        turns = 0
        while (claim := await self.archiving.media.claim()) is not None:
            await self.archiving.media.fetch(claim)
            turns += 1
        return turns

    async def rows(self, table: Table) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(table).order_by(*table.primary_key))).all()

    async def texts(self) -> list[str]:
        """What was stored, in the order it was said."""
        rows = await self.rows(ENTRIES)
        async with self.engine.connect() as connection:
            entries = await self.archive.entries(connection, [row.id for row in rows])
        return [entry.text for entry in sorted(entries, key=lambda entry: (entry.at, entry.id))]

    async def standing(self) -> Standing:
        async with self.engine.connect() as connection:
            (found,) = await self.archiving.stores.standings(connection)
        return found


@asynccontextmanager
async def reading(
    engine: AsyncEngine,
    corp: ArchivedCorp,
    folder: Path,
    *,
    versions: tuple[int, ...] = (1,),
    settings: ArchivePullSettings = SETTINGS,
    clock: Clock | None = None,
) -> AsyncIterator[Reader]:
    """A worker with the private keys of these versions, registered."""
    clock = clock or Clock()

    async def sleep(seconds: float) -> None:
        clock.at += timedelta(seconds=seconds)

    account = WeComCorp(
        kind="wecom", name=ACCOUNT, corp_id="ww0123456789abcdef", agent_id=1, secret=SecretStr("s"),
        token=SecretStr("t"), encoding_aes_key=SecretStr("a" * 43), archive=corp.settings(*versions),
    )  # fmt: skip
    record = open_archive(TEST_RING, clock)
    archiving = build_archiving(
        (account,), Stores.build(ARCHIVE_TABLES, settings, clock), engine=engine, tables=ARCHIVE_TABLES,
        record=record, ledger=None, data_dir=folder, sleep=sleep, reached=nothing_happens,
    )  # fmt: skip
    await archiving.puller.register()
    try:
        yield Reader(archiving, record, clock, engine)
    finally:
        await archiving.aclose()
