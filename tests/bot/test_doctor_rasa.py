"""Does the doctor tell each thing that can be wrong with a Rasa server, and what to do?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor_rasa import check_rasa
from bot.settings import NluSettings

READING = {"intent_ranking": [{"name": "greet", "confidence": 1.0}], "entities": []}


class Rasa:
    """A server that can be given every fault."""

    def __init__(self) -> None:
        self.version: object = {"version": "3.6.21"}
        self.model = "xiaoer.tar.gz"
        self.token = ""
        self.stuck = False
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        if self.token and request.query.get("token") != self.token:
            return web.json_response({"status": "failure", "reason": "NotAuthenticated"}, status=401)
        match request.path:
            case "/version":
                return web.json_response(self.version)
            case "/status" if self.model:
                return web.json_response({"model_file": f"/models/{self.model}"})
            case "/status":
                return web.json_response({"status": "failure", "reason": "Conflict"}, status=409)
            case _:
                if self.stuck:
                    await self.over.wait()
                return web.json_response(READING)


@pytest.fixture
async def rasa() -> Rasa:
    return Rasa()


@pytest.fixture
async def url(rasa: Rasa) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rasa.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("/"))
    rasa.over.set()
    await server.close()


async def line(url: str, *, within_s: float = 20.0) -> tuple[bool, str]:
    async with aiohttp.ClientSession() as session:
        found = await check_rasa(session, NluSettings(engine="rasa", url=url, engine_timeout_s=within_s))
    assert found.name == "rasa"
    return found.ok, f"{found.detail} → {found.advice}"


async def test_a_server_that_serves_is_ok(rasa: Rasa, url: str) -> None:
    rasa.token = "k3y"
    ok, said = await line(f"{url}?token=k3y")
    assert ok
    assert "Rasa 3.6.21, xiaoer.tar.gz" in said
    assert "k3y" not in said


async def test_nobody_there(unused_tcp_port: int) -> None:
    ok, said = await line(f"http://127.0.0.1:{unused_tcp_port}")
    assert not ok
    assert "make rasa" in said


async def test_a_server_without_a_model(rasa: Rasa, url: str) -> None:
    rasa.model = ""
    assert "has no model" in (await line(url))[1]


async def test_another_version(rasa: Rasa, url: str) -> None:
    rasa.version = {"version": "2.8.1"}
    assert "run that version" in (await line(url))[1]


async def test_a_server_that_wants_a_token(rasa: Rasa, url: str) -> None:
    rasa.token = "k3y"
    assert "?token=" in (await line(url))[1]


async def test_another_server(rasa: Rasa, url: str) -> None:
    rasa.version = ["hello"]
    assert "no Rasa server" in (await line(url))[1]


async def test_a_server_that_is_too_slow(rasa: Rasa, url: str) -> None:
    rasa.stuck = True
    ok, said = await line(url, within_s=0.5)
    assert not ok
    assert "time_out at /model/parse" in said
    assert "within 0.5 s" in said
