"""How does each session archive stand: how far behind, what lies aside, what was the last trouble?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import Gauge

from archive import ArchiveTables
from archive.finance import WAITING_KEY, Aside, MediaQueue, Pulls, by_reason
from bot.archive_settings import ArchivePullSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LAG = Gauge("xiaoer_archive_lag_seconds", "Age the oldest unread message can have at most", ["account"])
LAGGING = Gauge("xiaoer_archive_lagging", "1 while the lag is above archive.pull.lag_alarm_s", ["account"])
ASIDE = Gauge("xiaoer_archive_aside", "Messages that cannot be opened, by reason", ["account", "reason"])
CODE = Gauge("xiaoer_archive_last_code", "The Finance SDK's code of the last try, 0 if it went well", ["account"])
FILES_BY_STATE = Gauge("xiaoer_archive_files_by_state", "Files of session archives, by state", ["account", "state"])


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
