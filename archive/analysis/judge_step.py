"""How are sessions judged that changed, or whose time has come? Read, judged beside the loop, written at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from archive.analysis.features import Features, features_of
from archive.analysis.ground import AnalysisGround
from archive.analysis.judging import Case, ServiceFacts, Verdict
from archive.analysis.lines import SHOP, Line
from archive.analysis.marking import READ_CHARS
from archive.analysis.progress import write_alone
from archive.analysis.quality import FactsOf, Quality
from archive.analysis.results import Result
from archive.analysis.session_store import DueSession
from archive.analysis.values import UNTIMED
from archive.entry import Entry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST_LINES = 400  # of a session are judged, the newest: longer ones are groups that never rest
FEATURES_FROM = ("question", "sentiment", "signals")  # the analyzers that features are made of


@dataclass(frozen=True, slots=True)
class Judged:
    """A session as it was judged. features: None where nothing is left of it."""

    session: DueSession
    features: Features | None
    satisfaction: float | None
    verdict: Verdict
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    session: DueSession
    entries: Sequence[Entry]
    known: ServiceFacts
    later: tuple[datetime, ...]


async def judge_due(ground: AnalysisGround, quality: Quality, facts_of: FactsOf, limit: int) -> int:
    """Judge up to `limit` sessions that are due; how many were."""
    now = ground.now()
    async with ground.readers.connect() as connection:
        due = await ground.sessions.due(connection, now, limit)
        if not due:
            return 0
        read, results = await _read(ground, connection, due, facts_of, quality)
    ground.reached("judging.read")
    judged = await asyncio.to_thread(_judge, quality, read, results, now)
    ground.reached("judging.judged")
    async with ground.engine.begin() as connection:
        await write_alone(connection)
        same = await ground.sessions.unchanged(connection, {each.id: each.revision for each in due})
        await _write(ground, connection, [each for each in judged if each.session.id in same], now)
    ground.reached("judging.written")
    return len(due)


async def _read(
    ground: AnalysisGround,
    connection: AsyncConnection,
    due: Sequence[DueSession],
    facts_of: FactsOf,
    quality: Quality,
) -> tuple[list[_Read], Mapping[tuple[int, str], Result]]:
    ids = await ground.sessions.line_ids(connection, [each.id for each in due], MOST_LINES)
    said: dict[int, list[Entry]] = {}
    for entry in await ground.archive.entries(connection, ids):
        if entry.session_id is not None and not entry.recalled:
            said.setdefault(entry.session_id, []).append(entry)
    results = await ground.results.of(connection, ids, FEATURES_FROM)
    facts = await facts_of(connection, due)
    read = []
    for each in due:
        entries = sorted(said.get(each.id, ()), key=lambda entry: (entry.at, entry.id or 0))
        promised = any(entry.voice in SHOP and quality.promises(entry.text[:READ_CHARS]) for entry in entries)
        later = await _later(ground, connection, each, quality.promised_for) if promised else ()
        read.append(_Read(each, entries, facts.get(each.id, ServiceFacts()), later))
    return read, results


async def _later(
    ground: AnalysisGround, connection: AsyncConnection, session: DueSession, horizon: timedelta
) -> tuple[datetime, ...]:
    """When the shop spoke to the same customer after this session."""
    e = ground.entries
    query = select(e.c.at).where(
        e.c.account == session.account,
        e.c.customer == session.customer,
        e.c.room == session.room,
        e.c.at > session.ended_at,
        e.c.at <= session.ended_at + horizon,
        e.c.voice.in_([voice.value for voice in SHOP]),
    )
    return tuple(await connection.scalars(query.order_by(e.c.at)))


def _judge(
    quality: Quality, read: Sequence[_Read], results: Mapping[tuple[int, str], Result], now: datetime
) -> list[Judged]:
    judge = quality.judge()
    judged = []
    for each in read:
        lines = tuple(_line(entry, results) for entry in each.entries)
        if not lines:
            judged.append(Judged(each.session, None, None, Verdict((), None)))
            continue
        timed = not any(entry.body.get(UNTIMED) for entry in each.entries)
        handed_over_at = each.known.handed_over[0].at if each.known.handed_over else None
        features = features_of(lines, timed=timed, handed_over_at=handed_over_at, outcome=each.known.outcome)
        nodes = {
            entry.id: each.known.said[entry.source_id]
            for entry in each.entries
            if entry.id is not None and entry.source_id in each.known.said
        }
        case = Case(lines, nodes, each.known.handed_over, each.later, timed)
        judged.append(
            Judged(each.session, features, quality.satisfaction(features), judge.judge(case, now), each.known.region)
        )
    return judged


def _line(entry: Entry, results: Mapping[tuple[int, str], Result]) -> Line:
    id_ = entry.id or 0
    mood = results.get((id_, "sentiment"))
    signals = results.get((id_, "signals"))
    detail = signals.detail if signals else {}
    return Line(
        entry_id=id_,
        voice=entry.voice,
        who=entry.who,
        at=entry.at,
        text=entry.text[:READ_CHARS],
        question=(id_, "question") in results,
        mood=mood.score if mood else None,
        **{name: _number(detail.get(name)) for name in ("urgency", "complaint", "churn", "purchase")},
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


async def _write(ground: AnalysisGround, connection: AsyncConnection, judged: Sequence[Judged], now: datetime) -> None:
    await ground.sessions.describe(
        connection,
        [
            (each.session.id, each.features, each.satisfaction, each.verdict.due_at, each.region)
            for each in judged
            if each.features is not None
        ],
    )
    found = {each.session.id: (each.session, each.verdict.findings) for each in judged if each.features is not None}
    if found:
        await ground.findings.replace(connection, found, now)
    sessions = [each.session for each in judged]
    await ground.noticed(connection, {(each.account, each.customer) for each in sessions})
    await ground.sessions.drop_empty(connection, [each.session.id for each in judged if each.features is None])
