"""How is what was said before read anew by an analyzer that became better, or judged by rules that changed?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import select

from archive.analysis.fresh import keys_of, mark_all
from archive.analysis.ground import AnalysisGround
from archive.analysis.progress import RULES, Progress, write_alone
from archive.consent.values import party_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SESSIONS_AT_ONCE = 500  # sessions that changed rules make due in one small transaction


async def read_anew(ground: AnalysisGround, limit: int, rules: int) -> int:
    """One batch of what was said before, for one analyzer or the rules that have it still to read; 0: none has.

    limit: entries. rules: the version of the shop's rules in force. From the newest down to the oldest.
    """
    wanted = {each.name: each.version for each in ground.analyzers} | {RULES: rules}
    async with ground.readers.connect() as connection:
        every = await ground.progress.all(connection)
    for each in every:
        if not each.is_done and wanted.get(each.analyzer) == each.version:
            return await (_judge_anew(ground, each) if each.analyzer == RULES else _analyse_anew(ground, each, limit))
    return 0


async def _analyse_anew(ground: AnalysisGround, seen: Progress, limit: int) -> int:
    async with ground.readers.connect() as connection:
        ids = await _older(ground, connection, seen.upto, limit)
        entries = await ground.archive.entries(connection, ids) if ids else []
        people = await ground.may(connection, {party_of(each) for each in entries}) if entries else ()
    analyzers = [each for each in ground.analyzers if each.name == seen.analyzer]
    said = [each for each in entries if party_of(each) in people]
    marks = await asyncio.to_thread(mark_all, analyzers, said)
    ground.reached("anew.marked")
    async with ground.engine.begin() as connection:
        await write_alone(connection)
        upto = min(ids, default=0) if len(ids) == limit else 0
        if not await ground.progress.advance(connection, seen, upto=upto, done=len(ids), now=ground.now()):
            return 1  # somebody else did; there may be more
        there = await ground.archive.entries(connection, [each.id for each in said if each.id is not None])
        people = await ground.may(connection, {party_of(each) for each in there}) if there else ()
        there = [each for each in there if party_of(each) in people]
        keys = await keys_of(ground, connection, there)
        await ground.results.keep(connection, marks, keys, [each.id for each in there if each.id is not None])
        touched = [each.session_id for each in there if each.session_id is not None]
        await ground.sessions.touch(connection, touched, ground.now())
    ground.reached("anew.kept")
    return max(len(ids), 1)


async def _judge_anew(ground: AnalysisGround, seen: Progress) -> int:
    async with ground.engine.begin() as connection:
        await write_alone(connection)
        ids = await ground.sessions.before(connection, seen.upto, SESSIONS_AT_ONCE)
        upto = min(ids, default=0) if len(ids) == SESSIONS_AT_ONCE else 0
        if await ground.progress.advance(connection, seen, upto=upto, done=len(ids), now=ground.now()):
            await ground.sessions.touch(connection, ids, ground.now())
    ground.reached("anew.due")
    return max(len(ids), 1)


async def _older(ground: AnalysisGround, connection: AsyncConnection, upto: int, limit: int) -> list[int]:
    e = ground.entries
    query = select(e.c.id).where(e.c.id < upto, e.c.fresh == 0).order_by(e.c.id.desc()).limit(limit)
    return list(await connection.scalars(query))
