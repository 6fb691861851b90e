"""Do examples change as drafts, and does the box show what the journey would make of a message?"""

from __future__ import annotations

import pytest

from tests.console.browser import Browser
from tests.console.desk import Shopfront
from tests.packs import FEE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_examples_are_added_and_moved_as_drafts_until_put_into_force(operator: Browser, front: Shopfront) -> None:
    page = await operator.submit("/console/understanding/add", intent="urge", examples="快点发行不行\n等得花都谢了")
    assert "快点发行不行" in page.text
    page = await operator.submit("/console/understanding/move", intent="urge", example="催单催单", to="complain")
    assert "有还没生效的改动" in page.text
    assert "快点发行不行" not in await _file(front)
    await operator.submit("/console/understanding/publish")
    text = await _file(front)
    assert text.startswith('version: "3.1"')
    assert text.index("催单催单") < text.index("intent: urge")
    assert "等得花都谢了" in text
    page = await operator.get("/console/understanding")
    assert "有还没生效的改动" not in page.text


async def test_what_cannot_be_an_example_is_said_and_kept(operator: Browser) -> None:
    for examples, why in (
        ("转人工", "已经在某个意图里了"),
        ("[这](样) 一句[不](闭", "换成（）或【】"),
        (" ", "请写 1 到"),
    ):
        page = await operator.submit("/console/understanding/add", intent="ask_human", examples=examples)
        assert page.status == 422
        assert why in page.text
        assert examples.strip() in page.text


async def test_the_box_shows_reading_candidates_and_the_answer(operator: Browser) -> None:
    page = await operator.submit("/console/understanding/try", text="运费多少钱")
    assert FEE in page.text
    assert "shipping-fee" in page.text
    assert "直接回答" in page.text
    page = await operator.submit("/console/understanding/try", text="转人工")
    assert "转人工" in page.text
    assert "售后" in page.text


async def _file(front: Shopfront) -> str:
    async with front.engine.connect() as connection:
        return (await front.minds.store.files(connection))["intents/all.yml"]
