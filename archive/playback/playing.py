"""How does a session read again: every word in order, with its mood, and what was found in it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select, tuple_

from archive.analysis import KeptFinding, May, Result, Results
from archive.analysis.finding_store import FindingStore
from archive.consent import party_of
from archive.entry import Entry
from archive.playback.conditions import may_see, session_of
from archive.playback.values import Playback, Played, Session, Sight
from archive.record import Archive
from archive.tables import ArchiveTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.tagging import TagStore

MOST_LINES: Final = 500  # of a session that are shown, the newest; more nobody reads in one go
WORDS: Final = 12
_BESIDE: Final = 100  # utterances by other ways meanwhile
_AN_INSTANT: Final = timedelta(milliseconds=1)

People = Collection[tuple[str, str]]


class Player:
    """Reads sessions again. Works inside the caller's transaction; reads only. Raises KeyLost as `Archive` does."""

    def __init__(self, archive: Archive, tables: ArchiveTables, results: Results, tags: TagStore, may: May) -> None:
        self._archive, self._tables, self._results, self._tags, self._may = archive, tables, results, tags, may
        self._findings = FindingStore(tables.analysis.findings)

    async def session(self, connection: AsyncConnection, session_id: int, sight: Sight) -> Session | None:
        """A session's facts, None where there is none in sight."""
        s = self._tables.analysis.sessions
        row = (await connection.execute(select(s).where(s.c.id == session_id, may_see(s, sight)))).one_or_none()
        return None if row is None else session_of(row)

    async def session_at(self, connection: AsyncConnection, entry_id: int) -> int | None:
        """The session in which an entry is now: what comes late may make two sessions one."""
        e = self._tables.entries
        return await connection.scalar(select(e.c.session_id).where(e.c.id == entry_id))

    async def play(
        self, connection: AsyncConnection, session_id: int, sight: Sight, people: People = ()
    ) -> Playback | None:
        """The session; None where there is none in sight. people: (account, customer), her other names."""
        session = await self.session(connection, session_id, sight)
        if session is None:
            return None
        entries = [*await self._own(connection, session_id), *await self._beside(connection, session, people, sight)]
        allowed = set(await self._may(connection, {party_of(each) for each in entries})) if entries else set()
        shown = [each for each in entries if party_of(each) in allowed]
        ids = [each.id for each in shown if each.id is not None]
        marks = await self._results.of(connection, ids, ("question", "sentiment", "keywords"))
        lines = [_played(each, marks, session_id) for each in sorted(shown, key=lambda one: (one.at, one.id or 0))]
        findings = await self._findings.of_session(connection, session_id) if shown else []
        worn = await self._tags.of_many(connection, [(session.account, session.customer)])
        tags = worn.get((session.account, session.customer), {})
        return Playback(
            session=session,
            lines=lines,
            findings=findings,
            keywords=Counter(word for line in lines for word in line.keywords).most_common(WORDS),
            withheld=len(entries) - len(shown),
            earlier=await self._next(connection, session, sight, people, later=False),
            later=await self._next(connection, session, sight, people, later=True),
            tags=tuple(name for name, tag in tags.items() if tag.state.is_worn),
        )

    async def _own(self, connection: AsyncConnection, session_id: int) -> list[Entry]:
        e = self._tables.entries
        newest = select(e.c.id).where(e.c.session_id == session_id).order_by(e.c.at.desc(), e.c.id.desc())
        return await self._archive.entries(connection, list(await connection.scalars(newest.limit(MOST_LINES))))

    async def _beside(self, connection: AsyncConnection, session: Session, people: People, sight: Sight) -> list[Entry]:
        """What was said with her by other ways while it lasted, as far as that is in sight."""
        others = sorted(set(people) | {(session.account, session.customer)})
        if not session.timed or not session.customer:
            return []
        until = (session.ended_at + _AN_INSTANT, 0)
        said = await self._archive.of_customer(connection, others, before=until, limit=_BESIDE)
        said = [each for each in said if each.at >= session.started_at and each.session_id != session.id]
        s, ids = self._tables.analysis.sessions, {each.session_id for each in said if each.session_id is not None}
        seen = set(await connection.scalars(select(s.c.id).where(s.c.id.in_(sorted(ids)), may_see(s, sight))))
        return [each for each in said if each.session_id in seen]

    async def _next(
        self, connection: AsyncConnection, session: Session, sight: Sight, people: People, *, later: bool
    ) -> int | None:
        if not session.customer:
            return None
        s = self._tables.analysis.sessions
        hers = or_(
            *(
                (s.c.account == account) & (s.c.customer == customer)
                for account, customer in {*people, (session.account, session.customer)}
            )
        )
        place, here = tuple_(s.c.started_at, s.c.id), (session.started_at, session.id)
        beyond = place > here if later else place < here
        order = (s.c.started_at, s.c.id) if later else (s.c.started_at.desc(), s.c.id.desc())
        query = select(s.c.id).where(hers, beyond, may_see(s, sight)).order_by(*order).limit(1)
        return await connection.scalar(query)


def _played(entry: Entry, marks: Mapping[tuple[int, str], Result], session_id: int) -> Played:
    id_ = entry.id or 0
    mood, words = marks.get((id_, "sentiment")), marks.get((id_, "keywords"))
    listed = words.detail.get("keywords") if words else None
    return Played(
        entry=entry,
        mood=mood.score if mood else None,
        question=(id_, "question") in marks,
        keywords=tuple(str(each[0]) for each in listed) if isinstance(listed, list) else (),
        elsewhere=entry.session_id != session_id,
    )


def marked(findings: Sequence[KeptFinding]) -> dict[int, list[KeptFinding]]:
    """The findings that each utterance shows, by its entry's id."""
    found: dict[int, list[KeptFinding]] = {}
    for each in findings:
        for entry_id in each.entry_ids:
            found.setdefault(entry_id, []).append(each)
    return found
