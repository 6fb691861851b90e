"""Is what was said analysed once, newest first, whatever dies, fails or comes between?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from archive import Voice
from archive.analysis import (
    DISMISSED,
    DueSession,
    OvertakenError,
    QualityRule,
    ServiceFacts,
    Severity,
    Unanswered,
    progress_of,
)
from archive.analysis.analyzers.questions import Questions
from archive.analysis.fresh import analyse_fresh
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import RULES, TABLES, Moods, Trial, entry, trial
from tests.archive.analysis.lines import at
from tests.archive.purged import purged
from tests.databases import empty

POINTS = (
    "analysis.read", "analysis.marked", "analysis.kept", "analysis.settled", "judging.read", "judging.judged",
    "judging.written", "anew.marked", "anew.kept", "anew.due",
)  # fmt: skip


async def test_a_session_is_analysed_and_judged(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(
        entry(1, "多久发货？"),
        entry(2, "48 小时内", voice=Voice.BOT),
        entry(3, "发什么快递？"),
        entry(4, "在吗", minute=100, customer="xiaowang"),
    )
    shop.time = at(60)
    await shop.work()
    first, other = await shop.sessions()
    assert (first.customer, first.messages, first.customer_messages, first.bot_messages) == ("xiaolin", 3, 2, 1)
    assert (first.first_response_s, first.unanswered, first.satisfaction) == (60, 1, 5.0)
    assert first.mood_first == pytest.approx(0.65)
    assert 0.65 < first.mood_last < 0.66
    assert (other.customer, other.messages) == ("xiaowang", 1)
    [found] = await shop.findings()
    assert (found.rule, found.severity, found.entry_ids, found.session_id) == ("没有回答", "major", [3], first.id)
    assert await shop.fresh() == 0
    assert sorted(shop.indexed) == ["1", "2", "3", "4"]
    assert shop.noticed == {("shop", "xiaolin"), ("shop", "xiaowang")}
    assert not (await shop.runner().step(3)).worked


async def test_analyzers_are_warm_before_anybody_speaks(engine: AsyncEngine) -> None:
    moods, silent = Moods(), Moods(poison="发货")
    shop = replace(trial(engine), analyzers=(silent, moods))
    await shop.runner().warm_up()
    assert (len(moods.read), len(silent.read)) == (1, 0)
    assert await shop.results() == set()


async def test_a_step_says_whether_it_was_full(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1, "多久发货？"), entry(2, "在吗"), entry(3, "发什么快递？"))
    runner = shop.runner()
    assert [(await runner.step(2)).full for _ in range(3)] == [True, True, False]


async def test_details_are_sealed_and_open_with_their_key(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1, "多久发货？"))
    await shop.work()
    [row] = await shop.rows(select(TABLES.results).where(TABLES.results.c.analyzer == "sentiment"))
    assert "多久".encode() not in row.sealed
    ground = shop.ground()
    async with ground.readers.connect() as connection:
        assert (await ground.results.of(connection, [1], ["sentiment"]))[1, "sentiment"].detail == {"of": "多久发货？"}
    async with engine.begin() as connection:
        await purged(connection, shop.archive, "xiaolin")
    async with ground.readers.connect() as connection:
        assert not await ground.results.of(connection, [1], ["sentiment"])


async def test_the_newest_come_first(engine: AsyncEngine) -> None:
    shop = trial(engine)
    moods = Moods()
    shop.analyzers = (moods,)
    await shop.add(*(entry(number) for number in range(1, 6)))
    await shop.runner().step(2)
    assert moods.read == [4, 5]


async def test_what_arrives_in_between_makes_two_sessions_one(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(500)
    await shop.add(entry(1, minute=0), entry(2, minute=50))
    await shop.work()
    assert len(await shop.sessions()) == len(await shop.findings()) == 2
    await shop.add(entry(3, "好的", minute=25, voice=Voice.AGENT, who="chenjing"))
    await shop.work()
    [session] = await shop.sessions()
    assert (session.messages, session.agent, session.started_at, session.ended_at) == (3, "chenjing", at(0), at(50))
    assert [each.anchor for each in await shop.findings()] == [2]


async def test_groups_are_their_own_sessions_whoever_speaks(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1, room="wr1"), entry(2, room="wr1", customer="xiaowang"), entry(3))
    await shop.work()
    assert sorted((each.customer, each.room, each.messages) for each in await shop.sessions()) == [
        ("", "wr1", 2),
        ("xiaolin", "", 1),
    ]


async def test_poison_is_left_out_of_one_analyzer_only_and_shown(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1, "有毒吗？"), entry(2, "多久发货？"))
    step = await shop.runner().step(10)
    assert step.fresh.failed == 1
    assert {(id_, name, failed) for id_, name, _, _, failed in await shop.results()} == {
        (1, "question", ""),
        (1, "sentiment", "ValueError"),
        (2, "question", ""),
        (2, "sentiment", ""),
    }
    ground = shop.ground()
    async with ground.readers.connect() as connection:
        assert await ground.results.failures(connection) == {("sentiment", "ValueError"): 1}


async def test_who_may_not_be_analysed_is_not_read(engine: AsyncEngine) -> None:
    shop = trial(engine)
    moods = Moods()
    shop.analyzers, shop.forbidden = (moods,), {"xiaowang"}
    await shop.add(entry(1), entry(2, customer="xiaowang"))
    step = await shop.runner().step(10)
    assert (step.fresh.entries, step.fresh.withheld, moods.read) == (2, 1, [1])
    assert await shop.fresh() == 0
    assert [each.customer for each in await shop.sessions()] == ["xiaolin"]


async def test_a_withdrawal_while_it_is_read_keeps_nothing(engine: AsyncEngine) -> None:
    shop = trial(engine)

    def withdraw(point: str) -> None:
        if point == "analysis.marked":
            shop.forbidden.add("xiaolin")

    shop.reached = withdraw
    await shop.add(entry(1))
    await shop.work()
    assert await shop.results() == set()
    assert await shop.sessions() == []


async def test_who_was_erased_while_she_was_read_stays_erased(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1), entry(2, customer="xiaowang"))
    shop.after_reading = lambda connection: purged(connection, shop.archive, "xiaowang")
    await shop.work()
    assert {id_ for id_, *_ in await shop.results()} == {1}
    assert [each.customer for each in await shop.sessions()] == ["xiaolin"]


async def test_what_does_not_open_any_more_is_settled(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1), entry(2, customer="xiaowang"))
    async with engine.begin() as connection:
        keys = ARCHIVE_TABLES.keys
        await connection.execute(delete(keys).where(keys.c.subject.like("%xiaowang")))
    await shop.work()
    assert await shop.fresh() == 0
    assert [each.customer for each in await shop.sessions()] == ["xiaolin"]


async def test_a_better_analyzer_reads_all_again_and_only_it_does(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(*(entry(number) for number in range(1, 8)))
    await shop.work()
    better = Moods(version=2)
    shop.analyzers = (Questions(), better)
    runner = shop.runner()
    assert (await runner.step(3)).anew == 3
    assert better.read == [5, 6, 7]  # the newest first
    [moods] = [each for each in await progress_of(shop.ground()) if each.analyzer == "sentiment"]
    assert (moods.version, moods.done, moods.total, moods.is_done) == (2, 3, 7, False)
    await shop.add(entry(8))
    assert (await runner.step(3)).fresh.entries == 1  # what is said now comes first
    await runner.stop()
    await shop.work()
    assert {(name, version) for _, name, version, _, _ in await shop.results()} == {("question", 1), ("sentiment", 2)}
    assert sorted(better.read) == list(range(1, 9))
    assert (await shop.sessions())[0].mood_first == pytest.approx(0.7)
    assert all(each.is_done for each in await progress_of(shop.ground()))


async def test_an_older_process_stands_down(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.analyzers = (Moods(version=1),)
    old = shop.runner()
    await old.step(1)
    await old.stop()
    shop.analyzers = (Moods(version=2),)
    await shop.work()
    await shop.add(entry(1))
    with pytest.raises(OvertakenError, match="version 2"):
        await old.step(1)
    shop.analyzers = (Moods(version=1),)
    with pytest.raises(OvertakenError, match="this process has 1"):
        await shop.runner().step(1)
    assert await shop.fresh() == 1


async def test_other_rules_judge_all_sessions_again(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1))
    await shop.work()
    shop.rules = (QualityRule("一小时没有回答", Severity.MINOR, Unanswered(timedelta(minutes=30))),)
    await shop.work()
    assert [each.rule for each in await shop.findings()] == ["一小时没有回答"]


async def test_time_alone_makes_a_question_unanswered(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(2)
    await shop.add(entry(1))
    await shop.work()
    assert await shop.findings() == []
    shop.time = at(11)
    await shop.work()
    assert [each.anchor for each in await shop.findings()] == [1]


async def test_what_a_person_decided_about_a_finding_stays(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1))
    await shop.work()
    [found] = await shop.findings()
    async with engine.begin() as connection:
        assert await shop.ground().findings.review(connection, found.id, DISMISSED)
    await shop.add(entry(2, "人呢？"))
    await shop.work()
    [again] = await shop.findings()
    assert (again.id, again.state, again.entry_ids) == (found.id, DISMISSED, [1, 2])


async def test_a_recalled_entry_counts_no_more(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1))
    await shop.work()
    async with engine.begin() as connection:
        await shop.archive.recall(connection, "test", ["1"])
    await shop.work()
    assert await shop.sessions() == []
    assert await shop.findings() == []


async def test_one_at_a_time_and_the_next_when_it_stops_or_dies(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(*(entry(number) for number in range(1, 4)))
    one, two = shop.runner(), shop.runner()
    assert (await one.step(1)).worked
    assert (await two.step(1)).elsewhere
    await one.stop()
    assert (await two.step(1)).worked
    assert (await one.step(1)).elsewhere
    shop.time += timedelta(minutes=2)  # two is dead
    assert (await one.step(1)).worked


async def test_two_at_once_write_once(engine: AsyncEngine) -> None:
    """Even where both think that it is their turn."""
    shop = trial(engine)
    await shop.add(*(entry(number) for number in range(1, 10)))
    await shop.work(0)  # registered
    done = await asyncio.gather(*(analyse_fresh(shop.ground(), 9) for _ in range(3)))
    assert sum(each.entries for each in done) == 9
    assert len(await shop.sessions()) == 1
    assert len(await shop.results()) == 18


async def test_a_session_that_changes_while_it_is_judged_is_judged_again(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1, conversation_id=7))
    late = [entry(2, "好的谢谢", conversation_id=7)]

    async def facts_of(connection: AsyncConnection, due: Sequence[DueSession]) -> Mapping[int, ServiceFacts]:
        """She writes on after her session was read, and that is analysed at once."""
        del connection, due
        if late:
            await shop.add(late.pop())
            await analyse_fresh(shop.ground(), 9)
        return {}

    runner = replace(shop.runner(), facts_of=facts_of)
    await runner.step(9)
    assert [each.messages for each in await shop.sessions()] == [0]  # what was read is not what is there
    await runner.step(9)
    assert [each.messages for each in await shop.sessions()] == [2]


class Died(Exception):  # noqa: N818 - reads as the fact it is
    """The process is gone."""


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deaths=st.lists(st.tuples(st.sampled_from(POINTS), st.integers(1, 3)), max_size=6),
    minutes=st.lists(st.integers(0, 200), min_size=1, max_size=9),
    batch=st.integers(1, 5),
)
async def test_deaths_repeat_but_never_double_or_lose(
    engine: AsyncEngine, deaths: list[tuple[str, int]], minutes: list[int], batch: int
) -> None:
    """What a run with deaths between any two steps leaves is what a run without any leaves."""
    said = [entry(number, minute=minute) for number, minute in enumerate(minutes, start=1)]
    left = []
    for plan in ([], deaths):
        await empty(engine)
        shop = trial(engine)
        shop.time = at(1000)
        await shop.add(*said[: len(said) // 2])
        await _with_deaths(shop, list(plan), batch)
        shop.analyzers = (Questions(), Moods(version=2))
        shop.rules = (*RULES, QualityRule("很久没有回答", Severity.CRITICAL, Unanswered(timedelta(minutes=60))))
        await shop.add(*said)
        await _with_deaths(shop, list(plan), batch)
        left.append(await _left(shop))
        assert await shop.fresh() == 0
    assert left[0] == left[1]


async def _with_deaths(shop: Trial, deaths: list[tuple[str, int]], batch: int) -> None:
    passed: dict[str, int] = {}

    def reached(point: str) -> None:
        passed[point] = passed.get(point, 0) + 1
        if deaths and deaths[0] == (point, passed[point]):
            deaths.pop(0)
            passed.clear()
            raise Died(point)

    shop.reached = reached
    for _ in range(100):
        try:
            await shop.work(batch)
        except Died:
            shop.time += timedelta(minutes=2)  # until its turn is over
            continue
        return
    raise AssertionError("it never comes to an end")


async def _left(shop: Trial) -> tuple[object, ...]:
    e = ARCHIVE_TABLES.entries
    number = {row.id: row.source_id for row in await shop.rows(select(e.c.id, e.c.source_id))}
    together: dict[int, set[str]] = {}
    for row in await shop.rows(select(e.c.source_id, e.c.session_id)):
        together.setdefault(row.session_id, set()).add(row.source_id)
    sessions = {
        (frozenset(together[row.id]), row.messages, row.unanswered, row.mood_last) for row in await shop.sessions()
    }
    findings = sorted((row.rule, [number[id_] for id_ in row.entry_ids]) for row in await shop.findings())
    results = {(number[id_], *rest) for id_, *rest in await shop.results()}
    done = {(each.analyzer, each.version, each.is_done) for each in await progress_of(shop.ground())}
    return sessions, findings, results, done


async def test_entries_that_have_their_session_already_stay_in_it(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(entry(1), entry(2))
    await shop.work()
    async with engine.begin() as connection:
        await connection.execute(update(ARCHIVE_TABLES.entries).values(fresh=1))
    await shop.work()
    [session] = await shop.sessions()
    assert session.messages == 2
