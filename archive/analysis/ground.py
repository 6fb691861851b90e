"""What do the steps of the analysis share?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archive.analysis.finding_store import FindingStore
from archive.analysis.progress import ProgressStore
from archive.analysis.results import Results
from archive.analysis.session_store import SessionStore
from archive.analysis.values import Analyzer
from archive.consent.values import Party
from archive.entry import Entry

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from archive.record import Archive

Index = Callable[["AsyncConnection", Sequence[Entry]], Awaitable[object]]
Noticed = Callable[["AsyncConnection", Collection[tuple[str, str]]], Awaitable[None]]
May = Callable[["AsyncConnection", Collection[Party]], Awaitable[Collection[Party]]]


@dataclass(frozen=True, slots=True)
class AnalysisGround:
    """The parts that every step uses.

    engine: for transactions that write; readers: for those that only read and hold up nobody. index: makes entries
    findable. may: which of these people's words may be analysed. noticed: told, in the transaction that writes it, of
    which (account, customer) something new is known. reached: told at each point between two things that are done, for
    tests of deaths.
    """

    engine: AsyncEngine
    readers: AsyncEngine
    archive: Archive
    entries: Table
    results: Results
    sessions: SessionStore
    findings: FindingStore
    progress: ProgressStore
    analyzers: Sequence[Analyzer]
    may: May
    index: Index
    noticed: Noticed
    now: Callable[[], datetime]
    reached: Callable[[str], None]
