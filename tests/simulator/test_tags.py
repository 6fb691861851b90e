"""Does the simulated platform treat tags as the platforms do: their owners, their limits, what is called back?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import Customer, Limits, World
from tests.simulator.doubles import Caller, Clock, Shop


async def add(wecom: Caller, *names: str, group: str = "兴趣") -> list[str]:
    made = await wecom.post("externalcontact/add_corp_tag", group_name=group, tag=[{"name": name} for name in names])
    return [tag["id"] for tag in made["tag_group"]["tag"]]


async def test_corp_tags_are_made_once_and_changed_by_who_made_them(
    wecom: Caller, world: World, xiaolin: Customer
) -> None:
    makeup, skin = await add(wecom, "美妆", "护肤")
    twice = await wecom.post("externalcontact/add_corp_tag", group_name="兴趣", tag=[{"name": "美妆"}])
    assert twice["errcode"] == 40058
    listed = (await wecom.post("externalcontact/get_corp_tag_list"))["tag_group"]
    [group] = listed
    assert (group["group_name"], [tag["name"] for tag in group["tag"]]) == ("兴趣", ["美妆", "护肤"])
    more = await wecom.post("externalcontact/add_corp_tag", group_id=group["group_id"], tag=[{"name": "香水"}])
    assert more["tag_group"]["group_id"] == group["group_id"]
    assert (await wecom.post("externalcontact/edit_corp_tag", id=makeup, name="彩妆"))["errcode"] == 0
    assert (await wecom.post("externalcontact/edit_corp_tag", id=skin, name="彩妆"))["errcode"] == 40058
    world.customer_adds_member(xiaolin, "corp", "lina")
    world.member_tags_customer("lina", "corp", xiaolin, "手工", "老客")
    [theirs] = [tag for tag in world.corp("corp").tags.values() if tag.name == "老客"]
    assert (await wecom.post("externalcontact/edit_corp_tag", id=theirs.id, name="新客"))["errcode"] == 301002
    assert (await wecom.post("externalcontact/del_corp_tag", tag_id=[theirs.id]))["errcode"] == 301002
    assert (await wecom.post("externalcontact/del_corp_tag", tag_id=["etGhost"]))["errcode"] == 40068
    assert (await wecom.post("externalcontact/del_corp_tag", tag_id=[skin]))["errcode"] == 0
    assert skin not in world.corp("corp").tags


async def test_too_many_corp_tags(wecom: Caller, world: World) -> None:
    world.limits = Limits(corp_tags=2, token_s=30 * 86400)
    await add(wecom, "一", "二")
    assert (await wecom.post("externalcontact/add_corp_tag", group_name="兴趣", tag=[{"name": "三"}]))[
        "errcode"
    ] == 40126


async def test_what_people_do_with_tags_is_called_back(
    wecom: Caller, world: World, shop: Shop, xiaolin: Customer
) -> None:
    [makeup] = await add(wecom, "美妆")
    world.customer_adds_member(xiaolin, "corp", "lina")
    await wecom.post(
        "externalcontact/mark_tag", userid="lina", external_userid=xiaolin.external_userid, add_tag=[makeup]
    )
    await world.settled()
    before = len(shop.opened(world))
    world.member_tags_customer("lina", "corp", xiaolin, "手工", "老客")
    world.member_tags_customer("lina", "corp", xiaolin, "兴趣", "美妆", on=False)
    world.tag_is_deleted("corp", "手工", "老客")
    await world.settled()
    events = shop.opened(world)[before:]
    assert sorted((each["Event"], each["ChangeType"]) for each in events) == [
        ("change_external_contact", "edit_external_contact"),
        ("change_external_contact", "edit_external_contact"),
        ("change_external_tag", "create"),
        ("change_external_tag", "delete"),
    ]
    assert world.tags_of("corp", "lina", xiaolin) == ()


@pytest.fixture
def world(world: World) -> World:
    world.limits = Limits(token_s=30 * 86400, mark_takes_s=1.0)
    return world


async def test_more_marks_at_once_than_five_are_refused(
    wecom: Caller, world: World, clock: Clock, xiaolin: Customer
) -> None:
    [makeup] = await add(wecom, "美妆")
    world.customer_adds_member(xiaolin, "corp", "lina")
    mark: dict[str, Any] = {"userid": "lina", "external_userid": xiaolin.external_userid, "add_tag": [makeup]}
    taking, go_on = asyncio.Event(), asyncio.Event()
    running = 0

    async def sleep(_: float) -> None:
        nonlocal running
        running += 1
        if running == 5:
            taking.set()
        await go_on.wait()

    world.connect(session=None, now=clock.now, sleep=sleep)
    five = [asyncio.create_task(wecom.post("externalcontact/mark_tag", **mark)) for _ in range(5)]
    await taking.wait()
    assert (await wecom.post("externalcontact/mark_tag", **mark))["errcode"] == 45033
    go_on.set()
    assert [(await each)["errcode"] for each in five] == [0] * 5
    assert (await wecom.post("externalcontact/mark_tag", **mark))["errcode"] == 0


async def test_the_customer_card_shows_a_members_tags(
    client: TestClient[Any, Any], wecom: Caller, world: World, talking: Customer
) -> None:
    _, kf = world.kf(next(iter(world.corp("corp").kf)))
    session = kf.session(talking.external_userid)
    await wecom.post(
        "kf/service_state/trans", open_kfid=kf.open_kfid, external_userid=talking.external_userid, service_state=3,
        servicer_userid="lina",
    )  # fmt: skip
    assert session.servicer == "lina"

    async def card() -> tuple[bool, list[tuple[str, bool]]]:
        async with client.get("/simulator/api/wecom", params={"corp": "corp", "userid": "lina"}) as response:
            [shown] = (await response.json())["conversations"]
        return shown["follows"], [(tag["name"], tag["by_app"]) for tag in shown["tags"]]

    assert await card() == (False, [])
    world.customer_adds_member(talking, "corp", "lina")
    [makeup] = await add(wecom, "美妆")
    await wecom.post(
        "externalcontact/mark_tag", userid="lina", external_userid=talking.external_userid, add_tag=[makeup]
    )
    world.member_tags_customer("lina", "corp", talking, "手工", "老客")
    assert await card() == (True, [("美妆", True), ("老客", False)])


async def test_tags_of_an_official_account(oa: Caller, world: World, xiaolin: Customer) -> None:
    [account] = world.officials.values()
    made = await oa.post("tags/create", tag={"name": "美妆"})
    tag_id = made["tag"]["id"]
    assert (await oa.post("tags/create", tag={"name": "美妆"}))["errcode"] == 45157
    assert (await oa.post("tags/create", tag={"name": "十一个汉字已经太多了呀"}))["errcode"] == 45158
    many = {"openid_list": [xiaolin.openid], "tagid": tag_id}
    assert (await oa.post("tags/members/batchtagging", **many))["errcode"] == 49003
    world.subscribe(xiaolin, account.name)
    assert (await oa.post("tags/members/batchtagging", **many))["errcode"] == 0
    assert (await oa.post("tags/members/batchtagging", **{**many, "openid_list": ["oGhost"]}))["errcode"] == 40003
    assert (await oa.post("tags/members/batchtagging", **{**many, "tagid": 999}))["errcode"] == 45159
    assert (await oa.post("tags/members/batchtagging", **{**many, "openid_list": ["x"] * 51}))["errcode"] == 40032
    assert (await oa.post("tags/getidlist", openid=xiaolin.openid))["tagid_list"] == [tag_id]
    assert (await oa.get("user/info", openid=xiaolin.openid))["tagid_list"] == [tag_id]
    assert (await oa.get("tags/get"))["tags"] == [{"id": tag_id, "name": "美妆", "count": 1}]
    assert (await oa.post("tags/update", tag={"id": 2, "name": "星标"}))["errcode"] == 45058
    assert (await oa.post("tags/update", tag={"id": tag_id, "name": "彩妆"}))["errcode"] == 0
    assert (await oa.post("tags/members/batchuntagging", **many))["errcode"] == 0
    assert (await oa.post("tags/getidlist", openid=xiaolin.openid))["tagid_list"] == []
    assert (await oa.post("tags/delete", tag={"id": tag_id}))["errcode"] == 0
    assert account.tags == {}


async def test_limits_of_an_official_accounts_tags(oa: Caller, world: World, xiaolin: Customer) -> None:
    [account] = world.officials.values()
    world.subscribe(xiaolin, account.name)
    ids = [(await oa.post("tags/create", tag={"name": f"标签{number}"}))["tag"]["id"] for number in range(21)]
    results = [
        (await oa.post("tags/members/batchtagging", openid_list=[xiaolin.openid], tagid=tag_id))["errcode"]
        for tag_id in ids
    ]
    assert results == [0] * 20 + [45059]
    for number in range(21, 100):
        await oa.post("tags/create", tag={"name": f"标签{number}"})
    assert (await oa.post("tags/create", tag={"name": "第一百零一个"}))["errcode"] == 45056
