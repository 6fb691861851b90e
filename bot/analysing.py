"""How is what was said analysed beside the journey, without being in its way?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from archive import ArchiveError
from archive.analysis import AnalysisRunner, AnalysisStep, OvertakenError
from archive.tagging import Tagger, TaggingStep
from bot.archive_settings import ArchiveSettings
from bot.archive_side import ArchiveSide
from bot.content.minds import NotReady
from bot.tagging.side import TagSide
from bot.wakeups import Wakeups

# A process that starts has customers waiting; what the analyzers read from files costs seconds of its processor.
FIRST_S = 5.0
LOOK_AGAIN_S = 1.0  # where nothing is left: a tag is on the customer's card 5 s after her message at the latest
TRY_AGAIN_S = 60.0  # after a failure that only people can end
REST = 1.0  # times as long as a step took, the next one waits: at most half of the time is spent here
ANALYSED = Counter("xiaoer_archive_analysed_total", "Entries analysed", ["outcome"])
JUDGED = Counter("xiaoer_archive_sessions_judged_total", "Sessions judged")
TAGGED = Counter("xiaoer_archive_tagged_total", "Customers whose tags were judged", ["outcome"])
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Analysing:
    """Runs until cancelled; any number may run, one at a time works. batch: entries a step.

    tagger: judges customers' tags after each step, None: nobody does; tag_batch: customers a step. told: rung when
    tags changed.
    """

    runner: AnalysisRunner
    batch: int
    tagger: Tagger | None
    tag_batch: int
    told: Callable[[], None]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]

    async def run(self) -> None:
        """Analyse what comes in; then what time changes; then what is to be read anew."""
        try:
            await self.sleep(FIRST_S)
            await self.runner.warm_up()
            while True:
                await self.sleep(await self.once())
        finally:
            await asyncio.shield(self._stop())

    async def once(self) -> float:
        """One step; after how many seconds the next one is due."""
        began = self.clock()
        try:
            step = await self.runner.step(self.batch)
            tagged = await self._tag(step)
        except NotReady:
            return LOOK_AGAIN_S
        except (OvertakenError, ArchiveError) as error:
            _log.error("archive.analysis_stands_still", error=type(error).__name__, advice=str(error))
            return TRY_AGAIN_S
        except (SQLAlchemyError, OSError) as error:  # the database is away
            _log.error("archive.analysis_failed", error=type(error).__name__)
            return LOOK_AGAIN_S
        _count(step)
        rest = REST * (self.clock() - began)
        return rest if self._may_be_more(step, tagged) else max(rest, LOOK_AGAIN_S)

    def _may_be_more(self, step: AnalysisStep, tagged: TaggingStep) -> bool:
        """Whether work may be left. A step costs the same for one entry as for many: few wait for more."""
        return step.full or tagged.people >= self.tag_batch

    async def _tag(self, step: AnalysisStep) -> TaggingStep:
        if self.tagger is None or step.elsewhere:
            return TaggingStep()
        tagged = await self.tagger.step(self.tag_batch)
        TAGGED.labels(outcome="changed").inc(len(tagged.changed))
        TAGGED.labels(outcome="failed").inc(tagged.failed)
        TAGGED.labels(outcome="same").inc(tagged.people - len(tagged.changed) - tagged.failed)
        if tagged.changed:
            self.told()
        return tagged

    async def _stop(self) -> None:
        try:
            await self.runner.stop()
        except (SQLAlchemyError, OSError) as error:  # its turn ends by itself
            _log.warning("archive.shift_not_ended", error=type(error).__name__)


def _count(step: AnalysisStep) -> None:
    fresh = step.fresh
    ANALYSED.labels(outcome="analysed").inc(fresh.entries - fresh.withheld)
    ANALYSED.labels(outcome="withheld").inc(fresh.withheld)
    ANALYSED.labels(outcome="mark_failed").inc(fresh.failed)
    JUDGED.inc(step.judged)


def build_analysing(
    settings: ArchiveSettings,
    side: ArchiveSide,
    tags: TagSide,
    wakeups: Wakeups,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[object]],
) -> Analysing | None:
    """Who analyses and tags in a worker; None where the settings leave it to others."""
    analysis, tagging = settings.analysis, settings.tagging
    if not analysis.enabled:
        return None
    tagger = tags.tagger(side.ground()) if tagging.enabled else None

    def told() -> None:
        wakeups.ring(Wakeups.TAGS)

    return Analysing(side.runner(), analysis.batch, tagger, tagging.batch, told, clock, sleep)
