"""Is a sample for review the same whenever it is drawn, and fair to every agent and week?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Voice
from archive.analysis import sample, spoken_in
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import entry, trial

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # Sunday, eleven at night in the shop

_sessions = st.dictionaries(
    st.integers(1, 10_000),
    st.tuples(st.sampled_from(["", "chenjing", "wanglei"]), st.integers(0, 20)),
    max_size=60,
).map(lambda made: [(id_, agent, START + timedelta(days=day)) for id_, (agent, day) in made.items()])


@given(sessions=_sessions, each=st.integers(1, 4), order=st.randoms(use_true_random=False))
def test_every_agent_and_week_has_its_few_the_same_in_any_order(
    sessions: list[tuple[int, str, datetime]], each: int, order: object
) -> None:
    drawn = sample(sessions, each=each, zone=ZONE)
    shuffled = list(sessions)
    order.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' Random
    assert sample(shuffled, each=each, zone=ZONE) == drawn
    for week, agent in {(one.week, one.agent) for one in drawn}:
        there = [
            id_
            for id_, who, at in sessions
            if who == agent and "{}-W{:02}".format(*at.astimezone(ZONE).isocalendar()[:2]) == week
        ]
        mine = [one.session_id for one in drawn if (one.week, one.agent) == (week, agent)]
        assert len(mine) == min(each, len(there))
        assert set(mine) <= set(there)


def test_weeks_are_those_of_the_shop() -> None:
    assert [one.week for one in sample([(1, "", START), (2, "", START + timedelta(hours=2))], each=1, zone=ZONE)] == [
        "2026-W09",
        "2026-W10",
    ]


def test_another_seed_draws_others() -> None:
    sessions = [(id_, "chenjing", START) for id_ in range(1000)]
    assert sample(sessions, each=5, zone=ZONE) != sample(sessions, each=5, zone=ZONE, seed="again")


async def test_a_session_is_everybodys_who_spoke_in_it_and_nobodys_where_none_did(engine: AsyncEngine) -> None:
    shop = trial(engine)
    await shop.add(
        entry(1),
        entry(2, "在查", voice=Voice.AGENT, who="chenjing"),
        entry(3, "到了", voice=Voice.AGENT, who="wanglei"),
        entry(4, "再见", voice=Voice.AGENT, who="wanglei"),
        entry(5, customer="xiaowang"),
        entry(6, "48 小时内", voice=Voice.BOT, customer="xiaowang"),
    )
    await shop.work()
    ids = {each.customer: each.id for each in await shop.sessions()}
    rows = await shop.rows(spoken_in(ARCHIVE_TABLES.analysis.sessions, ARCHIVE_TABLES.entries))
    assert sorted((row[0], row[1]) for row in rows) == sorted(
        [(ids["xiaolin"], "chenjing"), (ids["xiaolin"], "wanglei"), (ids["xiaowang"], "")]
    )
