"""Which parts of the product does the analysis of the archive ask, and how are they built together?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from archive import (
    AnalysisGround,
    AnalysisRunner,
    Archive,
    ArchiveTables,
    Entry,
    Features,
    FindingStore,
    Keywords,
    Kit,
    LastScores,
    Person,
    ProgressStore,
    Quality,
    Results,
    ServiceFacts,
    SessionStore,
    build_analyzers,
)
from bot.content.approved import Approved
from bot.content.minds import Minds
from bot.settings import AnalysisSettings
from bot.store.engine import read_only
from bot.store.served import facts_of
from nlu import mood

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Noticed = Callable[["AsyncConnection", Collection[Person]], Awaitable[None]]
LIKENESSES = 4_096  # remembered: the same question and answer are said again and again


async def all_may(connection: AsyncConnection, people: Collection[Person]) -> Collection[Person]:
    """Everybody's words may be analysed: what holds until a consent ledger says otherwise."""
    del connection
    return people


@dataclass(frozen=True, slots=True)
class ArchiveSide:
    """Builds the analysis over what the shop says now. noticed: told of whom something new is known."""

    engine: AsyncEngine
    archive: Archive
    tables: ArchiveTables
    tickets: Table
    minds: Minds
    settings: AnalysisSettings
    noticed: Noticed
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    def runner(self) -> AnalysisRunner:
        """Who analyses, step by step. Its steps raise NotReady before there is content."""
        return AnalysisRunner(self.ground(), self.quality, self._facts_of)

    def ground(self) -> AnalysisGround:
        """The parts of the analysis."""
        analysis, entries = self.tables.analysis, self.tables.entries
        return AnalysisGround(
            engine=self.engine,
            readers=read_only(self.engine),
            archive=self.archive,
            entries=entries,
            results=Results(analysis.results, self.archive),
            sessions=SessionStore(analysis, entries, timedelta(seconds=self.settings.gap_s)),
            findings=FindingStore(analysis.findings),
            progress=ProgressStore(analysis, entries),
            analyzers=build_analyzers(self._kit()),
            may=all_may,
            index=_not_indexed,
            noticed=self.noticed,
            now=self.now,
            reached=self.reached,
        )

    def quality(self) -> Quality:
        """The shop's rules and what judges by them now. Raises NotReady."""
        mind = self.minds.current()
        calendar = mind.shop.policy.calendar_of("", ())
        approved = Approved(mind.knowledge, self.now().astimezone(mind.shop.timezone))

        def business_seconds(start: datetime, end: datetime) -> float:
            return calendar.business_ms(start, end) / 1000

        return Quality(mind.shop.quality, business_seconds, lru_cache(LIKENESSES)(approved.likeness), _not_predicted)

    def _kit(self) -> Kit:
        words: tuple[str, ...] = ()
        keywords = Keywords()

        def keywords_of(text: str) -> list[tuple[str, float]]:
            nonlocal words, keywords
            current = self.minds.current().shop.words if self.minds.is_ready else ()
            if current != words:
                words, keywords = current, Keywords(current)
            return [(each.text, each.weight) for each in keywords.of(text)]

        return Kit(scores=LastScores(_scores), signals=_signals, keywords=keywords_of)

    async def _facts_of(self, connection: AsyncConnection, conversations: Sequence[int]) -> Mapping[int, ServiceFacts]:
        return await facts_of(connection, conversations, tickets=self.tickets, stage_of=self._stage_of)

    def _stage_of(self, script_id: str) -> str:
        script = self.minds.knowledge.script(script_id)
        return "" if script is None else script.stage


def _scores(texts: Sequence[str]) -> Sequence[float]:
    return [mood(text).sentiment for text in texts]


def _signals(texts: Sequence[str], scores: Sequence[float]) -> Sequence[Mapping[str, float]]:
    del scores
    return [{"urgency": mood(text).urgency} for text in texts]


def _not_predicted(features: Features) -> float | None:
    del features
    return None


async def _not_indexed(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    del connection, entries
