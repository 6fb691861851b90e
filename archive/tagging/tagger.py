"""How do tags follow what customers say? Read without holding up anybody, judged beside the loop, written once.

A process that dies anywhere has written all about a customer or nothing; two at the same customer write it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.tagging.conditions import Observation
from archive.tagging.evaluation import Judgement, evaluate
from archive.tagging.evidence import EvidenceReader
from archive.tagging.rules import TagRules
from archive.tagging.store import Customer, Tag, TagStore
from archive.tagging.watch import TagWatch, Watched

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Changed = Callable[["AsyncConnection", Sequence[Customer]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TaggingStep:
    """What one step did. changed: customers whose worn tags are others now. failed: who could not be looked at."""

    people: int = 0
    changed: tuple[Customer, ...] = ()
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Tagger:
    """Judges customers' tags, step by step. Any number may run.

    rules: those in force now. changed: told, in the transaction that writes it, whose worn tags changed. recheck: how
    often tags are looked at that only time changes. reached: for tests of deaths.
    """

    engine: AsyncEngine
    readers: AsyncEngine
    store: TagStore
    watch: TagWatch
    evidence: EvidenceReader
    rules: Callable[[], TagRules]
    changed: Changed
    recheck: timedelta
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def step(self, limit: int) -> TaggingStep:
        """Look at up to `limit` customers whose time has come."""
        now, rules = self.now(), self.rules()
        async with self.readers.connect() as connection:
            due = await self.watch.due(connection, rules.version, now, limit)
        return await self._look_at(due, rules, now) if due else TaggingStep()

    async def explain(self, connection: AsyncConnection, person: Customer) -> list[Observation]:
        """What the rules may see of a customer now."""
        return (await self._evidence(connection, [person], self.rules(), self.now()))[person]

    async def _look_at(self, due: Sequence[Watched], rules: TagRules, now: datetime) -> TaggingStep:
        people = [each.person for each in due]
        try:
            async with self.readers.connect() as connection:
                before = await self.store.of_many(connection, people)
                evidence = await self._evidence(connection, people, rules, now)
            self.reached("tagging.read")
            judged = await asyncio.to_thread(_judge, rules, evidence, before, now)
        except (ArchiveError, ValueError, TypeError, KeyError) as error:
            # of one customer; the others are looked at without her. A database that is away is none of these.
            if len(due) == 1:
                return await self._fail(due[0], type(error).__name__, now)
            half = len(due) // 2
            parts = (await self._look_at(due[:half], rules, now), await self._look_at(due[half:], rules, now))
            return TaggingStep(
                sum(part.people for part in parts),
                tuple(each for part in parts for each in part.changed),
                sum(part.failed for part in parts),
            )
        self.reached("tagging.judged")
        changed = []
        async with self.engine.begin() as connection:
            for each in await self.watch.unchanged(connection, due):
                judgements = judged[each.person].values()
                if await self.store.judged(connection, each.person, before[each.person], judgements, now):
                    changed.append(each.person)
                fading = any(judgement.weighed.confidence > 0 for judgement in judgements)
                await self.watch.settle(connection, each, rules.version, now + self.recheck if fading else None)
            if changed:
                await self.changed(connection, changed)
        self.reached("tagging.written")
        return TaggingStep(len(due), tuple(changed))

    async def _evidence(
        self, connection: AsyncConnection, people: Sequence[Customer], rules: TagRules, now: datetime
    ) -> dict[Customer, list[Observation]]:
        if not rules.rules:
            return {each: [] for each in people}
        return await self.evidence.of(connection, people, now - rules.horizon)

    async def _fail(self, each: Watched, error: str, now: datetime) -> TaggingStep:
        async with self.engine.begin() as connection:
            await self.watch.fail(connection, each, error, now)
        return TaggingStep(people=1, failed=1)


def _judge(
    rules: TagRules,
    evidence: Mapping[Customer, Sequence[Observation]],
    before: Mapping[Customer, Mapping[str, Tag]],
    now: datetime,
) -> dict[Customer, dict[str, Judgement]]:
    return {
        person: evaluate(rules, said, {name: tag.state for name, tag in before[person].items()}, now)
        for person, said in evidence.items()
    }
