"""Does an open page learn that something changed? By a stream that says so, and fragments to put in place."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from archive import Voice
from bot.console import setup_console
from bot.console.stream import MOST_STREAMS, RETRY_MS
from bot.console.switchboard import SWEEP_S
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE

CHANGED, THREAD, HERS, LIST = "changed", "thread", "hers", "list"


async def next_block(response: ClientResponse) -> bytes:
    async with asyncio.timeout(SWEEP_S):  # what was rung comes before it would be found without a ring
        return await response.content.readuntil(b"\n\n")


async def next_event(response: ClientResponse) -> str:
    """The name of the next event, with the tickets of `rows`."""
    lines = (await next_block(response)).decode().splitlines()
    said = dict(line.split(": ", 1) for line in lines if line)
    tickets = json.loads(said["data"]).get("tickets", [])
    return " ".join([said["event"], *map(str, tickets)])


async def open_stream(response: ClientResponse) -> ClientResponse:
    """Past the two blocks that every stream begins with."""
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert int((await next_block(response)).decode().removeprefix("retry: ")) in range(RETRY_MS[0], RETRY_MS[1] + 1)
    assert await next_event(response) == CHANGED
    return response


async def test_each_page_is_told_of_what_it_shows_and_of_nothing_else(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    mine = await open_stream(await browser.client.get("/console/stream?tab=mine"))
    waiting = await open_stream(await browser.client.get("/console/stream?tab=waiting"))
    opened = await open_stream(await browser.client.get(f"/console/stream?tab=mine&ticket={ticket.id}"))
    await front.said(1, Voice.CUSTOMER, "还在吗")
    front.wakeups.ring("conversation:1")
    assert await next_event(opened) == THREAD
    assert await next_event(waiting) == f"rows {ticket.id}"
    assert await front.console.workbench.accept(1, "wangfang") is None
    assert {await next_event(opened), await next_event(opened)} == {THREAD, HERS}
    assert [await next_event(each) for each in (mine, waiting)] == [HERS, HERS]  # `mine` was not told of the words
    for stream in (mine, waiting, opened):
        stream.close()


async def test_a_stream_never_says_that_a_ticket_exists_which_is_not_hers_to_see(
    sign_in: SignIn, front: Shopfront
) -> None:
    hers = await front.hand_over(1, team="presale")
    await front.hand_over(2, team="aftersale")
    browser = await sign_in("chenjing")  # of presale alone
    streams = [await open_stream(await browser.client.get(f"/console/stream?tab={tab}")) for tab in ("waiting", "all")]
    await front.said(2, Voice.CUSTOMER, "在吗")
    front.wakeups.ring("conversation:2")
    await front.hand_over(3, team="aftersale")
    front.wakeups.ring("conversation:3")
    assert await front.console.workbench.accept(2, "wangfang") is None
    await front.said(1, Voice.CUSTOMER, "还在吗")
    front.wakeups.ring("conversation:1")
    for stream in streams:
        assert await next_event(stream) == f"rows {hers.id}"
        stream.close()


async def test_who_comes_back_after_a_break_is_told_of_what_she_missed_and_of_nothing_else(
    sign_in: SignIn, front: Shopfront
) -> None:
    await front.hand_over(1)
    browser = await sign_in("wangfang")
    stream = await browser.client.get("/console/stream?tab=waiting")
    await next_block(stream)
    first = await next_block(stream)
    assert b"event: changed\n" in first
    stream.close()
    last = {"Last-Event-ID": first.partition(b"\n")[0].removeprefix(b"id: ").decode()}
    again = await browser.client.get("/console/stream?tab=waiting", headers=last)
    await next_block(again)
    front.wakeups.ring("conversation:1")  # nothing was missed: the first event is this one
    assert await next_event(again) == "rows 1"
    again.close()
    await front.said(1, Voice.CUSTOMER, "还在吗")  # nobody rang
    missed = await open_stream(await browser.client.get("/console/stream?tab=waiting", headers=last))
    missed.close()


async def test_taking_a_conversation_reaches_the_colleagues_page(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    wangfang, limei = await sign_in("wangfang"), await sign_in("limei")
    stream = await open_stream(await limei.client.get("/console/stream?tab=waiting"))
    assert "没有客户在等" not in (await limei.get("/console/fragments/list?tab=waiting")).text
    await wangfang.submit(f"/console/tickets/{ticket.id}/accept")
    assert await next_event(stream) == LIST
    assert "没有客户在等" in (await limei.get("/console/fragments/list?tab=waiting")).text
    stream.close()


async def test_fragments_hold_the_regions_that_the_page_has(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    page = (await browser.get(f"/console/tickets/{ticket.id}")).html
    for path, regions in (
        (
            f"/console/fragments/list?current={ticket.id}",
            ("offers", "tabs", "rows", "more", "mine-count", "waiting-count"),
        ),
        (f"/console/fragments/thread/1?ticket={ticket.id}", ("thread-head", "log", "composer", "panel")),
        ("/console/fragments/thread/1", ("log",)),
    ):
        fragment = (await browser.get(path)).html
        assert "<html" not in fragment
        for region in regions:
            assert f'id="{region}"' in fragment
            assert f'id="{region}"' in page
    assert 'aria-current="page"' in (await browser.get(f"/console/fragments/list?current={ticket.id}")).html


async def test_rows_alone_are_those_she_may_see(sign_in: SignIn, front: Shopfront) -> None:
    first, other = await front.hand_over(1, team="presale"), await front.hand_over(2)
    browser = await sign_in("chenjing")
    asked = f"/console/fragments/rows?tab=waiting&tickets={first.id},{other.id},99,x"
    rows = (await browser.get(asked)).html
    assert re.findall(r'data-key="ticket-(\d+)"', rows) == [str(first.id)]
    whole = (await browser.get("/console/fragments/list?tab=waiting")).html
    assert re.findall(r"<li.*?</li>", rows, re.DOTALL) == re.findall(r'<li class="row.*?</li>', whole, re.DOTALL)


async def test_streams_of_a_session_are_bounded_and_places_come_free(sign_in: SignIn) -> None:
    browser, other = await sign_in("wangfang"), await sign_in("wangfang")
    streams = [await open_stream(await browser.client.get("/console/stream")) for _ in range(MOST_STREAMS)]
    assert (await browser.client.get("/console/stream")).status == 429
    (await open_stream(await other.client.get("/console/stream"))).close()
    streams.pop().close()
    async with asyncio.timeout(60):
        while (again := await browser.client.get("/console/stream")).status == 429:
            again.close()  # the server has not noticed yet
    streams.append(await open_stream(again))
    for stream in streams:
        stream.close()


async def test_a_silent_stream_proves_to_be_alive_and_ends_with_its_session(front: Shopfront) -> None:
    app = web.Application()
    setup_console(app, replace(front.console, keepalive_s=0.01))
    async with TestClient(TestServer(app)) as client:
        cookie = {"Cookie": f"xiaoer_console={await front.session('wangfang')}"}
        stream = await open_stream(await client.get("/console/stream", headers=cookie))
        assert await next_block(stream) == b": alive\n\n"
        front.clock.forward(hours=12)
        async with asyncio.timeout(60):
            await stream.read()  # to its end


async def test_an_open_stream_does_not_hold_up_the_shutdown(front: Shopfront) -> None:
    app = web.Application()
    setup_console(app, front.console)
    server = TestServer(app)
    client = TestClient(server)
    await client.start_server()
    cookie = {"Cookie": f"xiaoer_console={await front.session('wangfang')}"}
    stream = await open_stream(await client.get("/console/stream", headers=cookie))
    async with asyncio.timeout(20):  # aiohttp itself would wait for a minute
        await server.close()
    stream.close()
    await client.close()
