"""What do the API and the webhooks need? Their parts, built together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import handoff
from archive import Archive
from bot.access_side import build_audit
from bot.api import Api, ApiReads, Hook, HookEvents, Hooks, HookSending, Tokens
from bot.content.applying import ContentStore
from bot.content.minds import Minds
from bot.domain import ChannelKind
from bot.plans import Plans
from bot.settings import Settings
from bot.store.effects import add_beside
from bot.ticket_cards import TicketCards
from bot.wakeups import Wakeups
from handoff import Desk

if TYPE_CHECKING:
    import aiohttp
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class ApiSide:
    """The API, and what workers do for webhooks."""

    api: Api
    hooks: Hooks
    events: HookEvents
    sending: HookSending


@dataclass(frozen=True, slots=True)
class TellInWeCom:
    """Tells the agent who made a webhook that it was switched off, by the WeCom app of the ticket's account."""

    desk: Desk
    cards: TicketCards
    plans: Plans
    minds: Minds
    now: Callable[[], datetime]

    async def __call__(self, connection: AsyncConnection, hook: Hook, why: str, *, ticket_id: int) -> None:
        """Say it, where she is an agent of the shop and a ticket says by which app; the page shows it in any case."""
        ticket = await self.desk.ticket(connection, ticket_id)
        shop = self.minds.current().shop
        if ticket is None or hook.by not in {agent.id for agent in shop.policy.agents}:
            return
        via = self.plans[ticket.account, ChannelKind(ticket.channel)].cards_via
        words = shop.phrases.say("agent.webhook_failed", hook=hook.name, why=why)
        await add_beside(connection, ticket.conversation_id, [self.cards.tell(via, hook.by, words)], now=self.now())


def build_api_side(
    settings: Settings,
    *,
    engine: AsyncEngine,
    desk: Desk,
    tables: handoff.Tables,
    record: Archive,
    content: ContentStore,
    minds: Minds,
    plans: Plans,
    cards: TicketCards,
    strangers: aiohttp.ClientSession,
    wakeups: Wakeups,
    now: Callable[[], datetime],
    reached: Callable[[str], None],
) -> ApiSide:
    """Build it. strangers: the session that reaches public addresses alone."""
    audit = build_audit(settings, now)
    hooks = Hooks(engine, audit, audit.secret, now)
    return ApiSide(
        api=Api(
            reads=ApiReads(engine, desk, tables, record, content.scripts),
            tokens=Tokens(engine, audit, now),
            understander=lambda: minds.current().understander,
            changed=lambda: wakeups.ring(Wakeups.CONSOLE),
            public_url=settings.server.public_url,
        ),
        hooks=hooks,
        events=HookEvents(engine, desk, now),
        sending=HookSending(hooks, strangers, TellInWeCom(desk, cards, plans, minds, now), now, reached),
    )
