"""How does a ticket come back, or end in another one?"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import objections
from handoff.lifecycle import Move
from handoff.moving import Step
from handoff.outcomes import Owner, Refusal, Refused
from handoff.ownership import Place, Standing
from handoff.parts import Part
from handoff.ticket_changes import refusal_of
from handoff.ticket_extras import LinkKind, put_link
from handoff.ticket_store import Entry
from handoff.tickets import Ticket, TicketState


class Reopening(Part):
    """Reopens and merges tickets. What is refused is undone to a savepoint."""

    async def reopen(
        self,
        connection: AsyncConnection,
        ticket_id: int,
        conversation_id: int,
        expected_version: int,
        *,
        by: str,
        reason: str,
    ) -> Ticket | Refused:
        """A closed ticket waits again, in the conversation that its customer has with the bot now.

        It keeps its number, its history and its team; where that team is no more, the last rule's has it.
        """
        ticket = await self._parts.tickets.get(connection, ticket_id)
        if ticket is None or ticket.state is not TicketState.CLOSED or ticket.merged_into is not None:
            return refusal_of(ticket)
        seen = await self._parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        if objection := _against(seen, ticket, expected_version):
            return seen.refused(objection)
        known = await self._parts.roster.has_team(connection, ticket.team)
        team = ticket.team if known else self._parts.policy().rules[-1].team
        savepoint = await connection.begin_nested()
        reopened = await self._reopen(
            connection, ticket, replace(seen, ticket_id=ticket.id), team=team, by=by, reason=reason
        )
        if reopened is None:
            await savepoint.rollback()
            return await self._parts.books.overtaken(connection, seen)
        await savepoint.commit()
        return reopened

    async def merge(self, connection: AsyncConnection, source_id: int, into_id: int, *, by: str) -> Ticket | Refused:
        """`source_id` ends and `into_id` goes on for it; gives the latter.

        A conversation that waits or is served for the source goes back to the bot. Notes and attachments of the source
        are the other's from now on.
        """
        if source_id == into_id:
            return Refused(Refusal.TICKET_STATE)
        both = await self._parts.tickets.by_id(connection, [source_id, into_id])
        if len(both) < 2:  # noqa: PLR2004 - both of them
            return Refused(Refusal.UNKNOWN_TICKET)
        savepoint = await connection.begin_nested()
        if not await self._merge(connection, both[source_id], into_id, by):
            await savepoint.rollback()
            return Refused(Refusal.TICKET_STATE)
        await put_link(self._parts, connection, source_id, into_id, kind=LinkKind.MERGED, by=by)
        await savepoint.commit()
        return (await self._parts.tickets.by_id(connection, [into_id]))[into_id]

    async def _reopen(
        self, connection: AsyncConnection, ticket: Ticket, seen: Standing, *, team: str, by: str, reason: str
    ) -> Ticket | None:
        at, c = self._parts.now(), self._parts.tables.tickets.c
        step = Step(
            seen,
            Place(Owner.QUEUE, team=team),
            cause="reopened",
            reason=reason,
            at=at,
            values={"ticket_id": ticket.id},
        )
        if await self._parts.mover.carry_out(connection, step) is None:
            return None
        values = {
            "conversation_id": seen.id,
            "channel": seen.channel,
            "team": team,
            "agent": None,
            "outcome": None,
            "closed_at": None,
            "queued_at": at,
            "released_by": None,
            "escalated_at": None,
            "told_position": None,
            "reopened": ticket.reopened + 1,
        }
        entry = Entry(at, "reopened", by, "reopen", {"reason": reason, "previous": ticket.agent})
        unmerged = c.merged_into.is_(None), c.reopened == ticket.reopened
        reopened = await self._parts.tickets.move(connection, ticket.id, Move.REOPEN, values, entry, *unmerged)
        if reopened is not None:
            await self._parts.clocks.start(connection, reopened)
        return reopened

    async def _merge(self, connection: AsyncConnection, source: Ticket, into_id: int, by: str) -> bool:
        at, parts, c = self._parts.now(), self._parts, self._parts.tables.tickets.c
        values: dict[str, object] = {"merged_into": into_id, "pending_until": None}
        if source.state is not TicketState.CLOSED:
            seen = await parts.ownership.read(connection, source.conversation_id)
            if seen is None or seen.ticket_id != source.id:
                return False
            step = Step(
                seen,
                Place(Owner.BOT),
                cause="merged",
                reason="merged",
                at=at,
                values={"ticket_id": None, "failures": 0},
            )
            if await parts.mover.carry_out(connection, step) is None:
                return False
            values |= {"outcome": "merged", "closed_at": at, "state": TicketState.CLOSED.value}
        # Both rows are held before they are looked at: two tickets cannot be merged into each other.
        pair = select(c.id, c.merged_into).where(c.id.in_([source.id, into_id])).order_by(c.id).with_for_update()
        if any(row.merged_into is not None for row in await connection.execute(pair)):
            return False
        entry = Entry(at, "merged", by, "merge", {"into": into_id})
        if await parts.tickets.change(connection, source.id, values, entry, c.state == source.state) is None:
            return False
        await parts.clocks.finish(connection, source.id)
        return True


def _against(seen: Standing, ticket: Ticket, expected_version: int) -> Refusal | None:
    if (seen.account, seen.customer) != (ticket.account, ticket.customer):
        return Refusal.OTHER_CUSTOMER
    if objection := objections.to_open(seen, expected_version):
        return objection
    return None if seen.owner is Owner.BOT else Refusal.TICKET_STATE  # another ticket is open there
