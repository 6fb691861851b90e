"""Is a waiting customer lost, given to two, or told twice when processes die while people are found for her?

In each story one process after another dies by kill -9, each at the next point of the story, and takes up what the one
before it left; the last one lives. Moments that would come later are moved in the database, the ends of leases too.
What happens beside each other may be done by whoever dies: a point of a story is one that nobody before it can have
passed for good.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from blockbuster import BlockBuster
from sqlalchemy import select, update

from bot.bootstrap import HANDOFF_TABLES, utc_now
from bot.store.tables import conversations
from tests.faults import people
from tests.faults.conftest import Open
from tests.faults.installation import KF, LEASE_S, REST_S, Installation, Routing
from tests.faults.people import FIRST, SECOND
from tests.stage import starting, valkey

# Up to five processes a story, one after another.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

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
    routing: Routing = people.unhurried
    handoff: str = "client"


async def the_first_is_silent(shop: Installation) -> None:
    await people.it_is_offered(shop)
    await shop.comes(people.expiry(FIRST))


async def the_first_stops_receiving(shop: Installation) -> None:
    await people.the_first_serves(shop)
    shop.platforms.servicer_receives(FIRST, KF, receiving=False)
    await people.stays_away(shop)


async def the_first_goes_off(shop: Installation) -> None:
    await people.the_first_serves(shop)
    await shop.at_workbench(FIRST, "status", status="off")
    await people.stays_away(shop)


async def it_waits_too_long(shop: Installation) -> None:
    await the_first_is_silent(shop)
    await shop.until(lambda: people.is_called(shop, SECOND))
    await shop.comes(update(people.tickets).values(queued_at=utc_now() - timedelta(hours=2)))
    await shop.comes(people.expiry(SECOND))


def overflowing(handoff: str) -> str:
    team = "{id: aftersale, name: 售后组}"
    assert team in handoff
    more = handoff.replace(team, "{id: aftersale, name: 售后组, overflow: {team: presale, after: 1h}}")
    return people.unhurried(more)


def called(agent: str) -> Holds:
    return lambda shop: people.is_called(shop, agent)


def served_by(agent: str) -> Holds:
    return lambda shop: people.serves(shop, agent)


async def it_waits_again_and_the_history_says_why(shop: Installation) -> bool:
    """Queued once because the first is absent, owned by nobody, and offered to her colleague."""
    log = HANDOFF_TABLES.ticket_events
    queued = await shop.rows(select(log.c.by, log.c.cause).where(log.c.kind == "queued"))
    (owner,) = await shop.rows(select(conversations.c.owner))
    again = [tuple(row) for row in queued] == [("system", "agent_absent")] and owner.owner == "queue"
    return again and await people.is_called(shop, SECOND)


STORIES = {
    "offer": Story(
        people.she_asks, ("before_offer_commit", 1), ("after_offer_commit", "card_claimed", "card_tried"),
        called(FIRST), hears=1),
    "accept": Story(
        people.the_first_clicks, ("turn_written", 2), ("after_turn_commit", "session_claimed", "session_tried"),
        served_by(FIRST), hears=2),
    "card": Story(
        people.the_first_clicks, ("card_update_claimed", 1), ("card_update_tried",), served_by(FIRST), hears=2),
    "expiry": Story(
        the_first_is_silent, ("before_expiry_commit", 1), ("after_expiry_commit",), called(SECOND), hears=1),
    "relief-client": Story(
        the_first_stops_receiving, ("before_relief_commit", 1), ("after_relief_commit", "session_tried"),
        served_by(SECOND), hears=3),
    "relief-console": Story(
        the_first_goes_off, ("before_relief_commit", 1), ("after_relief_commit", "after_offer_commit"),
        it_waits_again_and_the_history_says_why, hears=2, handoff="console"),
    "overflow": Story(
        it_waits_too_long, ("before_overflow_commit", 1), ("after_overflow_commit",),
        called("chenjing"), hears=1, routing=overflowing),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
async def test_whoever_dies_she_is_served_by_one_and_nobodys_load_is_off(opened: Open, name: str) -> None:
    story = STORIES[name]
    shop = await opened(lease_s=LEASE_S, customers=("mei",), routing=story.routing, handoff=story.handoff)
    doomed = await shop.start(*story.dies_at)
    await shop.until_reached(doomed, "after_page_commit")
    await story.begins(shop)
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await people.is_sound(shop)
    await shop.leases_lapse()
    for point in story.then_at:
        await shop.dies(point)
        await people.is_sound(shop)
    heir = await shop.start()
    shop.up.set()

    async def ends() -> bool:
        return await story.ends(shop) and await people.rests(shop)

    await shop.until(ends)
    assert await heir.stop() == 0
    await people.is_sound_at_rest(shop, hears=story.hears)


async def test_without_redis_the_queue_goes_on_and_is_only_later(
    opened: Open, never_block_the_loop: BlockBuster
) -> None:
    """Nobody rings: what is due is found by the worker, that looks again now and then."""
    with valkey() as (server, url):
        shop = await opened(lease_s=LEASE_S, customers=("mei",), routing=people.unhurried, redis=url)
        alive = await shop.start()
        shop.up.set()
        await people.it_is_offered(shop)
        with starting(never_block_the_loop):
            server.stop()
        await shop.comes(people.expiry(FIRST), rings=False)
        await shop.until(lambda: people.is_called(shop, SECOND))
        people.clicks_card(shop, SECOND)
        await shop.until(lambda: people.serves(shop, SECOND))
        await shop.until(lambda: people.rests(shop))
        assert await alive.stop() == 0
    await people.is_sound_at_rest(shop, hears=2)
