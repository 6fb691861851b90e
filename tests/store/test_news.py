"""Is every 微信客服 account read by one reader at a time, to the end, with page and cursor together?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.news import Reading
from bot.store.tables import inbox, kf_cursors
from bot.store.views import StaleLease
from tests.store.counter import LEASE_S, NOON, TOKEN_S, Counter, bell, message


async def _claim(counter: Counter) -> Reading:
    reading = await counter.news.claim()
    assert reading is not None
    return reading


async def _store(counter: Counter, reading: Reading, *numbers: int, cursor: str) -> int:
    page = [message(number, inbox="wk1", account="corp") for number in numbers]
    return await counter.news.store_page(reading, page, cursor=cursor, answerable=lambda _: True)


async def test_without_news_nothing_is_read(counter: Counter) -> None:
    assert await counter.news.claim() is None


async def test_what_the_settings_name_is_read_from_the_start(counter: Counter) -> None:
    await counter.news.register("corp", ())
    await counter.news.register("corp", ("wk2", "wk1"))
    await counter.news.register("corp", ("wk1", "wk2"))  # a restart
    assert await counter.news.known() == [("corp", "wk1"), ("corp", "wk2")]
    reading = await _claim(counter)
    assert (reading.account, reading.cursor, reading.token, reading.drained) == ("corp", "", "", False)


async def test_one_reader_for_each_account(counter: Counter) -> None:
    await counter.intake.accept([], [bell(), bell("u", "wk2")])
    both = {(await _claim(counter)).open_kfid, (await _claim(counter)).open_kfid}
    assert both == {"wk1", "wk2"}
    assert await counter.news.claim() is None


async def test_a_page_and_its_cursor_are_one(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    reading = await _claim(counter)
    assert await _store(counter, reading, 1, 2, cursor="c1") == 2
    assert await _store(counter, reading, 2, 3, cursor="c2") == 1  # an overlap is no second message
    await counter.news.finish(reading)
    await counter.intake.accept([], [bell("t2")])
    again = await _claim(counter)
    assert (again.cursor, again.token, again.drained) == ("c2", "t2", True)
    assert [row.message_id for row in await counter.rows(inbox)] == ["m1", "m2", "m3"]


async def test_a_page_that_cannot_be_stored_leaves_the_cursor(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    reading = await _claim(counter)
    with pytest.raises(Exception, match=r"surrogates|encode"):
        await counter.news.store_page(
            reading, [message(1), message(2, "\ud800")], cursor="c1", answerable=lambda _: True
        )
    assert [row.cursor for row in await counter.rows(kf_cursors)] == [""]
    assert await counter.count(inbox) == 0


async def test_whoever_lost_the_lease_moves_nothing(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    dead = await _claim(counter)
    counter.clock.forward(LEASE_S + 0.001)
    heir = await _claim(counter)
    assert (heir.id, heir.cursor) == (dead.id, "")
    await _store(counter, heir, 1, cursor="c1")
    with pytest.raises(StaleLease):
        await _store(counter, dead, 1, 2, cursor="c0")
    with pytest.raises(StaleLease):
        await counter.news.finish(dead)
    with pytest.raises(StaleLease):
        await counter.news.postpone(dead, NOON, error="late")
    assert [(row.cursor, row.lease_token) for row in await counter.rows(kf_cursors)] == [("c1", heir.lease)]
    assert [row.message_id for row in await counter.rows(inbox)] == ["m1"]


async def test_each_page_renews_the_lease(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    reading = await _claim(counter)
    for page in range(3):
        counter.clock.forward(LEASE_S - 1)
        await _store(counter, reading, page, cursor=f"c{page}")
        assert await counter.news.claim() is None
    await counter.news.finish(reading)


async def test_a_bell_while_reading_is_not_lost(counter: Counter) -> None:
    await counter.intake.accept([], [bell("t1")])
    reading = await _claim(counter)
    await _store(counter, reading, 1, cursor="c1")
    await counter.intake.accept([], [bell("t2")])  # after our last page, before we finish
    await counter.news.finish(reading)
    assert (await _claim(counter)).token == "t2"


async def test_a_reading_that_failed_is_tried_again_later(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    reading = await _claim(counter)
    await counter.news.postpone(reading, counter.clock() + timedelta(seconds=2), error="timeout")
    assert await counter.news.claim() is None
    counter.clock.forward(2)
    again = await _claim(counter)
    assert (again.rings, again.drained) == (reading.rings, False)
    assert [row.error for row in await counter.rows(kf_cursors)] == ["timeout"]
    await counter.news.finish(again)
    assert [row.error for row in await counter.rows(kf_cursors)] == [None]
    assert await counter.news.claim() is None


async def test_a_token_is_used_while_it_is_fresh(counter: Counter) -> None:
    await counter.intake.accept([], [bell("t1")])
    counter.clock.forward(TOKEN_S - 1)
    reading = await _claim(counter)
    assert reading.token == "t1"
    await counter.news.postpone(reading, counter.clock(), error="x")
    counter.clock.forward(1)
    assert (await _claim(counter)).token == ""


async def test_a_lost_bell_is_made_good_by_the_timer(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    await counter.news.finish(await _claim(counter))
    counter.clock.forward(29)
    await counter.news.ring_again(older_than_s=30)
    assert await counter.news.claim() is None
    counter.clock.forward(2)
    await counter.news.ring_again(older_than_s=30)
    await counter.news.ring_again(older_than_s=30)  # rings already: not twice
    assert (await _claim(counter)).rings == 2


async def test_what_is_too_old_to_answer_is_stored_as_such(counter: Counter) -> None:
    await counter.intake.accept([], [bell()])
    page = [message(1, inbox="wk1", account="corp"), message(2, inbox="wk1", account="corp")]
    await counter.news.store_page(
        await _claim(counter), page, cursor="c", answerable=lambda each: each.message_id == "m2"
    )
    assert [(await counter.claim()).answerable] == [False]
    assert [row.answerable for row in await counter.rows(inbox)] == [0, 1]
