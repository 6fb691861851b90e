"""Do questions without an answer become scripts in two clicks, words of other scripts, or nothing?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.learning import Heard
from tests.console.browser import Browser
from tests.console.desk import Shopfront
from tests.store.counter import Clock, Counter
from tests.store.test_uses import Listening

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CUSTOMERS = ("amy", "ben", "cleo")


@pytest.fixture
async def asked(front: Shopfront) -> AsyncIterator[None]:
    """Three customers asked for engraving, one of them with her telephone number."""
    listening = Listening(Counter(front.engine, Clock(front.clock())))
    for customer, text in zip(CUSTOMERS, ("能刻字吗", "可以刻字吗", "能刻字吗13800138000"), strict=True):
        await listening.hear(Heard(text, missed=True), customer=customer)
    yield
    await listening.counter.intake.aclose()


async def the_gap(operator: Browser) -> str:
    """Where the one gap's forms lead, up to the last part."""
    page = await operator.get("/console/gaps/list")
    assert "3 位客户问过 3 次" in page.text
    assert "今天 14:20" in page.text
    assert "13800138000" not in page.html
    leads = re.search(r'action="(/console/gaps/gap-\w+)/draft"', page.html)
    assert leads
    return leads[1]


@pytest.mark.usefixtures("asked")
async def test_a_gap_becomes_a_draft_whose_answer_is_written_next(operator: Browser, front: Shopfront) -> None:
    leads = await the_gap(operator)
    gathered = (await front.console.studio.gaps.found()).at
    front.clock.forward(minutes=1)
    page = await operator.submit(f"{leads}/draft")
    assert page.url.startswith("/console/scripts/s/gap-")
    assert "刻字吗" in page.html
    assert "草稿" in page.text
    page = await operator.get("/console/gaps/list")
    assert "接着写草稿" in page.text
    assert (await front.console.studio.gaps.found()).at == gathered  # thousands of questions are not gathered for it


async def test_where_they_do_not_come_the_page_has_words_for_it_and_asks_again_for_what_was_found(
    operator: Browser,
) -> None:
    page = await operator.get("/console/gaps?anew=1")  # the browser's side: test_in_a_browser.py
    assert 'hx-get="/console/gaps/list?anew=1" data-again="/console/gaps/list"' in page.html
    assert '<template id="not-come">' in page.html
    assert {"slow", "lost", "signed_out", "failed"} == set(re.findall(r'data-why="(\w+)"', page.html))
    script = await operator.get("/console/static/fragments.js")
    assert all(f'"{why}"' in script.html for why in ("slow", "lost", "signed_out", "failed"))


@pytest.mark.usefixtures("asked")
async def test_a_gap_is_merged_into_a_script_that_is_there(operator: Browser) -> None:
    gap = await the_gap(operator)
    page = await operator.submit(f"{gap}/merge", script="no-such-script")
    assert "没有这个编号的话术" in page.text
    page = await operator.submit(f"{gap}/merge", script="member")
    assert page.url == "/console/scripts/s/member"
    assert "改动草稿" in page.text
    assert "刻字吗" in page.html
    assert "没有这样的问题" in (await operator.get("/console/gaps/list")).text


@pytest.mark.usefixtures("asked")
async def test_what_is_no_question_for_us_does_not_come_again(operator: Browser) -> None:
    await operator.submit(f"{await the_gap(operator)}/settle")
    assert "没有这样的问题" in (await operator.get("/console/gaps/list?anew=1")).text


@pytest.mark.usefixtures("asked")
async def test_yesterdays_questions_are_tried_masked(operator: Browser, front: Shopfront) -> None:
    front.clock.at += timedelta(days=1)
    await operator.sign_in("limei")
    page = await operator.submit("/console/trial/batch", **{"from": "yesterday"})
    assert "3 个问题里，0 个会有变化" in page.text
    assert "13800138000" not in page.html
