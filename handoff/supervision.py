"""Who looks over an agent's shoulder? Supervisors who watch, whisper to her, join her, take over and give back.

Each step is an event of the ticket; who watches now is what the events say. None of them moves the conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.outcomes import Refusal, Refused
from handoff.parts import Part
from handoff.ticket_extras import WHISPERED, Note
from handoff.ticket_store import Entry
from handoff.tickets import TicketEvent

TAKEN_OVER: Final = "taken_over"  # causes of a transfer
GIVEN_BACK: Final = "given_back"


class Attendance(StrEnum):
    """How a supervisor is there; the kind of the event that says so."""

    WATCHED = "watched"
    JOINED = "joined"
    LEFT = "left"


class Supervision(Part):
    """Writes what supervisors do beside an agent."""

    async def attend(self, connection: AsyncConnection, ticket_id: int, by: str, how: Attendance) -> bool | Refused:
        """Write that she watches, joined or left; False, and nothing is written, where that is no news."""
        if await self._parts.tickets.get(connection, ticket_id) is None:
            return Refused(Refusal.UNKNOWN_TICKET)
        now = attending(await self._parts.tickets.events(connection, ticket_id)).get(by, Attendance.LEFT)
        if how is now or (how is Attendance.WATCHED and now is Attendance.JOINED):
            return False
        await self._parts.tickets.note(
            connection, [(ticket_id, Entry(self._parts.now(), how.value, by, "supervision"))]
        )
        return True

    async def whisper(
        self, connection: AsyncConnection, ticket_id: int, *, by: str, to: str, text: str
    ) -> Note | Refused:
        """Write a note that is for one agent alone; neither the customer nor the other colleagues see it."""
        if await self._parts.tickets.get(connection, ticket_id) is None:
            return Refused(Refusal.UNKNOWN_TICKET)
        table, at = self._parts.tables.ticket_notes, self._parts.now()
        values = {"ticket_id": ticket_id, "at": at, "by": by, "text": text}
        row = (await connection.execute(insert(table).values(values).returning(table.c.id))).one()
        entry = Entry(at, WHISPERED, by, "supervision", {"note": row.id, "agent": to})
        await self._parts.tickets.note(connection, [(ticket_id, entry)])
        return Note(row.id, ticket_id, at, by, text, whispered_to=to)

    async def taken_over_from(self, connection: AsyncConnection, ticket_id: int) -> str | None:
        """Who had the ticket before the supervisor who has it now took it over; None where nobody took it over."""
        events = self._parts.tables.ticket_events.c
        moves = select(events.cause, events.detail).where(
            events.ticket_id == ticket_id, events.kind.in_(["assigned", "transferred", "queued"])
        )
        last = (await connection.execute(moves.order_by(events.id.desc()).limit(1))).first()
        if last is None or last.cause != TAKEN_OVER:
            return None
        return last.detail.get("previous") or None


def attending(events: Iterable[TicketEvent]) -> Mapping[str, Attendance]:
    """Who is there beside the agent, by the ticket's events, oldest first."""
    there: dict[str, Attendance] = {}
    for event in events:
        if event.kind == Attendance.LEFT.value:
            there.pop(event.by, None)
        elif event.kind in {Attendance.WATCHED.value, Attendance.JOINED.value}:
            there[event.by] = Attendance(event.kind)
    return there
