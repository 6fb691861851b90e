"""The platform misbehaves on demand, in Python and over HTTP."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from bot.simulator import Customer, Fault, FaultKind, World
from bot.simulator.errors import PlatformError
from bot.simulator.gateway import Meter
from tests.simulator.doubles import KF, Caller, Clock

SEND = "/cgi-bin/kf/send_msg"


async def _send(wecom: Caller, who: Customer, msgid: str = "m1") -> dict[str, Any]:
    text = {"content": "您好"}
    return await wecom.post(
        "kf/send_msg", touser=who.external_userid, open_kfid=KF, msgid=msgid, msgtype="text", text=text
    )


async def test_time_out_after_accepting(wecom: Caller, world: World, clock: Clock, talking: Customer) -> None:
    world.faults.add(Fault(SEND, FaultKind.TIMEOUT_AFTER_ACCEPTING, seconds=9.0))
    with pytest.raises(aiohttp.ClientError):
        await _send(wecom, talking)
    assert clock.slept == [9.0]
    assert (await _send(wecom, talking))["errcode"] == 0
    assert [line.id for line in world.seen_by(talking)] == ["m1"]


async def test_time_out_before_anything_happens(wecom: Caller, world: World, talking: Customer) -> None:
    world.faults.add(Fault(SEND, FaultKind.TIMEOUT_BEFORE))
    with pytest.raises(aiohttp.ClientError):
        await _send(wecom, talking)
    assert world.seen_by(talking) == []


async def test_error_codes(wecom: Caller, world: World, talking: Customer) -> None:
    world.faults.add(Fault(SEND, FaultKind.ERRCODE, count=2), Fault("*", FaultKind.ERRCODE, errcode=45009))
    assert [(await _send(wecom, talking))["errcode"] for _ in range(4)] == [-1, -1, 45009, 0]
    assert len(world.seen_by(talking)) == 1
    world.faults.add(Fault(SEND, FaultKind.ERRCODE_AFTER_ACCEPTING))
    assert (await _send(wecom, talking, "m2"))["errcode"] == -1
    assert len(world.seen_by(talking)) == 2
    assert world.calls[SEND, -1] == 2


async def test_bad_gateway(client: TestClient[Any, Any], world: World) -> None:
    world.faults.add(Fault("/cgi-bin/gettoken", FaultKind.HTTP_502))
    async with client.get("/wecom/cgi-bin/gettoken") as response:
        assert (response.status, response.content_type) == (502, "text/html")


async def test_an_expired_token(wecom: Caller, world: World, talking: Customer) -> None:
    world.faults.add(Fault(SEND, FaultKind.EXPIRE_TOKEN))
    assert (await _send(wecom, talking))["errcode"] == 42001
    assert world.seen_by(talking) == []


@pytest.mark.usefixtures("talking")
async def test_an_empty_page_with_has_more(wecom: Caller, world: World) -> None:
    world.faults.add(Fault("/cgi-bin/kf/sync_msg", FaultKind.EMPTY_PAGE))
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    assert (page["has_more"], page["msg_list"]) == (1, [])
    page = await wecom.post("kf/sync_msg", open_kfid=KF, cursor=page["next_cursor"])
    assert (page["has_more"], len(page["msg_list"])) == (0, 1)


async def test_success_that_was_no_delivery(wecom: Caller, world: World, talking: Customer) -> None:
    world.faults.add(Fault(SEND, FaultKind.FAIL_DELIVERY, errcode=4))
    assert (await _send(wecom, talking))["errcode"] == 0
    assert world.seen_by(talking) == []
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    assert page["msg_list"][-1]["event"]["fail_type"] == 4


async def test_faults_over_http(client: TestClient[Any, Any], wecom: Caller, talking: Customer) -> None:
    async with client.post("/simulator/faults", json={"on": SEND, "kind": "errcode", "errcode": 45009}) as response:
        assert response.status == 201
    async with client.get("/simulator/faults") as response:
        assert [fault["errcode"] for fault in await response.json()] == [45009]
    assert (await _send(wecom, talking))["errcode"] == 45009
    for wrong in ({"on": SEND, "kind": "earthquake"}, {"kind": "errcode"}):
        async with client.post("/simulator/faults", json=wrong) as response:
            assert response.status == 400
    await client.post("/simulator/faults", json={"on": "*", "kind": "errcode"})
    async with client.delete("/simulator/faults") as response:
        assert response.status == 204
    assert (await _send(wecom, talking))["errcode"] == 0


def test_too_many_calls_a_minute() -> None:
    meter, clock = Meter(2, {}), Clock()
    codes = []
    for _ in range(3):
        try:
            meter.count("corp", SEND, clock.now())
            codes.append(0)
        except PlatformError as error:
            codes.append(error.errcode)
    assert codes == [0, 0, 45009]
    meter.count("other corp", SEND, clock.now())
    clock.advance(minutes=1)
    meter.count("corp", SEND, clock.now())
