"""How do entries get their sessions in SQL, and which sessions are to be judged?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, or_, select, tuple_, update

from archive.analysis.features import Features
from archive.analysis.sessions import Grouping, Moment, Span, Subject, group, subject_of
from archive.analysis.tables import AnalysisTables
from archive.entry import Entry

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class DueSession:
    """A session to be judged, as it was when it was read."""

    id: int
    revision: int
    account: str
    customer: str
    room: str
    conversation_id: int | None
    ended_at: datetime


class SessionStore:
    """Sessions in SQL. Every method works inside the caller's transaction, which no other may write beside."""

    def __init__(self, tables: AnalysisTables, entries: Table, gap: timedelta) -> None:
        self._sessions = tables.sessions
        self._findings = tables.findings
        self._entries = entries
        self._gap = gap

    async def assign(self, connection: AsyncConnection, entries: Sequence[Entry], now: datetime) -> None:
        """Give entries that have none their session; the sessions that change are due to be judged."""
        await self.touch(connection, [each.session_id for each in entries if each.session_id is not None], now)
        moments: dict[Subject, list[Moment]] = {}
        for entry in entries:
            if entry.id is not None and entry.session_id is None:
                subject = subject_of(entry.account, entry.customer, entry.room)
                moments.setdefault(subject, []).append(Moment(entry.id, entry.conversation_id, entry.at))
        if not moments:
            return
        spans = await self._spans(connection, moments)
        groupings = [
            (subject, each)
            for subject, new in moments.items()
            for each in group(spans.get(subject, ()), new, self._gap)
        ]
        ids = await self._begin(connection, [each for each in groupings if each[1].span.id is None], now)
        old = [each for _, each in groupings if each.span.id is not None]
        await self._extend(connection, old, now)
        await self._absorb(connection, old)
        await self._put(connection, [*ids, *((each.span.id, each.entry_ids) for each in old if each.span.id)])

    async def touch(self, connection: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
        """These sessions are to be judged anew."""
        if ids:
            s = self._sessions
            change = update(s).where(s.c.id.in_(sorted(set(ids)))).values(revision=s.c.revision + 1, due_at=now)
            await connection.execute(change)

    async def due(self, connection: AsyncConnection, now: datetime, limit: int) -> list[DueSession]:
        """Sessions that changed, or that time changed; those that became due last come first."""
        s = self._sessions
        columns = (s.c.id, s.c.revision, s.c.account, s.c.customer, s.c.room, s.c.conversation_id, s.c.ended_at)
        query = select(*columns).where(s.c.due_at <= now).order_by(s.c.due_at.desc(), s.c.id.desc()).limit(limit)
        return [DueSession(*row) for row in await connection.execute(query)]

    async def before(self, connection: AsyncConnection, upto: int, limit: int) -> list[int]:
        """The ids of the newest sessions below `upto`."""
        s = self._sessions
        query = select(s.c.id).where(s.c.id < upto).order_by(s.c.id.desc()).limit(limit)
        return list(await connection.scalars(query))

    async def line_ids(self, connection: AsyncConnection, ids: Sequence[int], most: int) -> list[int]:
        """The ids of the newest `most` entries of each session."""
        e = self._entries
        place = func.row_number().over(partition_by=e.c.session_id, order_by=(e.c.at.desc(), e.c.id.desc()))
        ranked = select(e.c.id, place.label("place")).where(e.c.session_id.in_(ids)).subquery()
        return list(await connection.scalars(select(ranked.c.id).where(ranked.c.place <= most)))

    async def unchanged(self, connection: AsyncConnection, seen: Mapping[int, int]) -> set[int]:
        """Of these sessions (id → revision), those that did not change since."""
        s = self._sessions
        query = select(s.c.id, s.c.revision).where(s.c.id.in_(list(seen)))
        return {row.id for row in await connection.execute(query) if seen[row.id] == row.revision}

    async def describe(
        self, connection: AsyncConnection, described: Sequence[tuple[int, Features, float | None, datetime | None, str]]
    ) -> None:
        """Write the features of sessions: (id, features, predicted satisfaction, when due again, region)."""
        rows = [
            {"session": id_, **_columns(features), "satisfaction": satisfaction, "due_at": due_at, "region": region}
            for id_, features, satisfaction, due_at, region in described
        ]
        if rows:
            s = self._sessions
            names = [name for name in rows[0] if name != "session"]
            change = update(s).where(s.c.id == bindparam("session")).values({name: bindparam(name) for name in names})
            await connection.execute(change, rows)

    async def drop_empty(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        """Remove sessions of which nothing is left, with what was found in them."""
        if ids:
            await connection.execute(delete(self._findings).where(self._findings.c.session_id.in_(ids)))
            await connection.execute(delete(self._sessions).where(self._sessions.c.id.in_(ids)))

    # ── grouping ─────────────────────────────────────────────────────────────────────────────

    async def _spans(
        self, connection: AsyncConnection, moments: Mapping[Subject, Sequence[Moment]]
    ) -> dict[Subject, list[Span]]:
        s = self._sessions
        every = [each for new in moments.values() for each in new]
        first, last = min(each.at for each in every) - self._gap, max(each.at for each in every) + self._gap
        talks = sorted({each.conversation_id for each in every if each.conversation_id is not None})
        subjects = [(each.account, each.customer, each.room) for each in moments]
        near = s.c.conversation_id.is_(None) & (s.c.ended_at >= first) & (s.c.started_at <= last)
        query = select(s.c.account, s.c.customer, s.c.room, s.c.id, s.c.conversation_id, s.c.started_at, s.c.ended_at)
        query = query.where(tuple_(s.c.account, s.c.customer, s.c.room).in_(subjects))
        query = query.where(or_(near, s.c.conversation_id.in_(talks)) if talks else near)
        found: dict[Subject, list[Span]] = {}
        for account, customer, room, *span in await connection.execute(query):
            found.setdefault(Subject(account, customer, room), []).append(Span(*span))
        return found

    async def _begin(
        self, connection: AsyncConnection, new: Sequence[tuple[Subject, Grouping]], now: datetime
    ) -> list[tuple[int, tuple[int, ...]]]:
        if not new:
            return []
        rows = [
            {
                "account": subject.account,
                "customer": subject.customer,
                "room": subject.room,
                "conversation_id": each.span.conversation_id,
                "started_at": each.span.started_at,
                "ended_at": each.span.ended_at,
                "due_at": now,
            }
            for subject, each in new
        ]
        s = self._sessions
        made = await connection.scalars(insert(s).returning(s.c.id, sort_by_parameter_order=True), rows)
        return [(id_, each.entry_ids) for id_, (_, each) in zip(made, new, strict=True)]

    async def _extend(self, connection: AsyncConnection, old: Sequence[Grouping], now: datetime) -> None:
        if not old:
            return
        s = self._sessions
        change = (
            update(s)
            .where(s.c.id == bindparam("session"))
            .values(
                started_at=bindparam("start"),
                ended_at=bindparam("end"),
                revision=s.c.revision + 1,
                due_at=bindparam("due"),
            )
        )
        rows = [
            {"session": each.span.id, "start": each.span.started_at, "end": each.span.ended_at, "due": now}
            for each in old
        ]
        await connection.execute(change, rows)

    async def _absorb(self, connection: AsyncConnection, old: Sequence[Grouping]) -> None:
        for each in old:
            if each.absorbed:
                e = self._entries
                moved = update(e).where(e.c.session_id.in_(each.absorbed)).values(session_id=each.span.id)
                await connection.execute(moved)
                await self.drop_empty(connection, each.absorbed)

    async def _put(self, connection: AsyncConnection, put: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        e = self._entries
        change = update(e).where(e.c.id == bindparam("entry")).values(session_id=bindparam("session"))
        rows = [{"entry": entry_id, "session": id_} for id_, entry_ids in put for entry_id in entry_ids]
        if rows:
            await connection.execute(change, rows)


def _columns(features: Features) -> dict[str, object]:
    names = (
        "agent", "messages", "customer_messages", "bot_messages", "person_messages", "first_response_s",
        "slowest_response_s", "person_response_s", "mood_first", "mood_last", "mood_trend", "urgency", "complaint",
        "churn", "purchase", "outcome",
    )  # fmt: skip
    return {
        **{name: getattr(features, name) for name in names},
        "timed": int(features.timed),
        "unanswered": int(features.unanswered),
    }
