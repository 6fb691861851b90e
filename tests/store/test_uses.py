"""Are the facts about scripts kept once, with the turn that saw them, and do they add up?"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.learning import Found, Heard, InVain, UseKind
from bot.store.lessons import feedback, questions_in_vain
from bot.store.tables import inbox, turns
from bot.store.uses import WINDOW, UseCount, Uses, script_uses
from knowledge_base import Judged
from tests.databases import empty
from tests.store.counter import NOON, SAID, Counter, message

A, B = Found("a", "多久发货", 0.9), Found("b", "开发票", 0.5)
SINCE = NOON - timedelta(days=1)


async def everybody(connection: AsyncConnection, people: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
    del connection
    return people


@dataclass
class Listening:
    """A counter where every message is heard."""

    counter: Counter
    uses: Uses = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.uses = Uses(now=self.counter.clock)

    async def hear(self, heard: Heard, customer: str = "amy") -> int:
        """She writes, gets a turn, and the facts are written; the turn's id."""
        self.number += 1
        await self.counter.intake.accept([message(self.number, customer, text=heard.text, at=self.counter.clock())])
        turn = await self.counter.turns.commit_turn(await self.counter.claim(), SAID)
        await self.follow(turn, heard)
        return turn

    async def follow(self, turn: int, heard: Heard) -> None:
        conversation = next(row.conversation_id for row in await self.counter.rows(turns) if row.id == turn)
        async with self.counter.engine.begin() as connection:
            await self.uses.follow(connection, turn, conversation, heard)

    async def facts(self) -> list[tuple[str, str, int, int]]:
        rows = await self.counter.rows(script_uses)
        return [(row.kind, row.script_id, row.about_turn_id, row.asked_turn_id) for row in rows]

    async def counts(self, *, by_question: bool = False) -> dict[str, UseCount]:
        async with self.counter.engine.connect() as connection:
            found = await self.uses.counts(connection, SINCE, by_question=by_question)
        return {each.script_id + each.question: each for each in found}

    async def in_vain(self) -> Sequence[InVain]:
        async with self.counter.engine.connect() as connection:
            return (await questions_in_vain(connection, SINCE, everybody)).questions

    async def judged(self) -> Sequence[Judged]:
        async with self.counter.engine.connect() as connection:
            return await feedback(connection, SINCE, everybody)


@pytest.fixture
def listening(counter: Counter) -> Listening:
    return Listening(counter)


async def test_a_menu_a_choice_and_what_came_of_it(listening: Listening) -> None:
    asked = await listening.hear(Heard("票", offered=(A, B)))
    picked = await listening.hear(Heard("开发票", picked="b", best="b", shown=(B,)))
    await listening.hear(Heard("没用"))
    await listening.hear(Heard("转人工", wants_person=True))
    assert await listening.facts() == [
        ("offered", "a", asked, asked),
        ("offered", "b", asked, asked),
        ("passed_over", "a", asked, asked),
        ("chosen", "b", asked, asked),
        ("shown", "b", picked, asked),
        ("unhelpful", "b", picked, asked),
        ("person", "b", picked, asked),
    ]
    counted = (await listening.counts())["b"]
    assert (counted[UseKind.SHOWN], counted.failed, counted.contained) == (1, 1, 0)
    assert (await listening.counts())["a"].contained is None
    assert (await listening.counts(by_question=True))["b开发票"][UseKind.CHOSEN] == 1


async def test_the_same_turn_again_changes_nothing(listening: Listening) -> None:
    turn = await listening.hear(Heard("多久发货", shown=(A,)))
    await listening.follow(turn, Heard("多久发货", shown=(A,)))
    assert [kind for kind, *_ in await listening.facts()] == ["shown"]


async def test_a_turn_that_is_not_written_leaves_no_fact(listening: Listening) -> None:
    turn = await listening.hear(Heard("多久发货", shown=(A,)))
    async with listening.counter.engine.connect() as connection:  # as where the worker dies before the commit
        await listening.uses.follow(connection, turn, 1, Heard("没用"))
        await connection.rollback()
    assert [kind for kind, *_ in await listening.facts()] == ["shown"]


async def test_what_was_shown_long_ago_is_not_judged(listening: Listening) -> None:
    await listening.hear(Heard("多久发货", shown=(A,)))
    listening.counter.clock.forward(WINDOW.total_seconds())
    await listening.hear(Heard("没用"))
    assert [kind for kind, *_ in await listening.facts()] == ["shown"]


async def test_after_a_person_was_called_nothing_more_is_judged(listening: Listening) -> None:
    await listening.hear(Heard("多久发货", shown=(A,)))
    await listening.hear(Heard("转人工", wants_person=True))
    await listening.hear(Heard("没用"))
    assert [kind for kind, *_ in await listening.facts()] == ["shown", "person"]


async def test_another_customers_words_judge_nothing_of_hers(listening: Listening) -> None:
    await listening.hear(Heard("多久发货", shown=(A,)), customer="amy")
    await listening.hear(Heard("没用"), customer="ben")
    assert [kind for kind, *_ in await listening.facts()] == ["shown"]


async def test_questions_in_vain_come_in_the_customers_words(listening: Listening) -> None:
    await listening.hear(Heard("能刻字吗", missed=True))
    await listening.hear(Heard("多久发货", shown=(A,)), customer="ben")
    await listening.hear(Heard("没用"), customer="ben")
    await listening.hear(Heard("转人工", wants_person=True), customer="ben")
    found = await listening.in_vain()
    assert [(each.text, each.kind, each.script_id) for each in found] == [
        ("能刻字吗", UseKind.MISSED, ""),
        ("多久发货", UseKind.UNHELPFUL, "a"),
    ]
    assert len({each.customer for each in found}) == 2


async def test_what_is_erased_from_the_inbox_teaches_nothing(listening: Listening) -> None:
    await listening.hear(Heard("能刻字吗", missed=True))
    await listening.hear(Heard("票", offered=(A, B)))
    await listening.hear(Heard("开发票", picked="b", shown=(B,)))
    assert await listening.judged() == (Judged("票", "a", False), Judged("票", "b", True))
    async with listening.counter.engine.begin() as connection:
        await connection.execute(update(inbox).values(body={}))
    assert (await listening.in_vain(), await listening.judged()) == ((), ())


async def test_bubbles_read_together_are_one_question(listening: Listening) -> None:
    first = await listening.hear(Heard("你们家口红"))
    last = await listening.hear(Heard("能刻字吗", missed=True))
    async with listening.counter.engine.begin() as connection:
        await connection.execute(update(turns).where(turns.c.id == first).values(joined_into=last))
    assert [each.text for each in await listening.in_vain()] == ["你们家口红，能刻字吗"]


SCRIPTS = st.lists(st.sampled_from([A, B]), unique=True, max_size=2).map(tuple)
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["amy", "ben"]),
        st.builds(
            Heard,
            text=st.sampled_from(["没用", "谢谢", "多久发货", "转人工", "在吗"]),
            picked=st.sampled_from(["", "a"]),
            best=st.sampled_from(["", "a"]),
            shown=SCRIPTS,
            offered=SCRIPTS,
            missed=st.booleans(),
            wants_person=st.booleans(),
        ),
    ),
    max_size=12,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=MESSAGES)
async def test_whatever_is_said_the_counts_add_up(engine: AsyncEngine, said: list[tuple[str, Heard]]) -> None:
    await empty(engine)
    counter = Counter(engine)
    listening = Listening(counter)
    for customer, heard in said:
        await listening.hear(heard, customer)
    counted = await listening.counts()
    written = Tally((kind, script) for kind, script, *_ in await listening.facts() if script)
    assert {
        (kind.value, each.script_id): count for each in counted.values() for kind, count in each.kinds.items()
    } == written
    for each in counted.values():
        shown = sum(each.script_id in {script.script_id for script in heard.shown} for _, heard in said)
        assert each[UseKind.SHOWN] == shown
        assert each[UseKind.CHOSEN] + each[UseKind.PASSED_OVER] <= each[UseKind.OFFERED]
        for verdict in (UseKind.UNHELPFUL, UseKind.PERSON, UseKind.SATISFIED, UseKind.ASKED_AGAIN):
            assert each[verdict] <= each[UseKind.SHOWN]
        assert max(each[UseKind.UNHELPFUL], each[UseKind.PERSON]) <= each.failed <= each[UseKind.SHOWN]
    await counter.intake.aclose()
