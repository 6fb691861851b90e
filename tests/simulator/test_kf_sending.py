"""kf/send_msg and kf/send_msg_on_event refuse what the platform refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.simulator import Customer, World
from tests.simulator.doubles import KF, Caller, Clock


async def _send(wecom: Caller, who: Customer, text: str = "您好", /, **more: object) -> dict[str, Any]:
    body = {"touser": who.external_userid, "open_kfid": KF, "msgtype": "text", "text": {"content": text}}
    return await wecom.post("kf/send_msg", **{**body, **more})


async def _trans(wecom: Caller, who: Customer, state: int, servicer: str = "") -> dict[str, Any]:
    more = {"servicer_userid": servicer} if servicer else {}
    body = {"open_kfid": KF, "external_userid": who.external_userid, "service_state": state, **more}
    return await wecom.post("kf/service_state/trans", **body)


async def test_a_text_is_shown_to_the_customer(wecom: Caller, world: World, talking: Customer) -> None:
    answer = await _send(wecom, talking, msgid="turn-1")
    assert answer == {"errcode": 0, "errmsg": "ok", "msgid": "turn-1"}
    assert [(line.id, line.text) for line in world.seen_by("xiaolin")] == [("turn-1", "您好")]


async def test_five_messages_a_customer_message(wecom: Caller, world: World, talking: Customer) -> None:
    codes = [(await _send(wecom, talking))["errcode"] for _ in range(6)]
    assert codes == [0, 0, 0, 0, 0, 95001]
    world.customer_writes(talking, KF, "还在吗")
    assert (await _send(wecom, talking))["errcode"] == 0


async def test_window_of_48_hours(wecom: Caller, clock: Clock, talking: Customer) -> None:
    clock.advance(hours=47, minutes=59)
    assert (await _send(wecom, talking))["errcode"] == 0
    clock.advance(minutes=1)
    assert (await _send(wecom, talking))["errcode"] == 95002


async def test_a_repeated_msgid_is_shown_once(wecom: Caller, world: World, talking: Customer) -> None:
    for _ in range(3):
        assert (await _send(wecom, talking, msgid="same"))["errcode"] == 0
    assert len(world.seen_by(talking)) == 1
    assert world.kf(KF)[1].repeats == 2
    assert [(await _send(wecom, talking))["errcode"] for _ in range(5)][-1] == 95001


@pytest.mark.parametrize("msgid", ["a" * 33, "has space", "中文", "a/b"])
async def test_msgid_has_a_shape(wecom: Caller, talking: Customer, msgid: str) -> None:
    assert (await _send(wecom, talking, msgid=msgid))["errcode"] == 40058


@pytest.mark.parametrize(("state", "servicer"), [(2, ""), (3, "lina"), (4, "")])
async def test_no_send_outside_states_0_and_1(wecom: Caller, talking: Customer, state: int, servicer: str) -> None:
    assert (await _trans(wecom, talking, state, servicer))["errcode"] == 0
    assert (await _send(wecom, talking))["errcode"] == 95018


async def test_text_is_limited_in_bytes(wecom: Caller, talking: Customer) -> None:
    assert (await _send(wecom, talking, "好" * 682 + "ab"))["errcode"] == 0
    assert (await _send(wecom, talking, "好" * 683))["errcode"] == 45002
    assert (await _send(wecom, talking, ""))["errcode"] == 44004


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"open_kfid": "nonsense"}, 95000),
        ({"open_kfid": "wkUnknown"}, 95004),
        ({"touser": "wmUnknown"}, 40096),
        ({"msgtype": "hologram", "hologram": {}}, 40008),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "link", "link": {"title": "x" * 129, "url": "https://a", "thumb_media_id": "t"}}, 40058),
        ({"msgtype": "location", "location": {"latitude": "north", "longitude": 1}}, 40058),
    ],
)
async def test_wrong_fields(wecom: Caller, talking: Customer, change: dict[str, object], errcode: int) -> None:
    assert (await _send(wecom, talking, **change))["errcode"] == errcode


def _menu(*items: Mapping[str, object]) -> dict[str, object]:
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": "请选择", "list": list(items)}}


def _click(number: int, label: str = "物流") -> dict[str, object]:
    return {"type": "click", "click": {"id": str(number), "content": label}}


async def test_menus(wecom: Caller, world: World, talking: Customer) -> None:
    assert (await _send(wecom, talking, **_menu(*map(_click, range(10)))))["errcode"] == 0
    assert (await _send(wecom, talking, **_menu(*map(_click, range(11)))))["errcode"] == 95008
    assert (await _send(wecom, talking, **_menu({"type": "dance"})))["errcode"] == 95009
    assert (await _send(wecom, talking, **_menu(_click(1, "长" * 43))))["errcode"] == 40058
    line = world.customer_clicks(talking, KF, "3")
    assert line.body == {"content": "物流", "menu_id": "3"}


async def test_banned_types_and_unmanaged_accounts(wecom: Caller, world: World, talking: Customer) -> None:
    kf = world.kf(KF)[1]
    kf.banned_types = frozenset({"text"})
    assert (await _send(wecom, talking))["errcode"] == 95030
    kf.managed = False
    assert (await _send(wecom, talking))["errcode"] == 95017


async def test_a_customer_who_refuses_causes_msg_send_fail(wecom: Caller, world: World, talking: Customer) -> None:
    world.customer_rejects(talking, KF)
    assert (await _send(wecom, talking, msgid="lost"))["errcode"] == 0
    assert world.seen_by(talking) == []
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    event = page["msg_list"][-1]["event"]
    assert (event["event_type"], event["fail_msgid"], event["fail_type"]) == ("msg_send_fail", "lost", 10)


async def test_cards_of_every_kind(client: object, wecom: Caller, world: World, talking: Customer) -> None:
    del client
    corp_id = world.corps["corp"].corp_id
    thumb = world.media.add(
        owner=corp_id, kind="image", name="a", content_type="image/png", data=b"x", now=world.now()
    ).id
    sends: list[dict[str, object]] = [
        {"msgtype": "image", "image": {"media_id": thumb}},
        {"msgtype": "link", "link": {"title": "上新", "desc": "唇釉", "url": "https://a.cn", "thumb_media_id": thumb}},
        {
            "msgtype": "miniprogram",
            "miniprogram": {"title": "商城", "appid": "wx", "pagepath": "p", "thumb_media_id": thumb},
        },
        {"msgtype": "location", "location": {"latitude": 30.2, "longitude": 120.1, "name": "门店"}},
        {"msgtype": "ca_link", "ca_link": {"link_url": "https://work.weixin.qq.com/ca/x"}},
    ]
    assert [(await _send(wecom, talking, **body))["errcode"] for body in sends] == [0] * 5
    assert [line.msgtype for line in world.seen_by(talking)] == [body["msgtype"] for body in sends]


async def test_menus_hold_links_and_words(wecom: Caller, talking: Customer) -> None:
    view = {"type": "view", "view": {"url": "https://a.cn", "content": "官网"}}
    words = {"type": "text", "text": {"content": "或直接打字"}}
    mini = {"type": "miniprogram", "miniprogram": {"appid": "wx", "pagepath": "p", "content": "商城"}}
    assert (await _send(wecom, talking, **_menu(view, words, mini)))["errcode"] == 0
    broken = {"type": "view", "view": {"content": "官网"}}
    assert (await _send(wecom, talking, **_menu(broken)))["errcode"] == 40058
