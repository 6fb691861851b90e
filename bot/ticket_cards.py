"""Which cards do agents have in WeCom about a ticket? Sent with buttons, and settled when it is over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from bot.content.shop import Shop
from bot.following import served_in_client
from bot.speech import AccountPlan
from bot.store.budget import room_of
from bot.store.tables import addresses, cards, conversations, customers
from bot.store.views import Effect, EffectKind
from handoff import Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

# Among what is collected: of our own making, no fact of the customer's.
SCENE, PROMISED = "scene", "promised"
MOST_FACTS = 3  # on a card, which has room for six lines (wechat-platform §4.3)
# What a card's buttons are called in the callback (EventKey).
ACCEPT, PASS, LATER = "accept", "pass", "later"
LIVES_S: Final = 72 * 3600  # how long a response_code works; then a card cannot be changed any more (§4.3)


@dataclass(frozen=True, slots=True)
class Calling:
    """Whom a card calls, and to what. offer_id: None where whoever comes first may have it. until: of the offer."""

    receivers: tuple[str, ...]
    offer_id: int | None = None
    seconds: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TicketCards:
    """Writes cards and the effects that show them; everything in the caller's transaction."""

    now: Callable[[], datetime]
    public_url: str

    async def send(
        self, connection: AsyncConnection, plan: AccountPlan, shop: Shop, ticket: Ticket, calling: Calling
    ) -> Sequence[Effect]:
        """A card with buttons; nothing where no WeCom app can carry it or nobody is called."""
        if not plan.cards_via or not calling.receivers:
            return ()
        # An app may use a task_id once (wechat-platform §4.3), and a ticket that comes back to a queue gets a new card.
        task_id = f"ticket-{ticket.id}-{uuid.uuid4().hex}"
        await connection.execute(
            insert(cards).values(
                task_id=task_id,
                account=plan.cards_via,
                ticket_id=ticket.id,
                conversation_id=ticket.conversation_id,
                offer_id=calling.offer_id,
                receivers=list(calling.receivers),
                state="open",
                sent_at=self.now(),
            )
        )
        budget = await self._budget(connection, plan, shop, ticket)
        name = await name_of(connection, ticket)
        payload = self._payload(shop, ticket, calling, via=plan.cards_via, name=name, budget=budget)
        return [
            Effect(
                kind=EffectKind.CARD,
                ordered=False,
                payload={**payload, "task_id": task_id, "receivers": list(calling.receivers)},
                delay_s=calling.delay_s,
                conversation_id=ticket.conversation_id,
            )
        ]

    async def _budget(self, connection: AsyncConnection, plan: AccountPlan, shop: Shop, ticket: Ticket) -> str:
        """What may still be said from here, where it is said from here: she must know before she takes it."""
        query = (
            select(conversations.c.session_state, addresses.c.id, addresses.c.window_ends_at)
            .join(addresses, addresses.c.id == conversations.c.address_id)
            .where(conversations.c.id == ticket.conversation_id)
        )
        row = (await connection.execute(query)).one()
        if served_in_client(plan, row.session_state) or plan.answering == "inline":
            return ""
        left = await room_of(connection, row.id, self.now())
        if not left:
            return shop.phrases.say("agent.budget_none")
        until = row.window_ends_at.astimezone(shop.timezone)
        return shop.phrases.say("agent.budget_left", sends=left, until=f"{until:%m-%d %H:%M}")

    def _payload(
        self, shop: Shop, ticket: Ticket, calling: Calling, *, via: str, name: str, budget: str
    ) -> Mapping[str, object]:
        say = shop.phrases.say
        own = {SCENE, PROMISED}
        told = [[title, value[:60]] for title, value in ticket.summary.collected.items() if title not in own]
        reason = say(f"reasons.{ticket.reason}")
        return {
            "via": via,
            "ticket_id": ticket.id,
            "offer_id": calling.offer_id,
            "title": say("agent.card_title", customer=name),
            "description": say("agent.card_offer", reason=reason, seconds=calling.seconds)
            if calling.offer_id
            else say("agent.card_description", reason=reason),
            "fields": [
                [say("agent.card_question"), ticket.summary.asked[:60]],
                *told[: MOST_FACTS - bool(budget)],
                *([[say("agent.card_budget"), budget]] if budget else []),
                [say("agent.card_team"), shop.team_name(ticket.team)],
                [say("agent.card_channel"), say(f"channels.{ticket.channel}")],
            ],
            "buttons": [
                [ACCEPT, say("agent.card_accept")],
                [PASS, say("agent.card_pass")],
                [LATER, say("agent.card_later")],
            ],
            "url": self.url(ticket.id),
        }

    async def settle(
        self, connection: AsyncConnection, ticket_id: int, words: str, *, offer_id: int | None = None
    ) -> Sequence[Effect]:
        """Effects that replace the buttons of every open card of a ticket (or of one offer) by words."""
        these = [cards.c.ticket_id == ticket_id, cards.c.state == "open"]
        if offer_id is not None:
            these.append(cards.c.offer_id == offer_id)
        settled = await connection.execute(
            update(cards).where(*these).values(state="settled").returning(cards.c.task_id, cards.c.account)
        )
        return [
            Effect(
                kind=EffectKind.CARD_UPDATE,
                ordered=False,
                payload={"task_id": card.task_id, "via": card.account, "replace_name": words},
            )
            for card in settled.all()
        ]

    def url(self, ticket_id: int) -> str:
        """The ticket's page in the workbench."""
        return f"{self.public_url}/console/tickets/{ticket_id}"

    def tell(self, via: str, agent: str, words: str) -> Effect:
        """Plain words to one agent."""
        return Effect(EffectKind.TELL_AGENT, {"via": via, "agent": agent, "text": words}, ordered=False)


async def name_of(connection: AsyncConnection, ticket: Ticket) -> str:
    """What the customer calls herself, or the end of her id where the platform does not tell."""
    known = await connection.execute(
        select(customers.c.nickname).where(
            customers.c.account == ticket.account, customers.c.customer == ticket.customer
        )
    )
    return known.scalar_one_or_none() or ticket.customer[-6:]
