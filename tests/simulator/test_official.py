"""Official accounts: quotas and windows of custom/send, typing, users, QR codes, events."""

from __future__ import annotations

from typing import Any

import pytest
import xmltodict

from bot.simulator import Customer, NotPossible, World
from tests.simulator.doubles import Caller, Clock, Shop


@pytest.fixture
async def follower(world: World, clock: Clock, xiaolin: Customer) -> Customer:
    """小林 follows the account, long enough ago that following allows nothing any more."""
    world.subscribe(xiaolin, "shop")
    clock.advance(minutes=2)
    return xiaolin


async def _send(oa: Caller, who: Customer, text: str = "您好", **more: object) -> int:
    body: dict[str, Any] = {"touser": who.openid, "msgtype": "text", "text": {"content": text}, **more}
    return int((await oa.post("message/custom/send", **body))["errcode"])


async def _typing(oa: Caller, who: Customer, command: str = "Typing") -> int:
    return int((await oa.post("message/custom/typing", touser=who.openid, command=command))["errcode"])


async def test_five_within_48_hours_of_a_message(oa: Caller, world: World, clock: Clock, follower: Customer) -> None:
    assert await _send(oa, follower) == 45015
    world.customer_writes(follower, "shop", "在吗")
    assert [await _send(oa, follower) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    assert len(world.seen_by(follower)) == 5
    world.customer_writes(follower, "shop", "还在吗")
    clock.advance(hours=48)
    assert await _send(oa, follower) == 45015


@pytest.mark.parametrize("how", ["subscribe", "scan", "click"])
async def test_three_within_a_minute_of_an_event(
    oa: Caller, world: World, clock: Clock, follower: Customer, how: str
) -> None:
    acts = {
        "subscribe": lambda: world.subscribe(follower, "shop"),
        "scan": lambda: world.scan(follower, "shop", "poster"),
        "click": lambda: world.click_account_menu(follower, "shop", "MENU_NEW"),
    }
    acts[how]()
    assert [await _send(oa, follower) for _ in range(4)] == [0, 0, 0, 45047]
    acts[how]()
    clock.advance(seconds=60)
    assert await _send(oa, follower) == 45015


async def test_other_events_allow_nothing(oa: Caller, world: World, follower: Customer) -> None:
    world.raise_event(follower, "shop", "VIEW", {"EventKey": "https://a.cn"})
    assert await _send(oa, follower) == 45015


async def test_refusals(oa: Caller, world: World, follower: Customer) -> None:
    world.customer_writes(follower, "shop", "在吗")
    assert await _send(oa, follower, "长" * 683) == 45002
    assert await _send(oa, follower, msgtype="hologram") == 45162
    assert await _send(oa, follower, touser="nobody") == 40003
    assert await _send(oa, follower, msgtype="image", image={"media_id": "gone"}) == 40007
    items = [{"id": str(number), "content": "项"} for number in range(11)]
    assert await _send(oa, follower, msgtype="msgmenu", msgmenu={"list": items}) == 45098
    assert await _send(oa, follower, msgtype="news", news={"articles": []}) == 40058
    assert await _send(oa, follower, msgtype="msgmenu", msgmenu={"head_content": "选", "list": items[:2]}) == 0
    assert world.customer_clicks(follower, "shop", "1").body == {"content": "项"}
    world.unsubscribe(follower, "shop")
    assert await _send(oa, follower) == 43004


async def test_an_account_without_the_permission(oa: Caller, world: World, follower: Customer) -> None:
    world.officials["shop"].custom_send = False
    world.customer_writes(follower, "shop", "在吗")
    assert await _send(oa, follower) == 48001
    assert await _typing(oa, follower) == 48001
    assert world.seen_by(follower) == []


async def test_typing(oa: Caller, world: World, clock: Clock, follower: Customer) -> None:
    assert await _typing(oa, follower) == 45080
    world.customer_writes(follower, "shop", "在吗")
    assert await _typing(oa, follower, "Dance") == 45072
    assert await _typing(oa, follower) == 0
    assert await _typing(oa, follower) == 45081
    assert await _typing(oa, follower, "CancelTyping") == 0
    assert await _typing(oa, follower) == 0
    clock.advance(seconds=31)
    assert await _typing(oa, follower) == 45080


async def test_users_have_no_names(oa: Caller, world: World, follower: Customer) -> None:
    info = await oa.get("user/info", openid=follower.openid)
    assert (info["subscribe"], info["unionid"], info["subscribe_scene"]) == (1, follower.unionid, "ADD_SCENE_SEARCH")
    assert not {"nickname", "headimgurl", "sex"} & set(info)
    stranger = world.customer("ajie")
    listed = await oa.post("user/info/batchget", user_list=[{"openid": follower.openid}, {"openid": stranger.openid}])
    assert [user["subscribe"] for user in listed["user_info_list"]] == [1, 0]
    assert (await oa.get("user/info", openid="nobody"))["errcode"] == 40003
    many = [{"openid": follower.openid}] * 101
    assert (await oa.post("user/info/batchget", user_list=many))["errcode"] == 40058


async def test_qr_codes_bring_their_scene(oa: Caller, world: World, shop: Shop, xiaolin: Customer) -> None:
    made = await oa.post(
        "qrcode/create",
        action_name="QR_STR_SCENE",
        expire_seconds=9_999_999,
        action_info={"scene": {"scene_str": "order/88"}},
    )
    assert made["expire_seconds"] == 2_592_000
    world.officials["shop"].mode = "plain"
    world.scan(xiaolin, "shop", "order/88")
    await world.settled()
    world.scan(xiaolin, "shop", "order/88")
    await world.settled()
    first, second = (xmltodict.parse(got.body)["xml"] for got in shop.received)
    assert (first["Event"], first["EventKey"], first["Ticket"]) == ("subscribe", "qrscene_order/88", made["ticket"])
    assert (second["Event"], second["EventKey"], second["Ticket"]) == ("SCAN", "order/88", made["ticket"])
    info = await oa.get("user/info", openid=xiaolin.openid)
    assert (info["qr_scene_str"], info["subscribe_scene"]) == ("order/88", "ADD_SCENE_QR_CODE")
    permanent = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 7}}}
    assert "expire_seconds" not in await oa.post("qrcode/create", **permanent)
    assert (await oa.post("qrcode/create", **{**permanent, "action_name": "QR_FREE"}))["errcode"] == 40058


@pytest.mark.usefixtures("client")
async def test_strangers_cannot_write(world: World) -> None:
    with pytest.raises(NotPossible):
        world.customer_writes("ajie", "shop", "在吗")
    with pytest.raises(NotPossible):
        world.click_account_menu("ajie", "shop", "MENU_NEW")


async def test_where_the_platform_calls_from(oa: Caller, wecom: Caller) -> None:
    for caller in (oa, wecom):
        assert (await caller.get("get_api_domain_ip"))["ip_list"]
        assert (await caller.get("getcallbackip"))["ip_list"]


async def test_a_mini_programs_card_needs_a_picture_that_was_uploaded(
    oa: Caller, world: World, follower: Customer
) -> None:
    world.customer_writes(follower, "shop", "在吗")
    card = {"title": "订单", "appid": "wx0123456789abcdef", "pagepath": "pages/order"}

    async def sent(thumb: str) -> int:
        return await _send(oa, follower, msgtype="miniprogrampage", miniprogrampage={**card, "thumb_media_id": thumb})

    assert await sent("") == 40058
    assert await sent("nobody-knows-it") == 40007
    owner = world.official("shop").app_id
    item = world.media.add(
        owner=owner, kind="image", name="a.png", content_type="image/png", data=b"picture", now=world.now()
    )
    assert await sent(item.id) == 0
    assert world.seen_by(follower)[-1].body["thumb_media_id"] == item.id
