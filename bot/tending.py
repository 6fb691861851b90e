"""Who looks after the queue? Offers made and ended, people called, absences, notices: each when it is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from bot.calling import Caller
from bot.dangers import Dangers
from bot.notices import QueueNotices
from bot.relief import Relief
from bot.store.effects import add_beside
from bot.store.engine import read_only
from bot.ticket_cards import TicketCards
from bot.wakeups import Wakeups
from handoff import Desk, Escalated, Offered, OfferEnded, OfferState, Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.store.views import Effect

# What the button of an offer's card says once the offer is over.
_ENDED: Final = {
    OfferState.EXPIRED: "agent.card_expired",
    OfferState.DECLINED: "agent.card_declined",
    OfferState.WITHDRAWN: "agent.card_withdrawn",
}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tending:
    """Tends the queue. Nothing is remembered here; any number may tend side by side, in any number of processes."""

    engine: AsyncEngine
    desk: Desk
    cards: TicketCards
    caller: Caller
    relief: Relief
    notices: QueueNotices
    dangers: Dangers
    say: Callable[[str], str]
    wakeups: Wakeups
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def tend_once(self) -> bool:
        """Do all that is due, each in a transaction of its own; False if there was nothing."""
        steps = {
            "expiry": self._expire,
            "shift_end": self._end_shifts,
            "relief": self.relief.help_absent,
            "resumption": self._resume,
            "overflow": self._overflow,
            "offer": self._offer,
            "call": self.caller.call_unheard,
            "notice": self.notices.tell_near_front,
        }
        done = [await self.dangers.announce(), *[await self._in_one(name, step) for name, step in steps.items()]]
        if not any(done):
            return False
        for topic in (Wakeups.OUTBOX, Wakeups.CONSOLE):
            self.wakeups.ring(topic)
        return True

    async def next_due(self) -> datetime | None:
        """The nearest moment at which there is something to do; it may be past."""
        async with read_only(self.engine).connect() as connection:
            found = await self.desk.next_due(connection), await self.dangers.clocks.next_due(connection)
        return min((moment for moment in found if moment is not None), default=None)

    async def _in_one(self, name: str, step: Callable[[AsyncConnection], Awaitable[bool]]) -> bool:
        async with self.engine.begin() as connection:
            done = await step(connection)
            if done:
                self.reached(f"before_{name}_commit")
        if done:
            self.reached(f"after_{name}_commit")
        return done

    # ── offers ───────────────────────────────────────────────────────────────────────────────

    async def _offer(self, connection: AsyncConnection) -> bool:
        made = await self.desk.offer_waiting(connection)
        for each in made:
            match each:
                case Offered(offer=offer, ticket=ticket):
                    _log.info("ticket.offered", ticket=ticket.id, agent=offer.agent, reason=offer.reason.value)
                    await self._write(connection, ticket, await self.caller.offer(connection, offer, ticket))
                case Escalated(ticket=ticket, supervisors=supervisors):
                    _log.warning("ticket.escalated", ticket=ticket.id, team=ticket.team)
                    called = await self.caller.supervisors(connection, ticket, supervisors)
                    await self._write(connection, ticket, called)
        return bool(made)

    async def _expire(self, connection: AsyncConnection) -> bool:
        return await self._settle(connection, await self.desk.expire_offers(connection))

    async def _end_shifts(self, connection: AsyncConnection) -> bool:
        changed = await self.desk.end_shifts(connection)
        for each in changed:
            _log.info("agent.status_ended", agent=each.agent.id, before=each.before.value, now=each.agent.status.value)
            await self._settle(connection, each.withdrawn)
        return bool(changed)

    async def _resume(self, connection: AsyncConnection) -> bool:
        """What waited for a moment that has come is the agent's turn again."""
        return bool(await self.desk.resume_due(connection))

    async def _overflow(self, connection: AsyncConnection) -> bool:
        moved = await self.desk.overflow(connection)
        for queued in moved:
            _log.info("ticket.overflowed", ticket=queued.ticket.id, team=queued.ticket.team)
            words = self.say("agent.card_overflowed")
            await self._write(connection, queued.ticket, await self.cards.settle(connection, queued.ticket.id, words))
        return bool(moved)

    async def _settle(self, connection: AsyncConnection, ended: Sequence[OfferEnded]) -> bool:
        """The cards of offers that are over say so."""
        for each in ended:
            words = self.say(_ENDED[each.offer.state])
            settled = await self.cards.settle(connection, each.ticket.id, words, offer_id=each.offer.id)
            await self._write(connection, each.ticket, settled)
        return bool(ended)

    async def _write(self, connection: AsyncConnection, ticket: Ticket, effects: Sequence[Effect]) -> None:
        await add_beside(connection, ticket.conversation_id, effects, now=self.now())
