"""How do the pack's teams and agents come into the database? Again and again, with the same result."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, and_, delete, exists, func, null, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentStatus
from handoff.dialects import insert_for
from handoff.outcomes import Owner
from handoff.parts import Parts
from handoff.policy import Policy
from handoff.presence import change_status
from handoff.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


async def apply_policy(connection: AsyncConnection, parts: Parts, policy: Policy) -> None:
    """Bring teams, agents, memberships and channel limits to what the policy says. Holds all agents then.

    Never touches `active`, nor the status of an agent who stays. An agent the pack no longer names
    goes off and gets nothing more. A membership under which somebody still serves is kept until the
    next time, so that no owner is outside the team; so is its team.
    """
    tables = parts.tables
    for team in sorted(policy.teams, key=lambda one: one.id):
        await _put(connection, tables.teams, {"id": team.id}, {"name": team.name})
    named = {agent.id: agent for agent in policy.agents}
    known = (await connection.execute(select(tables.agents.c.id))).scalars()
    for agent_id in sorted({*named, *known}):  # the order in which every writer takes agents: no deadlock
        if agent := named.get(agent_id):
            values = {"name": agent.name, "capacity": agent.capacity, "skills": list(agent.skills) or null()}
            await _put(connection, tables.agents, {"id": agent_id}, values)
        else:
            await _retire(connection, parts, agent_id)
    await _limit_channels(connection, parts, policy)
    memberships = sorted((agent.id, team) for agent in policy.agents for team in agent.teams)
    await _drop_other_memberships(connection, tables, parts.conversations, memberships)
    for agent_id, team_id in memberships:
        await _put(connection, tables.agent_teams, {"agent_id": agent_id, "team_id": team_id}, {})
    await _drop_other_teams(connection, tables, [team.id for team in policy.teams])


async def enter_newcomer(connection: AsyncConnection, tables: Tables, agent_id: str) -> None:
    """Enter somebody the pack does not name as an agent without team or capacity; leave known ones alone."""
    newcomer = {"id": agent_id, "name": agent_id, "capacity": 0, "status": AgentStatus.OFF.value}
    await connection.execute(insert_for(connection, tables.agents).values(newcomer).on_conflict_do_nothing())


async def _retire(connection: AsyncConnection, parts: Parts, agent_id: str) -> None:
    await parts.roster.hold(connection, parts.tables.agents.c.id == agent_id)
    agent = await parts.roster.one(connection, agent_id)
    if agent is not None and agent.status is not AgentStatus.OFF:
        await change_status(parts, connection, agent, AgentStatus.OFF, parts.now(), by="policy", lease_until=None)


async def _limit_channels(connection: AsyncConnection, parts: Parts, policy: Policy) -> None:
    """Write the limits. What counts against a new one is counted here: its agent's row is held, nothing moves."""
    limits = parts.tables.agent_channels
    wanted = {(agent.id, channel): most for agent in policy.agents for channel, most in agent.channels.items()}
    kept = tuple_(limits.c.agent_id, limits.c.channel).not_in(sorted(wanted))
    await connection.execute(delete(limits).where(kept))
    if not wanted:
        return
    conversations, offers = parts.conversations.c, parts.tables.offers.c
    has: Counter[tuple[str, str]] = Counter()
    for agent, channel, counted in (
        (conversations.agent, conversations.channel, (conversations.state == "open",)),
        (offers.agent, offers.channel, (parts.offers.open,)),
    ):
        query = select(agent, channel, func.count()).where(agent.in_({each for each, _ in wanted}), *counted)
        for row in await connection.execute(query.group_by(agent, channel)):
            has[row[0], row[1]] += row[2]
    for (agent_id, on), most in sorted(wanted.items()):
        key = {"agent_id": agent_id, "channel": on}
        await _put(connection, limits, key, {"capacity": most, "active": has[agent_id, on]})


async def _put(connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert the row, or set `values` where its key exists (nothing to set: leave it)."""
    statement = insert_for(connection, table).values(**key, **values)
    if values:
        await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
    else:
        await connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))


async def _drop_other_memberships(
    connection: AsyncConnection, tables: Tables, conversations: Table, kept: Sequence[tuple[str, str]]
) -> None:
    links = tables.agent_teams.c
    serving = exists(
        select(conversations.c.id).where(
            and_(
                conversations.c.agent == links.agent_id,
                conversations.c.team == links.team_id,
                conversations.c.owner == Owner.AGENT.value,
                conversations.c.state == "open",
            )
        )
    )
    await connection.execute(
        delete(tables.agent_teams).where(tuple_(links.agent_id, links.team_id).not_in(kept), ~serving)
    )


async def _drop_other_teams(connection: AsyncConnection, tables: Tables, kept: Sequence[str]) -> None:
    teams, links = tables.teams, tables.agent_teams.c
    served = exists(select(links.agent_id).where(links.team_id == teams.c.id))
    await connection.execute(delete(teams).where(teams.c.id.not_in(kept), ~served))
