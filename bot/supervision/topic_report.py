"""What was said about, felt and said too often in a period? Reckoned when it is asked for, and kept for minutes.

Nothing that is kept here quotes anybody: topics are named by what at least three customers said.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Table

from archive import ArchiveTables
from archive.analysis import AnalysisGround, Day, Moods, Shown, WordCount, read_report
from archive.playback import may_see
from archive.words import Burst, Topic
from bot.content.shop import Shop
from bot.masking import mask
from bot.supervision.sight import Lookout

KEPT_FOR: Final = timedelta(minutes=10)  # what was purged is in none that is older
MOST_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class SaidReport:
    """What a period comes to. at: when it was reckoned. sessions: how many there were."""

    at: datetime
    sessions: int
    topics: Sequence[Topic]
    bursts: Sequence[Burst[str]]
    words: Sequence[WordCount]
    days: Sequence[Day]
    moods: Moods
    satisfaction: float | None


class SaidReports:
    """Reckons them, one at a time: a large period takes as long as its sessions take to be read."""

    def __init__(
        self,
        ground: AnalysisGround,
        tables: ArchiveTables,
        tickets: Table,
        shop: Callable[[], Shop],
        now: Callable[[], datetime],
    ) -> None:
        self._ground, self._tables, self._tickets, self._shop, self._now = ground, tables, tickets, shop, now
        self._kept: OrderedDict[tuple[object, ...], SaidReport] = OrderedDict()
        self._one = asyncio.Lock()

    async def of(self, since: datetime, until: datetime, lookout: Lookout) -> SaidReport:
        """The report on what this person may see."""
        hers = (lookout.regions, lookout.person) if lookout.regions else ()
        key = (since, until, lookout.everything or lookout.teams, hers)
        async with self._one:
            kept = self._kept.get(key)
            if kept is None or kept.at + KEPT_FOR < self._now():
                kept = await self._reckoned(since, until, lookout)
                self._kept[key] = kept
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return kept

    async def _reckoned(self, since: datetime, until: datetime, lookout: Lookout) -> SaidReport:
        shop = self._shop()
        shown = Shown(mask, _nobody_looked, shop.words, (), shop.timezone)
        seen = partial(may_see, sight=lookout.sight(self._tickets))
        report = await read_report(self._ground, self._tables.analysis, since, until, shown, which=seen)
        return SaidReport(
            at=self._now(),
            sessions=report.totals.sessions,
            topics=[each.topic for each in report.topics],
            bursts=report.bursts,
            words=report.words,
            days=report.days,
            moods=report.moods,
            satisfaction=report.satisfaction,
        )


def _nobody_looked(texts: Sequence[str]) -> Sequence[bool]:
    """Which script answers what is the gaps' business; nothing of it is shown here."""
    return [False] * len(texts)
