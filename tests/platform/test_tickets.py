"""A ticket of the JS-SDK is bought once, kept as long as it lives, and renewed when WeCom refused what it signed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.platform import ApiError, BadReply, PlatformClient, TicketKind, Tickets, UnknownAccount
from bot.platform.calls import js_sdk
from tests.platform.builder_cases import Case, untested
from tests.platform.conftest import Build, Clock, credentials
from tests.platform.fake_platform import FakePlatform, Script

CORP, AGENT = "get_jsapi_ticket", "ticket/get"
CASES = [
    Case(partial(js_sdk.corp_ticket), CORP, None, repeatable=True, method="GET"),
    Case(partial(js_sdk.agent_ticket), AGENT, {"type": "agent_config"}, repeatable=True, method="GET"),
    Case(partial(js_sdk.agent_get, 7), "agent/get", {"agentid": "7"}, repeatable=True, method="GET"),
]
Make = Callable[[], Tickets]


def sold(number: int, lives_s: int = 7200) -> Script:
    return {"errcode": 0, "errmsg": "ok", "ticket": f"ticket-{number}", "expires_in": lives_s}


@pytest.fixture
def make(build: Build, server: TestServer, redis: Redis, clock: Clock) -> Make:
    """make(): the tickets of one more process."""

    def made() -> Tickets:
        client: PlatformClient = build()
        return Tickets(client, [credentials(server)], redis, now=clock.now, sleep=clock.sleep, jitter=lambda: 0.5)

    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_builders(case: Case) -> None:
    case.check()


def test_every_builder_is_asked() -> None:
    assert untested([js_sdk], CASES) == set()


async def test_fifty_pages_in_two_processes_buy_one_ticket_of_each_kind(make: Make, platform: FakePlatform) -> None:
    platform.script(CORP, sold(1))
    platform.script(AGENT, sold(2))
    one, other = make(), make()
    pages = [each.ticket("corp", kind) for each in (one, other) for kind in TicketKind for _ in range(25)]
    assert set(await asyncio.gather(*pages)) == {"ticket-1", "ticket-2"}
    assert (len(platform.calls(CORP)), len(platform.calls(AGENT))) == (1, 1)
    assert platform.calls(AGENT)[0].query["type"] == "agent_config"


async def test_a_ticket_lives_as_long_as_the_platform_says(make: Make, platform: FakePlatform, clock: Clock) -> None:
    platform.script(CORP, sold(1, lives_s=1200), sold(2))
    tickets = make()
    assert await tickets.ticket("corp", TicketKind.CORP) == "ticket-1"
    clock.advance(1200 - 300 - 60)  # the last five minutes belong to its successor
    assert await tickets.ticket("corp", TicketKind.CORP) == "ticket-1"
    clock.advance(60)
    assert await tickets.ticket("corp", TicketKind.CORP) == "ticket-2"


async def test_a_refused_ticket_is_renewed_but_not_over_and_over(
    make: Make, platform: FakePlatform, clock: Clock
) -> None:
    platform.script(AGENT, *(sold(number) for number in range(1, 9)))
    tickets, other = make(), make()
    await tickets.ticket("corp", TicketKind.AGENT)
    assert await tickets.renewed("corp", TicketKind.AGENT) == "ticket-2"
    for _ in range(5):  # an address that is not trusted is refused with any ticket
        assert await tickets.renewed("corp", TicketKind.AGENT) == "ticket-2"
    assert await other.ticket("corp", TicketKind.AGENT) == "ticket-2"
    clock.advance(36)
    assert await tickets.renewed("corp", TicketKind.AGENT) == "ticket-3"


async def test_a_token_that_expired_meanwhile_is_bought_anew(make: Make, platform: FakePlatform) -> None:
    platform.script(CORP, {"errcode": 42001, "errmsg": "access_token expired"}, sold(1))
    assert await make().ticket("corp", TicketKind.CORP) == "ticket-1"


async def test_what_the_platform_refuses_is_said(make: Make, platform: FakePlatform) -> None:
    platform.script(CORP, {"errcode": 48002, "errmsg": "api forbidden"}, {"errcode": 0, "errmsg": "ok"})
    tickets = make()
    with pytest.raises(ApiError) as refused:
        await tickets.ticket("corp", TicketKind.CORP)
    assert refused.value.code == 48002
    with pytest.raises(BadReply, match="no ticket"):
        await tickets.ticket("corp", TicketKind.CORP)
    with pytest.raises(UnknownAccount):
        await tickets.ticket("elsewhere", TicketKind.CORP)
