"""What do customers and agents do while processes die, and what is true of the queue whatever they do?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import Update, select, update

from bot.bootstrap import HANDOFF_TABLES, utc_now
from bot.store.tables import cards, conversations, inbox, outbox
from tests.faults.installation import KF, Installation

CORP, FIRST, SECOND = "corp", "lina", "wanglei"  # whom the queue offers it to first, and then
agents, offers, tickets = HANDOFF_TABLES.agents, HANDOFF_TABLES.offers, HANDOFF_TABLES.tickets
A_MOMENT = timedelta(seconds=1)


def unhurried(handoff: str) -> str:
    """Offers and times of grace last until a story ends them, however busy the machine is."""
    return f"{handoff}offers: {{accept: 1h, grace: 1h}}\n"


# ── what they do ─────────────────────────────────────────────────────────────────────────────


async def she_asks(shop: Installation) -> None:
    shop.writes("mei", KF, "转人工")


async def it_is_offered(shop: Installation) -> None:
    await she_asks(shop)
    await shop.until(lambda: is_called(shop, FIRST))


def clicks_card(shop: Installation, agent: str) -> None:
    (card,) = cards_of(shop, agent)
    shop.platforms.member_clicks_card(agent, CORP, card, "accept")


async def the_first_clicks(shop: Installation) -> None:
    await it_is_offered(shop)
    clicks_card(shop, FIRST)


async def the_first_serves(shop: Installation) -> None:
    await the_first_clicks(shop)
    await shop.until(lambda: serves(shop, FIRST))


async def stays_away(shop: Installation) -> None:
    """She went off, and her time of grace is over."""
    await shop.until(lambda: _leaves(shop, FIRST))
    await shop.comes(update(agents).where(agents.c.id == FIRST).values(leaves_at=utc_now() - A_MOMENT))


def expiry(agent: str) -> Update:
    """The offer made to her expires."""
    hers = offers.c.agent == agent, offers.c.state == "open"
    return update(offers).where(*hers).values(expires_at=utc_now() - A_MOMENT)


# ── how it stands ────────────────────────────────────────────────────────────────────────────


async def is_called(shop: Installation, agent: str) -> bool:
    """She is offered it, and has its card."""
    card = outbox.c.kind == "card", outbox.c.state == "sent"
    sent = await shop.rows(select(outbox.c.payload).where(*card))
    made = await shop.rows(select(offers.c.id).where(offers.c.state == "open", offers.c.agent == agent))
    return bool(made) and made[0].id in [row.payload["offer_id"] for row in sent] and bool(cards_of(shop, agent))


async def serves(shop: Installation, agent: str) -> bool:
    """She has it; in WeCom too, where people serve there."""
    has = await shop.rows(select(conversations.c.owner, conversations.c.agent))
    session = shop.platforms.kf(KF)[1].session(shop.platforms.customer("mei").external_userid)
    there = (3, agent) if shop.handoff == "client" else (1, "")
    return [tuple(row) for row in has] == [("agent", agent)] and (session.state, session.servicer) == there


async def rests(shop: Installation) -> bool:
    """Nothing is left to read or to send."""
    waiting = await shop.rows(select(outbox.c.id).where(outbox.c.state == "pending"))
    unread = await shop.rows(select(inbox.c.id).where(inbox.c.state == "pending"))
    return not waiting and not unread


def cards_of(shop: Installation, agent: str) -> list[str]:
    """Message ids of the cards she has."""
    messages = shop.platforms.corp(CORP).messages.values()
    return [each.msgid for each in messages if each.msgtype == "template_card" and agent in each.members]


async def _leaves(shop: Installation, agent: str) -> bool:
    return (await shop.rows(select(agents.c.leaves_at).where(agents.c.id == agent)))[0].leaves_at is not None


# ── what always holds ────────────────────────────────────────────────────────────────────────


async def is_sound(shop: Installation) -> None:
    """She has one conversation, that one has or that waits, and every load is what can be counted."""
    has = await shop.rows(select(conversations).where(conversations.c.state == "open"))
    assert len(has) <= 1
    for each in has:
        assert (each.owner == "agent") == (each.agent is not None)
    made = await shop.rows(select(offers).where(offers.c.state == "open"))
    assert len(made) <= 1
    assert all(each.owner == "queue" for each in has for offer in made if offer.conversation_id == each.id)
    for agent in await shop.rows(select(agents)):
        assert agent.active == sum(each.agent == agent.id for each in has)
        assert agent.offered == sum(offer.agent == agent.id for offer in made)


async def is_sound_at_rest(shop: Installation, *, hears: int) -> None:
    """And a card works as long as its offer is open. Each card came once, and the customer was told everything once.

    hears: how many things at most; one at least.
    """
    await is_sound(shop)
    shown = await shop.rows(
        select(cards.c.state, cards.c.task_id, offers.c.state.label("offer")).join_from(
            cards, offers, offers.c.id == cards.c.offer_id
        )
    )
    assert all((card.state == "open") == (card.offer == "open") for card in shown)
    sent = Counter(message.task_id for message in shop.platforms.corp(CORP).messages.values() if message.task_id)
    assert max(sent.values()) == 1
    assert {row.task_id for row in await shop.rows(select(cards.c.task_id))} == set(sent)
    heard = shop.seen("mei", KF)
    assert 1 <= len(heard) <= hears
    assert max(Counter(heard).values()) == 1
