"""What becomes of the conversations of an agent who went off and did not come back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row, select

from bot.domain import ChannelKind
from bot.following import served_in_client
from bot.handover import Handover
from bot.mind import Mind
from bot.speech import AccountPlan
from bot.store.effects import add_beside
from bot.store.tables import conversations
from bot.store.views import Effect
from bot.ticket_cards import TicketCards
from handoff import Refused, Ticket, ToAgent

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

CAUSE = "agent_absent"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Relief:
    """Takes conversations from who is absent.

    In the console they wait again, to be offered to a colleague. In the WeCom client nothing leads back to the pool
    (3 → 3, 4 only [W 94669]): a colleague who can take it gets it, else it stays and the supervisors are told.
    """

    handover: Handover
    cards: TicketCards
    mind: Callable[[], Mind]
    plans: Mapping[tuple[str, ChannelKind], AccountPlan]
    now: Callable[[], datetime]

    async def help_absent(self, connection: AsyncConnection) -> bool:
        """Do so for everybody whose time of grace is over."""
        absences = await self.handover.desk.absences(connection)
        for absence in absences:
            for ticket in absence.tickets:
                _log.info("agent.absent", agent=absence.agent.id, ticket=ticket.id)
                effects = await self.take(connection, ticket, absence.agent.id, cause=CAUSE)
                await add_beside(connection, ticket.conversation_id, effects, now=self.now())
        return bool(absences)

    async def take(
        self, connection: AsyncConnection, ticket: Ticket, agent: str, *, cause: str, gives_back: bool = False
    ) -> Sequence[Effect]:
        """Take one conversation from an agent. gives_back: it is not offered to her again."""
        query = select(conversations).where(conversations.c.id == ticket.conversation_id)
        row = (await connection.execute(query)).one()
        plan = self.plans[row.account, ChannelKind(row.channel)]
        if served_in_client(plan, row.session_state):
            return await self._pass_on(connection, row, plan, ticket, agent, cause=cause)
        desk = self.handover.desk
        if gives_back:
            await desk.release(connection, row.id, row.version, agent_id=agent, cause=cause, by="system")
        else:
            await desk.relieve(connection, row.id, row.version, agent_id=agent, cause=cause)
        return ()

    async def _pass_on(
        self, connection: AsyncConnection, row: Row[Any], plan: AccountPlan, ticket: Ticket, agent: str, *, cause: str
    ) -> Sequence[Effect]:
        desk, shop = self.handover.desk, self.mind().shop
        colleague = await desk.best_colleague(connection, ticket, excluding=(agent,))
        if colleague is not None:
            to = ToAgent(colleague)
            moved = await desk.transfer(connection, row.id, row.version, to=to, by="system", cause=cause)
            if not isinstance(moved, Refused):
                return self.handover.joined(plan, shop, colleague, row.session_state)
        words = shop.phrases.say("agent.nobody_relieves", agent=shop.agent_name(agent), url=self.cards.url(ticket.id))
        return [self.cards.tell(plan.cards_via, each, words) for each in shop.supervisors(ticket.team)]
