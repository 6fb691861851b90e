"""Can a supervisor watch, whisper, join, take over and give back, and does each say what it is?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Voice
from bot.access import Head, Role, Wanted
from bot.domain import ChannelKind
from handoff import AgentStatus
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def led_by_chenjing(front: Shopfront, sign_in: SignIn, channel: ChannelKind) -> tuple[Browser, str]:
    """wangfang serves a customer of the team that chenjing leads; her browser, and where she watches."""
    front.appoint("chenjing", "aftersale")
    ticket = await front.hand_over(1, nickname="小满", channel=channel)
    assert await front.console.workbench.accept(1, "wangfang") is None
    return await sign_in("chenjing"), f"/console/wall/watch/{ticket.id}"


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """What the database is asked within."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def events(front: Shopfront) -> list[str]:
    async with front.engine.connect() as connection:
        return [f"{each.kind} {each.by}" for each in await front.desk.events(connection, 1)][2:]


async def test_watching_is_an_event_and_the_agent_reads_of_it(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    page = await lead.get(path)
    assert "为什么还没退款" in page.text
    await lead.get(path)  # a reload is no second beginning
    presences = front.console.window.presences
    await presences.views(1, "chenjing")  # as her open page says again and again
    assert "陈静 也在看" in (await (await sign_in("wangfang")).get("/console/tickets/1")).text
    await lead.submit(f"{path}/leave")
    assert await presences.others(1, "wangfang") == ()
    assert await events(front) == ["watched chenjing", "left chenjing"]
    agent = await sign_in("wangfang")
    assert "陈静 开始旁听" in (await agent.get("/console/tickets/1")).text


async def test_where_it_is_not_disclosed_only_supervisors_read_of_it(sign_in: SignIn, front: Shopfront) -> None:
    side = front.console.wall_side
    quiet = replace(side, watching=replace(side.watching, disclosed=False))
    object.__setattr__(front.console, "wall_side", quiet)  # the server of this test has the console already
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    assert "王芳 不知道您在旁听" in (await lead.get(path)).text
    assert "旁听" not in (await (await sign_in("wangfang")).get("/console/tickets/1")).text
    assert "陈静 开始旁听" in (await lead.get(path)).text


async def test_a_whisper_is_for_the_agent_alone(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    page = await lead.submit(f"{path}/whisper", text="先道歉 <b>")
    assert "陈静 悄悄告诉 王芳" in page.text
    hers = await (await sign_in("wangfang")).get("/console/tickets/1")
    assert "先道歉 <b>" in hers.text
    assert 'class="said whisper"' in hers.html
    colleague = await (await sign_in("limei")).get("/console/tickets/1")
    assert "先道歉" not in colleague.text
    assert "悄悄" not in colleague.text
    assert not any("先道歉" in words for words in await front.sends(1))
    empty = await lead.submit(f"{path}/whisper", text=" ")
    assert empty.status == 422
    assert "还没有写内容" in empty.text


async def test_who_joins_speaks_beside_the_agent_who_keeps_the_conversation(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    before = await front.conversation(1)
    pages = [  # a form sent twice says it once
        await lead.submit(f"{path}/join", text="我来帮您查", client_id="once-and-only") for _ in range(2)
    ]
    assert [page.status for page in pages] == [200, 200]
    assert [words for words in await front.sends(1) if "帮您查" in words] == ["【陈静】我来帮您查"]
    after = await front.conversation(1)
    assert (after["agent"], after["version"]) == ("wangfang", before["version"])
    assert "joined chenjing" in await events(front)


async def test_taken_over_and_given_back_to_her_who_had_it(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    page = await lead.submit(f"{path}/take-over")
    assert "交还给 王芳" in page.text
    assert (await front.conversation(1))["agent"] == "chenjing"
    assert (await lead.submit("/console/tickets/1/say", text="我是主管", client_id="abcdefgh")).status == 200
    page = await lead.submit(f"{path}/give-back")
    assert (await front.conversation(1))["agent"] == "wangfang"
    assert "陈静 接管了会话" in page.text
    assert "陈静 交还给 王芳" in page.text
    refused = await lead.submit(f"{path}/give-back")
    assert front.console.say("refusals.not_yours") in refused.text


async def test_who_is_not_ready_is_told_why_she_cannot_take_over(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    await front.console.workbench.set_status("chenjing", AgentStatus.AWAY)
    page = await lead.submit(f"{path}/take-over")
    assert front.console.say("refusals.agent_not_ready") in page.text
    assert (await front.conversation(1))["agent"] == "wangfang"


async def test_in_the_wecom_client_nobody_can_whisper_or_join_but_take_over(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.WECOM_KF)
    await front.said(1, Voice.SERVICER, "马上查", who="wangfang")
    assert f"{path}/join" not in (await lead.get(path)).forms()
    for step, fields in (("whisper", {}), ("join", {"client_id": "abcdefgh"})):
        page = await lead.submit(f"{path}/{step}", text="您好", **fields)
        assert front.console.say("refusals.served_in_client") in page.text
    await lead.submit(f"{path}/take-over")
    assert (await front.conversation(1))["agent"] == "chenjing"


async def test_every_step_is_a_row_of_the_audit_log_that_quotes_nobody(sign_in: SignIn, front: Shopfront) -> None:
    lead, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    for _ in range(2):
        await lead.get(path)
        await lead.submit(f"{path}/join", text="我来帮您查", client_id="once-and-only")
    await lead.submit(f"{path}/whisper", text="先道歉")
    await lead.submit(f"{path}/take-over")
    await lead.submit(f"{path}/give-back")
    await lead.submit(f"{path}/give-back")  # refused: it is no longer hers
    rows = [each for each in await front.access.log.page(Wanted(), limit=50) if each.object == "ticket:1"]
    assert [each.action for each in reversed(rows)] == ["watched", "joined", "whispered", "taken_over", "returned"]
    assert {(each.who, each.reason) for each in rows} == {("chenjing", "")}
    assert await front.access.log.verify() == Head(rows[0].number, rows[0].hash)


async def test_a_supervisor_who_serves_nobody_watches_and_whispers_but_takes_nothing_over(
    sign_in: SignIn, front: Shopfront
) -> None:
    _, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    await front.admit("boss", Role.SUPERVISOR, teams=frozenset({"aftersale"}))
    boss = await sign_in("boss")
    assert f"{path}/take-over" not in (await boss.get(path)).forms()
    assert "boss 悄悄告诉 王芳" in (await boss.submit(f"{path}/whisper", text="先道歉")).text
    refused = await boss.submit(f"{path}/take-over")
    assert front.console.say("refusals.unknown_agent") in refused.text
    assert (await front.conversation(1))["agent"] == "wangfang"
    assert "售前组" not in (await boss.get("/console/wall")).text


async def test_people_who_serve_nobody_go_by_their_names_with_one_query_for_all(
    sign_in: SignIn, front: Shopfront
) -> None:
    _, path = await led_by_chenjing(front, sign_in, ChannelKind.OFFICIAL_ACCOUNT)
    for number, name in enumerate(("周主管", "吴主管", "郑主管")):
        await front.admit(f"boss-{number}", Role.SUPERVISOR, name=name, teams=frozenset({"aftersale"}))
    agent = await sign_in("wangfang")
    asked, page = [], await agent.get("/console/tickets/1")
    for number in (0, 1, 2):
        boss = await sign_in(f"boss-{number}")
        await boss.submit(f"{path}/whisper", text="先道歉")
        await boss.submit(f"{path}/join", text="我来看看", client_id=f"said-once-{number}")
        with counted(front.engine) as queries:
            page = await agent.get("/console/tickets/1")
        asked.append(len(queries))
    for words in ("周主管 开始旁听", "吴主管 悄悄告诉 王芳", "郑主管"):
        assert words in page.text
    assert "boss-" not in page.text
    assert len(set(asked)) == 1  # however many are named
    assert any("郑主管" in each for each in await front.sends(1))  # the customer reads who speaks
    auditor = await front.admit("zhao", Role.AUDITOR)
    log = await (await sign_in(auditor.id)).get("/console/audit?action=whispered")
    assert "周主管 boss-0" in log.text
