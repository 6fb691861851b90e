"""Who would gain or lose which tag by other rules? Judged from what was said of late; nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from archive.entry import Voice
from archive.tagging.conditions import Observation
from archive.tagging.evaluation import TagState, evaluate
from archive.tagging.evidence import EvidenceReader
from archive.tagging.rules import TagRules
from archive.tagging.store import Customer, TagStore

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

NEWEST: Final = 20_000  # messages that are looked through for who spoke last: bounds the read on any archive


@dataclass(frozen=True, slots=True)
class TagTrial:
    """customers: how many were judged. gained, lost: tag → who; a tag in neither stays as it is."""

    customers: int
    gained: Mapping[str, tuple[Customer, ...]]
    lost: Mapping[str, tuple[Customer, ...]]


@dataclass(frozen=True, slots=True)
class TagTrials:
    """Tries rules on customers."""

    evidence: EvidenceReader
    store: TagStore

    async def compare(
        self, connection: AsyncConnection, before: TagRules, after: TagRules, now: datetime, *, limit: int
    ) -> TagTrial:
        """Judge the `limit` customers who wrote last by both rules, on the same words."""
        people = await self._newest(connection, limit)
        held = await self.store.of_many(connection, people)
        since = now - max(before.horizon, after.horizon)
        said = await self.evidence.of(connection, people, since) if people else {}
        states = {person: {name: tag.state for name, tag in tags.items()} for person, tags in held.items()}
        return await asyncio.to_thread(_compare, said, states, before, after, now)

    async def _newest(self, connection: AsyncConnection, limit: int) -> Sequence[Customer]:
        e = self.evidence.entries.c
        newest = (
            select(e.account, e.customer)
            .where(e.voice == Voice.CUSTOMER.value, e.customer != "")
            .order_by(e.at.desc(), e.id.desc())
            .limit(NEWEST)
        )
        rows = await connection.execute(newest)
        return list(dict.fromkeys((row.account, row.customer) for row in rows))[:limit]


def _compare(
    said: Mapping[Customer, Sequence[Observation]],
    states: Mapping[Customer, Mapping[str, TagState]],
    before: TagRules,
    after: TagRules,
    now: datetime,
) -> TagTrial:
    gained: dict[str, list[Customer]] = {}
    lost: dict[str, list[Customer]] = {}
    for person, evidence in said.items():
        had = _worn(before, evidence, states[person], now)
        has = _worn(after, evidence, states[person], now)
        for name in has - had:
            gained.setdefault(name, []).append(person)
        for name in had - has:
            lost.setdefault(name, []).append(person)
    return TagTrial(len(said), _sorted(gained), _sorted(lost))


def _worn(
    rules: TagRules, evidence: Sequence[Observation], held: Mapping[str, TagState], now: datetime
) -> frozenset[str]:
    judged = evaluate(rules, evidence, held, now)
    return frozenset(name for name, each in judged.items() if each.state.is_worn)


def _sorted(found: Mapping[str, list[Customer]]) -> Mapping[str, tuple[Customer, ...]]:
    return {name: tuple(found[name]) for name in sorted(found)}
