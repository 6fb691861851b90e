"""Does each open page get its part of the news, once, and is nothing lost when many come, or the database is away?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from archive import Voice
from bot.console.access import viewer
from bot.console.concern import Notice, Showing
from bot.console.switchboard import A_LIST_MS, AT_LEAST_MS, Mailbox, Switchboard
from bot.desk_list import Tab
from bot.desk_news import MARGIN, _Followed
from bot.store.engine import close_store, create_store_engine
from handoff import AgentStatus, ToTeam
from tests.console.desk import Shopfront


class Pages:
    """A switchboard whose pages are opened one after the other."""

    def __init__(self, front: Shopfront, stack: AsyncExitStack) -> None:
        self.front = front
        self.board = Switchboard(front.console.window.news(), front.wakeups)
        self._stack = stack

    async def open(self, agent: str, tab: Tab = "mine", conversation: int | None = None) -> Mailbox:
        who = viewer(agent, await self.front.console.workbench.agents(), self.front.console.supervisors())
        assert who is not None
        showing = Showing(who, tab, conversation, people=conversation is None)
        return await self._stack.enter_async_context(self.board.plugged_in(showing))


@pytest.fixture
async def pages(front: Shopfront) -> AsyncIterator[Pages]:
    async with AsyncExitStack() as stack:
        yield Pages(front, stack)


async def test_words_reach_the_pages_that_show_them_whether_or_not_somebody_rang(
    front: Shopfront, pages: Pages
) -> None:
    ticket = await front.hand_over(1)
    assert await front.console.workbench.accept(1, "wangfang") is None
    hers, elsewhere = await pages.open("wangfang", "mine", 1), await pages.open("wangfang", "mine", 2)
    colleague, stranger = await pages.open("limei", "all"), await pages.open("chenjing", "all")
    await front.said(1, Voice.CUSTOMER, "还在吗")
    await pages.board.tell()
    rows = frozenset({ticket.id})
    assert hers.take()[0] == Notice(thread=True, rows=rows)
    assert [each.take()[0] for each in (elsewhere, colleague)] == [Notice(rows=rows)] * 2
    assert not stranger.told.is_set()
    await pages.board.tell(["conversation:1"])  # what was changed, not added: only the ring says so
    assert [each.take()[0] for each in (hers, colleague)] == [Notice(thread=True, rows=rows), Notice(rows=rows)]
    await pages.board.tell(["console", "conversation:nonsense", "presence:x:limei", "presence:1:limei"])
    assert hers.take()[0] == Notice(thread=True)  # limei came to look at it
    assert not colleague.told.is_set()


async def test_a_conversation_with_the_bot_alone_wakes_nobody(front: Shopfront, pages: Pages) -> None:
    opened = [await pages.open("limei", tab) for tab in ("mine", "waiting", "all")]
    await front.said(7, Voice.CUSTOMER, "在吗")
    await front.said(7, Voice.BOT, "在的")
    await pages.board.tell(["conversation:7", "console"])
    assert not any(each.told.is_set() for each in opened)


async def test_a_ticket_that_goes_to_another_team_is_news_in_both(front: Shopfront, pages: Pages) -> None:
    await front.hand_over(1, team="aftersale")
    left, right = await pages.open("wangfang", "waiting"), await pages.open("chenjing", "waiting")
    await front.hand_over(2, team="presale")
    await pages.board.tell()
    assert not left.told.is_set()
    assert right.take()[0] == Notice(list=True)
    assert await front.console.workbench.transfer(1, "wangfang", to=ToTeam("presale")) is None
    await pages.board.tell()
    assert left.take()[0] == right.take()[0] == Notice(list=True)


async def test_a_status_is_news_where_colleagues_are_shown(front: Shopfront, pages: Pages) -> None:
    listed, opened = await pages.open("limei"), await pages.open("limei", "mine", 1)
    await front.console.workbench.set_status("wangfang", AgentStatus.BUSY)
    await pages.board.tell()
    assert listed.take()[0] == Notice(list=True)
    assert not opened.told.is_set()


async def test_a_burst_is_told_once_and_ends_with_its_last(front: Shopfront, pages: Pages) -> None:
    ticket = await front.hand_over(1)
    page = await pages.open("wangfang", "waiting", 1)
    for number in range(5):
        await front.said(1, Voice.CUSTOMER, f"第{number}句")
        await pages.board.tell(["conversation:1"])
    assert await front.console.workbench.accept(1, "limei") is None
    await pages.board.tell()
    notice, cursor = page.take()
    assert notice == Notice(thread=True, rows=frozenset({ticket.id}), list=True)
    assert cursor == (await front.console.window.cursor.now()).written()
    assert page.take()[0] == Notice()


async def test_what_came_while_the_database_was_away_is_made_up_for(
    front: Shopfront, pages: Pages, tmp_path: Path
) -> None:
    page = await pages.open("chenjing")
    engine = pages.board.news.engine
    empty = create_store_engine(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", 1)
    pages.board.news.engine = empty
    with pytest.raises(OperationalError):
        await pages.board.tell(["conversation:1"])
    await close_store(empty)
    pages.board.news.engine = engine
    await pages.board.tell()
    assert page.take()[0] == Notice(everything=True)
    await pages.board.tell()
    assert not page.told.is_set()


async def test_what_happened_while_no_page_was_open_is_no_news(front: Shopfront, pages: Pages) -> None:
    await front.hand_over(1)
    async with AsyncExitStack() as evening:
        before = Pages(front, evening)
        before.board = pages.board
        await before.open("wangfang", "waiting", 1)
    await pages.board.tell()  # nobody is there
    await front.said(1, Voice.CUSTOMER, "在吗")
    page = await pages.open("wangfang", "waiting", 1)
    await pages.board.tell()
    assert not page.told.is_set()
    await front.said(1, Voice.CUSTOMER, "还在吗")
    await pages.board.tell()
    assert page.take()[0].thread


async def test_the_more_pages_are_open_the_longer_they_may_take(pages: Pages) -> None:
    assert pages.board.within_ms == AT_LEAST_MS
    most = AT_LEAST_MS // A_LIST_MS + 1
    for _ in range(most):
        await pages.open("limei")
    assert pages.board.within_ms == most * A_LIST_MS


@given(st.lists(st.integers(1, 3 * MARGIN), unique=True, min_size=1), st.data())
def test_whatever_commits_late_within_the_margin_is_news_once(ids: list[int], data: st.DataObject) -> None:
    followed, there, told = _Followed(), list[int](), list[int]()
    for each in sorted(ids, key=lambda one: one + data.draw(st.integers(0, MARGIN // 2))):
        there.append(each)
        told.extend(followed.fresh([one for one in sorted(there) if one > followed.start]))
    assert sorted(told) == sorted(ids)
