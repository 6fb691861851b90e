"""What do the simulator's tests stand on? A clock, a shop that records callbacks, and a caller with a token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestClient
from wechatpy.enterprise.crypto import WeChatCrypto as CorpCrypto

from bot.simulator import AgentApp, Corp, KfAccount, Member, OfficialAccount, Servicer, World

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
KF = "wkTestAccount000000000001"


class Clock:
    """Time stands still until it is moved; sleeping moves it and is remembered."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@dataclass
class Received:
    """One callback as the shop got it."""

    account: str
    query: dict[str, str]
    body: str
    content_type: str


Answer = Callable[[Received], web.Response]


@dataclass
class Shop:
    """A callback URL that records, and answers as told: one answer after the other, then `success`.

    hang: so many it leaves without an answer until `patience`; on_hang: what happens then.
    """

    received: list[Received] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    patience: asyncio.Event = field(default_factory=asyncio.Event)
    hang: int = 0
    on_hang: Callable[[], None] = lambda: None

    async def receive(self, request: web.Request) -> web.Response:
        got = Received(request.match_info["account"], dict(request.query), await request.text(), request.content_type)
        self.received.append(got)
        if self.hang:
            self.hang -= 1
            self.on_hang()
            await self.patience.wait()
        return self.answers.pop(0)(got) if self.answers else web.Response(text="success")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/callbacks/{account}", self.receive)
        return app

    def opened(self, world: World) -> list[dict[str, Any]]:
        """The WeCom callbacks, decrypted by wechatpy."""
        corp = world.corps["corp"]
        crypto = CorpCrypto(corp.token, corp.encoding_aes_key, corp.corp_id)
        found = []
        for got in self.received:
            if got.account == "corp":
                parts = (got.query["msg_signature"], got.query["timestamp"], got.query["nonce"])
                found.append(xmltodict.parse(crypto.decrypt_message(got.body, *parts))["xml"])
        return found


@dataclass
class Caller:
    """Calls the API under one prefix with a valid token."""

    client: TestClient[Any, Any]
    prefix: str
    token: str

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        url = f"{self.prefix}/cgi-bin/{path}"
        async with self.client.post(url, params={"access_token": self.token}, json=body) as response:
            assert response.status == 200
            answer: dict[str, Any] = await response.json()
            return answer

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        url = f"{self.prefix}/cgi-bin/{path}"
        async with self.client.get(url, params={"access_token": self.token, **query}) as response:
            assert response.status == 200
            answer: dict[str, Any] = await response.json()
            return answer


def official_account() -> OfficialAccount:
    return OfficialAccount(
        name="shop",
        app_id="wx0123456789abcdef",
        secret="official-secret",
        token="oatoken",
        encoding_aes_key=AES_KEY,
        title="花颜美妆",
        menu=(("MENU_NEW", "上新"),),
    )


def corp() -> Corp:
    found = Corp(name="corp", corp_id="ww0123456789abcdef", token="corptoken", encoding_aes_key=AES_KEY, title="花颜")
    found.apps[1000002] = AgentApp(1000002, "app-secret")
    found.apps[1000003] = AgentApp(1000003, "narrow-secret", scopes=frozenset())
    for userid, name in (("chenjing", "陈静"), ("wanglei", "王磊"), ("lina", "李娜")):
        found.members[userid] = Member(userid, name)
    servicers = {userid: Servicer(userid) for userid in found.members}
    found.kf[KF] = KfAccount(KF, "花颜美妆", servicers=servicers)
    return found
