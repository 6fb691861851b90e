"""How does a conversation change hands? Owner, load and log together, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.ownership import Ownership, Place, Standing
from handoff.roster import Choice, Roster
from handoff.ticket_store import TicketStore
from handoff.tickets import Assignment


@dataclass(frozen=True, slots=True)
class Step:
    """One change of hands. forced: it is a fact, so neither readiness, capacity nor team can stop it.

    values: further columns of the conversation, set in the same UPDATE.
    """

    seen: Standing
    to: Place
    cause: str
    reason: str
    at: datetime
    forced: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def changes(self) -> list[tuple[str, int]]:
        """Whose load changes by how much, in the one order in which every writer takes agents."""
        if self.seen.agent == self.to.agent:
            return []
        found = [(agent, change) for agent, change in ((self.seen.agent, -1), (self.to.agent, 1)) if agent is not None]
        return sorted(found)


class Mover:
    """Carries out steps. Order of writing: agents by id, then the conversation, then its log."""

    def __init__(self, ownership: Ownership, roster: Roster, tickets: TicketStore) -> None:
        self._ownership = ownership
        self._roster = roster
        self._tickets = tickets

    async def carry_out(self, connection: AsyncConnection, step: Step) -> int | None:
        """Do it and return the conversation's new version; None if a guard failed and all is as before.

        No count is read and then trusted: each guard is in the WHERE of the UPDATE that it guards.
        What was already counted is counted back when a later guard fails, inside the same transaction.
        """
        counted: list[tuple[str, int]] = []
        for agent_id, change in step.changes:
            if not await self._count(connection, step, agent_id, change):
                await self._undo(connection, counted)
                return None
            counted.append((agent_id, change))
        choice = await self._choose(connection, step)
        if choice is None:
            await self._undo(connection, counted)
            return None
        values = {**step.values, "updated_at": step.at}
        version = await self._ownership.move(connection, step.seen, step.to, values)
        if version is None:
            await self._undo(connection, counted)
            return None
        await self._tickets.log(connection, _assignment(step, version, choice))
        return version

    async def _count(self, connection: AsyncConnection, step: Step, agent_id: str, change: int) -> bool:
        if change < 0:
            return await self._roster.drop_one(connection, agent_id)
        if step.forced:
            return await self._roster.add_one(connection, agent_id)
        return await self._roster.take_one(connection, agent_id, step.at)

    async def _choose(self, connection: AsyncConnection, step: Step) -> Choice | None:
        """Read after the agent's row was locked, so that her membership cannot go away meanwhile."""
        if step.to.agent is None or step.forced:
            return Choice()
        return await self._roster.choose(connection, step.to.team, step.to.agent, step.at)

    async def _undo(self, connection: AsyncConnection, counted: list[tuple[str, int]]) -> None:
        for agent_id, change in reversed(counted):
            back = self._roster.add_one if change < 0 else self._roster.drop_one
            await back(connection, agent_id)


def _assignment(step: Step, version: int, choice: Choice) -> Assignment:
    return Assignment(
        conversation_id=step.seen.id,
        version=version,
        from_owner=step.seen.owner,
        to_owner=step.to.owner,
        agent=step.to.agent,
        team=step.to.team,
        cause=step.cause,
        candidates=choice.candidates,
        exclusions=choice.exclusions or {},
        reason=step.reason,
        at=step.at,
    )
