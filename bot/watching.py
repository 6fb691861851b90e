"""How does a supervisor stand by an agent? Watch, whisper, join, take over, give back; each one transaction.

Whoever asks has made sure that she leads the ticket's team. Ownership moves by the desk alone: watching, whispering and
joining leave it where it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Row

from bot.access import Action, Actor, Audit
from bot.domain import ChannelKind
from bot.following import served_in_client
from bot.store.conversation_rows import conversation_row
from bot.store.effects import add_beside
from bot.wakeups import Wakeups
from bot.workbench import Workbench
from handoff import (
    GIVEN_BACK,
    TAKEN_OVER,
    Attendance,
    Claimed,
    Desk,
    Owner,
    Queued,
    Refusal,
    Refused,
    Ticket,
    TicketState,
    ToAgent,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who stands by. id: by which colleagues know her, as the agent that she is. name: by which customers do.

    actor: she, for the audit log.
    """

    id: str
    name: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Watching:
    """The steps. A Refused has changed nothing. disclosed: whether an agent is told that she is watched."""

    workbench: Workbench
    audit: Audit
    disclosed: bool = True

    async def watch(self, ticket: Ticket, by: Supervisor) -> None:
        """She looks on; written once until she leaves."""

        async def act(connection: AsyncConnection) -> Refused | bool:
            return await self._desk.attend(connection, ticket.id, by.id, Attendance.WATCHED)

        if ticket.state is not TicketState.CLOSED:
            await self._do(ticket, by, Action.WATCHED, act)

    async def leave(self, ticket: Ticket, by: Supervisor) -> None:
        """She looks on no more."""

        async def act(connection: AsyncConnection) -> Refused | bool:
            return await self._desk.attend(connection, ticket.id, by.id, Attendance.LEFT)

        await self._do(ticket, by, None, act)

    async def whisper(self, ticket: Ticket, by: Supervisor, text: str) -> Refused | None:
        """Tell the agent who serves something that nobody else sees."""

        async def act(connection: AsyncConnection) -> Refused | bool:
            row = await self._served_here(connection, ticket)
            if isinstance(row, Refused):
                return row
            said = await self._desk.whisper(connection, ticket.id, by=by.id, to=row.agent, text=text.replace("\0", ""))
            return said if isinstance(said, Refused) else True

        return await self._do(ticket, by, Action.WHISPERED, act)

    async def join(self, ticket: Ticket, by: Supervisor, text: str, *, client_id: str) -> Refused | None:
        """Say something to the customer beside the agent, who keeps her; it says who speaks. Once a client_id."""
        shop = self.workbench.mind().shop
        words = shop.phrases.say("customer.agent_beside", agent=by.name, words=text)

        async def act(connection: AsyncConnection) -> Refused | bool:
            row = await self._served_here(connection, ticket)
            if isinstance(row, Refused):
                return row
            if row.agent == by.id:
                return Refused(Refusal.ALREADY_YOURS, Owner.AGENT, by.id, row.version)
            if not await self.workbench.speaking.speak(connection, row, by.id, words, client_id=client_id):
                return False
            await self._desk.attend(connection, ticket.id, by.id, Attendance.JOINED)
            return True

        return await self._do(ticket, by, Action.JOINED, act)

    async def take_over(self, ticket: Ticket, by: Supervisor) -> Refused | None:
        """The conversation is hers from now on. She must be ready and have room, as for any claim."""

        async def act(connection: AsyncConnection) -> Refused | bool:
            row = await self._open(connection, ticket)
            if isinstance(row, Refused):
                return row
            moved = await self._desk.claim(
                connection,
                row.id,
                row.version,
                expected_team=None,
                agent_id=by.id,
                cause=TAKEN_OVER,
                supervisor=True,
                reason="supervisor",
            )
            return await self._moved(connection, row, moved, by.id)

        return await self._do(ticket, by, Action.TAKEN_OVER, act)

    async def give_back(self, ticket: Ticket, by: Supervisor) -> Refused | None:
        """To the agent from whom she took it over, who must be able to take it."""

        async def act(connection: AsyncConnection) -> Refused | bool:
            row = await self._open(connection, ticket)
            if isinstance(row, Refused):
                return row
            before = await self._desk.taken_over_from(connection, ticket.id)
            if before is None or row.agent != by.id:
                return Refused(Refusal.NOT_YOURS, Owner(row.owner), row.agent, row.version)
            moved = await self._desk.transfer(
                connection, row.id, row.version, to=ToAgent(before), by=by.id, cause=GIVEN_BACK
            )
            return await self._moved(connection, row, moved, before)

        return await self._do(ticket, by, Action.RETURNED, act)

    async def taken_over_from(self, ticket: Ticket) -> str | None:
        """To whom it could be given back."""
        async with self.workbench.engine.connect() as connection:
            return await self._desk.taken_over_from(connection, ticket.id)

    @property
    def _desk(self) -> Desk:
        return self.workbench.handover.desk

    async def _do(
        self,
        ticket: Ticket,
        by: Supervisor,
        action: Action | None,
        act: Callable[[AsyncConnection], Awaitable[Refused | bool]],
    ) -> Refused | None:
        """The one place that all steps pass: what has been done is audited beside the ticket's own events.

        act: whether anything was done. action: as which it is audited; who leaves is an event of the ticket alone.
        """
        async with self.workbench.engine.begin() as connection:
            done = await act(connection)
            if done is True and action is not None:
                await self.audit.record(connection, action, by=by.actor, on=f"ticket:{ticket.id}")
        refused = done if isinstance(done, Refused) else None
        step, outcome = action.value if action else "left", refused.reason.value if refused else "done"
        _log.info("supervision.step", step=step, person=by.actor.id, ticket=ticket.id, outcome=outcome)
        topics = (Wakeups.OUTBOX, Wakeups.QUEUE, Wakeups.CONSOLE, f"conversation:{ticket.conversation_id}")
        for topic in () if refused else topics:
            self.workbench.wakeups.ring(topic)
        return refused

    async def _open(self, connection: AsyncConnection, ticket: Ticket) -> Row[Any] | Refused:
        """The conversation that hangs on this ticket now."""
        row = await conversation_row(connection, ticket.conversation_id)
        if row is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        return row if row.ticket_id == ticket.id else Refused(Refusal.CLOSED)

    async def _served_here(self, connection: AsyncConnection, ticket: Ticket) -> Row[Any] | Refused:
        """… where an agent serves it from the workbench."""
        row = await self._open(connection, ticket)
        if isinstance(row, Refused):
            return row
        if row.owner != Owner.AGENT:
            return Refused(Refusal.NOT_SERVED, Owner(row.owner), None, row.version)
        plan = self.workbench.plans[row.account, ChannelKind(row.channel)]
        if served_in_client(plan, row.session_state):
            return Refused(Refusal.SERVED_IN_CLIENT, Owner.AGENT, row.agent, row.version)
        return row

    async def _moved(
        self, connection: AsyncConnection, row: Row[Any], moved: Claimed | Queued | Refused, to: str
    ) -> Refused | bool:
        """What follows where it changed hands: cards are settled, WeCom is told where it has the session, and she."""
        if isinstance(moved, Refused):
            return moved
        bench, shop = self.workbench, self.workbench.mind().shop
        plan = bench.plans[row.account, ChannelKind(row.channel)]
        taken = shop.phrases.say("agent.card_taken", agent=shop.agent_name(to))
        effects = [
            *await bench.cards.settle(connection, row.ticket_id, taken),
            *bench.handover.joined(plan, shop, to, row.session_state),
        ]
        await add_beside(connection, row.id, effects, turn_id=None, now=bench.now())
        return True
