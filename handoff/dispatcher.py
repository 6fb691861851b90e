"""How do waiting tickets come to agents who are free? By offers, made by any number of processes side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad
from handoff.dispatch import Plan, Planner, Waiting, nobody_can, obstacle, ranking
from handoff.offers import Escalated, Offered, OfferState
from handoff.outcomes import Owner
from handoff.parts import SYSTEM, Part
from handoff.steps import supervisors_of
from handoff.ticket_store import Entry
from handoff.tickets import Ticket, TicketState
from handoff.waiting import WaitingTickets


class Dispatcher(Part):
    """Makes offers and calls supervisors.

    The agents who are free are held first, in order of their ids: two processes never count on the same room, and the
    later one sees what the earlier one gave. A conversation that somebody is writing to is left for the next call.
    """

    async def offer_waiting(self, connection: AsyncConnection, *, limit: int = 50) -> tuple[Offered | Escalated, ...]:
        """Make the offers that are possible now, at most `limit`, and tell which tickets nobody takes.

        In a transaction of its own. Constantly many statements for each 200 tickets that must be looked at, one for
        each ticket escalated.
        """
        queue = WaitingTickets(self._parts)
        teams = await queue.teams(connection)
        if not teams:
            return ()
        at, roster, agents = self._parts.now(), self._parts.roster, self._parts.tables.agents.c
        room = agents.active + agents.offered < agents.capacity
        free = await roster.hold(connection, roster.ready(at), room, roster.member_of(teams))
        members = await roster.find(connection, roster.member_of(teams))
        vain = await self._vain(connection, queue, teams, members, at)
        planner = Planner(members, frozenset(free), at)
        plans = await self._plan(connection, queue, planner, limit)
        return *await self._make(connection, plans, at), *await self._escalate(connection, vain, at)

    async def best_colleague(
        self, connection: AsyncConnection, ticket: Ticket, *, excluding: Collection[str] = ()
    ) -> str | None:
        """Who of the team could take this ticket now and comes first, whoever has it; None if nobody can."""
        roster, at = self._parts.roster, self._parts.now()
        waiting = await WaitingTickets(self._parts).one(connection, ticket)
        members = await roster.find(connection, roster.member_of([ticket.team]))
        able = [each for each in members if each.id not in excluding and obstacle(each, waiting, at) is None]
        return next(iter(ranking(able, waiting.last_agent)), None)

    async def _plan(
        self, connection: AsyncConnection, queue: WaitingTickets, planner: Planner, limit: int
    ) -> Sequence[Plan]:
        plans: list[Plan] = []
        if planner.has_room:
            of_free = self._parts.tables.tickets.c.team.in_(planner.free_teams)
            async for page in queue.pages(connection, of_free):
                plans += islice(planner.plan(page), limit - len(plans))
                if len(plans) >= limit or not planner.has_room:
                    break
        return plans

    async def _make(self, connection: AsyncConnection, plans: Sequence[Plan], at: datetime) -> Sequence[Offered]:
        """Write the offers of those conversations that still wait and are not being written to."""
        held = await self._hold(connection, plans)
        made = [plan for plan in plans if plan.waiting.ticket.conversation_id in held]
        if not made:
            return ()
        expires_at = at + timedelta(seconds=self._parts.policy().offers.accept_s)
        offers = await self._parts.offers.insert(connection, [_row(plan, at, expires_at) for plan in made])
        loads, given = self._parts.loads, [(offer.agent, offer.channel) for offer in offers]
        await loads.count_offers(connection, given, change=1)
        await loads.assigned(connection, [agent for agent, _ in given], at)
        await self._parts.tickets.note(
            connection,
            [
                (offer.ticket_id, Entry(at, "offered", SYSTEM, offer.reason, {"offer": offer.id, "agent": offer.agent}))
                for offer in offers
            ],
        )
        return [Offered(offer, plan.waiting.ticket) for offer, plan in zip(offers, made, strict=True)]

    async def _hold(self, connection: AsyncConnection, plans: Sequence[Plan]) -> Collection[int]:
        """Lock the conversations that still stand as they were read and are not offered meanwhile."""
        versions = {plan.waiting.ticket.conversation_id: plan.waiting.version for plan in plans}
        if not versions:
            return ()
        c, offers = self._parts.conversations.c, self._parts.tables.offers.c
        rows = await connection.execute(
            select(c.id, c.version)
            .where(c.id.in_(versions), c.state == "open", c.owner == Owner.QUEUE.value)
            .order_by(c.id)
            .with_for_update(skip_locked=True)
        )
        standing = {row.id for row in rows if row.version == versions[row.id]}
        offered = await self._parts.offers.find(
            connection, offers.conversation_id.in_(standing), offers.state == OfferState.OPEN.value
        )
        return standing - {offer.conversation_id for offer in offered}

    async def _vain(
        self,
        connection: AsyncConnection,
        queue: WaitingTickets,
        teams: Sequence[str],
        members: Sequence[AgentLoad],
        at: datetime,
    ) -> Sequence[Waiting]:
        """What was offered in vain too often, or nobody can take though people are at work."""
        policy, tickets = self._parts.policy(), self._parts.tables.tickets.c
        there = {team for each in members if each.is_present(at) for team in each.teams}
        found: list[Waiting] = []
        async for page in queue.pages(
            connection, tickets.escalated_at.is_(None), queue.unusual([team for team in teams if team not in there])
        ):
            found += [
                waiting
                for waiting in page
                if waiting.in_vain >= policy.offers.most
                or (
                    nobody_can(members, waiting, at)
                    and policy.calendar_of(waiting.ticket.team, waiting.ticket.region).is_open(at)
                )
            ]
        return found

    async def _escalate(
        self, connection: AsyncConnection, vain: Sequence[Waiting], at: datetime
    ) -> Sequence[Escalated]:
        policy, c = self._parts.policy(), self._parts.tables.tickets.c
        escalated: list[Escalated] = []
        for waiting in sorted(vain, key=lambda each: each.ticket.id):  # the order in which every process takes them
            supervisors = supervisors_of(policy, waiting.ticket.team)
            cause = "offers_in_vain" if waiting.in_vain >= policy.offers.most else "nobody_can"
            ticket = await self._parts.tickets.change(
                connection,
                waiting.ticket.id,
                {"escalated_at": at},
                Entry(at, "escalated", SYSTEM, cause, {"supervisors": list(supervisors)}),
                c.escalated_at.is_(None),
                c.state == TicketState.OPEN.value,
                c.team == waiting.ticket.team,
            )
            if ticket is not None:
                escalated.append(Escalated(ticket, supervisors))
        return escalated


def _row(plan: Plan, at: datetime, expires_at: datetime) -> dict[str, object]:
    ticket = plan.waiting.ticket
    return {
        "ticket_id": ticket.id,
        "conversation_id": ticket.conversation_id,
        "agent": plan.agent,
        "team": ticket.team,
        "channel": ticket.channel,
        "version": plan.waiting.version,
        "made_at": at,
        "expires_at": expires_at,
        "candidates": list(plan.candidates),
        "exclusions": dict(plan.exclusions),
        "reason": plan.reason.value,
    }
