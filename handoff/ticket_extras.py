"""What else belongs to a ticket? Notes for colleagues, attachments, links to other tickets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.dialects import insert_for
from handoff.outcomes import Refusal, Refused
from handoff.parts import Part, Parts
from handoff.ticket_store import Entry

WHISPERED: Final = "whispered"  # kind of the event that says to whom a note is told


class LinkKind(StrEnum):
    """How two tickets belong together."""

    RELATED = "related"
    DUPLICATE = "duplicate"
    FOLLOW_UP = "follow_up"
    MERGED = "merged"  # one goes on for the other


@dataclass(frozen=True, slots=True)
class Note:
    """What a colleague wrote for colleagues; the customer never sees it.

    whispered_to: a supervisor told it to this agent alone; "" for everybody's.
    """

    id: int
    ticket_id: int
    at: datetime
    by: str
    text: str
    whispered_to: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or file. reference: where the application finds it. kind: image | video | voice | file."""

    id: int
    ticket_id: int
    at: datetime
    by: str
    kind: str
    reference: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """`ticket_id` belongs together with `other_id`; kept in both directions."""

    ticket_id: int
    other_id: int
    kind: LinkKind
    at: datetime
    by: str


class TicketExtras(Part):
    """Appends to tickets. A ticket's notes and attachments are those of the tickets merged into it, too."""

    async def note(self, connection: AsyncConnection, ticket_id: int, *, by: str, text: str) -> Note | Refused:
        """Write a note. Its text stays out of the history, which says only that there is one."""
        if await self._parts.tickets.get(connection, ticket_id) is None:
            return Refused(Refusal.UNKNOWN_TICKET)
        table, at = self._parts.tables.ticket_notes, self._parts.now()
        values = {"ticket_id": ticket_id, "at": at, "by": by, "text": text}
        row = (await connection.execute(insert(table).values(values).returning(table.c.id))).one()
        await self._parts.tickets.note(connection, [(ticket_id, Entry(at, "noted", by, "note", {"note": row.id}))])
        return Note(row.id, ticket_id, at, by, text)

    async def attach(
        self, connection: AsyncConnection, ticket_id: int, *, by: str, kind: str, reference: str, name: str = ""
    ) -> Attachment | Refused:
        """Attach what `reference` names; attached again, nothing changes."""
        if await self._parts.tickets.get(connection, ticket_id) is None:
            return Refused(Refusal.UNKNOWN_TICKET)
        table, at = self._parts.tables.ticket_attachments, self._parts.now()
        values = {"ticket_id": ticket_id, "at": at, "by": by, "kind": kind, "reference": reference, "name": name}
        written = await connection.execute(
            insert_for(connection, table).values(values).on_conflict_do_nothing().returning(table.c.id)
        )
        if (row := written.one_or_none()) is not None:
            entry = Entry(at, "attached", by, "attach", {"attachment": row.id})
            await self._parts.tickets.note(connection, [(ticket_id, entry)])
        known = select(table).where(table.c.ticket_id == ticket_id, table.c.reference == reference)
        return Attachment(**(await connection.execute(known)).mappings().one())

    async def link(
        self, connection: AsyncConnection, ticket_id: int, other_id: int, *, kind: LinkKind, by: str
    ) -> Link | Refused:
        """Say that two tickets belong together; said again, nothing changes."""
        both = await self._parts.tickets.by_id(connection, [ticket_id, other_id])
        if len(both) != len({ticket_id, other_id}):
            return Refused(Refusal.UNKNOWN_TICKET)
        if ticket_id == other_id:
            return Refused(Refusal.TICKET_STATE)
        await put_link(self._parts, connection, ticket_id, other_id, kind=kind, by=by)
        found = await self.links(connection, ticket_id)
        return next(each for each in found if each.other_id == other_id and each.kind is kind)

    async def notes(self, connection: AsyncConnection, ticket_id: int) -> tuple[Note, ...]:
        """The notes, oldest first; those that were whispered too."""
        table, tickets = self._parts.tables.ticket_notes, self._parts.tables.tickets.c
        events = self._parts.tables.ticket_events.c
        merged = select(tickets.id).where((tickets.id == ticket_id) | (tickets.merged_into == ticket_id))
        rows = await connection.execute(select(table).where(table.c.ticket_id.in_(merged)).order_by(table.c.id))
        notes = [Note(**row) for row in rows.mappings()]
        if not notes:
            return ()
        told = await connection.scalars(
            select(events.detail).where(events.ticket_id.in_(merged), events.kind == WHISPERED)
        )
        whispered: Mapping[int, str] = {each["note"]: each["agent"] for each in told}
        return tuple(replace(each, whispered_to=whispered.get(each.id, "")) for each in notes)

    async def attachments(self, connection: AsyncConnection, ticket_id: int) -> tuple[Attachment, ...]:
        """The attachments, oldest first."""
        table, tickets = self._parts.tables.ticket_attachments, self._parts.tables.tickets.c
        merged = select(tickets.id).where((tickets.id == ticket_id) | (tickets.merged_into == ticket_id))
        rows = await connection.execute(select(table).where(table.c.ticket_id.in_(merged)).order_by(table.c.id))
        return tuple(Attachment(**row) for row in rows.mappings())

    async def links(self, connection: AsyncConnection, ticket_id: int) -> tuple[Link, ...]:
        """What it belongs together with, oldest first."""
        table = self._parts.tables.ticket_links
        mine = select(table).where(table.c.ticket_id == ticket_id)
        rows = await connection.execute(mine.order_by(table.c.at, table.c.other_id, table.c.kind))
        return tuple(Link(row.ticket_id, row.other_id, LinkKind(row.kind), row.at, row.by) for row in rows)


async def put_link(
    parts: Parts, connection: AsyncConnection, ticket_id: int, other_id: int, *, kind: LinkKind, by: str
) -> None:
    """Link two tickets that are there, in both directions and both histories, if they are not linked so yet."""
    table, at = parts.tables.ticket_links, parts.now()
    pairs = sorted([(ticket_id, other_id), (other_id, ticket_id)])
    values = [{"ticket_id": one, "other_id": other, "kind": kind.value, "at": at, "by": by} for one, other in pairs]
    written = await connection.execute(
        insert_for(connection, table).values(values).on_conflict_do_nothing().returning(table.c.ticket_id)
    )
    if written.all():
        await parts.tickets.note(
            connection,
            [(one, Entry(at, "linked", by, "link", {"other": other, "as": kind.value})) for one, other in pairs],
        )
