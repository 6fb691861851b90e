"""Who of a team could have had a conversation? Asked while it and the one who is to get it are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, and_, bindparam, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.outcomes import Refusal
from handoff.ownership import Standing, stands
from handoff.roster import Roster
from handoff.tables import Tables


@dataclass(frozen=True, slots=True)
class Choice:
    """Who of a team could have had a conversation, and why the others could not."""

    candidates: tuple[str, ...] = ()
    exclusions: Mapping[str, str] | None = None


ANYBODY: Final = Choice()


class Chooser:
    """Reads the members of a team with what speaks against each, in one statement that holds the conversation."""

    def __init__(self, tables: Tables, conversations: Table, roster: Roster) -> None:
        agents, links, limits = tables.agents, tables.agent_teams, tables.agent_channels
        held = select(conversations.c.id).where(*stands(conversations)).with_for_update().cte("held")
        on_channel = and_(limits.c.agent_id == agents.c.id, limits.c.channel == bindparam("p_channel"))
        members = links.join(agents, agents.c.id == links.c.agent_id).outerjoin(limits, on_channel)
        # Built once: building one costs more than running it.
        self._members = (
            select(agents.c.id, agents.c.skills, _hindrance(tables, roster).label("hindrance"))
            .select_from(held.outerjoin(members, links.c.team_id == bindparam("p_team")))
            .order_by(agents.c.id)
        )

    async def choose(
        self, connection: AsyncConnection, seen: Standing, agent: str, *, team: str, now: datetime
    ) -> Choice | Refusal:
        """Hold the conversation, and tell who could have had it instead of her, whom this transaction has counted.

        Her row is held already, so that neither her team nor her skills can change meanwhile: where they are what she
        lacks, that is the refusal. Refusal.VERSION_CHANGED if the conversation does not stand as it was read.
        """
        asked = {
            "p_id": seen.id,
            "p_version": seen.version,
            "p_team": team,
            "p_channel": seen.channel,
            "p_now": now,
        }
        rows = (await connection.execute(self._members, asked)).all()
        if not rows:
            return Refusal.VERSION_CHANGED
        return _chosen([row for row in rows if row.id is not None], agent, frozenset(seen.skills))


def _chosen(members: Sequence[Row[Any]], agent: str, needed: frozenset[str]) -> Choice | Refusal:
    """Skills are JSON, which the two databases compare in different ways: they are compared here."""
    lacking = {row.id for row in members if not needed.issubset(row.skills or ())} if needed else ()
    met = {row.id: Refusal.LACKS_SKILL.value if row.id in lacking else row.hindrance for row in members}
    if agent not in met:
        return Refusal.NOT_IN_TEAM
    if agent in lacking:
        return Refusal.LACKS_SKILL
    met[agent] = None  # what she was counted for is this one
    return Choice(
        candidates=tuple(each for each, why in met.items() if why is None),
        exclusions={each: why for each, why in met.items() if why is not None},
    )


def _hindrance(tables: Tables, roster: Roster) -> ColumnElement[str | None]:
    """What keeps an agent from taking one more, NULL if nothing does; `AgentLoad.hindrance` in SQL."""
    c, limits = tables.agents.c, tables.agent_channels.c
    full = (
        (c.active + c.offered >= c.capacity, Refusal.AGENT_FULL.value),
        (limits.active >= limits.capacity, Refusal.CHANNEL_FULL.value),
    )
    ready = roster.ready(bindparam("p_now"))  # NULL where she wraps up without an end: that is not ready either
    return case((ready, case(*full, else_=None)), else_=Refusal.AGENT_NOT_READY.value)
