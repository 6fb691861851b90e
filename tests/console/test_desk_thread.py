"""Does an open conversation show and do what an agent needs: files, reasons, colleagues, scripts, what cannot go?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from archive import Voice
from bot.presences import PRESENCE, TYPING, VIEWING
from bot.simulator.sample import sample_png
from bot.store.tables import media, outbox, turns
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.knowledge_base.samples import script

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
JSON = {"Accept": "application/json"}


async def taken(sign_in: SignIn, front: Shopfront, **more: Any) -> tuple[Browser, int]:
    """王芳 has conversation 1."""
    ticket = await front.hand_over(1, **more)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    return browser, ticket.id


async def send(browser: Browser, ticket: int, data: bytes, name: str, **more: str) -> tuple[int, dict[str, str]]:
    headers = JSON | {"X-CSRF-Token": await browser.csrf(), "Content-Type": "application/octet-stream"}
    path = f"/console/tickets/{ticket}/file"
    response = await browser.client.post(path, params={"name": name, **more}, data=BytesIO(data), headers=headers)
    return response.status, await response.json()


async def test_a_customers_picture_is_shown_to_those_alone_who_may_read_the_ticket(
    sign_in: SignIn, front: Shopfront, tmp_path: Path
) -> None:
    browser, ticket = await taken(sign_in, front)
    for name, content_type in (("M1", "image/png"), ("M2", "text/html")):
        (tmp_path / name).write_bytes(sample_png())
        async with front.engine.begin() as connection:
            await connection.execute(
                insert(media).values(
                    account="shop",
                    media_id=name,
                    kind="image",
                    state="fetched",
                    path=str(tmp_path / name),
                    content_type=content_type,
                    fetched_at=front.clock(),
                )
            )
        body = {"media": [{"kind": "image", "media_id": name}]}
        await front.said(1, Voice.CUSTOMER, "", kind="image", body=body)
    html = (await browser.get(f"/console/tickets/{ticket}")).html
    picture, other = re.findall(r'src="(/console/tickets/\d+/media/\d+/0)"', html)
    shown = await browser.client.get(picture)
    assert (shown.status, shown.content_type, await shown.read()) == (200, "image/png", sample_png())
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    foreign_type = await browser.client.get(other)
    assert foreign_type.content_type == "application/octet-stream"
    assert foreign_type.headers["Content-Disposition"].startswith("attachment")
    assert (await (await sign_in("chenjing")).get(picture)).status == 403
    second = await front.hand_over(2)
    assert (await browser.get(picture.replace(f"tickets/{ticket}", f"tickets/{second.id}"))).status == 404
    assert (await browser.get(picture[:-1] + "1")).status == 404
    (tmp_path / "M1").unlink()
    assert (await browser.get(picture)).status == 404


async def test_files_are_checked_by_content_size_and_channel_before_they_are_sent(
    sign_in: SignIn, front: Shopfront
) -> None:
    browser, ticket = await taken(sign_in, front)
    assert await send(browser, ticket, sample_png(), "照片.txt", client_id="picture-1") == (200, {})
    assert await send(browser, ticket, sample_png(), "照片.txt", client_id="picture-1") == (200, {})
    async with front.engine.connect() as connection:
        sent = (await connection.execute(outbox.select().where(outbox.c.conversation_id == 1))).all()[1:]
    (effect,) = sent
    assert effect.payload["content"]["media"] == "image"  # by its bytes, whatever its name says
    assert effect.payload["agent"] == "wangfang"
    for data, name, words in (
        (b"", "空.png", "空"),
        (b"%PDF-1.7", "说明.pdf", "公众号只能发图片和视频"),
        (sample_png() + bytes(2 * 1024 * 1024), "大.png", "最多 2 MB"),
        (bytes(21 * 1024 * 1024), "更大.bin", "最多 20 MB"),
    ):
        status, told = await send(browser, ticket, data, name)
        assert (status, words in told["why"], bool(told["instead"])) == (422, True, True), name
    assert (await send(await sign_in("limei"), ticket, sample_png(), "x.png"))[0] == 409


async def test_what_the_platform_would_refuse_is_not_taken_and_says_what_else_can_be_done(
    sign_in: SignIn, front: Shopfront
) -> None:
    browser, ticket = await taken(sign_in, front)
    before = await front.sends(1)
    await front.spend(1, sends_left=0)
    fields = {"csrf": await browser.csrf(), "text": "还在吗"}
    refused = await browser.client.post(f"/console/tickets/{ticket}/say", data=fields, headers=JSON)
    told = await refused.json()
    assert refused.status == 409
    assert "最多回五条" in told["why"]
    assert "备注" in told["instead"]
    assert (await send(browser, ticket, sample_png(), "x.png"))[0] == 409
    assert "没有送出" in (await browser.submit(f"/console/tickets/{ticket}/say", text="还在吗")).text
    assert await front.sends(1) == before
    noted = await browser.client.post(f"/console/tickets/{ticket}/say", data={**fields, "as": "note"}, headers=JSON)
    assert noted.status == 200
    assert '<div class="said note"' in (await browser.get(f"/console/tickets/{ticket}")).html


async def test_the_bots_words_and_the_assignment_say_why(sign_in: SignIn, front: Shopfront) -> None:
    browser, ticket = await taken(sign_in, front)
    told = {
        "intent": "faq", "confidence": 0.91, "signals": ["complaint"], "need": 0.4, "mood": {"sentiment": -0.5},
        "passages": [{"question": "退款多久到账", "probability": 0.83, "fate": "may be said"}],
    }  # fmt: skip
    async with front.engine.begin() as connection:
        turn = (
            await connection.execute(
                insert(turns)
                .values(
                    conversation_id=1,
                    author="customer",
                    decision="answered",
                    reason="",
                    explanation=told,
                    created_at=front.clock(),
                )
                .returning(turns.c.id)
            )
        ).scalar_one()
        await connection.execute(
            insert(outbox).values(
                msgid="m-1",
                kind="send",
                account="shop",
                address_id=1,
                conversation_id=1,
                turn_id=turn,
                speaker="bot",
                payload={},
                state="sent",
                next_at=front.clock(),
                created_at=front.clock(),
            )
        )
    async with front.engine.begin() as connection:
        entry = (await front.archive.transcript(connection, 1))[0]
        said = replace(entry, source="outbox", source_id="m-1", voice=Voice.BOT, text="三天内到账", id=None)
        await front.archive.append(connection, [said])
    page = await browser.get(f"/console/tickets/{ticket}")
    for words in ("直接回答", "faq（91%）", "客户在投诉", "退款多久到账 83% 够把握，可以说", f"第 {turn} 轮"):
        assert words in page.text
    assert "转给 王芳" in page.text


async def test_colleagues_at_the_same_conversation_are_seen_while_their_lease_holds(
    sign_in: SignIn, front: Shopfront
) -> None:
    browser, ticket = await taken(sign_in, front)
    limei = await sign_in("limei")
    presences = front.console.window.presences
    await presences.views(1, "limei")
    await presences.views(1, "wangfang")
    assert "李梅 也在看" in (await browser.get(f"/console/tickets/{ticket}")).text
    assert "王芳 也在看" not in (await browser.get(f"/console/tickets/{ticket}")).text
    async with front.wakeups.hearing(lambda topic: topic.startswith(PRESENCE)) as heard:
        assert (await limei.submit(f"/console/tickets/{ticket}/typing")).status == 204
        assert heard.take() == {f"{PRESENCE}1:limei"}
        await limei.submit(f"/console/tickets/{ticket}/typing")
        assert heard.take() == frozenset()  # known already
    assert "李梅 正在输入" in (await browser.get(f"/console/tickets/{ticket}")).text
    front.clock.forward(seconds=TYPING / timedelta(seconds=1))
    assert "李梅 也在看" in (await browser.get(f"/console/tickets/{ticket}")).text
    front.clock.forward(seconds=VIEWING / timedelta(seconds=1))
    assert "李梅 也在看" not in (await browser.get(f"/console/tickets/{ticket}")).text
    await presences.views(1, "limei")
    await presences.leaves(1, "limei")
    assert await presences.others(1, "wangfang") == ()


async def test_scripts_are_found_by_letters_in_the_words_of_the_channel(sign_in: SignIn, front: Shopfront) -> None:
    browser, ticket = await taken(sign_in, front)
    answers = {"default": "三天内", "official_account": "三天内到账"}
    refund, invoice = script("refund", "退款多久到账", answers=answers), script("invoice", "可以开发票吗")
    await front.knowledge.refresh([refund, invoice])
    options = await browser.get(f"/console/tickets/{ticket}/scripts?q=tkdj")
    assert 'data-words="三天内到账"' in options.html
    assert "发票" not in options.text
    await front.knowledge.refresh([invoice])
    assert "发票" in (await browser.get(f"/console/tickets/{ticket}/scripts?q=fapiao")).text
    assert (await browser.get(f"/console/tickets/{ticket}/scripts?q=tkdj")).text.strip() == ""


async def test_the_customer_is_asked_once_whether_she_is_satisfied(sign_in: SignIn, front: Shopfront) -> None:
    browser, ticket = await taken(sign_in, front)
    await browser.submit(f"/console/tickets/{ticket}/ask")
    async with front.engine.connect() as connection:
        rows = (await connection.execute(outbox.select().where(outbox.c.conversation_id == 1))).all()
    assert [each.payload["content"]["kind"] for each in rows][-1] == "menu"
    page = await browser.submit(f"/console/tickets/{ticket}/ask")
    assert "最近已经请过评价" in page.text
    assert (
        front.console.say("refusals.not_yours")
        in (await (await sign_in("limei")).submit(f"/console/tickets/{ticket}/ask")).text
    )


async def test_the_bar_finds_tickets_and_customers_that_she_may_see(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, nickname="小满")
    await front.hand_over(2, nickname="小满意", team="presale")
    browser = await sign_in("wangfang")
    for asked in (f"%23{ticket.id}", str(ticket.id), "小满"):
        found = await browser.get(f"/console/find?q={asked}")
        assert f'data-href="/console/tickets/{ticket.id}"' in found.html, asked
        assert "小满意" not in found.text
    assert (await browser.get("/console/find?q=%25")).text.strip() == ""
