"""Is a Rasa server asked as its HTTP API wants it, and does every way to fail end in a counted, bounded word?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from bot.rasa_client import MAX_ANSWER, RasaClient, RasaStatus, rasa_engine
from nlu import RasaUnavailable, Reading

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
READING = {"intent_ranking": [{"name": "greet", "confidence": 1.0}], "entities": []}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def serving() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    servers: list[TestServer] = []

    async def serve(handler: Handler, path: str = "/model/parse") -> str:
        app = web.Application()
        app.router.add_route("*", path, handler)
        servers.append(TestServer(app, host="127.0.0.1"))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/"))

    yield serve
    for server in servers:
        await server.close()


def fallbacks(reason: str) -> float:
    return REGISTRY.get_sample_value("xiaoer_nlu_fallbacks_total", {"reason": reason}) or 0.0


async def fails_with(reason: str, session: aiohttp.ClientSession, url: str, timeout_s: float = 5.0) -> None:
    """The engine says so, and the counter went up by one."""
    before = fallbacks(reason)
    with pytest.raises(RasaUnavailable) as caught:
        await rasa_engine(session, url, timeout_s, monotonic).read("你好")
    assert caught.value.reason == reason
    assert fallbacks(reason) == before + 1


async def test_a_text_is_read(session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]) -> None:
    asked: list[tuple[str, str, object]] = []

    async def parse(request: web.Request) -> web.Response:
        asked.append((request.method, request.query_string, await request.json()))
        return web.json_response(READING)

    url = await serving(parse)
    engine = rasa_engine(session, f"{url}?token=k%26y", 5.0, monotonic)
    assert await engine.read("你好") == Reading((("greet", 1.0),))
    assert asked == [("POST", "token=k%26y", {"text": "你好"})]


async def test_a_server_below_a_path_is_found(
    session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]
) -> None:
    async def parse(request: web.Request) -> web.Response:
        return web.json_response(READING)

    url = await serving(parse, "/rasa/model/parse")
    for base in (f"{url}rasa", f"{url}rasa/"):
        assert await RasaClient(session, base, 5.0).parse("你好") == READING


@pytest.mark.parametrize(
    ("reason", "response"),
    [
        ("refused", web.json_response({"status": "failure", "reason": "ParsingError"}, status=500)),
        ("refused", web.json_response({"status": "failure", "reason": "NotAuthenticated"}, status=401)),
        ("refused", web.json_response({"status": "failure", "reason": "Conflict"})),
        ("refused", web.Response(status=302, headers={"Location": "/elsewhere"})),
        ("unreadable", web.Response(text="<html>")),
        ("unreadable", web.json_response([1])),
        ("unreadable", web.Response(body=b"\xff\xfe")),
        ("unreadable", web.json_response({"intent": None})),
        ("unreadable", web.json_response({"intent_ranking": [], "padding": "x" * MAX_ANSWER})),
    ],
)
async def test_an_answer_without_a_reading_is_counted(
    reason: str, response: web.Response, session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]
) -> None:
    async def parse(request: web.Request) -> web.Response:
        return response

    await fails_with(reason, session, await serving(parse))


async def test_a_slow_server_costs_the_time_out_and_then_nothing(
    session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]
) -> None:
    closing = asyncio.Event()

    async def parse(request: web.Request) -> web.Response:
        await closing.wait()
        return web.json_response(READING)

    engine = rasa_engine(session, await serving(parse), 0.02, lambda: 0.0)
    for _ in range(3):
        with pytest.raises(RasaUnavailable, match="time_out"):
            await engine.read("你好")
    await session.close()  # whoever asked now would be told so
    for _ in range(100):
        with pytest.raises(RasaUnavailable, match="circuit_open"):
            await engine.read("你好")
    closing.set()


async def test_an_endless_answer_is_cut(session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]) -> None:
    async def parse(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)

    await fails_with("unreadable", session, await serving(parse))


async def test_nobody_there_is_counted(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    await fails_with("no_connection", session, f"http://127.0.0.1:{unused_tcp_port}")


async def test_an_address_that_is_none_is_counted(session: aiohttp.ClientSession) -> None:
    await fails_with("no_connection", session, "rasa:5005")


async def test_the_server_says_what_it_is(
    session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        match request.path:
            case "/version":
                return web.json_response({"version": "3.6.21", "minimum_compatible_version": "3.5.0"})
            case "/status":
                return web.json_response(
                    {"model_file": "xiaoer.tar.gz", "model_id": "1", "num_active_training_jobs": 0}
                )
            case _:
                raise web.HTTPNotFound

    url = await serving(answer, "/{path:.*}")
    assert await RasaClient(session, url, 5.0).status() == RasaStatus("3.6.21", "xiaoer.tar.gz")


async def test_a_server_without_a_model_says_so(
    session: aiohttp.ClientSession, serving: Callable[..., Awaitable[str]]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/version":
            return web.json_response({"version": "3.6.21"})
        return web.json_response({"status": "failure", "reason": "Conflict"}, status=409)

    url = await serving(answer, "/{path:.*}")
    assert await RasaClient(session, url, 5.0).status() == RasaStatus("3.6.21", "")
