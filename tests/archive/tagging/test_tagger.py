"""Do tags follow what was said, once, whoever dies or comes between, and do people have the last word?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from archive.analysis import Mark, Utterance
from archive.entry import Entry, Voice
from archive.tagging import (
    Context,
    Customer,
    EvidenceReader,
    HasIntent,
    Spoken,
    Tag,
    Tagger,
    TagRules,
    TagState,
    TagStore,
    TagWatch,
)
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import Trial, entry, trial
from tests.archive.analysis.lines import at
from tests.archive.tagging.evidence import clue, rule, rules

POINTS = ("tagging.read", "tagging.judged", "tagging.written")
XIAOLIN = ("shop", "xiaolin")


class Words:
    """Every two characters of a text are keywords of it."""

    name = "keywords"
    version = 1

    def analyze(self, batch: Sequence[Utterance]) -> Sequence[Mark | None]:
        return [Mark(each.id, detail={"keywords": [[each.text[:2], 1.0]]}) for each in batch]


@dataclass
class Tagged:
    """An archive that is analysed, and its tagger. told: whose tags changed, each time that was told."""

    shop: Trial
    rules: TagRules = field(default_factory=rules)
    context: Mapping[str, Context] = field(default_factory=dict)
    reached: Callable[[str], None] = lambda _: None
    told: list[Customer] = field(default_factory=list)
    store: TagStore = field(default_factory=lambda: TagStore(ARCHIVE_TABLES.tags))
    watch: TagWatch = field(default_factory=lambda: TagWatch(ARCHIVE_TABLES.tags))

    def tagger(self) -> Tagger:
        ground = self.shop.ground()
        reader = EvidenceReader(
            ARCHIVE_TABLES.entries, ARCHIVE_TABLES.analysis.sessions, ground.results, self.known, self.shop.may
        )
        return Tagger(
            engine=self.shop.engine,
            readers=ground.readers,
            store=self.store,
            watch=self.watch,
            evidence=reader,
            rules=lambda: self.rules,
            changed=self.changed,
            recheck=timedelta(days=1),
            now=lambda: self.shop.time,
            reached=lambda point: self.reached(point),  # noqa: PLW0108 - as it is set when it is told
        )

    async def known(self, connection: AsyncConnection, said: Sequence[Spoken]) -> Mapping[int, Context]:
        del connection
        return {each.entry_id: self.context[each.source_id] for each in said if each.source_id in self.context}

    async def changed(self, connection: AsyncConnection, people: Sequence[Customer]) -> None:
        del connection
        self.told += people

    async def says(self, *entries: Entry) -> None:
        """It is said and analysed, and whoever said it is to be looked at."""
        await self.shop.add(*entries)
        await self.shop.work()
        await self.notice(*{(each.account, each.customer) for each in entries})

    async def notice(self, *people: Customer) -> None:
        async with self.shop.engine.begin() as connection:
            await self.watch.notice(connection, people, self.shop.time)

    async def decide(self, name: str, state: TagState | None, by: str = "chenjing") -> None:
        async with self.shop.engine.begin() as connection:
            await self.watch.notice(connection, [XIAOLIN], self.shop.time)
            await self.store.decide(connection, XIAOLIN, name, state, by=by, now=self.shop.time)

    async def work(self) -> None:
        for _ in range(20):
            if not (await self.tagger().step(2)).people:
                return
        raise AssertionError("it never comes to rest")

    async def tags(self, customer: str = "xiaolin") -> dict[str, Tag]:
        async with self.shop.engine.connect() as connection:
            return {tag.name: tag for tag in await self.store.of(connection, "shop", customer)}

    async def states(self) -> dict[str, TagState]:
        return {name: tag.state for name, tag in (await self.tags()).items()}

    async def history(self) -> list[tuple[str, str]]:
        async with self.shop.engine.connect() as connection:
            return [(each.state.value, each.by) for each in (await self.store.history(connection, *XIAOLIN))[::-1]]


@pytest.fixture
def tagged(engine: AsyncEngine) -> Tagged:
    made = Tagged(trial(engine))
    made.shop.analyzers = (Words(),)
    return made


def lipstick(number: int, **more: Any) -> Entry:
    """Each in a session of its own."""
    return entry(number, "口红有吗", minute=number * 100, **more)


async def test_a_tag_comes_with_its_evidence(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2), entry(3, "口红", voice=Voice.AGENT, who="chenjing", minute=300))
    tagged.shop.time = at(300)
    await tagged.work()
    tag = (await tagged.tags())["美妆爱好者"]
    assert (tag.state, tag.evidence, tag.by) == (TagState.ACTIVE, (2, 1), "")
    assert tag.confidence == pytest.approx(0.64, abs=0.01)
    assert (tag.first_seen, tag.last_seen, tag.changed_at) == (at(100), at(200), at(300))
    assert tagged.told == [XIAOLIN]
    assert await tagged.history() == [("active", "")]


async def test_looking_again_changes_nothing(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await tagged.work()
    before = await tagged.tags()
    await tagged.notice(XIAOLIN)
    await tagged.work()
    assert await tagged.tags() == before
    assert (tagged.told, await tagged.history()) == ([XIAOLIN], [("active", "")])
    assert not (await tagged.tagger().step(10)).people


async def test_it_fades_by_time_alone(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await tagged.work()
    for _ in range(40):
        tagged.shop.time += timedelta(days=1)
        await tagged.work()
    tag = (await tagged.tags())["美妆爱好者"]
    assert (tag.state, tag.confidence, tag.evidence) == (TagState.FADED, 0.0, (2, 1))
    assert tagged.told == [XIAOLIN, XIAOLIN]
    assert await tagged.history() == [("active", ""), ("faded", "")]
    watch = await tagged.shop.rows(select(ARCHIVE_TABLES.tags.watch.c.due_at))
    assert [row.due_at for row in watch] == [None]


async def test_other_rules_look_at_everybody(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2), lipstick(3, customer="xiaowang"))
    await tagged.work()
    tagged.rules = rules(rule("口红客", clue(weight=0.9)))
    await tagged.work()
    assert await tagged.states() == {"口红客": TagState.ACTIVE, "美妆爱好者": TagState.FADED}
    assert set(await tagged.tags("xiaowang")) == {"口红客"}


async def test_what_the_product_knows_of_a_message_counts(tagged: Tagged) -> None:
    tagged.rules = rules(rule("时效敏感", clue(HasIntent(frozenset({"urge"})), weight=0.7)))
    tagged.context = {"1": Context(intent="urge")}
    await tagged.says(entry(1, "到哪了"), entry(2, "到哪了", customer="xiaowang"))
    await tagged.work()
    assert (set(await tagged.tags()), set(await tagged.tags("xiaowang"))) == ({"时效敏感"}, set())


async def test_people_have_the_last_word(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await tagged.work()
    await tagged.decide("美妆爱好者", TagState.VETOED)
    await tagged.says(lipstick(3))
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.VETOED}
    await tagged.decide("美妆爱好者", None)
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.ACTIVE}
    await tagged.decide("美妆爱好者", TagState.PINNED)
    tagged.shop.time += timedelta(days=400)
    await tagged.work()
    assert (await tagged.tags())["美妆爱好者"].by == "chenjing"
    assert await tagged.states() == {"美妆爱好者": TagState.PINNED}
    await tagged.decide("美妆爱好者", None)
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.FADED}
    assert await tagged.history() == [
        ("active", ""),
        ("vetoed", "chenjing"),
        ("faded", "chenjing"),
        ("active", ""),
        ("pinned", "chenjing"),
        ("active", "chenjing"),
        ("faded", ""),
    ]


async def test_a_decision_while_we_judge_is_not_undone(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))

    async def veto(connection: AsyncConnection) -> None:
        await tagged.watch.notice(connection, [XIAOLIN], tagged.shop.time)
        await tagged.store.decide(
            connection, XIAOLIN, "美妆爱好者", TagState.VETOED, by="chenjing", now=tagged.shop.time
        )

    tagged.shop.after_reading = veto
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.VETOED}


async def test_who_may_not_be_analysed_loses_what_rules_gave(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await tagged.work()
    tagged.shop.forbidden = {"xiaolin"}
    await tagged.notice(XIAOLIN)
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.FADED}


async def test_one_who_cannot_be_looked_at_holds_up_nobody(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2), *(lipstick(each, customer="xiaowang") for each in (3, 4)))
    tagged.context = {"1": Context(topics=frozenset())}
    broken = tagged.known

    async def known(connection: AsyncConnection, said: Sequence[Spoken]) -> Mapping[int, Context]:
        if any(each.source_id == "1" for each in said):
            raise ValueError("cannot be read")
        return await broken(connection, said)

    tagged.known = known  # type: ignore[method-assign] # what the product knows of a message comes from outside
    step = await tagged.tagger().step(10)
    assert (step.people, step.failed, step.changed) == (2, 1, (("shop", "xiaowang"),))
    assert not (await tagged.tagger().step(10)).people
    async with tagged.shop.engine.connect() as connection:
        assert await tagged.watch.counts(connection, tagged.shop.time) == {"due": 0, "ValueError": 1}
    tagged.known = broken  # type: ignore[method-assign]
    tagged.shop.time += timedelta(minutes=2)
    await tagged.work()
    assert set(await tagged.tags()) == {"美妆爱好者"}


@pytest.mark.parametrize("point", POINTS)
async def test_a_death_anywhere_loses_and_doubles_nothing(tagged: Tagged, point: str) -> None:
    await tagged.says(lipstick(1), lipstick(2))

    def die(reached: str) -> None:
        if reached == point:
            raise asyncio.CancelledError

    tagged.reached = die
    with pytest.raises(asyncio.CancelledError):
        await tagged.tagger().step(10)
    tagged.reached = lambda _: None
    await tagged.work()
    assert await tagged.states() == {"美妆爱好者": TagState.ACTIVE}
    assert (tagged.told, await tagged.history()) == ([XIAOLIN], [("active", "")])


async def test_two_at_once_write_it_once(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await asyncio.gather(*(tagged.tagger().step(10) for _ in range(4)))
    assert await tagged.history() == [("active", "")]
    assert len(tagged.told) == 1


async def test_what_is_forgotten_is_gone(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2), lipstick(3, customer="xiaowang"))
    await tagged.work()
    async with tagged.shop.engine.begin() as connection:
        assert await tagged.store.forget(connection, *XIAOLIN) == 1
    assert (await tagged.tags(), await tagged.history()) == ({}, [])
    await tagged.work()
    assert await tagged.tags() == {}


async def test_a_recalled_message_speaks_for_nothing(tagged: Tagged) -> None:
    await tagged.says(lipstick(1), lipstick(2))
    await tagged.work()
    entries = ARCHIVE_TABLES.entries
    async with tagged.shop.engine.begin() as connection:
        await connection.execute(update(entries).where(entries.c.id == 2).values(recalled=1))
    await tagged.notice(XIAOLIN)
    await tagged.work()
    tag = (await tagged.tags())["美妆爱好者"]
    assert tag.evidence == (1,)
