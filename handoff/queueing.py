"""How does a ticket come into another queue without anybody moving it? It waited too long, or its agent is gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.outcomes import Claimed, Owner, Queued, Refused
from handoff.ownership import Standing
from handoff.parts import SYSTEM, Part
from handoff.steps import enqueue, let_go
from handoff.tickets import TicketState
from handoff.waiting import WaitingTickets


class Queueing(Part):
    """Requeues tickets."""

    async def overflow(self, connection: AsyncConnection, *, limit: int = 100) -> tuple[Queued, ...]:
        """Move what waited too long to the queue its team's policy names; what waits for a team that is no more, too.

        What is offered to somebody stays until that offer ends. In a transaction of its own; constantly many
        statements a ticket.
        """
        c, at, teams = self._parts.tables.tickets.c, self._parts.now(), self._parts.policy().teams
        late = (
            and_(c.team == team.id, c.queued_at <= at - timedelta(seconds=team.overflow.after_s))
            for team in teams
            if team.overflow is not None
        )
        unoffered = WaitingTickets(self._parts).unoffered()
        return await self._requeue(connection, *unoffered, or_(self._team_is_gone(), *late), limit=limit)

    async def requeue_all(self, connection: AsyncConnection) -> tuple[Queued, ...]:
        """Move all that waits for a team that is no more, what is offered too. The caller holds all agents."""
        c = self._parts.tables.tickets.c
        return await self._requeue(connection, c.state == TicketState.OPEN.value, self._team_is_gone(), offered=True)

    async def relieve(
        self, connection: AsyncConnection, conversation_id: int, version: int, *, agent_id: str, cause: str
    ) -> Claimed | Queued | Refused:
        """Take a conversation from an agent who is not there; it waits in its queue, to be offered to a colleague.

        That is not her giving it back: once she is there again, it may be offered to her.
        """
        return await let_go(
            self._parts, connection, conversation_id, version, agent_id=agent_id, by=SYSTEM, cause=cause
        )

    def _team_is_gone(self) -> ColumnElement[bool]:
        return self._parts.tables.tickets.c.team.not_in([team.id for team in self._parts.policy().teams])

    async def _requeue(
        self,
        connection: AsyncConnection,
        *which: ColumnElement[bool],
        limit: int | None = None,
        offered: bool = False,
    ) -> tuple[Queued, ...]:
        c = self._parts.tables.tickets.c
        query = select(c.conversation_id).where(*which).order_by(c.priority, c.queued_at, c.id).limit(limit)
        moved: list[Queued] = []
        for conversation_id in sorted((await connection.execute(query)).scalars()):  # one order for every process
            seen = await self._parts.ownership.read(connection, conversation_id)
            if seen is None or seen.owner is not Owner.QUEUE or (seen.offer_id is not None and not offered):
                continue  # somebody was faster
            if isinstance(queued := await self._requeue_one(connection, seen), Queued):
                moved.append(queued)
        return tuple(moved)

    async def _requeue_one(self, connection: AsyncConnection, seen: Standing) -> Queued | Refused:
        policy = self._parts.policy()
        overflow = next((team.overflow for team in policy.teams if team.id == seen.team), None)
        return await enqueue(
            self._parts,
            connection,
            seen,
            policy.rules[-1].team if overflow is None else overflow.team,
            by=SYSTEM,
            cause="team_gone" if overflow is None else "overflow",
            overflowed=overflow is not None,
        )
