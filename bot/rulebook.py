"""How are the shop's rules read, tried and changed at run time? One file of the pack at a time, checked as a whole.

What is applied becomes a version with its author's name; running processes take it over by themselves.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import structlog

from archive.tagging import TagTrial, TagTrials
from bot.access import Action, Actor, Audit
from bot.channels.text import for_understanding
from bot.content.applying import ContentStore, Version
from bot.content.pack import HANDOFF_FILE, QUALITY_FILE, TAGS_FILE
from bot.content.problems import PackBroken, PackProblem
from bot.content.shop import Shop
from bot.content.stored import read_stored
from bot.store.engine import read_only
from bot.store.handed_over import with_words
from bot.wakeups import Wakeups
from handoff import Facts, Replayed, Route, Router, Tables, replay_routes, tickets_since

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

EDITABLE: Final = (HANDOFF_FILE, QUALITY_FILE, TAGS_FILE)
TRIED_BACK: Final = timedelta(days=1)  # whose tickets are tried: since yesterday, as `xiaoer route try`
MOST_CUSTOMERS: Final = 300  # who wrote last, for a trial of tag rules: some seconds of judging at most
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file as it is in force. version: 0 where the pack has none."""

    name: str
    text: str
    version: int
    versions: Sequence[Version]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do. diff: unified, line by line. problems: then nothing else was tried.

    routes: of handoff.yaml, the tickets since yesterday by the rules before and after. tags: of tags.yaml.
    """

    diff: Sequence[str]
    problems: Sequence[PackProblem] = ()
    routes: Sequence[Replayed] | None = None
    tags: TagTrial | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """version: that is in force now. conflict: somebody else changed the file meanwhile, and nothing was done."""

    version: int = 0
    problems: Sequence[PackProblem] = ()
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Reads and commands. shop: as it is in force in this process. titles: what intents are called that scripts made.

    now: UTC-aware.
    """

    engine: AsyncEngine
    content: ContentStore
    tickets: Tables
    trials: TagTrials
    shop: Callable[[], Shop]
    titles: Callable[[], Mapping[str, str]]
    audit: Audit
    wakeups: Wakeups
    now: Callable[[], datetime]

    async def counts(self, back: timedelta) -> Mapping[str, int]:
        """Rule → how many tickets went by it lately."""
        async with read_only(self.engine).connect() as connection:
            return await self.content.desk.rule_counts(connection, self.now() - back)

    def explain(self, facts: Facts) -> Route:
        """What the rules in force say of facts."""
        return Router(self.shop().policy).explain(facts)

    async def file(self, name: str) -> RuleFile:
        """One of EDITABLE. Raises KeyError for another name."""
        if name not in EDITABLE:
            raise KeyError(name)
        async with read_only(self.engine).connect() as connection:
            text = (await self.content.files(connection)).get(name)
            versions = await self.content.history(connection, name)
        return RuleFile(name, text or "", versions[0].number if versions and text is not None else 0, versions)

    async def text_of(self, name: str, version: int) -> str | None:
        """What a version of it said."""
        async with read_only(self.engine).connect() as connection:
            return await self.content.text_of(connection, name, version)

    async def try_out(self, name: str, text: str) -> Trial:
        """Check the text, and say what it would change; changes nothing."""
        files = await self._files()
        diff = _diff(files.get(name, ""), text)
        shop = await _read(files, name, text)
        if not isinstance(shop, Shop):
            return Trial(diff, problems=shop)
        if name == HANDOFF_FILE:
            return Trial(diff, routes=await self._replay(shop))
        return Trial(diff, tags=await self._judge(shop) if name == TAGS_FILE else None)

    async def apply(self, name: str, text: str, *, based_on: int, by: Actor) -> Applied:
        """Let it hold from now on, unless it is wrong or somebody else changed the file after version `based_on`."""
        shop = await _read(await self._files(), name, text)
        if not isinstance(shop, Shop):
            return Applied(problems=shop)
        async with self.engine.begin() as connection:
            version = await self.content.replace_file(
                connection, name, text, shop, based_on=based_on, at=self.now(), by=by.id
            )
            if version not in {None, based_on}:
                await self.audit.record(connection, Action.RULES_CHANGED, by=by, on=f"rules:{name}:{version}")
        if version is None:
            return Applied(conflict=True)
        _log.info("rules.applied", file=name, version=version, person=by.id)
        for topic in (Wakeups.CONTENT, Wakeups.QUEUE, Wakeups.CONSOLE):
            self.wakeups.ring(topic)
        return Applied(version)

    async def _files(self) -> Mapping[str, str]:
        async with read_only(self.engine).connect() as connection:
            return await self.content.files(connection)

    async def _replay(self, shop: Shop) -> Sequence[Replayed]:
        since = self.now() - TRIED_BACK
        async with read_only(self.engine).connect() as connection:
            opened = await tickets_since(connection, self.tickets, since)
            tickets = await with_words(connection, opened, since, read=for_understanding)
        before, after = Router(self.shop().policy), Router(shop.policy)
        return await asyncio.to_thread(replay_routes, tickets, after, against=before)

    async def _judge(self, shop: Shop) -> TagTrial:
        async with read_only(self.engine).connect() as connection:
            return await self.trials.compare(connection, self.shop().tags, shop.tags, self.now(), limit=MOST_CUSTOMERS)


async def _read(files: Mapping[str, str], name: str, text: str) -> Shop | Sequence[PackProblem]:
    """The shop with this file in the place of its own, or every mistake; files named within the pack."""
    try:
        stored = await asyncio.to_thread(read_stored, {**files, name: text})
    except PackBroken as broken:
        return [replace(each, file=PurePath(each.file).name) for each in broken.problems]
    return stored.shop


def _diff(before: str, after: str) -> Sequence[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [line for line in lines if not line.startswith(("---", "+++"))]
