"""Do reports show what was measured, for whom they may, and do their files open in spreadsheets?"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from openpyxl import load_workbook

from bot.figures import BOM
from handoff import AgentStatus, Closed
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.supervised import Supervised

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PERIOD = "since=2026-02-20&until=2026-03-01"


async def test_pictures_with_their_tables(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1)
    await Supervised(front).fill()
    browser = await sign_in("limei")
    page = await browser.get(f"/console/reports?{PERIOD}")
    assert page.html.count("data-chart=") == 1  # of the rest nothing happened yet
    assert "人工响应" in page.text
    said = await browser.get(f"/console/reports/said?{PERIOD}")
    assert "4 个会话" in said.text
    assert "13812345678" not in said.html
    assert (await browser.get("/console/reports?since=2026-03-02&until=2026-03-01")).status == 422
    assert (await browser.get("/console/reports?since=2020-03-02&until=2026-03-01")).status == 422
    assert (await browser.get("/console/reports?team=nobody")).status == 422


async def test_a_lead_sees_the_figures_of_her_team(sign_in: SignIn, front: Shopfront) -> None:
    await Supervised(front).fill()
    front.appoint("wangfang", "aftersale")
    browser = await sign_in("wangfang")
    choice = (await browser.get(f"/console/reports?{PERIOD}")).html.split("<select")[1].split("</select>")[0]
    assert ("全店" in choice, "售前组" in choice, "售后组" in choice) == (False, False, True)
    assert "2 个会话" in (await browser.get(f"/console/reports/said?{PERIOD}")).text
    assert (await browser.get(f"/console/reports?team=presale&{PERIOD}")).status == 422
    assert (await (await sign_in("chenjing")).get("/console/reports")).status == 403


async def test_files_for_spreadsheets(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1)
    browser = await sign_in("limei")
    answer = await browser.client.get(f"/console/reports/export?{PERIOD}&form=csv")
    told = (await answer.read()).decode()
    assert told.startswith(BOM)
    assert ["人工服务"] in list(csv.reader(io.StringIO(told.removeprefix(BOM))))
    answer = await browser.client.get(f"/console/reports/export?{PERIOD}&form=xlsx")
    assert "人工服务" in load_workbook(io.BytesIO(await answer.read())).sheetnames
    assert (await browser.get(f"/console/reports/export?{PERIOD}&form=exe")).status == 400


async def test_who_is_needed_in_the_days_to_come(sign_in: SignIn, front: Shopfront) -> None:
    """A week in which every noon one customer comes and is served: its days but four were the Spring Festival's."""
    start = front.clock()
    for number in range(1, 9):
        front.clock.at = start - timedelta(days=9 - number)
        async with front.engine.begin() as connection:
            await front.desk.set_status(connection, "wangfang", AgentStatus.READY, by="wangfang")
        await front.hand_over(number)
        front.clock.forward(seconds=30)
        assert await front.console.workbench.accept(number, "wangfang") is None
        front.clock.forward(minutes=10)
        version = (await front.conversation(number))["version"]
        async with front.engine.begin() as connection:
            done = await front.desk.close(connection, number, version, by="wangfang", outcome="resolved")
            assert isinstance(done, Closed)
    front.clock.at = start
    browser = await sign_in("limei")
    page = await browser.get(f"/console/reports?{PERIOD}")
    picture = page.html.partition('id="p-staffing"')[2].partition("</section>")[0]
    drawn = json.loads(unescape(re.search(r"data-chart='([^']*)'", picture)[1]))  # type: ignore[index]
    assert (drawn["kind"], drawn["x"]) == ("heat", ["14:15"])
    assert drawn["y"] == ["03-03", "03-04", "03-05", "03-06"]
    assert {people for _, _, people in drawn["series"][0]["data"]} == {1}
    assert "03-03" in picture.partition("<table")[2]
    answer = await browser.client.get(f"/console/reports/export?{PERIOD}&form=xlsx")
    book = load_workbook(io.BytesIO(await answer.read()))
    assert [row[1].value for row in book["排班"].iter_rows(min_row=2)].count("14:15") == 4
