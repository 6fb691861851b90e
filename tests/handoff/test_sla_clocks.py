"""Do clocks live in their rows alone, and is each danger told once, whoever looks and however often?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import create_store_engine
from handoff import (
    Calendar,
    Danger,
    Metric,
)
from handoff.places import Place
from tests.databases import empty
from tests.handoff.hours import HOUR_MS, OFFICE, SHANGHAI, WORKWEEK, local
from tests.handoff.policies import sample_policy
from tests.handoff.promises import Promises, promising


@pytest.fixture
def promises(engine: AsyncEngine) -> Promises:
    return Promises(engine)


async def test_an_opened_ticket_starts_its_promises_once(promises: Promises) -> None:
    ticket = await promises.open()
    promises.time.forward(60)
    await promises.do(lambda c: promises.clocks.start(c, ticket))
    clocks = await promises.all()
    assert {key: (one.target_ms, one.due_at) for key, one in clocks.items()} == {
        (Metric.FIRST_RESPONSE, 0): (HOUR_MS, local("2026-03-02T10:00")),
        (Metric.RESOLUTION, 0): (8 * HOUR_MS, local("2026-03-02T17:00")),
    }
    assert await promises.next_due() == local("2026-03-02T09:48")


async def test_a_ticket_without_a_promise_has_no_clock(promises: Promises) -> None:
    promises.policy = sample_policy()
    await promises.open()
    await promises.do(lambda c: promises.clocks.asked(c, 1))
    await promises.do(lambda c: promises.clocks.responded(c, 1))
    assert await promises.all() == {}
    assert await promises.next_due() is None


async def test_a_conversation_has_a_promise_for_each_group_of_messages(promises: Promises) -> None:
    """While the first response is owed, further messages are part of the question; later each group is one promise."""
    await promises.open()
    await promises.do(lambda c: promises.clocks.asked(c, 1))
    promises.time.forward(600)
    await promises.do(lambda c: promises.clocks.responded(c, 1))
    for minutes in (1, 2, 3):
        promises.time.forward(60 * minutes)
        await promises.do(lambda c: promises.clocks.asked(c, 1))
    promises.time.forward(60)
    await promises.do(lambda c: promises.clocks.responded(c, 1))
    await promises.do(lambda c: promises.clocks.responded(c, 1))
    await promises.do(lambda c: promises.clocks.asked(c, 1))
    clocks = await promises.all()
    responses = [
        (key[1], one.spent_ms // 60_000, one.kept) for key, one in clocks.items() if key[0] is Metric.NEXT_RESPONSE
    ]
    assert responses == [(0, 6, True), (1, 0, None)]
    assert (clocks[Metric.FIRST_RESPONSE, 0].spent_ms, clocks[Metric.FIRST_RESPONSE, 0].kept) == (600_000, True)
    assert clocks[Metric.RESOLUTION, 0].ended_at is None


async def test_dangers_are_told_once_in_order_and_again_by_nobody(promises: Promises) -> None:
    await promises.open()
    told = []
    for _ in range(60):
        promises.time.forward(600)
        told += await promises.tell()
        promises.clocks = promises.new_process()  # a restart between any two looks
    assert told == [
        ("first_response", "warning", ("remind",)),
        ("first_response", "breach", ("tell_supervisor",)),
        ("first_response", "", ("raise_priority",)),
        ("resolution", "warning", ("remind",)),
        ("resolution", "breach", ("tell_supervisor",)),
        ("resolution", "", ("raise_priority",)),
    ]
    assert await promises.next_due() is None


async def test_of_many_workers_one_tells(promises: Promises) -> None:
    """All look, then all mark, in transactions that run at the same time."""
    for number in (1, 2, 3):
        await promises.open(number)
    promises.time.forward(3000)
    found = await promises.look()
    assert len(found) == 3
    workers = [promises.new_process() for _ in range(4)]
    marked = await asyncio.gather(*(promises.mark(danger, worker) for worker in workers for danger in found))
    assert sum(marked) == 3
    assert await promises.look() == ()


async def test_what_was_answered_meanwhile_is_not_told(promises: Promises) -> None:
    await promises.open()
    promises.time.forward(3000)
    (danger,) = await promises.look()
    await promises.do(lambda c: promises.clocks.responded(c, 1))
    assert not await promises.mark(danger)
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].warned_at is None
    unknown = replace(danger, ticket_id=99)
    assert not await promises.mark(unknown)


async def test_what_is_rolled_back_is_told_again(promises: Promises) -> None:
    await promises.open()
    promises.time.forward(3000)
    (danger,) = await promises.look()
    async with promises.engine.connect() as connection:
        assert await promises.clocks.mark(connection, danger)
        await connection.rollback()
    assert await promises.tell() == [("first_response", "warning", ("remind",))]


async def test_a_pause_stops_the_clocks_that_may_stand_still(promises: Promises) -> None:
    await promises.open()
    await promises.do(lambda c: promises.clocks.pause(c, 1))
    assert await promises.next_due() is None
    promises.time.forward(5 * 3600)
    await promises.do(lambda c: promises.clocks.pause(c, 1))
    await promises.do(lambda c: promises.clocks.resume(c, 1))
    await promises.do(lambda c: promises.clocks.resume(c, 1))
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].due_at == local("2026-03-02T15:00")


async def test_a_policy_may_forbid_pauses(promises: Promises) -> None:
    ticket = await promises.open()
    await promises.change(sla="slow")
    await promises.do(lambda c: promises.clocks.replan(c, ticket))
    await promises.do(lambda c: promises.clocks.pause(c, 1))
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].due_at == local("2026-03-02T11:00")


async def test_closing_keeps_what_was_resolved_and_gives_up_what_nobody_waits_for(promises: Promises) -> None:
    await promises.open()
    promises.time.forward(1800)
    await promises.do(lambda c: promises.clocks.finish(c, 1))
    kept = {key[0]: one.kept for key, one in (await promises.all()).items()}
    assert kept == {Metric.FIRST_RESPONSE: None, Metric.RESOLUTION: True}
    assert await promises.next_due() is None


async def test_a_reopened_ticket_is_promised_anew(promises: Promises) -> None:
    ticket = await promises.open()
    await promises.do(lambda c: promises.clocks.finish(c, 1))
    promises.time.forward(3600)
    await promises.change(reopened=1)
    await promises.do(lambda c: promises.clocks.start(c, ticket))
    clocks = await promises.all()
    assert clocks[Metric.RESOLUTION, 0].kept is True
    assert clocks[Metric.RESOLUTION, 1].due_at == local("2026-03-02T18:00")


async def test_another_team_another_promise(promises: Promises) -> None:
    ticket = await promises.open()
    promises.time.forward(1800)
    await promises.change(team="presale")
    await promises.do(lambda c: promises.clocks.replan(c, ticket))
    first = (await promises.all())[Metric.FIRST_RESPONSE, 0]
    assert (first.policy, first.spent_ms, first.due_at) == ("slow", HOUR_MS // 2, local("2026-03-02T11:00"))


async def test_a_team_that_promises_nothing_ends_them_and_one_that_does_starts_them(promises: Promises) -> None:
    ticket = await promises.open()
    slas = promises.policy.slas
    promises.policy = replace(promises.policy, slas={})
    await promises.do(lambda c: promises.clocks.replan(c, ticket))
    assert {one.kept for one in (await promises.all()).values()} == {None}
    promises.policy = replace(promises.policy, slas={"slow": replace(slas["slow"], first_response_s=None)})
    other = await promises.open(2)
    await promises.change(team="presale")
    assert await promises.all(2) == {}
    await promises.do(lambda c: promises.clocks.replan(c, other))
    assert [key for key, one in (await promises.all(2)).items() if one.ended_at is None] == [(Metric.RESOLUTION, 0)]


async def test_the_hours_of_the_customers_region_hold(engine: AsyncEngine) -> None:
    promises = Promises(engine, promising(WORKWEEK), at=local("2026-10-01T08:00"))
    ticket = await promises.open()
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].due_at == local("2026-10-08T10:00")
    await promises.change(region="西藏自治区/拉萨市")
    await promises.do(lambda c: promises.clocks.replan(c, ticket))
    first = (await promises.all())[Metric.FIRST_RESPONSE, 0]
    assert (first.calendar, first.due_at) == ("lhasa", local("2026-10-01T11:00"))


async def test_a_level_that_is_not_known_stays_one_where_promises_are_counted(engine: AsyncEngine) -> None:
    """As it does where routing asks for the hours; 南山 the district is not 广东's city of that name."""
    policy = replace(promising(WORKWEEK), region_calendars={Place.parse("广东/南山"): "lhasa"})
    promises = Promises(engine, policy, at=local("2026-10-01T08:00"))
    ticket = await promises.open()
    await promises.change(region="广东省//南山区")
    await promises.do(lambda c: promises.clocks.replan(c, ticket))
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].calendar == ""
    assert policy.calendar_of("aftersale", ("广东省", "", "南山区")).name == ""


async def test_hours_that_were_changed_meanwhile_give_more_time(promises: Promises) -> None:
    """The row says that it is due; by the calendar of now it is not: it is planned anew, and told when it is."""
    await promises.open()
    closed_today = Calendar("", SHANGHAI, (OFFICE,) * 7, special={local("2026-03-02T00:00").date(): ()})
    promises.policy = promising(closed_today)
    promises.time.forward(3600)
    assert await promises.tell() == []
    assert (await promises.all())[Metric.FIRST_RESPONSE, 0].next_at == local("2026-03-03T09:48")


async def test_a_policy_the_pack_no_longer_has_keeps_its_target_without_steps(promises: Promises) -> None:
    await promises.open()
    promises.policy = replace(promises.policy, slas={})
    promises.time.forward(4000)
    assert await promises.tell() == [("first_response", "breach", ())]


ACTS = ("wait", "wait", "wait", "pause", "resume", "asked", "responded", "replan", "tell", "restart")


STORIES = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 6 * 3600)), max_size=20)


def test_i12_in_the_rows(database_url: str) -> None:
    """Resolution: its spent time is the business time of the stretches in which it ran; each danger is told once."""

    engine = create_store_engine(database_url, 2)
    with asyncio.Runner() as runner:

        @settings(
            max_examples=15,  # each is a life in the database
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(STORIES)
        def check(story: list[tuple[str, int]]) -> None:
            runner.run(_play(Promises(engine, promising(WORKWEEK), at=local("2026-09-29T15:00")), story))

        try:
            check()
        finally:
            runner.run(engine.dispose())


async def _play(promises: Promises, story: list[tuple[str, int]]) -> None:
    await empty(promises.engine)
    ticket = await promises.open()
    calendar = promises.policy.calendars[""]
    counted, running = 0, True
    told: list[tuple[Metric, int, Danger]] = []
    for act, seconds in story:
        before, clocks = promises.time(), promises.clocks
        if act == "wait":
            promises.time.forward(seconds)
            counted += calendar.business_ms(before, promises.time()) if running else 0
        elif act == "tell":
            told += await _told(promises)
        elif act == "restart":
            promises.clocks = promises.new_process()
        elif act == "replan":
            async with promises.engine.begin() as connection:
                await clocks.replan(connection, ticket)
        else:
            running = running if act in {"asked", "responded"} else act == "resume"
            acts = {
                "pause": clocks.pause, "resume": clocks.resume, "asked": clocks.asked, "responded": clocks.responded,
            }  # fmt: skip
            async with promises.engine.begin() as connection:
                await acts[act](connection, ticket.id)
        now = await promises.all(ticket.id)
        assert now[Metric.RESOLUTION, 0].spent_at(promises.time(), calendar) == counted
        owed = [key for key, one in now.items() if key[0] is not Metric.RESOLUTION and one.ended_at is None]
        assert len(owed) <= 1
    assert len(told) == len(set(told))


async def _told(promises: Promises) -> list[tuple[Metric, int, Danger]]:
    found = await promises.look()
    for danger in found:
        assert await promises.mark(danger)
        assert not await promises.mark(danger)
    return [(one.metric, one.cycle, one.danger) for one in found if one.is_news]
