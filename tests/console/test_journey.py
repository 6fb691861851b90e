"""Does an agent get her work done? Take, read, answer, pass on, give back, end; and no when it must be no."""

from __future__ import annotations

import pytest

from archive import Voice
from bot.domain import ChannelKind
from handoff import AgentStatus
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront


async def test_a_waiting_customer_is_seen_with_all_that_matters(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1, says="精华退货五天了还没退款", priority=1, reason="complaint")
    front.clock.forward(minutes=3)
    page = await (await sign_in("wangfang")).get("/console/")
    for words in ("精华退货五天了还没退款", "3 分钟", "特急", "客户在投诉", "售后组", "公众号", "在线", "0/3"):
        assert words in page.text
    assert "/console/tickets/1/accept" in page.forms()


async def test_from_taking_to_ending(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, nickname="小满")
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{ticket.id}/accept")
    assert page.url == f"/console/tickets/{ticket.id}"
    for words in (
        "小满",
        "为什么还没退款",
        "我在接待",
        "退款多久到账",
        "D123",
        "剩 3 条，至 3月3日 14:20",
        "王芳 接单",
    ):
        assert words in page.text

    page = await browser.submit(f"/console/tickets/{ticket.id}/say", text="马上为您查", client_id="client-1")
    assert "马上为您查" in page.text
    assert "发送中" in page.text
    assert await front.sends(1) == ["您好，我是人工客服王芳，正在为您服务。", "马上为您查"]

    page = await browser.submit(f"/console/tickets/{ticket.id}/close", outcome="resolved")
    assert "已解决" in page.text
    assert "王芳 结束会话" in page.text
    ticket_page = f"/console/tickets/{ticket.id}"  # from now on nothing is said, but notes may be made
    assert page.forms() == {
        "/console/status", "/console/keys", "/console/logout", f"{ticket_page}/note", f"{ticket_page}/reopen"
    }  # fmt: skip
    assert (await front.conversation(1))["state"] == "closed"
    assert "手上没有会话" in (await browser.get("/console/?tab=mine")).text


async def test_giving_back_keeps_the_promises(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    page = await browser.submit(
        f"/console/tickets/{ticket.id}/return", outcome="follow_up", promises="明天中午前退款\r\n\r\n 送一份小样 "
    )
    conversation = await front.conversation(1)
    assert (conversation["owner"], conversation["promises"]) == ("bot", ["明天中午前退款", "送一份小样"])
    assert "需要后续跟进 · 明天中午前退款 · 送一份小样" in page.text


async def test_passing_on_to_a_colleague_and_to_a_team(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{ticket.id}/accept")
    assert "李梅（在线，接待 0/1）" in page.text
    assert "陈静" not in page.text.partition("团队（回到排队）")[0].partition("转给谁")[2]  # she is not in the team
    await browser.submit(f"/console/tickets/{ticket.id}/transfer", to="agent:limei")
    assert (await front.conversation(1))["agent"] == "limei"

    supervisor = await sign_in("limei")
    page = await supervisor.submit(f"/console/tickets/{ticket.id}/transfer", to="team:presale")
    assert "回到售前组排队" in page.text
    assert (await front.conversation(1))["owner"] == "queue"
    assert (await browser.get(f"/console/tickets/{ticket.id}")).status == 403


async def test_the_same_words_with_the_same_id_are_said_once(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    for _ in range(2):
        await browser.submit(f"/console/tickets/{ticket.id}/say", text="在的", client_id="client-1")
    assert (await front.sends(1)).count("在的") == 1


async def test_a_script_is_answered_in_json(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    path, json = f"/console/tickets/{ticket.id}/say", {"Accept": "application/json"}
    csrf = await browser.csrf()
    refused = await browser.client.post(path, data={"csrf": csrf, "text": "在的"}, headers=json)
    assert refused.status == 409
    assert (await refused.json())["why"] == front.console.say("refusals.not_yours")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    said = await browser.client.post(path, data={"csrf": csrf, "text": "在的"}, headers=json)
    assert said.status == 200
    for words in ("  \n ", "长" * 2001):
        wrong = await browser.client.post(path, data={"csrf": csrf, "text": words}, headers=json)
        assert wrong.status == 422
        assert (await wrong.json())["why"]


async def test_every_refusal_is_shown_in_words(sign_in: SignIn, front: Shopfront) -> None:
    first, second = await front.hand_over(1), await front.hand_over(2)
    wangfang, limei = await sign_in("wangfang"), await sign_in("limei")
    say = front.console.say

    await limei.submit(f"/console/tickets/{first.id}/accept")
    assert say("refusals.not_waiting") in (await wangfang.submit(f"/console/tickets/{first.id}/accept")).text
    assert say("refusals.already_yours") in (await limei.submit(f"/console/tickets/{first.id}/accept")).text
    assert say("refusals.agent_full") in (await limei.submit(f"/console/tickets/{second.id}/accept")).text
    page = await wangfang.submit(f"/console/tickets/{first.id}/say", text="我来答")
    assert say("refusals.not_yours") in page.text
    page = await wangfang.submit(f"/console/tickets/{first.id}/transfer", to="agent:wangfang")
    assert say("refusals.not_yours") in page.text
    page = await limei.submit(f"/console/tickets/{first.id}/transfer", to="team:nobody")
    assert say("refusals.unknown_team") in page.text
    page = await wangfang.submit(f"/console/tickets/{first.id}/close", outcome="resolved")
    assert say("refusals.not_yours") in page.text
    await wangfang.submit("/console/status", status="busy")
    assert say("refusals.agent_not_ready") in (await wangfang.submit(f"/console/tickets/{second.id}/accept")).text
    await limei.submit(f"/console/tickets/{first.id}/close", outcome="resolved")
    for what in ("accept", "say", "return", "close", "transfer"):
        fields = {"text": "还在吗", "outcome": "resolved", "to": "team:presale"}
        assert say("refusals.closed") in (await limei.submit(f"/console/tickets/{first.id}/{what}", **fields)).text


async def test_an_old_page_cannot_move_the_next_ticket(sign_in: SignIn, front: Shopfront) -> None:
    first = await front.hand_over(1)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{first.id}/accept")
    await browser.submit(f"/console/tickets/{first.id}/return", outcome="resolved")
    second = await front.hand_over_again(1)
    await browser.submit(f"/console/tickets/{second.id}/accept")
    page = await browser.submit(f"/console/tickets/{first.id}/close", outcome="resolved")
    assert front.console.say("refusals.closed") in page.text
    assert "看这位客户的新工单" in page.text
    assert (await front.conversation(1))["agent"] == "wangfang"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("close", {"outcome": "whatever"}),
        ("return", {}),
        ("transfer", {"to": "limei"}),
        ("say", {"text": "好", "client_id": "no/id at all"}),
    ],
)
async def test_a_form_that_is_not_ours_is_400(
    sign_in: SignIn, front: Shopfront, path: str, fields: dict[str, str]
) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    assert (await browser.submit(f"/console/tickets/{ticket.id}/{path}", **fields)).status == 400


async def test_the_own_status_is_changed(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("wangfang")
    page = await browser.submit("/console/status", status="away", back="/console/")
    assert 'value="away" class="is-away" aria-pressed="true"' in page.html
    agents = {agent.id: agent.status for agent in await front.console.workbench.agents()}
    assert agents["wangfang"] is AgentStatus.AWAY
    assert (await browser.submit("/console/status", status="asleep")).status == 400
    assert (await browser.submit("/console/status", status="ready", back="//evil.example/")).url == "/console/"


async def test_in_client_mode_the_answer_is_given_in_wecom(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, channel=ChannelKind.WECOM_KF)
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{ticket.id}/accept")
    assert "在企业微信里接待" in page.text
    assert f"/console/tickets/{ticket.id}/say" not in page.forms()
    assert f"/console/tickets/{ticket.id}/return" not in page.forms()
    assert f"/console/tickets/{ticket.id}/close" in page.forms()


async def test_without_sends_left_the_composer_says_why(sign_in: SignIn, front: Shopfront) -> None:
    none, over = await front.hand_over(1, sends_left=0), await front.hand_over(2)
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{none.id}/accept")
    assert "最多回五条" in page.text
    assert f"/console/tickets/{none.id}/say" not in page.forms()
    await browser.submit(f"/console/tickets/{over.id}/accept")
    front.clock.forward(hours=1)
    assert "最多回五条" not in (await browser.get(f"/console/tickets/{over.id}")).text
    front.clock.forward(hours=47)
    browser = await sign_in("wangfang")
    assert "客户上次发消息已经太久" in (await browser.get(f"/console/tickets/{over.id}")).text


async def test_what_did_not_arrive_is_shown_with_advice(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    await browser.submit(f"/console/tickets/{ticket.id}/say", text="马上为您查")
    await front.lose(1, "马上为您查", advice="等客户再发一条消息")
    page = await browser.get(f"/console/tickets/{ticket.id}")
    assert "没有送出 等客户再发一条消息" in page.text


async def test_each_voice_looks_its_own_way(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, nickname="小满")
    await front.said(1, Voice.BOT, "店小二答")
    await front.said(1, Voice.AGENT, "陈静答", who="chenjing")
    await front.said(1, Voice.SYSTEM, "陈静 接入")
    await front.said(1, Voice.CUSTOMER, "", kind="image")
    await front.said(1, Voice.CUSTOMER, "发错了", recalled=True)
    await front.said(1, Voice.AGENT, "[voice]", kind="media", body={"content": {"kind": "media", "media": "voice"}})
    html = (await (await sign_in("wangfang")).get(f"/console/tickets/{ticket.id}")).html
    for voice in ("said customer", "said bot", "said agent", "said system", "said customer recalled"):
        assert f'class="{voice}"' in html
    for words in ("[图片]", "[语音]", "已撤回", "陈静 <time"):
        assert words in html
    assert "[voice]" not in html
    assert 'role="log" aria-live="polite"' in html
