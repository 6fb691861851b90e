"""What happens when a promise to a customer is in danger? The escalation's commands, carried out once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.domain import ChannelKind
from bot.mind import Mind
from bot.relief import Relief
from bot.speech import AccountPlan
from bot.store.effects import add_beside
from bot.store.views import Effect
from bot.ticket_cards import TicketCards, name_of
from handoff import (
    AgentStatus,
    Command,
    Desk,
    RaisePriority,
    Reassign,
    RemindAgent,
    RemindTeam,
    SlaClocks,
    SlaDanger,
    TellSupervisor,
    Ticket,
    escalate,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

BY = "sla"  # who did it, in the ticket's history
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dangers:
    """Announces dangers. Each in a transaction of its own, that is undone where another process was faster."""

    engine: AsyncEngine
    desk: Desk
    clocks: SlaClocks
    relief: Relief
    cards: TicketCards
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    now: Callable[[], datetime]

    async def announce(self) -> bool:
        """Do what is due about promises; False if nothing is."""
        async with self.engine.begin() as connection:
            found = await self.clocks.in_danger(connection)
        done = [await self._announce_one(danger) for danger in found]
        return any(done)

    async def _announce_one(self, danger: SlaDanger) -> bool:
        async with self.engine.connect() as connection:
            ticket = await self.desk.ticket(connection, danger.ticket_id)
            if ticket is None:
                return False
            effects = [
                effect
                for command in _in_order(escalate(danger, ticket, self.mind().shop.policy))
                for effect in await self._carry_out(connection, command, danger, ticket)
            ]
            await add_beside(connection, ticket.conversation_id, effects, now=self.now())
            if not await self.clocks.mark(connection, danger):
                await connection.rollback()
                return False
            await connection.commit()
        _log.warning(
            "sla.danger", ticket=ticket.id, metric=danger.metric.value, danger=danger.danger.value, sla=danger.policy
        )
        return True

    async def _carry_out(
        self, connection: AsyncConnection, command: Command, danger: SlaDanger, ticket: Ticket
    ) -> Sequence[Effect]:
        match command:
            case RemindAgent(agent=agent):
                return await self._tell(connection, (agent,), danger, ticket)
            case RemindTeam(team=team):
                return await self._tell(connection, await self._present(connection, team), danger, ticket)
            case TellSupervisor(supervisors=supervisors):
                return await self._tell(connection, supervisors, danger, ticket)
            case RaisePriority(to=priority):
                await self.desk.prioritise(connection, ticket.id, priority, by=BY, reason=danger.metric.value)
                return ()
            case Reassign(agent=agent):
                return await self.relief.take(connection, ticket, agent, cause="sla_reassign", gives_back=True)

    async def _present(self, connection: AsyncConnection, team: str) -> Sequence[str]:
        members = [each for each in await self.desk.agents(connection) if team in each.teams]
        return [each.id for each in members if each.status is not AgentStatus.OFF]

    async def _tell(
        self, connection: AsyncConnection, whom: Sequence[str], danger: SlaDanger, ticket: Ticket
    ) -> Sequence[Effect]:
        plan, shop = self.plans[ticket.account, ChannelKind(ticket.channel)], self.mind().shop
        if not plan.cards_via:
            return ()
        say = shop.phrases.say
        due = "" if danger.due_at is None else f"{danger.due_at.astimezone(shop.timezone):%m-%d %H:%M}"
        words = say(
            f"agent.sla_{danger.danger}",
            customer=await name_of(connection, ticket),
            metric=say(f"sla.{danger.metric}"),
            due=due,
            url=self.cards.url(ticket.id),
        )
        return [self.cards.tell(plan.cards_via, each, words) for each in whom]


def _in_order(commands: Sequence[Command]) -> Sequence[Command]:
    """What moves the conversation first: agents and conversations are locked before tickets."""
    return sorted(commands, key=lambda each: not isinstance(each, Reassign))
