"""May we, and what goes when we may not? The parts that ask about consent and purge, built together for a worker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from archive import Archive, ArchiveTables, Entry, May, Vault
from archive.consent import (
    EVERYWHERE,
    Asks,
    Bases,
    Basis,
    Consents,
    ConsentTables,
    Gate,
    Party,
    Provenance,
    PurgeClaim,
    Purger,
    Purges,
    Rhythm,
    party_of,
)
from bot.archive_settings import BasisSettings, ConsentSettings
from bot.archive_sources import archived
from bot.consent_poller import ConsentPoller
from bot.forgetting import build_purger, withdrawn_again
from bot.platform import PlatformClient
from bot.settings import Settings
from bot.store.lessons import MayTeach
from bot.tagging.desk import TagDesk
from handoff import Tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LOOK_BACK = timedelta(days=2)  # of the sweep: longer than any worker is away unnoticed
PURGED = Counter("xiaoer_privacy_purges_total", "Purges, by outcome of a turn at them", ["outcome"])
ASKS_DUE = Gauge("xiaoer_consent_asks_due", "Pairs and groups whose consent is to be asked for")
ASKS_LAG = Gauge("xiaoer_consent_lag_seconds", "How long the first of them has been due")
PURGES_DUE = Gauge("xiaoer_privacy_purges_due", "Purges that are due")
PURGES_LAG = Gauge("xiaoer_privacy_purge_lag_seconds", "How long the first of them has been due")


@dataclass(frozen=True, slots=True)
class Consenting:
    """All of it, for a worker."""

    engine: AsyncEngine
    consents: Consents
    poller: ConsentPoller
    purger: Purger
    settings: ConsentSettings
    now: Callable[[], datetime]

    async def purge(self, claim: PurgeClaim) -> None:
        """One claimed purge, as far as it goes now."""
        finished = await self.purger.purge(claim)
        PURGED.labels(outcome="done" if finished else "waits").inc()

    async def claim_purge(self) -> PurgeClaim | None:
        """A purge that is due."""
        return await self.purger.claim()

    async def sweep(self) -> None:
        """Who had withdrawn and was served again is forgotten again."""
        async with self.engine.begin() as connection:
            await withdrawn_again(connection, self.consents, self.now() - LOOK_BACK)

    async def show(self, connection: AsyncConnection) -> dict[str, object]:
        """For /healthz; to Prometheus on the way. Numbers only."""
        asks, ask_lag = await self.consents.asks.lag(connection)
        purges, purge_lag = await self.consents.purges.lag(connection)
        ASKS_DUE.set(asks)
        ASKS_LAG.set(ask_lag)
        PURGES_DUE.set(purges)
        PURGES_LAG.set(purge_lag)
        return {
            "asks_due": asks,
            "asks_lag_s": round(ask_lag, 3),
            "purges_due": purges,
            "purges_lag_s": round(purge_lag, 3),
        }


def build_consenting(
    settings: Settings,
    consents: Consents,
    *,
    engine: AsyncEngine,
    platform: PlatformClient,
    tables: ArchiveTables,
    handoff: Tables,
    record: Archive,
    tags: TagDesk,
    now: Callable[[], datetime],
    reached: Callable[[str], None],
) -> Consenting:
    """The parts, wired; nothing is started."""
    consent = settings.archive.consent
    poller = ConsentPoller(engine, consents, platform, tuple(archived(settings.accounts)), consent, now)
    purger = build_purger(
        engine,
        consents.purges,
        tables=tables,
        handoff=handoff,
        archive=record,
        tags=tags,
        data_dir=settings.data_dir,
        batch=consent.purge_batch,
        now=now,
        reached=reached,
    )
    return Consenting(engine, consents, poller, purger, consent, now)


def build_consents(
    tables: ConsentTables, vault: Vault, settings: ConsentSettings, now: Callable[[], datetime]
) -> Consents:
    """The ledger with the settings' legal bases."""
    rhythm = Rhythm(timedelta(seconds=settings.ask_again_s), timedelta(seconds=settings.ask_after_gap_s))
    return Consents(
        tables, vault, bases_of(settings), now, asks=Asks(tables.asks, rhythm, now), purges=Purges(tables.purges, now)
    )


def teachers(consents: Consents) -> MayTeach:
    """Who of those we serve lets us learn from her words."""

    async def may(connection: AsyncConnection, people: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
        parties = [Party(account, customer, EVERYWHERE, Provenance.SERVICE) for account, customer in people]
        return {(each.account, each.customer) for each in await consents.may(connection, Gate.TRAIN, parties)}

    return may


def may_leave(consents: Consents) -> May:
    """Which entries may be exported."""

    async def may(connection: AsyncConnection, entries: Sequence[Entry]) -> Sequence[bool]:
        parties = [party_of(each) for each in entries]
        allowed = await consents.may(connection, Gate.TRAIN, parties)
        return [party in allowed for party in parties]

    return may


def bases_of(settings: ConsentSettings) -> Bases:
    """On which ground words pass the gates, as the settings say."""
    return {
        Provenance.ARCHIVE: _gates(settings.archive),
        Provenance.SERVICE: _gates(settings.service),
        Provenance.IMPORT: _gates(settings.imported),
    }


def _gates(named: BasisSettings) -> Mapping[Gate, Basis]:
    return {
        Gate.STORE: Basis(named.store), Gate.ANALYSE: Basis(named.analyse), Gate.TRAIN: Basis(named.train),
    }  # fmt: skip
