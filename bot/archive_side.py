"""Which parts of the product does the analysis of the archive ask, and how are they built together?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from archive import Archive, ArchiveTables
from archive.analysis import (
    AnalysisGround,
    AnalysisRunner,
    DueSession,
    FindingStore,
    Kit,
    LastScores,
    ProgressStore,
    Quality,
    Results,
    ServiceFacts,
    SessionStore,
    build_analyzers,
    satisfaction_of,
)
from archive.consent import Consents, Gate, Party
from archive.sentiment import SentimentModel, signals
from archive.words import Keywords
from bot.archive_settings import AnalysisSettings
from bot.content.approved import Approved
from bot.content.minds import Minds
from bot.store.engine import read_only
from bot.store.served import facts_of

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Noticed = Callable[["AsyncConnection", Collection[tuple[str, str]]], Awaitable[None]]
REMEMBERED = 4_096  # texts, and pairs of question and answer: the same are written again and again


@dataclass(frozen=True, slots=True)
class ArchiveSide:
    """Builds the analysis over what the shop says now. kit: what analyzers read with, loaded once.

    noticed: told of which (account, customer) something new is known.
    """

    engine: AsyncEngine
    archive: Archive
    tables: ArchiveTables
    tickets: Table
    minds: Minds
    kit: Kit
    settings: AnalysisSettings
    consents: Consents
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
            analyzers=build_analyzers(self.kit),
            may=self._may_analyse,
            index=self.archive.index,
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

        return Quality(mind.shop.quality, business_seconds, lru_cache(REMEMBERED)(approved.likeness), satisfaction_of)

    async def _facts_of(
        self, connection: AsyncConnection, sessions: Sequence[DueSession]
    ) -> Mapping[int, ServiceFacts]:
        return await facts_of(connection, sessions, tickets=self.tickets, stage_of=self._stage_of)

    async def _may_analyse(self, connection: AsyncConnection, parties: Collection[Party]) -> Collection[Party]:
        return await self.consents.may(connection, Gate.ANALYSE, parties)

    def _stage_of(self, script_id: str) -> str:
        script = self.minds.knowledge.script(script_id)
        return "" if script is None else script.stage


def build_kit(minds: Minds) -> Kit:
    """Models and words; the shop's words are those in force when a text is read. Reads a file.

    Raises ModelUnreadable.
    """
    model = SentimentModel.load()
    words: tuple[str, ...] = ()
    keywords = Keywords()

    def scores(texts: Sequence[str]) -> Sequence[float]:
        return [float(each) for each in model.scores(texts)]

    def keywords_of(text: str) -> list[tuple[str, float]]:
        nonlocal words, keywords
        current = minds.current().shop.words if minds.is_ready else ()
        if current != words:
            words, keywords = current, Keywords(current)
            found.cache_clear()
        return found(text)

    @lru_cache(REMEMBERED)  # customers greet, thank and agree in the same words
    def found(text: str) -> list[tuple[str, float]]:
        return [(each.text, each.weight) for each in keywords.of(text)]

    return Kit(scores=LastScores(scores), signals=signals, keywords=keywords_of)
