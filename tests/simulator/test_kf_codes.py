"""Single-use codes: one message each, in time, of the allowed type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.simulator import Customer, World
from tests.simulator.doubles import KF, Caller, Clock
from tests.simulator.test_kf_sessions import trans

TEXT = {"msgtype": "text", "text": {"content": "欢迎光临"}}
MENU = {"msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗", "list": []}}


async def _on_event(wecom: Caller, code: str, content: Mapping[str, object]) -> int:
    answer: dict[str, Any] = await wecom.post("kf/send_msg_on_event", code=code, **content)
    return int(answer["errcode"])


async def test_welcome_once_within_20_seconds(wecom: Caller, world: World, clock: Clock, xiaolin: Customer) -> None:
    code = world.customer_enters(xiaolin, KF, scene="order")
    clock.advance(seconds=19)
    assert await _on_event(wecom, code, MENU) == 0
    assert await _on_event(wecom, code, TEXT) == 41050
    assert [line.msgtype for line in world.seen_by(xiaolin)] == ["msgmenu"]
    assert world.customer_enters(xiaolin, KF) == ""
    clock.advance(hours=48)
    late = world.customer_enters(xiaolin, KF)
    clock.advance(seconds=20)
    assert await _on_event(wecom, late, TEXT) == 42003
    assert await _on_event(wecom, "made-up", TEXT) == 41050


async def test_no_welcome_code_once_she_wrote(wecom: Caller, world: World, talking: Customer) -> None:
    assert world.customer_enters(talking, KF) == ""
    page = await wecom.post("kf/sync_msg", open_kfid=KF)
    event = page["msg_list"][-1]["event"]
    assert event["event_type"] == "enter_session"
    assert "welcome_code" not in event
    assert "external_userid" not in page["msg_list"][-1]


@pytest.mark.usefixtures("client")
async def test_no_welcome_code_beside_a_native_welcome(world: World, xiaolin: Customer) -> None:
    world.kf(KF)[1].native_welcome = True
    assert world.customer_enters(xiaolin, KF) == ""


async def test_pool_codes_take_text_for_48_hours(wecom: Caller, clock: Clock, talking: Customer) -> None:
    code = (await trans(wecom, talking, 2))["msg_code"]
    assert await _on_event(wecom, code, MENU) == 40008
    clock.advance(hours=47)
    assert await _on_event(wecom, code, TEXT) == 0
    assert await _on_event(wecom, code, TEXT) == 41050


async def test_farewell_within_20_seconds(wecom: Caller, world: World, clock: Clock, talking: Customer) -> None:
    await trans(wecom, talking, 3, "lina")
    code = world.servicer_ends_session("lina", talking, KF)
    assert await _on_event(wecom, code, {"msgtype": "text", "text": {"content": "长" * 683}}) == 45002
    assert await _on_event(wecom, code, MENU) == 0
    world.customer_writes(talking, KF, "再问一下")
    code = (await trans(wecom, talking, 4))["msg_code"]
    clock.advance(seconds=20)
    assert await _on_event(wecom, code, TEXT) == 42003
