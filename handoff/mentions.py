"""Whom does a note call, and who has looked? Colleagues are told of a note that names them until they open it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.parts import Part
from handoff.ticket_extras import Note

MOST_SHOWN: Final = 20  # of those that somebody has not opened yet, the newest


@dataclass(frozen=True, slots=True)
class Mention:
    """A note of this ticket names somebody. by: who wrote it."""

    id: int
    ticket_id: int
    by: str
    at: datetime


class Mentions(Part):
    """Writes and reads who was named. Whether she may see the ticket, the caller has asked."""

    async def mention(self, connection: AsyncConnection, note: Note, people: Collection[str]) -> None:
        """These people, by id, are told of the note."""
        rows = [{"note_id": note.id, "ticket_id": note.ticket_id, "person": each} for each in sorted(set(people))]
        if rows:
            await connection.execute(insert(self._parts.tables.ticket_mentions), rows)

    async def mentions_of(self, connection: AsyncConnection, person: str) -> Sequence[Mention]:
        """What she has not opened yet, the newest first."""
        m, n = self._parts.tables.ticket_mentions.c, self._parts.tables.ticket_notes.c
        query = select(m.id, m.ticket_id, n.by, n.at).join_from(m.note_id.table, n.id.table, n.id == m.note_id)
        query = query.where(m.person == person, m.seen_at.is_(None)).order_by(m.id.desc()).limit(MOST_SHOWN)
        return [Mention(*row) for row in await connection.execute(query)]

    async def see_mention(self, connection: AsyncConnection, mention_id: int, person: str) -> int | None:
        """She opens it: the ticket's id; None where there is none of hers."""
        m = self._parts.tables.ticket_mentions
        hers = (m.c.id == mention_id) & (m.c.person == person)
        seen = update(m).where(hers, m.c.seen_at.is_(None)).values(seen_at=self._parts.now())
        await connection.execute(seen)
        return await connection.scalar(select(m.c.ticket_id).where(hers))
