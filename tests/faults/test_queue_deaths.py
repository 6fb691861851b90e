"""Is a waiting customer lost, given to two, or told twice when processes die while people are found for her?

In each story one process after another dies by kill -9, each at the next point of the story, and takes up what the
one before it left; the last one lives. Moments that would come after a minute are moved in the database.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from blockbuster import BlockBuster
from sqlalchemy import select, update

from bot.bootstrap import HANDOFF_TABLES, utc_now
from bot.store.tables import cards, conversations, inbox, outbox
from tests.faults.conftest import Open
from tests.faults.installation import KF, REST_S, Installation, Routing, unchanged
from tests.stage import starting, valkey

# Up to seven processes a story, one after another.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

LEASE_S = 1.0
CORP, FIRST, SECOND = "corp", "lina", "wanglei"  # whom the queue offers it to first, and then
agents, offers, tickets = HANDOFF_TABLES.agents, HANDOFF_TABLES.offers, HANDOFF_TABLES.tickets
Part = Callable[[Installation], Awaitable[None]]
Holds = Callable[[Installation], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Story:
    """begins: what people do before the first death. dies_at: where, and at which time there. then_at: where those
    after it die. ends: how it stands at last. hears: how many things the customer is told, at most.
    """

    begins: Part
    dies_at: tuple[str, int]
    then_at: tuple[str, ...]
    ends: Holds
    hears: int
    routing: Routing = unchanged


# ── what people do ───────────────────────────────────────────────────────────────────────────


async def she_asks(shop: Installation) -> None:
    shop.writes("mei", KF, "转人工")


async def it_is_offered(shop: Installation) -> None:
    await she_asks(shop)
    await shop.until(lambda: _is_called(shop, FIRST))


async def the_first_clicks(shop: Installation) -> None:
    await it_is_offered(shop)
    (card,) = _cards(shop, FIRST)
    shop.platforms.member_clicks_card(FIRST, CORP, card, "accept")


async def the_first_is_silent(shop: Installation) -> None:
    await it_is_offered(shop)
    await shop.comes(update(offers).values(expires_at=utc_now() - timedelta(seconds=1)))


async def the_first_goes_away(shop: Installation) -> None:
    await the_first_clicks(shop)
    await shop.until(lambda: _serves(shop, FIRST))
    shop.platforms.servicer_receives(FIRST, KF, receiving=False)
    await shop.until(lambda: _leaves(shop, FIRST))
    await shop.comes(update(agents).where(agents.c.id == FIRST).values(leaves_at=utc_now() - timedelta(seconds=1)))


async def it_waits_too_long(shop: Installation) -> None:
    await the_first_is_silent(shop)
    await shop.until(lambda: _is_called(shop, SECOND))
    await shop.comes(update(tickets).values(queued_at=utc_now() - timedelta(hours=2)))
    await shop.comes(update(offers).where(offers.c.state == "open").values(expires_at=utc_now() - timedelta(seconds=1)))


def overflowing(handoff: str) -> str:
    team = "{id: aftersale, name: 售后组}"
    assert team in handoff
    return handoff.replace(team, "{id: aftersale, name: 售后组, overflow: {team: presale, after: 1h}}")


# ── how it stands at last ────────────────────────────────────────────────────────────────────


async def first_is_offered_it(shop: Installation) -> bool:
    return await _is_called(shop, FIRST)


async def first_has_it(shop: Installation) -> bool:
    return await _serves(shop, FIRST)


async def second_is_offered_it(shop: Installation) -> bool:
    return await _is_called(shop, SECOND)


async def second_has_it(shop: Installation) -> bool:
    return await _serves(shop, SECOND)


async def presale_is_offered_it(shop: Installation) -> bool:
    return await _is_called(shop, "chenjing")


STORIES = {
    "offer": Story(
        she_asks, ("before_offer_commit", 1), ("after_offer_commit", "card_claimed", "card_tried"),
        first_is_offered_it, hears=1),
    "accept": Story(
        the_first_clicks, ("before_turn_commit", 2),
        ("turn_written", "after_turn_commit", "session_claimed", "session_tried", "card_update_tried"),
        first_has_it, hears=2),
    "expiry": Story(
        the_first_is_silent, ("before_expiry_commit", 1), ("after_expiry_commit", "before_offer_commit"),
        second_is_offered_it, hears=1),
    "relief": Story(
        the_first_goes_away, ("before_relief_commit", 1), ("after_relief_commit", "session_claimed", "session_tried"),
        second_has_it, hears=3),
    "overflow": Story(
        it_waits_too_long, ("before_overflow_commit", 1), ("after_overflow_commit",),
        presale_is_offered_it, hears=1, routing=overflowing),
}  # fmt: skip


@pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", STORIES)
async def test_whoever_dies_she_is_served_by_one_and_nobodys_load_is_off(opened: Open, name: str) -> None:
    story = STORIES[name]
    shop = await opened(lease_s=LEASE_S, customers=("mei",), routing=story.routing)
    doomed = await shop.start(*story.dies_at)
    await shop.until_reached(doomed, "after_page_commit")
    await story.begins(shop)
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await _is_sound(shop)
    for point in story.then_at:
        await shop.dies(point)
        await _is_sound(shop)
    heir = await shop.start()
    shop.up.set()

    async def rests() -> bool:
        return await story.ends(shop) and await _nothing_is_left(shop)

    await shop.until(rests)
    assert await heir.stop() == 0
    await _is_sound(shop)
    await _cards_are_true(shop)
    heard = shop.seen("mei", KF)
    assert 1 <= len(heard) <= story.hears
    assert max(Counter(heard).values()) == 1


@pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)
async def test_without_redis_the_queue_goes_on_and_is_only_later(
    opened: Open, never_block_the_loop: BlockBuster
) -> None:
    """Nobody rings: what is due is found by the worker, that looks again now and then."""
    with valkey() as (server, url):
        shop = await opened(lease_s=LEASE_S, customers=("mei",), redis=url)
        alive = await shop.start()
        shop.up.set()
        await it_is_offered(shop)
        with starting(never_block_the_loop):
            server.stop()
        past = utc_now() - timedelta(seconds=1)
        await shop.comes(update(offers).where(offers.c.agent == FIRST).values(expires_at=past), rings=False)
        await shop.until(lambda: _is_called(shop, SECOND))
        (card,) = _cards(shop, SECOND)
        shop.platforms.member_clicks_card(SECOND, CORP, card, "accept")
        await shop.until(lambda: _serves(shop, SECOND))
        await shop.until(lambda: _nothing_is_left(shop))
        assert await alive.stop() == 0
    await _is_sound(shop)
    await _cards_are_true(shop)


# ── what always holds ────────────────────────────────────────────────────────────────────────


async def _is_sound(shop: Installation) -> None:
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


async def _cards_are_true(shop: Installation) -> None:
    """A card of an offer works as long as the offer is open, and every card stands with its receivers at most once."""
    shown = await shop.rows(
        select(cards.c.state, cards.c.task_id, offers.c.state.label("offer")).join_from(
            cards, offers, offers.c.id == cards.c.offer_id
        )
    )
    assert all((card.state == "open") == (card.offer == "open") for card in shown)
    sent = Counter(message.task_id for message in shop.platforms.corp(CORP).messages.values() if message.task_id)
    assert max(sent.values()) == 1
    assert {row.task_id for row in await shop.rows(select(cards.c.task_id))} == set(sent)


async def _nothing_is_left(shop: Installation) -> bool:
    waiting = await shop.rows(select(outbox.c.id).where(outbox.c.state == "pending"))
    unread = await shop.rows(select(inbox.c.id).where(inbox.c.state == "pending"))
    return not waiting and not unread


async def _is_called(shop: Installation, agent: str) -> bool:
    """She is offered it, and has its card."""
    card = outbox.c.kind == "card", outbox.c.state == "sent"
    sent = await shop.rows(select(outbox.c.payload).where(*card))
    made = await shop.rows(select(offers.c.id).where(offers.c.state == "open", offers.c.agent == agent))
    return bool(made) and made[0].id in [row.payload["offer_id"] for row in sent] and bool(_cards(shop, agent))


async def _serves(shop: Installation, agent: str) -> bool:
    has = await shop.rows(select(conversations.c.owner, conversations.c.agent))
    session = shop.platforms.kf(KF)[1].session(shop.platforms.customer("mei").external_userid)
    return [tuple(row) for row in has] == [("agent", agent)] and (session.state, session.servicer) == (3, agent)


async def _leaves(shop: Installation, agent: str) -> bool:
    return (await shop.rows(select(agents.c.leaves_at).where(agents.c.id == agent)))[0].leaves_at is not None


def _cards(shop: Installation, agent: str) -> list[str]:
    messages = shop.platforms.corp(CORP).messages.values()
    return [each.msgid for each in messages if each.msgtype == "template_card" and agent in each.members]
