"""What did customers say of late, as the rules of tags may see it?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Row, func, select, tuple_

from archive.analysis.results import Result, Results
from archive.consent.values import ARCHIVE_SOURCE, EVERYWHERE, Party, provenance_of
from archive.entry import Voice
from archive.tagging.conditions import Figure, Observation, Signal
from archive.tagging.store import Customer

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST: Final = 1_000  # messages of one customer, the newest: who writes more within the horizon is judged by these
AT_ONCE: Final = 5_000  # ids a statement: PostgreSQL takes 32,767 parameters
T = TypeVar("T")
READ: Final = ("keywords", "sentiment", "signals")  # the analyzers that rules look at


@dataclass(frozen=True, slots=True)
class Spoken:
    """Where a message stands, for who knows more about it. source, source_id: as its entry's."""

    entry_id: int
    source: str
    source_id: str
    account: str
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of the product knows of a message: what was wanted, what answered it, where she came from."""

    intent: str = ""
    topics: frozenset[str] = frozenset()
    source: str = ""


May = Callable[["AsyncConnection", Collection[Party]], Awaitable[Collection[Party]]]
ContextOf = Callable[["AsyncConnection", Sequence[Spoken]], Awaitable[Mapping[int, Context]]]


@dataclass(frozen=True, slots=True)
class EvidenceReader:
    """Reads observations. context_of: what is known of messages beside their analysis, by entry id.

    may: whose words may be analysed. Of WeCom's session archive, where that hangs on with whom she spoke, only messages
    count that were analysed: what may be no more has lost its marks.
    """

    entries: Table
    sessions: Table
    results: Results
    context_of: ContextOf
    may: May
    _nothing: Context = field(default_factory=Context)

    async def of(
        self, connection: AsyncConnection, people: Collection[Customer], since: datetime
    ) -> dict[Customer, list[Observation]]:
        """What each of these customers said since then and what was made of it; the newest MOST of each."""
        rows = await self._allowed(connection, await self._said(connection, people, since))
        results: dict[tuple[int, str], Result] = {}
        known: dict[int, Context] = {}
        for some in _parts(rows):
            results |= await self.results.of(connection, [row.id for row in some], READ)
            said = [Spoken(row.id, row.source, row.source_id, row.account, row.conversation_id) for row in some]
            known |= await self.context_of(connection, said)
        figures = await self._figures(connection, sorted({row.session_id for row in rows if row.session_id}))
        found: dict[Customer, list[Observation]] = {each: [] for each in people}
        marked = {entry_id for entry_id, _ in results}
        for row in rows:
            if row.source == ARCHIVE_SOURCE and row.id not in marked:
                continue
            seen = _observation(row, results, known.get(row.id, self._nothing), figures.get(row.session_id, {}))
            found[row.account, row.customer].append(seen)
        return found

    async def _said(
        self, connection: AsyncConnection, people: Collection[Customer], since: datetime
    ) -> Sequence[Row[Any]]:
        e = self.entries
        place = func.row_number().over(
            partition_by=(e.c.account, e.c.customer), order_by=(e.c.at.desc(), e.c.id.desc())
        )
        ranked = (
            select(
                e.c.id, e.c.source, e.c.source_id, e.c.account, e.c.customer, e.c.conversation_id, e.c.session_id,
                e.c.kind, e.c.at, place.label("place"),
            )
            .where(
                tuple_(e.c.account, e.c.customer).in_(sorted(people)),
                e.c.at >= since,
                e.c.voice == Voice.CUSTOMER.value,
                e.c.recalled == 0,
                e.c.fresh == 0,
            )
            .subquery()
        )  # fmt: skip
        return (await connection.execute(select(ranked).where(ranked.c.place <= MOST))).all()

    async def _allowed(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        parties = {_party(row) for row in rows if row.source != ARCHIVE_SOURCE}
        allowed = set(await self.may(connection, parties)) if parties else set[Party]()
        return [row for row in rows if row.source == ARCHIVE_SOURCE or _party(row) in allowed]

    async def _figures(self, connection: AsyncConnection, ids: Sequence[int]) -> dict[int, dict[Figure, float]]:
        s = self.sessions
        found: dict[int, dict[Figure, float]] = {}
        for some in _parts(ids):
            query = select(s.c.id, *(s.c[figure.value] for figure in Figure)).where(s.c.id.in_(some))
            for row in await connection.execute(query):
                told = zip(Figure, row[1:], strict=True)
                found[row.id] = {figure: float(value) for figure, value in told if value is not None}
        return found


def _party(row: Row[Any]) -> Party:
    return Party(row.account, row.customer, EVERYWHERE, provenance_of(row.source))


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _observation(
    row: Row[Any], results: Mapping[tuple[int, str], Result], known: Context, figures: dict[Figure, float]
) -> Observation:
    mood, signals, keywords = (results.get((row.id, analyzer)) for analyzer in ("sentiment", "signals", "keywords"))
    return Observation(
        entry_id=row.id,
        at=row.at,
        session_id=row.session_id,
        kind=row.kind,
        keywords=frozenset(_words(keywords)),
        intent=known.intent,
        topics=known.topics,
        source=known.source,
        mood=mood.score if mood else None,
        signals=_strengths(signals),
        figures=figures,
    )


def _words(result: Result | None) -> Iterator[str]:
    listed = result.detail.get("keywords") if result else None
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, list) and each:
            yield str(each[0])


def _strengths(result: Result | None) -> dict[Signal, float]:
    detail = result.detail if result else {}
    return {
        signal: float(value)
        for signal in Signal
        if isinstance(value := detail.get(signal.value), int | float) and not isinstance(value, bool)
    }


async def nothing_known(connection: AsyncConnection, said: Sequence[Spoken]) -> Mapping[int, Context]:
    """What is known of messages where nobody says more."""
    del connection, said
    return {}
