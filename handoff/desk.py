"""How does a conversation come to a person and back? The only writer of ownership."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Table, null
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import objections
from handoff.board import Boards
from handoff.desk_reads import DeskReads
from handoff.dispatcher import Dispatcher
from handoff.due import Due
from handoff.mentions import Mentions
from handoff.moving import Step
from handoff.offering import Offering
from handoff.outcomes import Claimed, Closed, Owner, Queued, Refusal, Refused, Returned
from handoff.ownership import Place, Standing
from handoff.parts import SYSTEM, Parts
from handoff.policy import Policy
from handoff.policy_apply import apply_policy, enter_newcomer
from handoff.presence import Presence, wrap_up
from handoff.queue_places import Places
from handoff.queueing import Queueing
from handoff.reopening import Reopening
from handoff.standing import Standings
from handoff.steps import assign, enqueue, let_go
from handoff.supervision import Supervision
from handoff.tables import Tables
from handoff.ticket_changes import TicketChanges
from handoff.ticket_extras import TicketExtras
from handoff.ticket_store import Entry
from handoff.tickets import SERVICER_VERDICT, NewTicket, Summary, Ticket, ToAgent, ToTeam

_TRIES = 5  # of recording a fact against others who write at the same moment


class Desk(
    Dispatcher, Offering, Queueing, Presence, TicketChanges, TicketExtras, Mentions, Supervision, Reopening, Places,
    Standings, Due, Boards, DeskReads,
):  # fmt: skip
    """Moves conversations between the bot, the queues and the agents.

    Every method works on the connection it is given, inside the caller's transaction (READ COMMITTED
    or, on SQLite, BEGIN IMMEDIATE), and never commits. A `Refused` has changed nothing. Everybody locks in one order:
    agents by id, then the conversation, then tickets. So a caller that writes the conversation's row itself does so
    after the desk, never before; and what moves many tickets has a transaction of its own where it says so.
    """

    def __init__(
        self, tables: Tables, conversations: Table, now: Callable[[], datetime], policy: Callable[[], Policy]
    ) -> None:
        """`conversations` is the application's table.

        Needs its columns id, account, channel, customer, state, owner, team, agent, ticket_id, version,
        failures, promises, updated_at, closed_at. `now`: the time, UTC-aware. `policy`: the one in force.
        """
        super().__init__(Parts.over(tables, conversations, now, policy))

    async def open_ticket(self, connection: AsyncConnection, new: NewTicket) -> Ticket | Refused:
        """Bot → queue of the verdict's team. Where a ticket is open already, that one, unchanged."""
        if known := await self.active_ticket(connection, new.conversation_id):
            return known
        seen = await self._parts.ownership.read(connection, new.conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        if objection := objections.to_open(seen, new.expected_version):
            # Perhaps somebody opened the ticket that we want between the two reads.
            return await self.active_ticket(connection, new.conversation_id) or seen.refused(objection)
        if not await self._parts.roster.has_team(connection, new.verdict.team):
            return seen.refused(Refusal.UNKNOWN_TEAM)
        at = self._parts.now()
        place = Place(Owner.QUEUE, team=new.verdict.team)
        step = Step(seen, place, cause="opened", reason=new.verdict.reason, at=at)
        if await self._parts.mover.carry_out(connection, step) is None:
            # Somebody moved it since it was read: perhaps by opening the ticket that we wanted.
            opened = await self.active_ticket(connection, new.conversation_id)
            return opened or await self._parts.books.overtaken(connection, seen)
        return await self._parts.books.opened(connection, new, at)

    async def claim(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        expected_version: int,
        *,
        expected_team: str | None,
        agent_id: str,
        cause: str,
        supervisor: bool = False,
        reason: str = "",
    ) -> Claimed | Refused:
        """Queue → this agent; with `supervisor` also from another agent. First claim wins, whoever is offered it.

        She must be ready, within her lease and below her capacities, in the team and of the skills it takes; a
        supervisor of the team need not be in it nor have them. What is offered to her keeps her room for it.
        expected_team: refused if the conversation moved to another team since; None if it does not matter.
        cause: what led to it, e.g. "card_click". reason: free text for the log.
        """
        seen = await self._parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        objection = objections.to_claim(
            seen,
            expected_version=expected_version,
            expected_team=expected_team,
            agent_id=agent_id,
            supervisor=supervisor,
        )
        if objection:
            return seen.refused(objection)
        to = ToAgent(agent_id, seen.queue)
        return await assign(self._parts, connection, seen, to, by=agent_id, cause=cause, reason=reason)

    async def transfer(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        expected_version: int,
        *,
        to: ToAgent | ToTeam,
        by: str,
        cause: str = "transfer",
        reason: str = "",
    ) -> Claimed | Queued | Refused:
        """Queue or agent → another agent (who must be able to take it) or the queue of a team."""
        seen = await self._parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        target = to.agent_id if isinstance(to, ToAgent) else None
        if objection := objections.to_transfer(seen, expected_version=expected_version, agent_id=target):
            return seen.refused(objection)
        if to.team is not None and not await self._parts.roster.has_team(connection, to.team):
            return seen.refused(Refusal.UNKNOWN_TEAM)
        match to:
            case ToTeam(team=team):
                return await enqueue(
                    self._parts, connection, seen, team, by=by, cause=cause, reason=reason, released_by=seen.agent
                )
            case ToAgent():
                aim = replace(to, team=to.team or seen.queue)
                return await assign(self._parts, connection, seen, aim, by=by, cause=cause, reason=reason)

    async def release(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        expected_version: int,
        *,
        agent_id: str,
        cause: str = "release",
        by: str | None = None,
        reason: str = "",
    ) -> Queued | Refused:
        """This agent → the queue its ticket came from, to be offered to others. by: who does it, if not herself."""
        return await let_go(
            self._parts,
            connection,
            conversation_id,
            expected_version,
            agent_id=agent_id,
            by=by or agent_id,
            cause=cause,
            reason=reason,
            released_by=agent_id,
        )

    async def return_to_bot(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        expected_version: int,
        *,
        agent_id: str | None,
        outcome: str,
        promises: Sequence[str] = (),
        by: str | None = None,
        cause: str = "returned",
    ) -> Returned | Refused:
        """This agent (None: the queue) → bot. The ticket is closed with `outcome`.

        promises: what the person left open, kept on the conversation for the bot (the return contract).
        """
        seen = await self._parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        if objection := objections.to_let_go(seen, expected_version=expected_version, agent_id=agent_id):
            return seen.refused(objection)
        at = self._parts.now()
        values = {"ticket_id": None, "promises": list(promises) or null(), "failures": 0}
        step = Step(seen, Place(Owner.BOT), cause=cause, reason=outcome, at=at, values=values)
        moved = await self._parts.mover.carry_out(connection, step)
        if moved is None:
            return await self._parts.books.overtaken(connection, seen)
        entry = Entry(at, "returned", by or agent_id or SYSTEM, cause, {"promises": list(promises)})
        ticket = await self._parts.books.ended(connection, seen, moved, outcome, entry)
        await wrap_up(self._parts, connection, agent_id, at)
        return Returned(ticket, moved.version, moved.offer)

    async def close(
        self, connection: AsyncConnection, conversation_id: int, expected_version: int, *, by: str, outcome: str
    ) -> Closed | Refused:
        """End the conversation, whoever has it, and its ticket. The next message starts a new one."""
        seen = await self._parts.ownership.read(connection, conversation_id)
        if seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        if objection := objections.to_open(seen, expected_version):
            return seen.refused(objection)
        at = self._parts.now()
        values = {"ticket_id": None, "state": "closed", "closed_at": at}
        step = Step(seen, Place(Owner.BOT), cause="closed", reason=outcome, at=at, values=values)
        moved = await self._parts.mover.carry_out(connection, step)
        if moved is None:
            return await self._parts.books.overtaken(connection, seen)
        if seen.ticket_id is None:
            return Closed(None, moved.version)
        entry = Entry(at, "closed", by, "closed")
        ticket = await self._parts.books.ended(connection, seen, moved, outcome, entry)
        await wrap_up(self._parts, connection, seen.agent, at)
        return Closed(ticket, moved.version, moved.offer)

    async def take_over_by_servicer(
        self,
        connection: AsyncConnection,
        conversation_id: int,
        agent_id: str,
        *,
        team: str,
        cause: str = "session_status_change",
    ) -> Claimed | Refused:
        """Record that this person serves already: the platform tells after the fact, so nothing can refuse it.

        Her load is counted, even above her capacity. Told again, nothing changes. Somebody unknown is
        entered as an agent without team or capacity. team: whose queue a ticket belongs to where none is
        open yet. Refused only where the conversation is closed or unknown, or others keep overtaking.
        """
        for _ in range(_TRIES):
            seen = await self._parts.ownership.read(connection, conversation_id)
            if seen is None:
                return Refused(Refusal.UNKNOWN_CONVERSATION)
            if not seen.open:
                return seen.refused(Refusal.CLOSED)
            if seen.agent == agent_id:
                return Claimed(await self._parts.books.ticket_of(connection, seen), seen.version)
            # A savepoint: undone, it sets free the agents it locked. The next try locks them in order again.
            attempt = await connection.begin_nested()
            if claimed := await self._record_servicer(connection, seen, agent_id, team, cause):
                await attempt.commit()
                return claimed
            await attempt.rollback()
        return Refused(Refusal.VERSION_CHANGED)

    async def apply_policy(self, connection: AsyncConnection, policy: Policy) -> None:
        """Bring teams, agents and memberships to what the pack says; nobody's load, and no ticket stays behind.

        What waits for a team that is no more goes to the queue of the last rule, which takes all there is.
        """
        parts = replace(self._parts, policy=lambda: policy)
        await apply_policy(connection, parts, policy)
        await Queueing(parts).requeue_all(connection)

    async def _record_servicer(
        self, connection: AsyncConnection, seen: Standing, agent_id: str, team: str, cause: str
    ) -> Claimed | None:
        """One try; None if somebody moved the conversation since it was read."""
        await enter_newcomer(connection, self._parts.tables, agent_id)
        agent = await self._parts.roster.one(connection, agent_id)
        teams = agent.teams if agent else ()
        served_in = seen.team if seen.team in teams else next(iter(teams), None)
        at = self._parts.now()
        place = Place(Owner.AGENT, team=served_in, agent=agent_id)
        step = Step(seen, place, cause=cause, reason="servicer", at=at, forced=True)
        moved = await self._parts.mover.carry_out(connection, step)
        if moved is None:
            return None
        if seen.ticket_id is None:
            ticket = await self._parts.books.opened(connection, _servicer_ticket(seen, agent_id, team), at, cause=cause)
            seen = replace(seen, ticket_id=ticket.id)
        # Without a team: the queue it would go back to stays what it was, whichever team she serves it for.
        return await self._parts.books.assigned(
            connection, seen, moved, to=ToAgent(agent_id), at=at, by=agent_id, cause=cause
        )


def _servicer_ticket(seen: Standing, agent_id: str, team: str) -> NewTicket:
    return NewTicket(
        conversation_id=seen.id,
        expected_version=seen.version,
        account=seen.account,
        channel=seen.channel,
        customer=seen.customer,
        verdict=replace(SERVICER_VERDICT, team=team),
        summary=Summary(),
        by=agent_id,
    )
