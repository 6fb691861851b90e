"""kf/sync_msg: cursors, tokens, the 3-day window, and what is never in the list."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator import Customer, Limits, World
from bot.simulator.kf_log import KfLog
from tests.simulator.doubles import KF, Caller, Clock, Shop


async def test_messages_arrive_with_their_fields(wecom: Caller, world: World, talking: Customer, clock: Clock) -> None:
    await wecom.post(
        "kf/service_state/trans",
        open_kfid=KF,
        external_userid=talking.external_userid,
        service_state=3,
        servicer_userid="lina",
    )
    world.servicer_answers("lina", talking, KF, "您好")
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    asked, answered = page["msg_list"]
    assert asked == {
        "msgid": asked["msgid"],
        "open_kfid": KF,
        "external_userid": talking.external_userid,
        "send_time": int(clock.now().timestamp()),
        "origin": 3,
        "servicer_userid": "",
        "msgtype": "text",
        "text": {"content": "在吗"},
    }
    assert (answered["origin"], answered["servicer_userid"], answered["text"]) == (5, "lina", {"content": "您好"})
    assert page["has_more"] == 0


async def test_messages_sent_by_api_are_not_returned(wecom: Caller, talking: Customer) -> None:
    body = {"touser": talking.external_userid, "open_kfid": KF, "msgtype": "text", "text": {"content": "您好"}}
    assert (await wecom.post("kf/send_msg", **body))["errcode"] == 0
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    assert len(page["msg_list"]) == 1


async def test_pages_follow_the_cursor(wecom: Caller, world: World, talking: Customer) -> None:
    for number in range(4):
        world.customer_writes(talking, KF, str(number))
    texts, cursor, more = [], "", 1
    while more:
        page = await wecom.post("kf/sync_msg", open_kfid=KF, cursor=cursor, limit=2)
        texts += [message["text"]["content"] for message in page["msg_list"]]
        cursor, more = page["next_cursor"], page["has_more"]
    assert texts == ["在吗", "0", "1", "2", "3"]
    assert len(cursor.encode()) <= 64
    again = await wecom.post("kf/sync_msg", open_kfid=KF, cursor=cursor)
    assert (again["msg_list"], again["next_cursor"]) == ([], cursor)


async def test_only_the_last_three_days(wecom: Caller, world: World, talking: Customer, clock: Clock) -> None:
    clock.advance(days=3)
    world.customer_writes(talking, KF, "新的")
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    assert [message["text"]["content"] for message in page["msg_list"]] == ["新的"]


@pytest.mark.usefixtures("talking")
async def test_the_token_of_a_callback_serves_ten_minutes(
    wecom: Caller, world: World, shop: Shop, clock: Clock
) -> None:
    await world.settled()
    token = shop.opened(world)[0]["Token"]
    clock.advance(minutes=9)
    assert (await wecom.post("kf/sync_msg", open_kfid=KF, token=token))["errcode"] == 0
    clock.advance(minutes=1)
    assert (await wecom.post("kf/sync_msg", open_kfid=KF, token=token))["errcode"] == 95007
    assert (await wecom.post("kf/sync_msg", open_kfid=KF, token="made-up"))["errcode"] == 95007


async def test_calls_without_a_token_are_limited(wecom: Caller, clock: Clock) -> None:
    answers = await asyncio.gather(*(wecom.post("kf/sync_msg", open_kfid=KF) for _ in range(61)))
    assert sorted(answer["errcode"] for answer in answers) == [0] * 60 + [45009]
    clock.advance(minutes=1)
    assert (await wecom.post("kf/sync_msg", open_kfid=KF))["errcode"] == 0


@pytest.mark.parametrize("wrong", [{"limit": 1001}, {"limit": -1}, {"voice_format": 2}, {"cursor": "not a cursor"}])
async def test_wrong_fields(wecom: Caller, wrong: dict[str, object]) -> None:
    assert (await wecom.post("kf/sync_msg", open_kfid=KF, **wrong))["errcode"] == 40058


async def test_open_kfid_is_required(wecom: Caller) -> None:
    assert (await wecom.post("kf/sync_msg"))["errcode"] == 40058


@settings(max_examples=50)
@given(count=st.integers(0, 40), sizes=st.lists(st.integers(1, 7), min_size=1))
def test_whatever_the_page_size_every_message_comes_once(count: int, sizes: list[int]) -> None:
    log, limits, clock = KfLog(KF), Limits(), Clock()
    for number in range(count):
        log.add({"msgid": number}, clock.now(), limits)
    seen: list[object] = []
    cursor, turn, more = "", 0, True
    while more:
        page = log.page(cursor, sizes[turn % len(sizes)], clock.now(), limits)
        seen += [message["msgid"] for message in page.messages]
        cursor, more, turn = page.cursor, page.more, turn + 1
    assert seen == list(range(count))
