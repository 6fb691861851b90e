"""Are sessions found by what was said, felt and found in them, and only by who may see them?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Voice
from archive.playback import EVERYTHING, Feeling, FoundPage, Playback, Player, SessionFinder, Sight, Wish, marked
from archive.tagging import TagStore
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import TABLES, Trial, entry, trial


@dataclass
class Desk:
    """A few analysed sessions: one a person, an hour apart."""

    trial: Trial

    async def find(self, sight: Sight = EVERYTHING, **wish: Any) -> FoundPage:
        finder = SessionFinder(self.trial.archive, ARCHIVE_TABLES, self.trial.may)
        async with self.trial.engine.connect() as connection:
            return await finder.find(connection, Wish(**wish), sight)

    async def who(self, sight: Sight = EVERYTHING, **wish: Any) -> list[str]:
        return [each.session.customer for each in (await self.find(sight, **wish)).found]

    async def play(self, session: int, sight: Sight = EVERYTHING) -> Playback | None:
        ground = self.trial.ground()
        player = Player(
            self.trial.archive, ARCHIVE_TABLES, ground.results, TagStore(ARCHIVE_TABLES.tags), self.trial.may
        )
        async with self.trial.engine.connect() as connection:
            return await player.play(connection, session, sight, [("shop", "amy"), ("corp", "amy")])


@pytest.fixture
async def desk(engine: AsyncEngine) -> Desk:
    made = trial(engine)
    for number, customer in enumerate(("amy", "bob", "cid")):
        start = 60 * number
        await made.add(
            entry(10 * number + 1, f"{customer} 问 多久发货？", minute=start, customer=customer),
            entry(
                10 * number + 2,
                "今天就发",
                minute=start + 1,
                customer=customer,
                voice=Voice.AGENT,
                who=f"of-{customer}",
            ),
            *(() if number else (entry(4, "我来帮忙", minute=1, customer=customer, voice=Voice.AGENT, who="helps"),)),
            entry(10 * number + 3, "那退款呢？" if number else "好", minute=start + 2, customer=customer),
        )
    made.time += timedelta(days=1)
    await made.work()
    async with engine.begin() as connection:  # the small analyzers of these tests make no index
        await made.archive.index(connection, await made.archive.following(connection, 0, limit=100))
    return Desk(made)


async def test_words_rules_moods_agents_and_times_narrow_what_is_found(desk: Desk) -> None:
    assert await desk.who() == ["cid", "bob", "amy"]
    assert await desk.who(text="退款") == ["cid", "bob"]
    assert [each.text for each in (await desk.find(text="退款 那")).found[0].said] == ["那退款呢？"]
    assert await desk.who(text="Bob") == ["bob"]
    assert await desk.who(text="没有人说过") == []
    assert await desk.who(rule="没有回答") == ["cid", "bob"]
    assert await desk.who(agent="of-amy") == ["amy"]
    assert await desk.who(agent="helps") == ["amy"]  # she joined him with one line, and he said more
    assert await desk.who(feeling=Feeling.GOOD) == ["cid", "bob", "amy"]
    assert await desk.who(feeling=Feeling.BAD) == []
    [amy] = (await desk.find(agent="of-amy")).found
    assert await desk.who(since=amy.session.started_at + timedelta(seconds=1)) == ["cid", "bob"]
    assert await desk.who(until=amy.session.started_at + timedelta(seconds=1)) == ["amy"]
    assert await desk.who(topic=(amy.said[0].id,)) == ["amy"]
    assert await desk.who(topic=()) == []


async def test_pages_go_on_where_the_last_one_ended(desk: Desk) -> None:
    first = await desk.find(limit=2)
    rest = await desk.find(limit=2, after=first.after)
    assert [each.session.customer for each in (*first.found, *rest.found)] == ["cid", "bob", "amy"]
    assert rest.after is None


async def test_a_tag_that_is_worn_finds_and_one_that_faded_does_not(desk: Desk) -> None:
    tags = ARCHIVE_TABLES.tags.tags
    common = {"account": "shop", "tag": "急", "confidence": 1.0, "evidence": [], "changed_at": desk.trial.time}
    async with desk.trial.engine.begin() as connection:
        rows = [common | {"customer": who, "state": state} for who, state in (("amy", "pinned"), ("bob", "faded"))]
        await connection.execute(insert(tags), rows)
    assert await desk.who(tag="急") == ["amy"]


async def test_nobody_sees_beyond_her_teams(desk: Desk) -> None:
    nobody = select(literal(0)).where(literal(value=False))
    sight = Sight(agents=frozenset({"of-bob"}), talks=nobody, served=nobody)
    assert await desk.who(sight) == ["bob"]
    assert await desk.who(Sight()) == []
    [amy] = (await desk.find(agent="of-amy")).found
    assert await desk.play(amy.session.id, sight) is None
    # a conversation that another team served is that team's, whoever spoke
    [bob] = (await desk.find(agent="of-bob")).found
    async with desk.trial.engine.begin() as connection:
        await connection.execute(
            update(TABLES.sessions).where(TABLES.sessions.c.id == bob.session.id).values(conversation_id=5)
        )
    assert await desk.who(replace(sight, served=select(literal(5)))) == []
    assert await desk.who(replace(sight, agents=frozenset(), talks=select(literal(5)))) == ["bob"]


async def test_who_may_not_be_analysed_is_neither_found_nor_shown(desk: Desk) -> None:
    [amy] = (await desk.find(agent="of-amy")).found
    desk.trial.forbidden = {"amy"}
    assert await desk.who() == ["cid", "bob"]
    assert await desk.who(text="Amy") == []
    played = await desk.play(amy.session.id)
    assert played is not None
    assert (list(played.lines), played.withheld) == ([], 4)


async def test_a_session_plays_back_with_moods_findings_and_what_she_said_elsewhere(desk: Desk) -> None:
    await desk.trial.add(
        entry(97, "又来了", minute=300, customer="amy"),
        entry(98, "小程序里也问了", minute=301, customer="amy", account="corp"),
        entry(99, "多久能到？", minute=302, customer="amy"),
    )
    await desk.trial.work()
    newest, _, *_ = (await desk.find()).found
    [first] = (await desk.find(agent="of-amy")).found
    [last] = [each for each in (await desk.find()).found if each.said[0].text == "又来了"]
    played = await desk.play(last.session.id)
    assert played is not None
    said = [(each.entry.text, each.elsewhere) for each in played.lines]
    assert said == [("又来了", False), ("小程序里也问了", True), ("多久能到？", False)]
    assert all(each.mood is not None for each in played.lines)
    [finding] = played.findings
    assert finding.rule == "没有回答"
    shown = marked(played.findings)
    assert {each.entry.text for each in played.lines if each.entry.id in shown} == {"又来了", "多久能到？"}
    assert (played.earlier, played.later) == (first.session.id, newest.session.id)
