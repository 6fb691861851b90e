"""The session state machine of 微信客服, by API and by what people do in the client."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator import Customer, NotPossible, State, World
from bot.simulator.kf_session import ALLOWED
from tests.simulator.doubles import KF, Caller, Clock


async def trans(wecom: Caller, who: Customer, state: int, servicer: str = "") -> dict[str, Any]:
    more = {"servicer_userid": servicer} if servicer else {}
    body = {"open_kfid": KF, "external_userid": who.external_userid, "service_state": state, **more}
    return await wecom.post("kf/service_state/trans", **body)


async def state_of(wecom: Caller, who: Customer) -> tuple[int, str]:
    answer = await wecom.post("kf/service_state/get", open_kfid=KF, external_userid=who.external_userid)
    return answer["service_state"], answer["servicer_userid"]


async def events(wecom: Caller) -> list[dict[str, Any]]:
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    return [message["event"] for message in page["msg_list"] if message["msgtype"] == "event"]


async def test_the_whole_way_and_back(wecom: Caller, world: World, talking: Customer) -> None:
    assert await state_of(wecom, talking) == (0, "")
    assert await trans(wecom, talking, 1) == {"errcode": 0, "errmsg": "ok"}
    assert "msg_code" in await trans(wecom, talking, 2)
    assert "msg_code" in await trans(wecom, talking, 3, "wanglei")
    assert await state_of(wecom, talking) == (3, "wanglei")
    assert "msg_code" not in await trans(wecom, talking, 3, "lina")
    assert "msg_code" in await trans(wecom, talking, 4)
    assert await state_of(wecom, talking) == (4, "")
    world.customer_writes(talking, KF, "我又来了")
    assert await state_of(wecom, talking) == (0, "")


@pytest.mark.parametrize("start", list(State))
@pytest.mark.parametrize("target", list(State))
async def test_every_move(wecom: Caller, world: World, talking: Customer, start: State, target: State) -> None:
    session = world.kf(KF)[1].sessions[talking.external_userid]
    session.state = start
    answer = await trans(wecom, talking, target, "lina" if target is State.SERVED else "")
    refusal = 95013 if start is State.ENDED else 95016
    assert answer["errcode"] == (0 if target in ALLOWED[start] else refusal)
    assert session.state == (target if target in ALLOWED[start] else start)


async def test_moves_allowed_are_those_published() -> None:
    published = {0: {1, 2, 3, 4}, 1: {2, 3, 4}, 2: {3, 4}, 3: {3, 4}, 4: set()}
    assert {int(state): {int(one) for one in moves} for state, moves in ALLOWED.items()} == published


async def test_only_receiving_servicers_can_take(wecom: Caller, world: World, talking: Customer) -> None:
    assert (await trans(wecom, talking, 3, "nobody"))["errcode"] == 95014
    world.servicer_receives("lina", KF, receiving=False)
    assert (await trans(wecom, talking, 3, "lina"))["errcode"] == 95019
    world.kf(KF)[1].servicers["wanglei"].activated = False
    assert (await trans(wecom, talking, 3, "wanglei"))["errcode"] == 95014
    assert (await trans(wecom, talking, 7))["errcode"] == 40058
    assert await state_of(wecom, talking) == (0, "")


async def test_strangers_have_no_session(wecom: Caller, world: World) -> None:
    stranger = world.customer("ajie")
    answer = await wecom.post("kf/service_state/get", open_kfid=KF, external_userid=stranger.external_userid)
    assert answer["errcode"] == 40096


async def test_a_session_ends_by_itself_after_48_hours(wecom: Caller, clock: Clock, talking: Customer) -> None:
    await trans(wecom, talking, 3, "lina")
    clock.advance(hours=48)
    assert await state_of(wecom, talking) == (4, "")


async def test_what_servicers_do_becomes_events(wecom: Caller, world: World, talking: Customer) -> None:
    await trans(wecom, talking, 2)
    world.servicer_takes_from_pool("wanglei", talking, KF)
    world.servicer_transfers("wanglei", talking, KF, to="lina")
    world.servicer_ends_session("lina", talking, KF)
    world.servicer_answers("lina", talking, KF, "还有一件事")
    changes = [event for event in await events(wecom) if event["event_type"] == "session_status_change"]
    assert [event["change_type"] for event in changes] == [1, 2, 3, 4]
    assert all(event["external_userid"] == talking.external_userid for event in changes)
    assert [event.get("old_servicer_userid") for event in changes] == [None, "wanglei", "lina", None]
    assert [event.get("new_servicer_userid") for event in changes] == ["wanglei", "lina", None, "lina"]
    assert ["msg_code" in event for event in changes] == [True, False, True, False]
    assert await state_of(wecom, talking) == (3, "lina")


async def test_moves_by_api_emit_no_event(wecom: Caller, talking: Customer) -> None:
    for state, servicer in ((2, ""), (3, "lina"), (4, "")):
        await trans(wecom, talking, state, servicer)
    assert await events(wecom) == []


async def test_nobody_answers_what_is_not_hers(wecom: Caller, world: World, talking: Customer) -> None:
    with pytest.raises(NotPossible):
        world.servicer_answers("lina", talking, KF, "您好")
    with pytest.raises(NotPossible):
        world.servicer_takes_from_pool("lina", talking, KF)
    await trans(wecom, talking, 3, "lina")
    with pytest.raises(NotPossible):
        world.servicer_ends_session("wanglei", talking, KF)
    world.servicer_receives("wanglei", KF, receiving=False)
    with pytest.raises(NotPossible):
        world.servicer_transfers("lina", talking, KF, to="wanglei")


async def test_status_and_recalls_become_events(wecom: Caller, world: World, talking: Customer) -> None:
    await trans(wecom, talking, 3, "lina")
    mine = world.customer_writes(talking, KF, "手滑")
    hers = world.servicer_answers("lina", talking, KF, "发错了")
    world.customer_recalls(talking, KF, mine.id)
    world.servicer_recalls("lina", talking, KF, hers.id)
    world.servicer_receives("lina", KF, receiving=False)
    found = {event["event_type"]: event for event in await events(wecom)}
    assert found["user_recall_msg"]["recall_msgid"] == mine.id
    assert found["servicer_recall_msg"]["recall_msgid"] == hers.id
    assert (found["servicer_status_change"]["status"], found["servicer_status_change"]["stop_type"]) == (2, 0)
    assert mine.recalled
    assert hers.recalled
