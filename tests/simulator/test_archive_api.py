"""The session-archive calls: whose secret, who agreed, which groups."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import AgentApp, Customer, World
from bot.simulator.corp import InternalRoom
from tests.simulator.doubles import Caller, Clock, Shop


@pytest.fixture
async def archive(client: TestClient[Any, Any], world: World) -> Caller:
    """A caller with a token of the archive secret."""
    world.corp("corp").apps[2000004] = AgentApp(2000004, "archive-secret", frozenset({"msgaudit"}))
    query = {"corpid": "ww0123456789abcdef", "corpsecret": "archive-secret"}
    async with client.get("/wecom/cgi-bin/gettoken", params=query) as response:
        return Caller(client, "/wecom", (await response.json())["access_token"])


async def test_the_apps_secret_may_not(wecom: Caller) -> None:
    assert (await wecom.post("msgaudit/get_permit_user_list"))["errcode"] == 48002


async def test_whose_conversations_are_archived(archive: Caller) -> None:
    assert (await archive.post("msgaudit/get_permit_user_list"))["ids"] == ["chenjing", "lina", "wanglei"]
    assert (await archive.post("msgaudit/get_permit_user_list", type=4))["errcode"] == 301061


async def test_who_agreed_and_how_we_hear_of_it(archive: Caller, world: World, shop: Shop, xiaolin: Customer) -> None:
    world.customer_answers_archive(xiaolin, "corp", "lina")
    world.customer_answers_archive("ajie", "corp", "lina", agrees=False)
    await world.settled()
    (event,) = shop.opened(world)
    assert (event["ChangeType"], event["UserID"], event["ExternalUserID"]) == (
        "msg_audit_approved", "lina", xiaolin.external_userid
    )  # fmt: skip
    people = [xiaolin.external_userid, world.customer("ajie").external_userid, "wmStranger"]
    info = [{"userid": "lina", "exteranalopenid": each} for each in people]
    answers = (await archive.post("msgaudit/check_single_agree", info=info))["agreeinfo"]
    assert [(one["exteranalopenid"], one["agree_status"]) for one in answers] == [
        (people[0], "Agree"), (people[1], "Disagree"), (people[2], "Default_Agree")
    ]  # fmt: skip
    assert (await archive.post("msgaudit/check_single_agree", info=info * 34))["errcode"] == 301060
    assert (await archive.post("msgaudit/check_single_agree", info=[]))["errcode"] == 301061


async def test_groups(archive: Caller, world: World, clock: Clock, xiaolin: Customer) -> None:
    corp = world.corp("corp")
    corp.customer_rooms["wrCustomers"] = (xiaolin.external_userid,)
    corp.internal_rooms["wrStaff"] = InternalRoom("早会", ("lina", "wanglei"), clock.now())
    (answer,) = (await archive.post("msgaudit/check_room_agree", roomid="wrCustomers"))["agreeinfo"]
    assert (answer["agree_status"], "userid" in answer) == ("Default_Agree", False)
    assert (await archive.post("msgaudit/check_room_agree", roomid="wrNone"))["errcode"] == 301061
    found = await archive.post("msgaudit/groupchat/get", roomid="wrStaff")
    assert (found["roomname"], found["creator"]) == ("早会", "lina")
    assert (await archive.post("msgaudit/groupchat/get", roomid="wrCustomers"))["errcode"] == 301059
