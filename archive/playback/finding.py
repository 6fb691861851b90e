"""Which sessions fit what is looked for, the latest first, a page at a time by key?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from archive.analysis import DISMISSED, May
from archive.consent import party_of
from archive.entry import Entry, Voice
from archive.playback.conditions import may_see, session_of, wished
from archive.playback.values import Found, FoundPage, Session, Sight, Wish
from archive.record import Archive
from archive.search import Saying
from archive.tables import ArchiveTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

CANDIDATES: Final = 50  # sessions whose words are opened at once
LOOKS: Final = 40  # such batches for one page: what fits nothing must not keep a person waiting for all that was said
SAID: Final = 2  # utterances shown of a session
_OPENED: Final = 40  # of a session that may say it, at most


class SessionFinder:
    """Finds sessions. Works inside the caller's transaction; reads only.

    may: whose words may be analysed; what may not is neither found nor shown. Raises KeyLost as `Archive` does.
    """

    def __init__(self, archive: Archive, tables: ArchiveTables, may: May) -> None:
        self._archive, self._tables, self._may = archive, tables, may

    async def find(self, connection: AsyncConnection, wish: Wish, sight: Sight) -> FoundPage:
        """The latest sessions that fit and are in sight, at most `limit`; a page may be empty though more follow."""
        saying = await self._archive.saying(connection, wish.text) if wish.text.strip() else None
        found: list[Found] = []
        after = wish.after
        for _ in range(LOOKS):
            sessions = await self._candidates(connection, replace(wish, after=after), sight, saying)
            for each in await self._shown(connection, sessions, wish, saying):
                found.append(each)
                if len(found) == wish.limit:
                    return FoundPage(tuple(found), _place(each.session))
            if len(sessions) < CANDIDATES:
                return FoundPage(tuple(found), None)
            after = _place(sessions[-1])
        return FoundPage(tuple(found), after)

    async def _candidates(
        self, connection: AsyncConnection, wish: Wish, sight: Sight, saying: Saying | None
    ) -> list[Session]:
        s, e = self._tables.analysis.sessions, self._tables.entries
        query = select(s).where(may_see(s, sight), *wished(self._tables, wish))
        if saying is not None and saying.ids is not None:
            query = query.where(s.c.id.in_(select(e.c.session_id).where(e.c.id.in_(saying.ids))))
        newest = query.order_by(s.c.started_at.desc(), s.c.id.desc()).limit(CANDIDATES)
        return [session_of(row) for row in await connection.execute(newest)]

    async def _shown(
        self, connection: AsyncConnection, sessions: Sequence[Session], wish: Wish, saying: Saying | None
    ) -> list[Found]:
        ids = [each.id for each in sessions]
        if not ids:
            return []
        said = await self._said(connection, ids, wish, saying)
        rules = await self._rules(connection, ids)
        return [
            Found(each, tuple(said[each.id][:SAID]), tuple(rules.get(each.id, ())))
            for each in sessions
            if said[each.id]
        ]

    async def _said(
        self, connection: AsyncConnection, ids: Sequence[int], wish: Wish, saying: Saying | None
    ) -> Mapping[int, list[Entry]]:
        """What of each session is shown: what says it, what belongs to the topic, or what she said first."""
        e = self._tables.entries
        place = func.row_number().over(partition_by=e.c.session_id, order_by=(e.c.at, e.c.id))
        query = select(e.c.id, place.label("place")).where(e.c.session_id.in_(ids), e.c.recalled == 0)
        if saying is not None:
            query = query if saying.ids is None else query.where(e.c.id.in_(saying.ids))
        elif wish.topic is not None:
            query = query.where(e.c.id.in_(wish.topic))
        else:
            query = query.where(e.c.voice == Voice.CUSTOMER.value)
        ranked = query.subquery()
        most = SAID if saying is None else _OPENED
        chosen = await connection.scalars(select(ranked.c.id).where(ranked.c.place <= most))
        entries = await self._archive.entries(connection, list(chosen))
        allowed = set(await self._may(connection, {party_of(each) for each in entries})) if entries else set()
        found: dict[int, list[Entry]] = defaultdict(list)
        for each in sorted(entries, key=lambda one: (one.at, one.id or 0)):
            fits = saying is None or saying.is_said_in(each)
            if fits and each.session_id is not None and party_of(each) in allowed:
                found[each.session_id].append(each)
        return found

    async def _rules(self, connection: AsyncConnection, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        f = self._tables.analysis.findings
        query = select(f.c.session_id, f.c.rule, f.c.severity).where(f.c.session_id.in_(ids), f.c.state != DISMISSED)
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for row in await connection.execute(query.distinct().order_by(f.c.session_id, f.c.severity, f.c.rule)):
            found[row.session_id].append((row.rule, row.severity))
        return found


def _place(session: Session) -> tuple[datetime, int]:
    return (session.started_at, session.id)
