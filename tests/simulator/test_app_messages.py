"""App messages and template cards of WeCom."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.simulator import NotPossible, World
from tests.simulator.doubles import AES_KEY, Caller, Clock, Shop

AGENT = 1000002
BUTTONS = [{"text": "接单", "key": "claim"}, {"text": "转派", "key": "reassign"}, {"text": "稍后", "key": "later"}]


def card(task_id: str = "ticket-1", **more: object) -> dict[str, object]:
    made = {"card_type": "button_interaction", "task_id": task_id, "main_title": {"title": "新工单"}}
    return {**made, "button_list": BUTTONS, **more}


async def send_card(wecom: Caller, made: dict[str, object], to: str = "chenjing|lina") -> dict[str, Any]:
    return await wecom.post("message/send", touser=to, agentid=AGENT, msgtype="template_card", template_card=made)


async def _text(wecom: Caller, text: str = "您好", **more: object) -> dict[str, Any]:
    body = {"touser": "lina", "agentid": AGENT, "msgtype": "text", "text": {"content": text}}
    return await wecom.post("message/send", **{**body, **more})


async def _update(wecom: Caller, code: str, **more: object) -> int:
    body = {"userids": [], "agentid": AGENT, "response_code": code, "button": {"replace_name": "已由 陈静 接单"}}
    return int((await wecom.post("message/update_template_card", **{**body, **more}))["errcode"])


async def test_first_click_wins(wecom: Caller, world: World, shop: Shop) -> None:
    sent = await send_card(wecom, card())
    clicked = world.member_clicks_card("chenjing", "corp", sent["msgid"], "claim")
    await world.settled()
    (event,) = shop.opened(world)
    assert (event["Event"], event["FromUserName"], event["EventKey"]) == ("template_card_event", "chenjing", "claim")
    assert (event["TaskId"], event["CardType"], event["AgentID"]) == ("ticket-1", "button_interaction", str(AGENT))
    assert event["ResponseCode"] == clicked
    assert await _update(wecom, clicked) == 0
    message = world.corps["corp"].messages[sent["msgid"]]
    assert message.replaced == dict.fromkeys(["chenjing", "lina"], "已由 陈静 接单")
    with pytest.raises(NotPossible):
        world.member_clicks_card("lina", "corp", sent["msgid"], "claim")


async def test_response_codes_serve_once_for_72_hours(wecom: Caller, clock: Clock) -> None:
    code = (await send_card(wecom, card()))["response_code"]
    assert await _update(wecom, code) == 0
    assert await _update(wecom, code) == 42016
    late = (await send_card(wecom, card("ticket-2")))["response_code"]
    clock.advance(hours=72)
    assert await _update(wecom, late) == 42003
    assert await _update(wecom, "made-up") == 42016


async def test_a_card_may_be_replaced_whole(wecom: Caller, world: World) -> None:
    sent = await send_card(wecom, card())
    changed = {"card_type": "text_notice", "main_title": {"title": "已接单"}}
    assert await _update(wecom, sent["response_code"], userids=["lina"], button=None, template_card=changed) == 40058
    body = {"userids": ["lina"], "agentid": AGENT, "response_code": sent["response_code"], "template_card": changed}
    assert (await wecom.post("message/update_template_card", **body))["errcode"] == 0
    message = world.corps["corp"].messages[sent["msgid"]]
    assert (message.for_member("lina")["body"], message.for_member("chenjing")["body"]) == (changed, card())


@pytest.mark.parametrize(
    ("made", "errcode"),
    [
        (card(task_id=""), 42014),
        (card(task_id="has space"), 42014),
        (card(task_id="x" * 129), 42014),
        (card(card_type="hologram"), 42031),
        (card(button_list=[]), 40058),
        (card(button_list=BUTTONS * 3), 40058),
        (card(button_list=[{"key": "a"}]), 42038),
        (card(button_list=[{"text": "a"}]), 42039),
    ],
)
async def test_malformed_cards(wecom: Caller, made: dict[str, object], errcode: int) -> None:
    assert (await send_card(wecom, made))["errcode"] == errcode


async def test_task_ids_are_unique_in_an_app(wecom: Caller) -> None:
    assert (await send_card(wecom, card()))["errcode"] == 0
    assert (await send_card(wecom, card()))["errcode"] == 42014


async def test_interactive_cards_need_a_callback_url(wecom: Caller, world: World) -> None:
    world.corps["corp"].callback_url = ""
    assert (await send_card(wecom, card()))["errcode"] == 43012
    assert (await send_card(wecom, {"card_type": "text_notice", "main_title": {"title": "通知"}}))["errcode"] == 0


async def test_receivers(wecom: Caller, world: World) -> None:
    assert (await _text(wecom, touser=""))["errcode"] == 82001
    assert (await _text(wecom, touser="ghost|spirit"))["errcode"] == 81013
    assert (await _text(wecom, touser="lina|ghost"))["invaliduser"] == "ghost"
    everyone = await _text(wecom, touser="@all")
    assert len(world.corps["corp"].messages[everyone["msgid"]].members) == 3
    party = await _text(wecom, touser="", toparty="1")
    assert len(world.corps["corp"].messages[party["msgid"]].members) == 3


async def test_refusals(wecom: Caller) -> None:
    assert (await _text(wecom, "长" * 683))["errcode"] == 45002
    assert (await _text(wecom, agentid=1000003))["errcode"] == 40056
    assert (await _text(wecom, msgtype="hologram"))["errcode"] == 40008
    assert (await _text(wecom, msgtype="news", news={"articles": []}))["errcode"] == 40058


async def test_more_than_thirty_a_minute_are_dropped_silently(wecom: Caller, world: World, clock: Clock) -> None:
    codes = {(await _text(wecom, str(number)))["errcode"] for number in range(31)}
    corp = world.corps["corp"]
    assert codes == {0}
    assert sum("lina" in message.members for message in corp.messages.values()) == 30
    assert corp.dropped == 1
    clock.advance(minutes=1)
    assert world.corps["corp"].messages[(await _text(wecom, "next"))["msgid"]].members == ["lina"]


async def test_duplicate_check(wecom: Caller, world: World, clock: Clock) -> None:
    for _ in range(2):
        assert (await _text(wecom, enable_duplicate_check=1, duplicate_check_interval=60))["errcode"] == 0
    assert len(world.corps["corp"].messages) == 1
    clock.advance(minutes=1)
    await _text(wecom, enable_duplicate_check=1, duplicate_check_interval=60)
    assert len(world.corps["corp"].messages) == 2


async def test_recall_within_a_day(wecom: Caller, world: World, clock: Clock) -> None:
    first, second = await _text(wecom, "一"), await _text(wecom, "二")
    assert (await wecom.post("message/recall", msgid=first["msgid"]))["errcode"] == 0
    assert world.corps["corp"].messages[first["msgid"]].recalled
    clock.advance(hours=25)
    assert (await wecom.post("message/recall", msgid=second["msgid"]))["errcode"] == 42052
    assert (await wecom.post("message/recall", msgid="made-up"))["errcode"] == 40058


async def test_the_callback_may_answer_with_the_new_button(wecom: Caller, world: World, shop: Shop) -> None:
    crypto = WeChatCrypto("corptoken", AES_KEY, "ww0123456789abcdef")
    update = "<xml><MsgType>update_button</MsgType><Button><ReplaceName>已接单</ReplaceName></Button></xml>"
    shop.answers = [lambda _: web.Response(text=crypto.encrypt_message(update, "nonce", "1772445600"))]
    sent = await send_card(wecom, card())
    world.member_clicks_card("lina", "corp", sent["msgid"], "claim")
    await world.settled()
    assert world.corps["corp"].messages[sent["msgid"]].replaced == {"lina": "已接单"}
