"""How do the pack's teams and agents come into the database? Again and again, with the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, and_, delete, exists, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.policy import Policy
from handoff.tables import Tables
from handoff.tickets import AgentStatus, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


async def apply_policy(connection: AsyncConnection, tables: Tables, conversations: Table, policy: Policy) -> None:
    """Bring teams, agents and memberships to what the policy says.

    Never touches `active`, nor the status of an agent who stays. An agent the pack no longer names
    goes off and gets nothing more. A membership under which somebody still serves is kept until the
    next time, so that no owner is outside the team.
    """
    for team in sorted(policy.teams, key=lambda one: one.id):
        await _put(connection, tables.teams, {"id": team.id}, {"name": team.name})
    named = {agent.id: agent for agent in policy.agents}
    known = (await connection.execute(select(tables.agents.c.id))).scalars()
    for agent_id in sorted({*named, *known}):  # the order in which every writer takes agents: no deadlock
        if agent := named.get(agent_id):
            await _put(connection, tables.agents, {"id": agent_id}, {"name": agent.name, "capacity": agent.capacity})
        else:
            await _retire(connection, tables, agent_id)
    memberships = sorted((agent.id, team) for agent in policy.agents for team in agent.teams)
    await _drop_other_memberships(connection, tables, conversations, memberships)
    for agent_id, team_id in memberships:
        await _put(connection, tables.agent_teams, {"agent_id": agent_id, "team_id": team_id}, {})


async def enter_newcomer(connection: AsyncConnection, tables: Tables, agent_id: str) -> None:
    """Enter somebody the pack does not name as an agent without team or capacity; leave known ones alone."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    newcomer = {"id": agent_id, "name": agent_id, "capacity": 0, "status": AgentStatus.OFF.value}
    await connection.execute(dialect.insert(tables.agents).values(newcomer).on_conflict_do_nothing())


async def _retire(connection: AsyncConnection, tables: Tables, agent_id: str) -> None:
    c = tables.agents.c
    values = {"status": AgentStatus.OFF.value, "lease_until": None}
    await connection.execute(update(tables.agents).where(c.id == agent_id).values(values))


async def _put(connection: AsyncConnection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert the row, or set `values` where its key exists (nothing to set: leave it)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**key, **values)
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
