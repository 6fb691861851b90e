"""Does the customer card show tags with what they rest on, and do agents have the last word?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from archive.tagging import Clue, HasKeyword, TagRule, TagRules
from bot.bootstrap import ARCHIVE_TABLES
from tests.console.conftest import SignIn
from tests.console.desk import SHANGHAI, Shopfront

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MONTH = timedelta(days=30)


def tagged(front: Shopfront) -> None:
    clue = Clue((HasKeyword(frozenset({"口红"})),), 0.5, MONTH)
    rules = tuple(
        TagRule(name, "兴趣", (clue,), appears=0.6, fades=0.3, half_life=MONTH) for name in ("美妆爱好者", "时效敏感")
    )
    front.shop = replace(front.shop, tags=TagRules(rules, SHANGHAI))


async def test_a_tag_is_shown_with_its_messages_and_decided(sign_in: SignIn, front: Shopfront) -> None:
    tagged(front)
    ticket = await front.hand_over(1)
    entries, tags = ARCHIVE_TABLES.entries, ARCHIVE_TABLES.tags.tags
    async with front.engine.begin() as connection:
        said = (await connection.scalars(select(entries.c.id).where(entries.c.customer == ticket.customer))).first()
        row: dict[str, object] = {
            "account": ticket.account,
            "customer": ticket.customer,
            "tag": "美妆爱好者",
            "state": "active",
        }
        row |= {
            "confidence": 0.82,
            "evidence": [said, 99_999],
            "first_seen": front.clock(),
            "changed_at": front.clock(),
        }
        await connection.execute(insert(tags), row)
    browser = await sign_in("wangfang")
    page = await browser.get(f"/console/tickets/{ticket.id}")
    assert "美妆爱好者" in page.text
    assert "82% 把握" in page.text
    assert f'href="#m{said}"' in page.html
    assert f'id="m{said}"' in page.html
    assert "另有 1 条以前的消息" in page.text
    page = await browser.submit(f"/console/tickets/{ticket.id}/tag", name="美妆爱好者", act="veto")
    assert "王芳 说不是" in page.text
    page = await browser.submit(f"/console/tickets/{ticket.id}/tag", name="时效敏感", act="pin")
    assert "王芳 钉住" in page.text
    async with front.engine.connect() as connection:
        found = {
            tag.name: tag.state.value for tag in await front.tags.of(connection, (ticket.account, ticket.customer))
        }
    assert found == {"美妆爱好者": "vetoed", "时效敏感": "pinned"}
    page = await browser.submit(f"/console/tickets/{ticket.id}/tag", name="时效敏感", act="release")
    assert "王芳 钉住" not in page.text


async def test_a_shop_without_tags_shows_none(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    page = await (await sign_in("wangfang")).get(f"/console/tickets/{ticket.id}")
    assert "客户标签" not in page.text
