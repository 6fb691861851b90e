"""Whoever reads only what changed: does she end with exactly the library's live scripts, whatever ran side by side?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.bootstrap import SCRIPT_TABLES
from bot.store.engine import create_store_engine, read_only
from knowledge_base import KnowledgeBase, Library, MoveRefused, NoSuchVersion, Script, State, revision_of
from tests.databases import empty
from tests.knowledge_base.samples import script
from tests.knowledge_base.test_updates import Engine, named

AT = datetime(2026, 3, 1, tzinfo=UTC)
LIBRARY = Library(SCRIPT_TABLES)
NAMES = ("amber", "birch", "cedar", "dune")
WRITERS, FOLLOWERS = 2, 2
Act = Callable[[AsyncConnection], Awaitable[object]]
Step = tuple[int, Act | Literal["look", "commit", "roll back"]]
AGES_S = 20.0  # a transaction that waits so long waits for ever


def applied(names: Sequence[str], number: int, *, prune: bool) -> Act:
    return lambda connection: LIBRARY.apply(connection, _made(names, number), at=AT, by="tests", prune=prune)


def moved(name: str, to: State) -> Act:
    return lambda connection: LIBRARY.move(connection, [name], to, at=AT, by="tests")


def restored(name: str, version: int) -> Act:
    return lambda connection: LIBRARY.restore(connection, name, version, at=AT, by="tests")


some = st.lists(st.sampled_from(NAMES), unique=True, min_size=1)
edits = st.builds(applied, some, st.integers(0, 5), prune=st.booleans())
moves = st.builds(moved, st.sampled_from(NAMES), st.sampled_from(("draft", "review", "live", "retired")))
restores = st.builds(restored, st.sampled_from(NAMES), st.integers(1, 4))
writes = st.tuples(st.integers(0, WRITERS - 1), st.one_of(edits, moves, restores))
ends = st.tuples(st.integers(0, WRITERS - 1), st.sampled_from(("commit", "commit", "roll back")))
looks = st.tuples(st.integers(0, FOLLOWERS - 1), st.just("look"))
histories = st.lists(st.one_of(writes, ends, looks), min_size=4, max_size=16)


@dataclass(slots=True)
class Follower:
    """Searches what she read; known: up to which change."""

    engine: AsyncEngine
    knowledge: KnowledgeBase = field(default_factory=lambda: KnowledgeBase(encode=Engine(), encoder="toy"))
    known: int = -1

    async def look(self) -> None:
        """Take over what changed since."""
        async with read_only(self.engine).connect() as connection:
            change = await LIBRARY.last_change(connection)
            scripts = await LIBRARY.since(connection, self.known)
        await self.knowledge.update(scripts)
        self.known = change

    def ids(self) -> list[str]:
        """Of what she finds."""
        return [each.id for each in self.knowledge.scripts]


@dataclass(slots=True)
class Writer:
    """One transaction after the other; what it does may have to wait for another's end."""

    engine: AsyncEngine
    connection: AsyncConnection | None = None
    doing: asyncio.Task[None] | None = None

    async def does(self, act: Act) -> None:
        """Go as far as one can: until it is done, or waits for another transaction."""
        if self.doing is not None and not self.doing.done():
            return  # one connection does one thing at a time
        self.doing = asyncio.create_task(self._act(act))
        await asyncio.wait({self.doing}, timeout=0.05)

    async def ends(self, how: str) -> None:
        """Commit, or roll back, if it has nothing to wait for."""
        if self.doing is not None and not self.doing.done():
            return
        if self.connection is not None:
            await (self.connection.commit() if how == "commit" else self.connection.rollback())
            await self.connection.close()
        self.connection = None

    async def _act(self, act: Act) -> None:
        if self.connection is None:
            self.connection = await self.engine.connect()
        with contextlib.suppress(MoveRefused, NoSuchVersion):
            await act(self.connection)


def _made(names: Sequence[str], number: int) -> list[Script]:
    made = [script(name, f"{named(number * 7 + 3)}{name}怎么用") for name in names]
    return [replace(each, state="draft") if number == 5 else each for each in made]


async def _play(engine: AsyncEngine, history: Sequence[Step]) -> None:
    writers = [Writer(engine) for _ in range(WRITERS)]
    followers = [Follower(engine) for _ in range(FOLLOWERS)]
    for number, act in history:
        if act == "look":
            await followers[number].look()
        elif isinstance(act, str):
            await writers[number].ends(act)
        else:
            await writers[number].does(act)
    while any(writer.connection or writer.doing for writer in writers):  # who waits goes on when another ends
        for writer in writers:
            if writer.doing is not None and writer.doing.done():
                await writer.doing
                writer.doing = None
            await writer.ends("commit")
        await asyncio.wait(
            [each.doing for each in writers if each.doing] or [asyncio.create_task(asyncio.sleep(0))], timeout=0.05
        )
    async with read_only(engine).connect() as connection:
        library = await LIBRARY.load(connection)
    for follower in followers:
        await follower.look()
        assert follower.knowledge.revision == revision_of(library)
        assert follower.knowledge.scripts == tuple(each for each in library if each.state == "live")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=histories)
def test_every_follower_has_what_the_library_has(database_url: str, history: list[Step]) -> None:
    async def main() -> None:
        engine = create_store_engine(database_url, 6)
        try:
            await empty(engine)
            async with asyncio.timeout(AGES_S):
                await _play(engine, history)
        finally:
            await engine.dispose()

    asyncio.run(main())


async def test_a_change_that_began_earlier_and_ended_later_is_not_missed(engine: AsyncEngine) -> None:
    follower = Follower(engine)
    early, late = Writer(engine), Writer(engine)
    await early.does(applied(["amber"], 1, prune=False))
    await late.does(applied(["birch"], 1, prune=False))
    assert late.doing is not None
    assert not late.doing.done()  # it waits for its number
    await follower.look()
    assert follower.ids() == []
    await early.ends("commit")
    await late.doing
    await follower.look()
    assert follower.ids() == ["amber"]
    await late.ends("commit")
    await follower.look()
    assert follower.ids() == ["amber", "birch"]
