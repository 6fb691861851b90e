"""Does an open page learn that something changed? By a stream that says so, and fragments to put in place."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from archive import Voice
from bot.console import setup_console
from bot.console.stream import MOST_STREAMS
from bot.wakeups import Wakeups
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE

CHANGED = b"event: changed\ndata: {}\n\n"  # behind the id that says where the database stands


async def next_block(response: ClientResponse) -> bytes:
    async with asyncio.timeout(5):
        block = await response.content.readuntil(b"\n\n")
    return block.partition(b"\n")[2] if block.startswith(b"id: ") else block


async def open_stream(response: ClientResponse) -> ClientResponse:
    """Past the two blocks that every stream begins with."""
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert await next_block(response) == b"retry: 3000\n\n"
    assert await next_block(response) == CHANGED
    return response


async def test_the_stream_tells_of_each_ring(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    listed = await open_stream(await browser.client.get("/console/stream"))
    opened = await open_stream(await browser.client.get(f"/console/stream?ticket={ticket.id}"))
    front.wakeups.ring(Wakeups.CONSOLE)
    assert await next_block(listed) == CHANGED
    assert await next_block(opened) == CHANGED
    front.wakeups.ring("conversation:1")
    assert await next_block(opened) == CHANGED
    front.wakeups.ring("conversation:2")
    front.wakeups.ring(Wakeups.CONSOLE)
    assert await next_block(listed) == CHANGED
    listed.close()
    opened.close()


async def test_who_comes_back_after_a_break_is_told_of_what_she_missed_and_of_nothing_else(
    sign_in: SignIn, front: Shopfront
) -> None:
    await front.hand_over(1)
    browser = await sign_in("wangfang")
    stream = await browser.client.get("/console/stream")
    await next_block(stream)
    async with asyncio.timeout(5):
        first = await stream.content.readuntil(b"\n\n")
    assert first.endswith(CHANGED)
    stream.close()
    last = {"Last-Event-ID": first.partition(b"\n")[0].removeprefix(b"id: ").decode()}
    again = await browser.client.get("/console/stream", headers=last)
    await next_block(again)
    front.wakeups.ring(Wakeups.CONSOLE)  # nothing was missed: the first event is this one
    assert await next_block(again) == CHANGED
    again.close()
    await front.said(1, Voice.CUSTOMER, "还在吗")  # nobody rang
    missed = await open_stream(await browser.client.get("/console/stream", headers=last))
    missed.close()


async def test_taking_a_conversation_reaches_the_colleagues_page(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    wangfang, limei = await sign_in("wangfang"), await sign_in("limei")
    stream = await open_stream(await limei.client.get("/console/stream"))
    assert "没有客户在等" not in (await limei.get("/console/fragments/list?tab=waiting")).text
    await wangfang.submit(f"/console/tickets/{ticket.id}/accept")
    assert await next_block(stream) == CHANGED
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


async def test_streams_of_a_session_are_bounded_and_places_come_free(sign_in: SignIn) -> None:
    browser, other = await sign_in("wangfang"), await sign_in("wangfang")
    streams = [await open_stream(await browser.client.get("/console/stream")) for _ in range(MOST_STREAMS)]
    assert (await browser.client.get("/console/stream")).status == 429
    (await open_stream(await other.client.get("/console/stream"))).close()
    streams.pop().close()
    async with asyncio.timeout(5):
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
        async with asyncio.timeout(5):
            await stream.read()  # to its end


async def test_an_open_stream_does_not_hold_up_the_shutdown(front: Shopfront) -> None:
    app = web.Application()
    setup_console(app, front.console)
    server = TestServer(app)
    client = TestClient(server)
    await client.start_server()
    cookie = {"Cookie": f"xiaoer_console={await front.session('wangfang')}"}
    stream = await open_stream(await client.get("/console/stream", headers=cookie))
    async with asyncio.timeout(5):
        await server.close()
    stream.close()
    await client.close()
