"""Does the auditor see what was done, filtered and whole, and take it out only with the right to?"""

from __future__ import annotations

import csv
import io

from bot.access import Action, Actor, Role, Wanted
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE


async def test_the_log_is_shown_filtered_and_page_by_page(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("zhao", Role.AUDITOR)
    for number in range(120):
        await front.access.log.record(Action.WATCHED, by=Actor("wangfang", "10.0.0.9"), on=f"ticket:{number}")
    browser = await sign_in("zhao")
    page = await browser.get("/console/audit?action=watched")
    assert "王芳" in page.text
    assert "ticket:119" in page.text
    assert "ticket:3 " not in page.text
    older = page.html.partition("更早的")[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "ticket:3 " in (await browser.get(older)).text
    assert "没有符合条件的记录" in (await browser.get("/console/audit?who=nobody")).text
    assert (await browser.get("/console/audit?since=never&until=31")).status == 200
    assert "完整：" in (await browser.get("/console/audit/chain")).text


async def test_taking_it_out_needs_both_rights_and_is_written_down(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("zhao", Role.AUDITOR)
    evil = Actor("=cmd|'/c calc'!A1")
    await front.access.log.record(Action.WATCHED, by=evil, on="ticket:1", reason="=1+1")
    browser, supervisor = await sign_in("zhao"), await sign_in("limei")
    token = (await browser.get("/console/audit")).field("csrf")
    response = await browser.client.post("/console/audit/export", data={"csrf": token})
    assert response.content_type == "text/csv"
    body = await response.read()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    watched = next(row for row in rows if row[3] == "watched")
    assert (watched[2], watched[5]) == ("'=cmd|'/c calc'!A1", "'=1+1")
    assert [each.who for each in await front.access.log.page(Wanted(action="data_exported"), limit=9)] == ["zhao"]
    assert (await supervisor.submit("/console/audit/export")).status == 403
