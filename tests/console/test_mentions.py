"""Do colleagues whom a note names hear of it, if they may see what it is about, and nobody else?"""

from __future__ import annotations

import pytest

from bot.access import Role
from bot.console.mentions import Colleague, named_in
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

PEOPLE = [
    Colleague("wang", "王芳", True),
    Colleague("wang2", "王芳菲", True),
    Colleague("li-1", "李梅", False),
    Colleague("li-2", "李梅", True),
    Colleague("zhao", "赵四", False),
]


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("@王芳 看一下", {"wang"}),
        ("@王芳菲看一下，＠王芳 也看", {"wang", "wang2"}),
        ("请 @李梅", {"li-2"}),
        ("没有人：王芳", set()),
        ("a@b.com", set()),
        ("@", set()),
    ],
)
def test_the_longest_name_after_an_at_is_meant(words: str, people: set[str]) -> None:
    named = named_in(words, PEOPLE)
    assert named.people == frozenset(people)
    assert named.wrong == ""


def test_who_may_not_see_it_cannot_be_named() -> None:
    assert "赵四" in named_in("@王芳 @赵四", PEOPLE).wrong


async def test_she_is_told_in_her_list_until_she_opens_it(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    path = f"/console/tickets/{ticket.id}"
    agent, lead = await sign_in("wangfang"), await sign_in("limei")
    assert "提到了我" not in (await lead.get("/console/")).text
    await agent.submit(f"{path}/note", text="@李梅 这个要退吗")
    page = await lead.get("/console/fragments/list")
    assert "王芳 在工单 #1 的备注里提到了我" in page.text
    [opens] = [each for each in page.forms() if "/mentions/" in each]
    assert (await agent.submit(opens)).status == 404  # it is not hers
    opened = await lead.submit(opens)
    assert (opened.url, "这个要退吗" in opened.text) == (path, True)
    assert "提到了我" not in (await lead.get("/console/")).text
    assert "提到了我" not in (await agent.get("/console/")).text


@ON_SQLITE
async def test_colleagues_are_offered_by_letters_and_only_who_may_see_it(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    await front.admit("zhou", Role.SUPERVISOR, name="周主管", teams=frozenset({"aftersale"}))
    await front.admit("zhu", Role.SUPERVISOR, name="朱主管", teams=frozenset({"presale"}))
    path = f"/console/tickets/{ticket.id}"
    agent = await sign_in("wangfang")
    for asked in ("周", "zhouzhu", "zzg", "zhou"):
        page = await agent.get(f"{path}/colleagues?q={asked}")
        assert 'data-words="周主管"' in page.html, asked
        assert "朱主管" not in page.html
    refused = await agent.submit(f"{path}/note", text="@朱主管 看一下")
    assert "备注没有保存" in refused.text
    assert "看一下" not in refused.text
    token = await agent.csrf()
    answer = await agent.client.post(
        f"{path}/say", data={"csrf": token, "as": "note", "text": "@朱主管"}, headers={"Accept": "application/json"}
    )
    assert (answer.status, (await answer.json())["why"].startswith("朱主管 看不到")) == (409, True)
    await agent.submit(f"{path}/note", text="@周主管 看一下")
    boss = await sign_in("zhou")
    page = await boss.get("/console/wall")
    assert "王芳 在工单 #1 的备注里提到了我" in page.text
    [opens] = [each for each in page.forms() if "/mentions/" in each]
    watched = await boss.post(opens, csrf=page.field("csrf"))
    assert (watched.status, watched.url) == (200, f"/console/wall/watch/{ticket.id}")
