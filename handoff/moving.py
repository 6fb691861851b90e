"""How does a conversation change hands? Owner, load, offer and log together, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.choosing import ANYBODY, Choice, Chooser
from handoff.loads import Load, Loads
from handoff.offer_store import OfferStore
from handoff.offers import Offer, OfferState
from handoff.outcomes import Owner, Refusal
from handoff.ownership import Ownership, Place, Standing
from handoff.ticket_store import TicketStore
from handoff.tickets import Assignment


@dataclass(frozen=True, slots=True)
class Step:
    """One change of hands.

    forced: it is a fact, so neither readiness, capacity nor team can stop it. called: she is a supervisor of the team,
    so only readiness and capacity can. values: further columns of the conversation, set in the same UPDATE.
    """

    seen: Standing
    to: Place
    cause: str
    reason: str
    at: datetime
    forced: bool = False
    called: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def loads(self) -> list[Load]:
        """Whose load changes by how much, in the one order in which every writer takes agents."""
        seen, to = self.seen, self.to
        moved = seen.agent != to.agent
        found = {
            agent: Load(
                agent,
                seen.channel,
                active=moved * ((agent == to.agent) - (agent == seen.agent)),
                offered=-(agent == seen.offered_to),
            )
            for agent in (seen.agent, to.agent, seen.offered_to)
            if agent is not None
        }
        return [found[agent] for agent in sorted(found) if found[agent].active or found[agent].offered]

    @property
    def offer_becomes(self) -> OfferState:
        """How the open offer of the conversation ends."""
        taken = self.to.owner is Owner.AGENT and self.to.agent == self.seen.offered_to
        return OfferState.ACCEPTED if taken else OfferState.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Moved:
    """It was carried out. version: the conversation's now. offer: the one that ended with it."""

    version: int
    offer: Offer | None


class Mover:
    """Carries out steps. Order of writing: agents by id, then the conversation, then its offer and logs."""

    def __init__(
        self,
        *,
        ownership: Ownership,
        chooser: Chooser,
        loads: Loads,
        tickets: TicketStore,
        offers: OfferStore,
    ) -> None:
        self._ownership = ownership
        self._chooser = chooser
        self._loads = loads
        self._tickets = tickets
        self._offers = offers

    async def carry_out(self, connection: AsyncConnection, step: Step) -> Moved | None:
        """Do it; None if a guard failed and all is as before.

        No count is read and then trusted: each guard is in the WHERE of the UPDATE that it guards.
        What was already counted is counted back when a later guard fails, inside the same transaction.
        """
        counted: list[Load] = []
        for load in step.loads:
            if not await self._count(connection, step, load):
                await self._undo(connection, counted)
                return None
            counted.append(load)
        choice = await self._hold(connection, step)
        version = (
            None if choice is None else await self._ownership.move(connection, step.seen, step.to, step.at, step.values)
        )
        if choice is None or version is None:
            await self._undo(connection, counted)
            return None
        offer = await self._end_offer(connection, step)
        await self._tickets.log(connection, _assignment(step, version, choice))
        return Moved(version, offer)

    async def _count(self, connection: AsyncConnection, step: Step, load: Load) -> bool:
        guarded = load.active > 0 and not step.forced
        if guarded:
            return await self._loads.take(connection, load, step.at)
        return await self._loads.count(connection, load)

    async def _hold(self, connection: AsyncConnection, step: Step) -> Choice | None:
        """Hold the conversation and tell who could have had it; None if it was moved, or she cannot have it.

        To wait for it in the UPDATE that moves it would not do: a statement sees what was committed before it began,
        not what came while it waited for a lock, and who offers what waits holds it too but gives it no new version.
        What does not wait is not offered to anybody: if it had waited since it was read, its version would say so.
        """
        seen, to = step.seen, step.to
        if to.agent is None or step.forced:
            waits = seen.owner is Owner.QUEUE
            return ANYBODY if not waits or await self._ownership.lock(connection, seen) else None
        choice = await self._chooser.choose(connection, seen, to.agent, team=to.team or "", now=step.at)
        match choice:
            case Choice():
                return choice
            case Refusal.VERSION_CHANGED:
                return None
            case _:
                return Choice((to.agent,)) if step.called else None

    async def _end_offer(self, connection: AsyncConnection, step: Step) -> Offer | None:
        """It is open still: the row of its agent is held."""
        if step.seen.offer_id is None:
            return None
        return await self._offers.end_one(connection, step.seen.offer_id, step.offer_becomes, step.at)

    async def _undo(self, connection: AsyncConnection, counted: list[Load]) -> None:
        for load in reversed(counted):
            await self._loads.count(connection, load.reversed)


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
