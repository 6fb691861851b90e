"""How does a conversation come to an agent, or into a queue? Owner, ticket and history together."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import objections
from handoff.moving import Step
from handoff.outcomes import Claimed, Owner, Queued, Refusal, Refused
from handoff.ownership import Place, Standing
from handoff.parts import Parts
from handoff.policy import Policy
from handoff.tickets import ToAgent


async def assign(
    parts: Parts, connection: AsyncConnection, seen: Standing, to: ToAgent, *, by: str, cause: str, reason: str
) -> Claimed | Refused:
    """Queue or agent → this agent, if she can take it in `to.team`. A supervisor of the team need not be in it."""
    at = parts.now()
    called = to.agent_id in supervisors_of(parts.policy(), to.team or "")
    place = Place(Owner.AGENT, team=to.team, agent=to.agent_id)
    moved = await parts.mover.carry_out(connection, Step(seen, place, cause=cause, reason=reason, at=at, called=called))
    if moved is None:
        return await parts.books.why_not(connection, seen, to, at, called=called)
    return await parts.books.assigned(connection, seen, moved, to=to, at=at, by=by, cause=cause)


async def enqueue(
    parts: Parts,
    connection: AsyncConnection,
    seen: Standing,
    team: str,
    *,
    by: str,
    cause: str,
    reason: str = "",
    released_by: str | None = None,
    overflowed: bool = False,
) -> Queued | Refused:
    """Queue or agent → the queue of a team. released_by: to whom it is not to be offered again there."""
    at = parts.now()
    step = Step(seen, Place(Owner.QUEUE, team=team), cause=cause, reason=reason, at=at)
    moved = await parts.mover.carry_out(connection, step)
    if moved is None:
        return await parts.books.overtaken(connection, seen)
    return await parts.books.queued(
        connection, seen, moved, team=team, at=at, by=by, cause=cause, released_by=released_by, overflowed=overflowed
    )


async def let_go(
    parts: Parts,
    connection: AsyncConnection,
    conversation_id: int,
    expected_version: int,
    *,
    agent_id: str,
    by: str,
    cause: str,
    reason: str = "",
    released_by: str | None = None,
) -> Queued | Refused:
    """This agent → the queue its ticket came from."""
    seen = await parts.ownership.read(connection, conversation_id)
    if seen is None:
        return Refused(Refusal.UNKNOWN_CONVERSATION)
    if objection := objections.to_let_go(seen, expected_version=expected_version, agent_id=agent_id):
        return seen.refused(objection)
    team = seen.ticket_team or seen.queue
    return await enqueue(parts, connection, seen, team, by=by, cause=cause, reason=reason, released_by=released_by)


def supervisors_of(policy: Policy, team: str) -> tuple[str, ...]:
    """Who is called when nobody of a team takes a ticket."""
    return next((each.supervisors for each in policy.teams if each.id == team), ())
