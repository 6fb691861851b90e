"""Does the page of the accounts show how they stand, and try again what did not arrive?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.settings import ServerSettings, Settings
from bot.store.tables import outbox
from tests.console.conftest import SignIn
from tests.console.desk import ACCOUNTS, Shopfront

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_queues_limits_and_letters_are_shown_without_what_they_say(sign_in: SignIn, front: Shopfront) -> None:
    front.health = {"problems": {"content": "no content loaded"}, "outbox": {"dead": 1, "oldest_pending_s": 7.0}}
    await front.hand_over(1)
    assert await front.console.workbench.accept(1, "wangfang") is None
    assert await front.console.workbench.say(1, "wangfang", "秘密的话", client_id="said-once") is None
    await front.lose(1, "秘密的话", advice="换个说法")
    browser = await sign_in("limei")
    page = await browser.get("/console/accounts")
    assert "最久 7 秒" in page.text
    assert "还没有内容可以用来回答" in page.text
    assert "25%" in page.text
    assert "换个说法" in page.text
    assert "秘密的话" not in page.text
    async with front.engine.connect() as connection:
        letter = await connection.scalar(select(outbox.c.id).where(outbox.c.state == "dead"))
    page = await browser.submit("/console/accounts/retry", letter=str(letter))
    assert "已重新送出 1 条" in page.text
    again = await browser.submit("/console/accounts/retry", letter=str(letter))
    assert "有 1 条没有重试" in again.text
    assert (await browser.submit("/console/accounts/retry")).status == 422


async def test_what_an_examination_finds_is_said_in_chinese(sign_in: SignIn, front: Shopfront) -> None:
    """Nothing listens at these addresses."""
    nowhere = [each.model_copy(update={"api_base": "http://127.0.0.1:1"}) for each in ACCOUNTS]
    server = ServerSettings(base_url="http://127.0.0.1:1")
    side = front.console.wall_side
    desk = replace(side.accounts, settings=Settings(accounts=tuple(nowhere), server=server))
    object.__setattr__(front.console, "wall_side", replace(side, accounts=desk))  # the server has the console already
    page = await (await sign_in("limei")).submit("/console/accounts/examine")
    for words in ("shop：访问令牌", "corp：回调", "请先启动（xiaoer run）", "请检查网络、代理和 api_base"):
        assert words in page.text
    assert not [each for each in ("check the", "start it", ": callback", ": token") if each in page.text]


async def test_an_examination_asks_and_comes_to_its_end(sign_in: SignIn, front: Shopfront) -> None:
    page = await (await sign_in("limei")).submit("/console/accounts/examine")
    assert page.status == 200
    assert "检查结果" in page.text
    async with front.console.wall_side.accounts.examining:
        assert await front.console.wall_side.accounts.examine() is None


async def test_agents_see_no_accounts(sign_in: SignIn) -> None:
    assert (await (await sign_in("wangfang")).get("/console/accounts")).status == 403
