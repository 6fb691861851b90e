"""A shop whose API is served, and a program that has a token."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.access import Actor
from bot.api import Api, ApiReads, Hooks, Scope, Tokens, add_api
from bot.bootstrap import HANDOFF_TABLES
from knowledge_base import Script
from nlu import Context, Mood, Understander, Understanding
from tests.console.desk import SECRET, Shopfront

SCRIPTS = tuple(
    Script(
        id=f"s{number}", title=f"话术{number}", category=("物流",), stage="after", questions=("发货吗",),
        answers={"default": "发"}, state="live" if number != 2 else "retired",
    )
    for number in range(1, 5)
)  # fmt: skip


class Reads:
    """An understander that reads one intent into everything: what the engine finds is the engine's own test."""

    async def understand(self, text: str, context: Context) -> Understanding:
        del context
        return Understanding(
            text, "shipping", 0.9, (("shipping", 0.9), ("refund", 0.1)), (), Mood(0.0, 0.0), None, "spelling"
        )


@dataclass
class Program:
    """Another program that asks us."""

    http: ClientSession
    url: str
    token: str = ""

    async def ask(self, method: str, path: str, body: object = None, **query: str | int) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = json.dumps(body) if body is not None else None
        if data is not None:
            headers["Content-Type"] = "application/json"
        async with self.http.request(
            method, f"{self.url}/api/v1{path}", params=query, data=data, headers=headers
        ) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
async def front(engine: AsyncEngine) -> Shopfront:
    front = Shopfront(engine)
    await front.open_doors()
    return front


@pytest.fixture
def tokens(front: Shopfront) -> Tokens:
    return Tokens(front.engine, front.audit, front.clock)


@pytest.fixture
def hooks(front: Shopfront) -> Hooks:
    return Hooks(front.engine, front.audit, SECRET, front.clock)


@pytest.fixture
async def server(front: Shopfront, tokens: Tokens) -> AsyncIterator[TestServer]:
    async def scripts(connection: AsyncConnection) -> tuple[Script, ...]:
        del connection
        return SCRIPTS

    reads = ApiReads(front.engine, front.desk, HANDOFF_TABLES, front.archive, scripts)
    app = web.Application(client_max_size=65_536)
    add_api(app, Api(reads, tokens, lambda: cast("Understander", Reads()), lambda: None, front.public_url))
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def program(server: TestServer, tokens: Tokens) -> AsyncIterator[Program]:
    """One that may do everything."""
    _, token = await tokens.issue("ERP", Scope, by=Actor("limei"), days=None)
    async with ClientSession() as http:
        yield Program(http, str(server.make_url("")).rstrip("/"), token)
