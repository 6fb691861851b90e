"""What the README says is so, and the witness stays independent."""

from __future__ import annotations

import ast
import re
from importlib.resources import files

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.simulator import FaultKind, World
from bot.simulator.acts import ACTS
from tests.simulator.doubles import AES_KEY, Shop

PACKAGE = files("bot.simulator")
README = (PACKAGE / "README.md").read_text(encoding="utf-8")


def test_every_act_and_fault_is_documented() -> None:
    acts = README.partition("Acts: ")[2].partition(". Views")[0]
    assert set(re.findall(r"`(\w+)`", acts)) == set(ACTS)
    kinds = set(re.findall(r"^\| .*?\| `(\w+)` \|", README, re.MULTILINE))
    assert kinds == {kind.value for kind in FaultKind}


def test_acts_are_methods_of_the_world() -> None:
    own = {"customer_sends_sample"}
    assert [name for name in ACTS if name not in own and not hasattr(World, name)] == []


def test_the_simulator_imports_neither_channels_nor_client() -> None:
    allowed = {"bot.settings", "bot.domain"}
    for source in PACKAGE.iterdir():
        if not source.name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            name = node.module if isinstance(node, ast.ImportFrom) else None
            if name and name.startswith("bot"):
                assert name in allowed or name.startswith("bot.simulator"), (source.name, name)


@pytest.mark.usefixtures("client")
async def test_callback_urls_prove_themselves(world: World, aiohttp_server: AiohttpServer) -> None:
    def echo(request: web.Request) -> web.Response:
        query = request.query
        if request.match_info["account"] == "shop":
            return web.Response(text=query["echostr"])
        crypto = WeChatCrypto("corptoken", AES_KEY, "ww0123456789abcdef")
        parts = (query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"])
        return web.Response(text=crypto.check_signature(*parts))

    async def handle(request: web.Request) -> web.Response:
        return echo(request)

    app = web.Application()
    app.router.add_get("/callbacks/{account}", handle)
    server = await aiohttp_server(app)
    assert not await world.verify_callback("shop")
    world.serve_callbacks_at(str(server.make_url("")))
    assert await world.verify_callback("shop")
    assert await world.verify_callback("corp")


@pytest.mark.usefixtures("client")
async def test_any_other_corp_event(world: World, shop: Shop) -> None:
    world.raise_corp_event("corp", {"FromUserName": "sys", "Event": "msgaudit_notify", "AgentID": 2000004})
    await world.settled()
    (event,) = shop.opened(world)
    assert (event["Event"], event["AgentID"]) == ("msgaudit_notify", "2000004")
