"""What do tests of the runner stand on? A database, an archive, small analyzers and a clock that is moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from archive import Archive, Entry, Vault, Voice
from archive.analysis import (
    AnalysisGround,
    AnalysisRunner,
    Analyzer,
    Features,
    FindingStore,
    Mark,
    ProgressStore,
    Quality,
    QualityRule,
    Results,
    SessionStore,
    Severity,
    Unanswered,
    Utterance,
    any_time,
    no_facts,
    nothing_approved,
)
from archive.analysis.analyzers.questions import Questions
from archive.consent import Party
from bot.bootstrap import ARCHIVE_TABLES
from bot.store.engine import read_only
from tests.archive.analysis.lines import START, at
from tests.archive_keys import TEST_RING

TABLES = ARCHIVE_TABLES.analysis
GAP = timedelta(minutes=30)
RULES = (QualityRule("没有回答", Severity.MAJOR, Unanswered(timedelta(minutes=10))),)


class Moods:
    """A mood for each text: its length decides. Raises on texts that hold what it cannot read."""

    name = "sentiment"

    def __init__(self, version: int = 1, poison: str = "毒") -> None:
        self.version = version
        self._poison = poison
        self.read: list[int] = []

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        if any(self._poison in each.text for each in batch):
            raise ValueError("cannot be read")
        self.read += [each.id for each in batch]
        return [
            Mark(each.id, 0.6 + len(each.text) / 100 * self.version, "neutral", {"of": each.text}) for each in batch
        ]


@dataclass
class Trial:
    """An archive whose entries are analysed step by step."""

    engine: AsyncEngine
    archive: Archive
    analyzers: tuple[Analyzer, ...] = field(default_factory=lambda: (Questions(), Moods()))
    rules: tuple[QualityRule, ...] = RULES
    time: datetime = START
    forbidden: set[str] = field(default_factory=set)
    reached: Callable[[str], None] = lambda _: None
    indexed: list[str] = field(default_factory=list)
    noticed: set[tuple[str, str]] = field(default_factory=set)
    after_reading: Callable[[AsyncConnection], Awaitable[object]] | None = None

    async def may(self, connection: AsyncConnection, people: Collection[Party]) -> Collection[Party]:
        del connection
        if (once := self.after_reading) is not None:
            self.after_reading = None
            async with self.engine.begin() as other:
                await once(other)
        return {each for each in people if each.customer not in self.forbidden}

    async def index(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        del connection
        self.indexed += [each.source_id for each in entries]

    async def notice(self, connection: AsyncConnection, people: Collection[tuple[str, str]]) -> None:
        del connection
        self.noticed |= set(people)

    def ground(self) -> AnalysisGround:
        return AnalysisGround(
            engine=self.engine,
            readers=read_only(self.engine),
            archive=self.archive,
            entries=ARCHIVE_TABLES.entries,
            results=Results(TABLES.results, self.archive),
            sessions=SessionStore(TABLES, ARCHIVE_TABLES.entries, GAP),
            findings=FindingStore(TABLES.findings),
            progress=ProgressStore(TABLES, ARCHIVE_TABLES.entries),
            analyzers=self.analyzers,
            may=self.may,
            index=self.index,
            noticed=self.notice,
            now=lambda: self.time,
            reached=lambda point: self.reached(point),  # noqa: PLW0108 - as it is set when it is told
        )

    def runner(self) -> AnalysisRunner:
        quality = Quality(self.rules, any_time, nothing_approved, _content)
        return AnalysisRunner(self.ground(), lambda: quality, no_facts)

    async def work(self, batch: int = 3) -> AnalysisRunner:
        """Analyse until nothing is left."""
        runner = self.runner()
        while (await runner.step(batch)).worked:
            pass
        await runner.stop()
        return runner

    async def add(self, *entries: Entry) -> None:
        async with self.engine.begin() as connection:
            await self.archive.append(connection, entries)

    async def rows(self, query: Select[Any]) -> list[Any]:
        async with read_only(self.engine).connect() as connection:
            return list((await connection.execute(query)).all())

    async def sessions(self) -> list[Any]:
        return await self.rows(select(TABLES.sessions).order_by(TABLES.sessions.c.started_at, TABLES.sessions.c.id))

    async def findings(self) -> list[Any]:
        return await self.rows(select(TABLES.findings).order_by(TABLES.findings.c.anchor))

    async def results(self) -> set[tuple[int, str, int, float | None, str]]:
        r = TABLES.results
        found = await self.rows(select(r.c.entry_id, r.c.analyzer, r.c.version, r.c.score, r.c.failed))
        return {tuple(row) for row in found}

    async def fresh(self) -> int:
        e = ARCHIVE_TABLES.entries
        return len(await self.rows(select(e.c.id).where(e.c.fresh == 1)))


def trial(engine: AsyncEngine) -> Trial:
    return Trial(engine, Archive(ARCHIVE_TABLES, Vault(TEST_RING, ARCHIVE_TABLES.keys, lambda: at(0)), lambda: at(0)))


def entry(number: int, text: str = "多久发货？", *, minute: float | None = None, **more: Any) -> Entry:
    """A customer's words; number: its id in the source."""
    common: dict[str, Any] = {
        "account": "shop",
        "customer": "xiaolin",
        "voice": Voice.CUSTOMER,
        "conversation_id": None,
    }
    minute = float(number) if minute is None else minute
    return Entry(source="test", source_id=str(number), kind="text", at=at(minute), text=text, **{**common, **more})


def _content(features: Features) -> float | None:
    return 5.0 - features.complaint
