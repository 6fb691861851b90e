"""kf administration, contacts, directory, logins and media."""

from __future__ import annotations

import io
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from bot.simulator import Customer, World
from tests.simulator.doubles import KF, Caller, Clock, Shop


async def test_kf_accounts(wecom: Caller) -> None:
    made = await wecom.post("kf/account/add", name="售后")
    assert made["open_kfid"].startswith("wk")
    assert (await wecom.post("kf/account/update", open_kfid=made["open_kfid"], name="售后部"))["errcode"] == 0
    listed = (await wecom.get("kf/account/list"))["account_list"]
    assert [(one["open_kfid"], one["name"]) for one in listed] == [(KF, "花颜美妆"), (made["open_kfid"], "售后部")]
    assert len((await wecom.post("kf/account/list", offset=1, limit=1))["account_list"]) == 1
    assert (await wecom.post("kf/account/del", open_kfid=made["open_kfid"]))["errcode"] == 0
    assert (await wecom.post("kf/account/del", open_kfid=made["open_kfid"]))["errcode"] == 95004
    assert (await wecom.post("kf/account/add", name="长" * 17))["errcode"] == 95006
    assert (await wecom.post("kf/account/list", limit=101))["errcode"] == 40058


async def test_servicers(wecom: Caller, world: World) -> None:
    removed = await wecom.post("kf/servicer/del", open_kfid=KF, userid_list=["lina", "ghost"])
    assert [one["errcode"] for one in removed["result_list"]] == [0, 95014]
    added = await wecom.post("kf/servicer/add", open_kfid=KF, userid_list=["lina", "ghost"])
    assert [one["errcode"] for one in added["result_list"]] == [0, 60111]
    world.servicer_receives("lina", KF, receiving=False)
    listed = (await wecom.get("kf/servicer/list", open_kfid=KF))["servicer_list"]
    assert {one["userid"]: one["status"] for one in listed} == {"chenjing": 0, "wanglei": 0, "lina": 1}


async def test_contact_ways_lead_to_the_phone(wecom: Caller) -> None:
    made = await wecom.post("kf/add_contact_way", open_kfid=KF, scene="order_page")
    assert made["url"].endswith(f"/phone?kf={KF}&scene=order_page")
    assert (await wecom.post("kf/add_contact_way", open_kfid=KF, scene="中文"))["errcode"] == 40058
    assert (await wecom.post("kf/add_contact_way", open_kfid=KF, scene="x" * 33))["errcode"] == 40058


async def test_kf_customers(wecom: Caller, world: World, xiaolin: Customer) -> None:
    world.customer_enters(xiaolin, KF, scene="order", scene_param="no=8")
    world.customer_enters("ajie", KF)
    wanted = [xiaolin.external_userid, world.customer("ajie").external_userid, "wmGhost"]
    found = await wecom.post("kf/customer/batchget", external_userid_list=wanted, need_enter_session_context=1)
    first, second = found["customer_list"]
    assert (first["nickname"], first["unionid"]) == ("小林", xiaolin.unionid)
    assert first["enter_session_context"] == {"scene": "order", "scene_param": "no=8"}
    assert "unionid" not in second
    assert found["invalid_external_userid"] == ["wmGhost"]
    assert (await wecom.post("kf/customer/batchget", external_userid_list=["x"] * 101))["errcode"] == 40058


async def test_tags_need_a_relation(wecom: Caller, world: World, shop: Shop, xiaolin: Customer) -> None:
    made = await wecom.post("externalcontact/add_corp_tag", group_name="心情", tag=[{"name": "生气"}, {"name": "满意"}])
    angry, happy = (tag["id"] for tag in made["tag_group"]["tag"])
    mark = {"userid": "lina", "external_userid": xiaolin.external_userid, "add_tag": [angry, happy]}
    assert (await wecom.post("externalcontact/mark_tag", **mark))["errcode"] == 84061
    code = world.customer_adds_member(xiaolin, "corp", "lina", state="poster")
    await world.settled()
    event = shop.opened(world)[-1]
    assert (event["ChangeType"], event["State"], event["WelcomeCode"]) == ("add_external_contact", "poster", code)
    assert (await wecom.post("externalcontact/mark_tag", **mark))["errcode"] == 0
    assert (await wecom.post("externalcontact/mark_tag", **{**mark, "add_tag": ["etGhost"]}))["errcode"] == 40068
    drop = {"userid": "lina", "external_userid": xiaolin.external_userid, "remove_tag": [happy]}
    assert (await wecom.post("externalcontact/mark_tag", **drop))["errcode"] == 0
    note = {"userid": "lina", "external_userid": xiaolin.external_userid, "remark": "林小姐"}
    assert (await wecom.post("externalcontact/remark", **note))["errcode"] == 0
    contact = await wecom.get("externalcontact/get", external_userid=xiaolin.external_userid)
    (follow,) = contact["follow_user"]
    assert ([tag["tag_name"] for tag in follow["tags"]], follow["remark"]) == (["生气"], "林小姐")
    assert (await wecom.get("externalcontact/list", userid="lina"))["external_userid"] == [xiaolin.external_userid]
    world.member_removes_customer("lina", "corp", xiaolin)
    assert (await wecom.post("externalcontact/mark_tag", **mark))["errcode"] == 84061
    assert (await wecom.get("externalcontact/list", userid="lina"))["errcode"] == 84061


async def test_corp_tags(wecom: Caller) -> None:
    made = (await wecom.post("externalcontact/add_corp_tag", group_name="肤质", tag=[{"name": "油皮"}]))["tag_group"]
    again = {"group_id": made["group_id"], "tag": [{"name": "油皮"}]}
    assert (await wecom.post("externalcontact/add_corp_tag", **again))["errcode"] == 40058
    unknown = {"group_id": "etGhost", "tag": [{"name": "干皮"}]}
    assert (await wecom.post("externalcontact/add_corp_tag", **unknown))["errcode"] == 40068
    listed = (await wecom.post("externalcontact/get_corp_tag_list", group_id=[made["group_id"]]))["tag_group"]
    assert [tag["name"] for tag in listed[0]["tag"]] == ["油皮"]
    assert (await wecom.post("externalcontact/get_corp_tag_list", tag_id=["etGhost"]))["errcode"] == 40068


async def test_contact_codes_and_welcomes(wecom: Caller, world: World, clock: Clock, xiaolin: Customer) -> None:
    way = {"type": 1, "scene": 2, "user": ["lina"], "state": "poster"}
    assert "config_id" in await wecom.post("externalcontact/add_contact_way", **way)
    assert (await wecom.post("externalcontact/add_contact_way", **{**way, "state": "x" * 31}))["errcode"] == 40058
    code = world.customer_adds_member(xiaolin, "corp", "lina")
    hello = {"welcome_code": code, "text": {"content": "你好"}}
    assert (await wecom.post("externalcontact/send_welcome_msg", **hello))["errcode"] == 0
    assert (await wecom.post("externalcontact/send_welcome_msg", **hello))["errcode"] == 41050
    assert [line.text for line in world.seen_by(xiaolin)] == ["你好"]
    late = world.customer_adds_member(xiaolin, "corp", "lina")
    clock.advance(seconds=20)
    assert (await wecom.post("externalcontact/send_welcome_msg", welcome_code=late))["errcode"] == 41050


async def test_directory(wecom: Caller) -> None:
    found = await wecom.get("user/get", userid="lina")
    assert (found["name"], "mobile" in found) == ("李娜", False)
    assert (await wecom.get("user/get", userid="ghost"))["errcode"] == 60111
    assert [one["id"] for one in (await wecom.get("department/list"))["department"]] == [1]


async def test_login_codes_serve_once(wecom: Caller, world: World, clock: Clock) -> None:
    code = world.login_code("lina", "corp")
    assert (await wecom.get("auth/getuserinfo", code=code))["userid"] == "lina"
    assert (await wecom.get("auth/getuserinfo", code=code))["errcode"] == 42022
    assert (await wecom.get("auth/getuserinfo", code="made-up"))["errcode"] == 40029
    late = world.login_code("lina", "corp")
    clock.advance(minutes=5)
    assert (await wecom.get("auth/getuserinfo", code=late))["errcode"] == 42003


async def _upload(client: TestClient[Any, Any], caller: Caller, kind: str, data: bytes) -> dict[str, Any]:
    form = FormData()
    form.add_field("media", io.BytesIO(data), filename="a.png", content_type="image/png")
    query = {"access_token": caller.token, "type": kind}
    async with client.post(f"{caller.prefix}/cgi-bin/media/upload", params=query, data=form) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def _fetch(client: TestClient[Any, Any], caller: Caller, media_id: str) -> bytes:
    query = {"access_token": caller.token, "media_id": media_id}
    async with client.get(f"{caller.prefix}/cgi-bin/media/get", params=query) as response:
        return await response.read()


async def test_media_live_three_days(client: TestClient[Any, Any], oa: Caller, wecom: Caller, clock: Clock) -> None:
    made = await _upload(client, wecom, "image", b"picture")
    assert await _fetch(client, wecom, made["media_id"]) == b"picture"
    assert b"40007" in await _fetch(client, oa, made["media_id"])
    clock.advance(days=3, seconds=1)
    assert b"40007" in await _fetch(client, wecom, made["media_id"])


async def test_media_limits(client: TestClient[Any, Any], wecom: Caller) -> None:
    assert (await _upload(client, wecom, "image", b"x" * (10 * 1024 * 1024)))["errcode"] == 0
    assert (await _upload(client, wecom, "image", b"x" * (10 * 1024 * 1024 + 1)))["errcode"] == 45001
    assert (await _upload(client, wecom, "hologram", b"x"))["errcode"] == 40004
    assert (await _upload(client, wecom, "file", b""))["errcode"] == 40006
    assert (await wecom.post("media/upload"))["errcode"] == 40058


@pytest.mark.parametrize(("size", "msgtype"), [(9, "image"), (2 * 1024 * 1024 + 1, "text")])
async def test_a_customers_large_picture_is_a_notice(
    wecom: Caller, client: TestClient[Any, Any], world: World, size: int, msgtype: str
) -> None:
    world.customer_sends_file("xiaolin", KF, "image", b"x" * size, name="a.png", content_type="image/png")
    (message,) = (await wecom.post("kf/sync_msg", open_kfid=KF))["msg_list"]
    assert message["msgtype"] == msgtype
    if msgtype == "image":
        assert await _fetch(client, wecom, message["image"]["media_id"]) == b"x" * size
