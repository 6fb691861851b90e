"""Does the list show what she asks for: by tab and filter, page by page, with what is new to her?"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, update

from archive import Voice
from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES
from bot.console.list_state import ListState, read_after, write_after
from bot.desk_list import PAGE, After, Wanted, Who
from bot.domain import ChannelKind
from bot.store.engine import close_store, create_store_engine
from handoff import Place, RowKey
from tests.console.browser import Page
from tests.console.conftest import SignIn
from tests.console.desk import START, Shopfront


def shown(page: Page) -> list[int]:
    """The tickets of the list, in order."""
    return [int(each) for each in re.findall(r'data-key="ticket-(\d+)"', page.html)]


def more(page: Page) -> str:
    found = re.search(r'id="more" data-region><a class="btn btn-sm" href="([^"]+)"', page.html)
    return found[1].replace("&amp;", "&") if found else ""


async def test_pages_follow_each_other_by_key_whatever_comes_and_goes(sign_in: SignIn, front: Shopfront) -> None:
    tickets = []
    for number in range(1, PAGE + 6):
        tickets.append((await front.hand_over(number)).id)
        front.clock.forward(seconds=1)
    browser = await sign_in("wangfang")
    first = await browser.get("/console/?tab=waiting")
    assert shown(first) == tickets[:PAGE]
    await (await sign_in("limei")).submit(f"/console/tickets/{tickets[0]}/accept")  # a page by number would shift
    await front.hand_over(PAGE + 6)
    second = await browser.get(more(first))
    assert shown(second)[:5] == tickets[PAGE:]
    assert more(second) == ""
    assert shown(await browser.get("/console/fragments/list?tab=waiting&pages=2"))[:PAGE] == tickets[1 : PAGE + 1]


async def test_each_filter_leaves_what_it_names(sign_in: SignIn, front: Shopfront) -> None:
    first = await front.hand_over(1, priority=3)
    second = await front.hand_over(2, channel=ChannelKind.WECOM_KF, priority=1)
    third = await front.hand_over(3, team="presale")
    async with front.engine.begin() as connection:
        await connection.execute(
            insert(ARCHIVE_TABLES.analysis.sessions).values(
                account="shop",
                customer="customer-3",
                conversation_id=3,
                started_at=START,
                ended_at=START,
                mood_last=-0.8,
            )
        )
        await connection.execute(
            insert(ARCHIVE_TABLES.tags.tags).values(
                account="shop",
                customer="customer-1",
                tag="老顾客",
                state="pinned",
                confidence=0.0,
                evidence=[],
                changed_at=START,
            )
        )
    browser = await sign_in("limei")
    for query, expected in (
        ("", {first.id, second.id, third.id}),
        ("&team=presale", {third.id}),
        ("&channel=wecom_kf", {second.id}),
        ("&mood=negative", {third.id}),
        ("&mood=positive", set()),
        ("&tag=老顾客", {first.id}),
        ("&danger=1", set()),
    ):
        assert set(shown(await browser.get(f"/console/?tab=waiting{query}"))) == expected, query
    assert shown(await browser.get("/console/?tab=waiting&sort=urgent"))[0] == second.id
    assert "不满" in (await browser.get("/console/?tab=waiting&team=presale")).text
    assert "没有符合筛选条件的会话" in (await browser.get("/console/?tab=waiting&mood=positive")).text


async def test_all_holds_colleagues_tickets_and_what_was_closed_today(sign_in: SignIn, front: Shopfront) -> None:
    closed, served, waiting = [await front.hand_over(number) for number in (1, 2, 3)]
    wangfang, limei = await sign_in("wangfang"), await sign_in("limei")
    await wangfang.submit(f"/console/tickets/{closed.id}/accept")
    await wangfang.submit(f"/console/tickets/{closed.id}/close", outcome="resolved")
    await limei.submit(f"/console/tickets/{served.id}/accept")
    page = await wangfang.get("/console/?tab=all")
    assert shown(page) == [served.id, waiting.id, closed.id]
    assert "李梅" in page.text
    assert "已解决" in page.text
    foreign = await sign_in("chenjing")  # presale only
    assert shown(await foreign.get("/console/?tab=all")) == []
    front.clock.forward(hours=11)
    assert closed.id not in shown(await (await sign_in("wangfang")).get("/console/?tab=all"))


async def test_what_came_since_she_looked_is_counted_and_marked(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    assert "1 条未读" in (await browser.get("/console/?tab=waiting")).text
    await browser.get(f"/console/tickets/{ticket.id}")
    assert "条未读" not in (await browser.get("/console/?tab=waiting")).text
    for number in (1, 2):
        await front.said(1, Voice.CUSTOMER, f"第{number}句")
    assert "2 条未读" in (await browser.get("/console/?tab=waiting")).text
    page = await browser.get(f"/console/tickets/{ticket.id}")
    assert page.text.index("为什么还没退款") < page.text.index("以下是新消息") < page.text.index("第1句")
    read = re.search(r"read=(\d+)", page.html)
    assert read
    kept = await browser.get(f"/console/fragments/thread/1?ticket={ticket.id}&read={read[1]}&seen=1")
    assert "以下是新消息" in kept.text  # while the page is open the line stays where it was
    assert "以下是新消息" not in (await browser.get(f"/console/tickets/{ticket.id}")).text
    assert "3 条未读" in (await (await sign_in("limei")).get("/console/?tab=waiting")).text  # each for herself


def test_a_place_survives_its_address_and_nonsense_is_none() -> None:
    for after in (After(RowKey(START, 7, 2)), After(RowKey(START + timedelta(milliseconds=3), 9), closed=True)):
        assert read_after(write_after(after)) == after
    for given in ("", "o", "x.1.2.3", "o.1.2", "o.a.b.c", "o.-1.2.3", "o.999999999999999999.1.1", "o.1.1.1.1"):
        assert read_after(given) is None
    state = ListState.of({"tab": "nothing", "pages": "99", "sort": "x", "mood": "sad", "after": "?"})
    assert (state.wanted.tab, state.chosen, state.pages, state.after) == ("mine", False, 10, None)
    same = ListState.of({"tab": "all", "team": "a&b", "danger": "1"})
    assert same.address() == "?tab=all&team=a%26b&danger=1"


async def test_a_page_never_waits_for_a_second_connection_while_it_holds_one(
    front: Shopfront, database_url: str
) -> None:
    ticket = await front.hand_over(1)
    engine = create_store_engine(database_url, 1)  # another one would never come
    listing = front.console.window.listing
    alone = replace(listing, engine=engine, tickets=replace(listing.tickets, engine=engine))
    who = Who("wangfang", frozenset({"aftersale"}))
    async with asyncio.timeout(60):
        assert (await alone.page(who, Wanted("waiting"), since=START)).tickets[0].id == ticket.id
        assert (await alone.known(who, [ticket])).tickets == [ticket]
    await close_store(engine)


async def test_what_lies_outside_her_regions_is_neither_counted_nor_fills_her_pages(
    sign_in: SignIn, front: Shopfront
) -> None:
    tickets = HANDOFF_TABLES.tickets
    regions = ("浙江省/杭州市", "浙江省/杭州市", "", "广东省/深圳市")
    listed = [(await front.hand_over(number)).id for number in range(1, 5)]
    async with front.engine.begin() as connection:
        for ticket, region in zip(listed, regions, strict=True):
            await connection.execute(update(tickets).where(tickets.c.id == ticket).values(region=region))
    hers, _, _, there = listed
    await (await sign_in("wangfang")).submit(f"/console/tickets/{hers}/accept")
    who = Who("wangfang", frozenset({"aftersale"}), (Place.parse("广东"),))
    listing = front.console.window.listing
    waiting = await listing.whole(who, Wanted("waiting"), chosen=True, since=START, limit=1)
    assert waiting.counts == (1, 1)
    assert [each.id for each in waiting.page.tickets] == [there]
    everything = await listing.page(who, Wanted("all"), since=START)
    assert [each.id for each in everything.tickets] == [hers, there]
