"""Does WeCom take what we sign? Our tickets and signatures against the simulator, which computes its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.js_signing import JsSigner
from bot.platform import Credentials, PlatformClient, TicketKind, Tickets
from bot.settings import LimitSettings
from bot.simulator import AgentApp, Corp, KfAccount, Member, World, create_simulator

CORP, APP, PAGES = "ww0123456789abcdef", 1_000_002, "https://kefu.example.com/console/sidebar"
URL = f"{PAGES}/corp"


@dataclass
class WeCom:
    """The simulated platform, and our side of it."""

    world: World
    session: aiohttp.ClientSession
    base: str
    signer: JsSigner

    async def says(self, kind: TicketKind, *, again: bool = False, url: str = URL) -> str:
        """What its client answers a page that brings our signature."""
        signed = await self.signer.signed("corp", kind, URL, again=again)
        assert signed is not None
        given = {"nonceStr": signed.nonce, "timestamp": str(signed.timestamp), "signature": signed.signature}
        if kind is TicketKind.AGENT:
            call, params = "agentConfig", given | {"corpid": CORP, "agentid": str(APP)}
        else:
            call = "preVerifyJSAPI"
            params = {f"verify{name[0].upper()}{name[1:]}": value for name, value in given.items()}
            params["verifyAppId"] = CORP
        page = {"corp": "corp", "userid": "lina", "customer": "xiaolin", "place": "wk1", "url": url, "params": params}
        async with self.session.post(f"{self.base}/simulator/api/js/{call}", json=page) as answer:
            assert answer.status == 200
            return str((await answer.json())["err_msg"]).partition(":")[2]


@pytest.fixture
async def wecom() -> AsyncIterator[WeCom]:
    world = World(seed=7)
    apps, members = {APP: AgentApp(APP, "app-secret")}, {"lina": Member("lina", "李娜")}
    corp = Corp("corp", CORP, "token", "a" * 43, apps=apps, members=members, kf={"wk1": KfAccount("wk1", "客服")})
    world.add_corp(corp)
    world.add_customer("xiaolin")

    async def no_wait(_: float) -> None:
        return None

    def now() -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    async with aiohttp.ClientSession() as session:
        server = TestServer(create_simulator(world, session=session, now=now, sleep=no_wait))
        async with server:
            world.serve_callbacks_at("https://kefu.example.com")
            accounts = [Credentials("corp", "wecom", CORP, SecretStr("app-secret"), str(server.make_url("/wecom")))]
            client = PlatformClient.build(session, accounts, None, LimitSettings(), now=now, sleep=no_wait)
            tickets = Tickets(client, accounts, None, now=now, sleep=no_wait)
            base = str(server.make_url("")).rstrip("/")
            yield WeCom(world, session, base, JsSigner(tickets, PAGES, now))


async def test_both_kinds_of_signature_are_taken_on_the_page_they_are_for(wecom: WeCom) -> None:
    for kind in TicketKind:
        assert await wecom.says(kind) == "ok"
        assert (await wecom.says(kind, url=f"{URL}?other=1")).startswith("invalid signature")


async def test_a_ticket_that_serves_no_more_is_replaced_when_the_page_asks_again(wecom: WeCom) -> None:
    assert await wecom.says(TicketKind.AGENT) == "ok"
    wecom.world.corp("corp").js_tickets.forget()
    assert (await wecom.says(TicketKind.AGENT)).startswith("invalid signature")
    assert await wecom.says(TicketKind.AGENT, again=True) == "ok"
