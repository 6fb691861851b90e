"""Are the measures what docs/measures.md says? Against a naive count over random lives, and by example."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import create_store_engine
from handoff import By, Measures, Scope, ServiceFigures, Share, Spread
from handoff.calendars import ALWAYS, Calendar
from handoff.measures_agents import Stretch, sweep
from handoff.measures_clock import BusinessTime
from tests.databases import empty
from tests.handoff.policies import sample_policy
from tests.handoff.shop import TABLES
from tests.handoff.ticket_lives import DAY_MS, NOW, OPEN_DAY, Life, Naive, enter, lives, naive

SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIOD = (OPEN_DAY + timedelta(days=2), OPEN_DAY + timedelta(days=18))
SCOPE = Scope(*PERIOD, NOW, SHANGHAI)
OFFICE = Calendar("office", SHANGHAI, (((time(9), time(12)), (time(13), time(18))),) * 5 + ((),) * 2)
POLICY = sample_policy()
MEASURES = Measures(TABLES, lambda: POLICY)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A local moment of March 2026."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def ticket(number: int, opened: datetime, **values: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": number, "conversation_id": number, "account": "corp", "channel": "wecom_kf", "customer": f"wm{number}",
        "team": "presale", "priority": 3, "reason": "complaint", "rule": "其余", "signals": [], "summary": {},
        "facts": None, "opened_at": opened,
    }  # fmt: skip
    return told | values


def same(figures: ServiceFigures, told: Naive) -> None:
    counts = told.counts
    assert (figures.tickets, figures.still_open) == (counts["tickets"], counts["still_open"])
    assert figures.transfers == counts["transfers"]
    assert figures.transferred == Share(counts["transferred"], counts["tickets"])
    assert figures.abandoned == Share(counts["abandoned"], counts["abandoned"] + counts["served"])
    left = counts["abandoned"]
    assert figures.patience_s == (pytest.approx(counts["waited_ms"] / 1000 / left) if left else None)
    assert figures.reopened == Share(counts["reopened"], counts["reopenable"])
    assert figures.recontacted == Share(counts["recontacted"], counts["recontactable"])
    for name, spread in {
        "first_response": figures.first_response.wall,
        "wait": figures.wait.wall,
        "handle": figures.handle,
        "resolution": figures.resolution.wall,
    }.items():
        n, mean, median = told.spread(name)
        assert spread.n == n, name
        assert spread.mean == (None if mean is None else pytest.approx(mean)), name
        assert spread.median == (None if median is None else pytest.approx(median)), name


def test_service_figures_are_those_of_a_naive_count(database_url: str) -> None:
    engine = create_store_engine(database_url, 1)
    with asyncio.Runner() as runner:

        async def measured(told: list[Life]) -> dict[str, ServiceFigures]:
            await empty(engine)
            async with engine.begin() as connection:
                await enter(connection, TABLES, told)
            async with engine.connect() as connection:
                report = await MEASURES.service(connection, SCOPE, By.TEAM)
                alone = await MEASURES.service(connection, replace(SCOPE, team="presale"))
            found = {each.key: each for each in report.groups}
            assert replace(alone.total, key="presale") == found.get("presale", replace(alone.total, key="presale"))
            return {"": report.total, **found}

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(lives(), max_size=6))
        def check(told: list[Life]) -> None:
            for team, figures in runner.run(measured(told)).items():
                same(figures, naive(told, PERIOD, NOW, team))

        try:
            check()
        finally:
            runner.run(engine.dispose())


calendars = st.sampled_from((ALWAYS, OFFICE, replace(OFFICE, holidays=True)))
moments = st.integers(0, 40 * DAY_MS)


@given(calendars, moments, moments)
def test_business_time_laid_out_is_that_of_the_calendar(calendar: Calendar, one: int, other: int) -> None:
    since = at(20)  # over Qingming, and into a month with a working weekend
    start, end = (since + timedelta(milliseconds=each) for each in (one, other))
    laid_out = BusinessTime(calendar, since, since + timedelta(days=40))
    ms = [[round(each.timestamp() * 1000)] for each in (start, end)]
    assert laid_out.between(*ms).tolist() == [calendar.business_ms(start, end)]


@pytest.mark.parametrize("microseconds", [1, 499, 500, 999])
def test_a_period_may_end_between_two_milliseconds(microseconds: int) -> None:
    until = at(21) + timedelta(microseconds=microseconds)
    laid_out = BusinessTime(ALWAYS, at(20), until)
    assert laid_out.between([at(20).timestamp() * 1000], [at(22).timestamp() * 1000]) // DAY_MS == [1]


async def test_a_night_does_not_count_as_business_time(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            insert(TABLES.tickets).values(ticket(1, at(4, 17, 30), first_response_at=at(5, 9, 15), state="assigned"))
        )
        policy = replace(POLICY, calendars={"": OFFICE})
        report = await Measures(TABLES, lambda: policy).service(connection, SCOPE)
    assert report.total.first_response.wall == Spread(1, 56_700, 56_700, 56_700)
    assert report.total.first_response.business == Spread(1, 2_700, 2_700, 2_700)


async def test_groups_by_what_the_ticket_says_and_when_it_came(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for number, (intent, hour) in enumerate([("refund", 9), ("refund", 23), (None, 9)], start=1):
            facts = {"intent": intent} if intent else None
            await connection.execute(insert(TABLES.tickets).values(ticket(number, at(4, hour, 59), facts=facts)))
        sizes: dict[By, dict[str, int]] = {}
        for by in By:
            report = await MEASURES.service(connection, SCOPE, by)
            sizes[by] = {each.key: each.tickets for each in report.groups}
            assert report.total.tickets == 3
    assert sizes[By.INTENT] == {"": 1, "refund": 2}
    assert sizes[By.HOUR] == {"09": 2, "23": 1}
    assert sizes[By.DAY] == {"2026-03-04": 3}
    assert sizes[By.WEEKDAY] == {"3": 3}
    assert sizes[By.PRIORITY] == {"3": 3}
    assert sizes[By.REASON] == {"complaint": 3}


async def test_a_merged_ticket_is_not_counted_twice(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(TABLES.tickets).values(ticket(1, at(5))))
        await connection.execute(insert(TABLES.tickets).values(ticket(2, at(5), merged_into=1, state="closed")))
        report = await MEASURES.service(connection, SCOPE)
    assert report.total.tickets == 1


async def test_offers(engine: AsyncEngine) -> None:
    ends = [("accepted", 10), ("accepted", 30), ("declined", 5), ("expired", 60), ("withdrawn", 4), ("open", None)]
    async with engine.begin() as connection:
        await connection.execute(insert(TABLES.tickets).values(ticket(1, at(4))))
        for number, (state, after) in enumerate(ends, start=1):
            await connection.execute(
                insert(TABLES.offers).values(
                    ticket_id=1, conversation_id=1, agent="chenjing" if number % 2 else "limei", team="presale",
                    channel="wecom_kf", version=2, made_at=at(5), expires_at=at(5, 0, 1), state=state, candidates=[],
                    exclusions={}, reason="least_loaded",
                    ended_at=None if after is None else at(5) + timedelta(seconds=after),
                )
            )  # fmt: skip
        report = await MEASURES.offers(connection, SCOPE, By.AGENT)
        none = await MEASURES.offers(connection, replace(SCOPE, channel="official_account"))
    total = report.total
    assert (total.offers, total.accepted, total.declined, total.expired) == (6, Share(2, 4), 1, 1)
    assert (total.withdrawn, total.still_open) == (1, 1)
    assert total.accept_time == Spread(2, 20, 20, 28)
    assert [(each.key, each.offers) for each in report.groups] == [("chenjing", 3), ("limei", 3)]
    assert (none.total.offers, none.total.accepted.value) == (0, None)


async def test_satisfaction(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for number, score in enumerate([5, 5, 4, 1, None], start=1):
            await connection.execute(insert(TABLES.tickets).values(ticket(number, at(4))))
            rated_at = None if score is None else at(6)
            await connection.execute(
                insert(TABLES.ratings).values(
                    ticket_id=number, conversation_id=number, asked_at=at(5), rated_at=rated_at, score=score
                )
            )
        report = await MEASURES.satisfaction(connection, SCOPE)
    assert report.total.answered == Share(4, 5)
    assert report.total.mean == 3.75
    assert report.total.satisfied == Share(3, 4)
    assert report.total.scores == (1, 0, 0, 1, 2)


async def test_promises(engine: AsyncEngine) -> None:
    clocks: list[dict[str, Any]] = [
        {"kept": 1, "ended_at": at(5, 1)},
        {"kept": 0, "ended_at": at(5, 2), "warned_at": at(5), "breached_at": at(5, 1)},
        {"warned_at": at(5), "breached_at": at(5, 1)},  # runs on, too late already
        {},
        {"ended_at": at(5, 3)},  # given up with its ticket
    ]
    async with engine.begin() as connection:
        for number, values in enumerate(clocks, start=1):
            await connection.execute(insert(TABLES.tickets).values(ticket(number, at(4))))
            await connection.execute(
                insert(TABLES.sla_clocks).values(
                    ticket_id=number,
                    metric="first_response",
                    policy="p",
                    calendar="",
                    target_ms=1,
                    started_at=at(5),
                    **values,
                )
            )
        first, following, resolution = await MEASURES.sla(connection, SCOPE)
    total = first.total
    assert (total.promises, total.kept, total.breached) == (5, Share(1, 3), 2)
    assert (total.running, total.dropped, total.warned) == (1, 1, 2)
    assert (following.total.promises, resolution.total.promises) == (0, 0)


async def test_agents(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(TABLES.agents).values(id="limei", name="李梅", capacity=1))
        await connection.execute(insert(TABLES.agents).values(id="idle", name="闲", capacity=1))
        for hour, status in ((9, "ready"), (12, "away"), (13, "busy"), (18, "off")):
            await connection.execute(
                insert(TABLES.agent_states).values(agent_id="limei", at=at(5, hour), status=status, by="limei")
            )
        moves = [(1, 2, 10, "agent"), (1, 3, 11, "bot"), (2, 2, 17, "agent"), (3, 2, 17, "agent"), (3, 3, 19, "queue")]
        for conversation, version, hour, owner in moves:
            await connection.execute(
                insert(TABLES.assignment_log).values(
                    conversation_id=conversation, version=version, from_owner="queue", to_owner=owner,
                    agent="limei" if owner == "agent" else None, team="presale", cause="test", candidates=[],
                    exclusions={}, reason="", at=at(5, hour),
                )
            )  # fmt: skip
        day = Scope(at(5), at(6), NOW, SHANGHAI)
        (limei,) = await MEASURES.agents(connection, day)
    assert (limei.agent, limei.taken, limei.most, limei.over_capacity) == ("limei", 3, 2, 1)
    assert limei.present_s == 8 * 3600  # 9–12 and 13–18
    assert limei.busy_s == 8 * 3600  # 10–11, and 17 until midnight: the second is still hers
    assert limei.occupancy == pytest.approx(2 / 8)
    assert limei.concurrency == pytest.approx((1 + 2 * 2 + 5) / 8)


stretches = st.lists(
    st.builds(
        lambda began, long: Stretch(began, None if long > 30 else began + long), st.integers(0, 50), st.integers(0, 33)
    ),
    max_size=8,
)


@given(stretches, stretches, st.integers(0, 20), st.integers(21, 60), st.integers(0, 3))
def test_the_sweep_is_a_count_of_every_moment(
    chats: list[Stretch], here: list[Stretch], since: int, until: int, capacity: int
) -> None:
    swept = sweep(chats, here, since, until, capacity)

    def on(told: list[Stretch], moment: int) -> int:
        return sum(each.began <= moment and (each.ended is None or moment < each.ended) for each in told)

    loads = [(on(chats, moment), on(here, moment)) for moment in range(since, until)]
    assert swept.load == sum(load for load, _ in loads)
    assert swept.busy == sum(load > 0 for load, _ in loads)
    assert swept.present == sum(present > 0 for _, present in loads)
    assert swept.occupied == sum(load > 0 and present > 0 for load, present in loads)
    assert swept.most == max(load for load, _ in loads)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Scope(at(5), at(4), NOW, SHANGHAI)
