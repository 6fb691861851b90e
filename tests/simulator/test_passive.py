"""Passive replies of official accounts: shown when right, an apology when not."""

from __future__ import annotations

import json
import time

import pytest
from aiohttp import web
from wechatpy.crypto import WeChatCrypto

from bot.simulator import World
from tests.simulator.doubles import AES_KEY, Answer, Received, Shop

SORRY = "该公众号暂时无法提供服务，请稍后再试"


def _xml(world: World, **changes: str) -> str:
    fields = {
        "ToUserName": world.customer("xiaolin").openid,
        "FromUserName": world.officials["shop"].receiver,
        "CreateTime": "1772445600",
        "MsgType": "text",
        "Content": "您好，欢迎光临",
        **changes,
    }
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items() if value)}</xml>"


def _body(text: str) -> Answer:
    return lambda _: web.Response(text=text)


def _sealed(text: str) -> str:
    crypto = WeChatCrypto("oatoken", AES_KEY, "wx0123456789abcdef")
    return str(crypto.encrypt_message(text, "nonce", str(int(time.time()))))


async def _ask(world: World, shop: Shop, answer: Answer) -> list[tuple[str, str]]:
    world.subscribe("xiaolin", "shop")
    await world.settled()
    shop.answers = [answer]
    world.customer_writes("xiaolin", "shop", "在吗")
    await world.settled()
    return [(line.speaker, line.text) for line in world.seen_by("xiaolin")]


@pytest.mark.usefixtures("client")
async def test_a_plain_reply_is_shown(world: World, shop: Shop) -> None:
    world.officials["shop"].mode = "plain"
    assert await _ask(world, shop, _body(_xml(world))) == [("bot", "您好，欢迎光临")]


@pytest.mark.usefixtures("client")
async def test_a_safe_reply_must_be_encrypted(world: World, shop: Shop) -> None:
    assert await _ask(world, shop, _body(_sealed(_xml(world)))) == [("bot", "您好，欢迎光临")]
    shop.answers = [_body(_xml(world))]
    world.customer_writes("xiaolin", "shop", "再问")
    await world.settled()
    assert [(line.speaker, line.text) for line in world.seen_by("xiaolin")][1:] == [("platform", SORRY)]


@pytest.mark.usefixtures("client")
async def test_a_json_account_is_answered_in_json(world: World, shop: Shop) -> None:
    account = world.officials["shop"]
    account.mode, account.form = "plain", "json"
    openid = world.customer("xiaolin").openid
    reply = {
        "ToUserName": openid,
        "FromUserName": account.receiver,
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "好",
    }
    assert await _ask(world, shop, _body(json.dumps(reply))) == [("bot", "好")]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("nothing", ["", "success"])
async def test_nothing_to_say(world: World, shop: Shop, nothing: str) -> None:
    assert await _ask(world, shop, _body(nothing)) == []


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    "changes",
    [
        {"ToUserName": "someone-else"},
        {"FromUserName": "gh_other"},
        {"CreateTime": ""},
        {"MsgType": "hologram"},
        {"Content": ""},
        {"Content": "长" * 683},
        {"MsgType": "image"},
        {"MsgType": "news", "Articles": ""},
    ],
)
async def test_a_malformed_reply_is_an_apology(world: World, shop: Shop, changes: dict[str, str]) -> None:
    world.officials["shop"].mode = "plain"
    assert await _ask(world, shop, _body(_xml(world, **changes))) == [("platform", SORRY)]


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("body", ['{"a": 1}', "<xml>", "nonsense", "<other/>"])
async def test_garbage_is_an_apology(world: World, shop: Shop, body: str) -> None:
    assert await _ask(world, shop, _body(body)) == [("platform", SORRY)]


@pytest.mark.usefixtures("client")
async def test_three_refusals_are_an_apology(world: World, shop: Shop) -> None:
    world.subscribe("xiaolin", "shop")
    await world.settled()

    def refuse(_: Received) -> web.Response:
        return web.Response(status=503)

    shop.answers = [refuse, refuse, refuse]
    world.customer_writes("xiaolin", "shop", "在吗")
    await world.settled()
    assert [line.text for line in world.seen_by("xiaolin")] == [SORRY]
    assert len(shop.received) == 4


@pytest.mark.usefixtures("client")
async def test_the_answer_to_a_repeat_counts(world: World, shop: Shop) -> None:
    world.officials["shop"].mode = "plain"
    world.subscribe("xiaolin", "shop")
    await world.settled()
    shop.answers = [lambda _: web.Response(status=503), _body(_xml(world))]
    world.customer_writes("xiaolin", "shop", "在吗")
    await world.settled()
    assert [line.text for line in world.seen_by("xiaolin")] == ["您好，欢迎光临"]


@pytest.mark.usefixtures("client")
async def test_other_kinds_of_replies(world: World, shop: Shop) -> None:
    world.officials["shop"].mode = "plain"
    news = "<item><Title>上新</Title><Description>d</Description><Url>https://a.cn</Url></item>"
    await _ask(world, shop, _body(_xml(world, MsgType="image", Content="", Image="<MediaId>m1</MediaId>")))
    shop.answers = [_body(_xml(world, MsgType="news", Content="", Articles=news))]
    world.customer_writes("xiaolin", "shop", "上新")
    await world.settled()
    image, article = world.seen_by("xiaolin")
    assert (image.msgtype, image.body) == ("image", {"media_id": "m1"})
    assert article.body == {"articles": [{"title": "上新", "description": "d", "url": "https://a.cn"}]}
