"""Who has a conversation? The one place that changes its owner, each time with the next version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tickets import Owner, Refusal, Refused


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation's ownership as it was read."""

    id: int
    account: str
    channel: str
    customer: str
    open: bool
    owner: Owner
    team: str | None
    agent: str | None
    ticket_id: int | None
    version: int

    def refused(self, reason: Refusal) -> Refused:
        """A refusal that tells how it stands."""
        return Refused(reason, self.owner, self.agent, self.version)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is to go."""

    owner: Owner
    team: str | None = None
    agent: str | None = None


class Ownership:
    """Reads and moves rows of the application's `conversations` table."""

    def __init__(self, conversations: Table) -> None:
        self._table = conversations

    async def read(self, connection: AsyncConnection, conversation_id: int) -> Standing | None:
        """How the conversation stands; None if there is none of this id."""
        c = self._table.c
        columns = (
            c.id, c.account, c.channel, c.customer, c.state, c.owner, c.team, c.agent, c.ticket_id, c.version,
        )  # fmt: skip
        row = (await connection.execute(select(*columns).where(c.id == conversation_id))).one_or_none()
        if row is None:
            return None
        return Standing(
            id=row.id,
            account=row.account,
            channel=row.channel,
            customer=row.customer,
            open=row.state == "open",
            owner=Owner(row.owner),
            team=row.team,
            agent=row.agent,
            ticket_id=row.ticket_id,
            version=row.version,
        )

    async def move(
        self, connection: AsyncConnection, seen: Standing, to: Place, values: Mapping[str, object]
    ) -> int | None:
        """Move it if it still stands as `seen`; return the new version, or None if somebody was faster.

        One UPDATE whose conditions hold the old owner, agent, team and version: a newer version is
        never overwritten, whatever ran in between.
        """
        c = self._table.c
        moved = await connection.execute(
            update(self._table)
            .where(
                c.id == seen.id,
                c.state == "open",
                c.version == seen.version,
                c.owner == seen.owner,
                c.agent == seen.agent if seen.agent is not None else c.agent.is_(None),
                c.team == seen.team if seen.team is not None else c.team.is_(None),
            )
            .values(owner=to.owner.value, team=to.team, agent=to.agent, version=seen.version + 1, **values)
        )
        return seen.version + 1 if moved.rowcount == 1 else None

    async def set_ticket(self, connection: AsyncConnection, conversation_id: int, ticket_id: int) -> None:
        """Note the ticket just written for a conversation that this transaction moved."""
        table = self._table
        await connection.execute(update(table).where(table.c.id == conversation_id).values(ticket_id=ticket_id))
