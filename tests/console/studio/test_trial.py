"""Does the trial show what the drafts would change, and write nothing?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.store.tables import conversations, inbox, outbox, turns
from tests.console.browser import Browser
from tests.console.desk import Shopfront
from tests.packs import FEE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def edit(front: Shopfront, answer: str) -> None:
    scripts = front.console.studio.scripts
    sheet = await scripts.sheet("shipping-fee")
    assert sheet is not None
    await scripts.save(replace(sheet.script, answers={"default": answer}), sheet.token, by="limei")


async def test_both_sides_answer_and_what_differs_is_marked(operator: Browser, front: Shopfront) -> None:
    page = await operator.submit("/console/trial", text="运费多少钱")
    assert page.text.count(FEE) == 2  # live and draft say the same
    assert "回答不同" not in page.text
    await edit(front, "全场包邮。")
    page = await operator.submit("/console/trial", said="运费多少钱", text="转人工")
    assert FEE in page.text
    assert "全场包邮。" in page.text
    assert "回答不同" in page.text
    async with front.engine.connect() as connection:
        for table in (conversations, inbox, turns, outbox):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


async def test_a_batch_lists_only_what_changes(operator: Browser, front: Shopfront) -> None:
    await edit(front, "全场包邮。")
    page = await operator.submit(
        "/console/trial/batch", questions="运费多少钱\n怎么开发票\n运费多少钱", **{"from": "typed"}
    )
    assert "2 个问题里，1 个会有变化" in page.text
    page = await operator.submit("/console/trial/batch", **{"from": "yesterday"})
    assert page.status == 422
    assert "昨天没有可以用的问题" in page.text
