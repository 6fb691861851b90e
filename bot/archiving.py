"""How does what is said in the WeCom client become ours? The parts that read session archives, and how they stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Gauge

from archive import (
    WAITING_KEY,
    Archive,
    ArchiveTables,
    Aside,
    ConsentLedger,
    FileClaim,
    MediaQueue,
    Pulls,
    Storing,
    Unsealed,
    by_reason,
)
from bot.archive_media import ArchiveMedia
from bot.archive_puller import ArchivePuller
from bot.archive_sources import Source, build_sources
from bot.settings import Account, ArchivePullSettings
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MEDIA_FOLDER = Path("archive") / "media"  # below data_dir
LAG = Gauge("xiaoer_archive_lag_seconds", "Age the oldest unread message can have at most", ["account"])
LAGGING = Gauge("xiaoer_archive_lagging", "1 while the lag is above archive.pull.lag_alarm_s", ["account"])
ASIDE = Gauge("xiaoer_archive_aside", "Messages that cannot be opened, by reason", ["account", "reason"])
CODE = Gauge("xiaoer_archive_last_code", "The Finance SDK's code of the last try, 0 if it went well", ["account"])
FILES_BY_STATE = Gauge("xiaoer_archive_files_by_state", "Files of session archives, by state", ["account", "state"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the archive of one account stands. aside: messages that lie aside, by reason; waiting: key versions."""

    account: str
    seq: int
    lag_s: float
    is_lagging: bool
    code: int
    error: str
    aside: Mapping[str, int]
    waiting: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Stores:
    """What the database knows of session archives."""

    pulls: Pulls
    aside: Aside
    media: MediaQueue
    settings: ArchivePullSettings
    now: Callable[[], datetime]

    @classmethod
    def build(cls, tables: ArchiveTables, settings: ArchivePullSettings, now: Callable[[], datetime]) -> Stores:
        """Around the archive's tables."""
        return cls(
            pulls=Pulls(tables.finance.pulls, now, settings.lease_s),
            aside=Aside(tables.finance.aside, now),
            media=MediaQueue(tables.finance.media, now, settings.lease_s),
            settings=settings,
            now=now,
        )

    async def standings(self, connection: AsyncConnection) -> list[Standing]:
        """Every account that is read."""
        states, lying, now = await self.pulls.states(connection), await self.aside.lying(connection), self.now()
        return [
            Standing(
                account=each.account,
                seq=each.seq,
                lag_s=round(each.lag_s(now), 3),
                is_lagging=each.lag_s(now) > self.settings.lag_alarm_s,
                code=each.code,
                error=each.error,
                aside=by_reason(lying, each.account),
                waiting={
                    lies.key_version: lies.count
                    for lies in lying
                    if lies.account == each.account and lies.reason == WAITING_KEY
                },
            )
            for each in states
        ]

    async def show(self, connection: AsyncConnection) -> dict[str, object]:
        """For /healthz; to Prometheus on the way. Numbers and names only."""
        standings = await self.standings(connection)
        ASIDE.clear()
        for each in standings:
            LAG.labels(account=each.account).set(each.lag_s)
            LAGGING.labels(account=each.account).set(each.is_lagging)
            CODE.labels(account=each.account).set(each.code)
            for reason, count in each.aside.items():
                ASIDE.labels(account=each.account, reason=reason).set(count)
        FILES_BY_STATE.clear()
        for (account, state), count in (await self.media.counts(connection)).items():
            FILES_BY_STATE.labels(account=account, state=state).set(count)
        return {
            each.account: {
                "lag_s": each.lag_s,
                "lagging": each.is_lagging,
                "aside": dict(each.aside),
                "last_error": each.error,
            }
            for each in standings
        }


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
    puller = ArchivePuller(engine, sources, stores.pulls, stores.aside, storing, settings, now, sleep, reached)
    media = ArchiveMedia(engine, sources, stores.media, stores.pulls, _seal_for, settings, data_dir / MEDIA_FOLDER, now)
    return Archiving(engine, stores, sources, storing, puller, media, settings)


async def _seal_for(connection: AsyncConnection, claim: FileClaim) -> Unsealed:
    """Pieces lie as they came."""
    del connection, claim
    return Unsealed()
