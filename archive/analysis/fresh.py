"""How is a batch of fresh entries analysed? Read, marked beside the loop, and written at once or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from archive.analysis.ground import AnalysisGround
from archive.analysis.marking import Marks, mark, utterance_of
from archive.analysis.progress import write_alone
from archive.analysis.values import Analyzer, Utterance
from archive.consent.values import party_of
from archive.entry import Entry, Voice
from archive.vault import subject_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Analysed:
    """What became of a batch. failed: marks that an analyzer could not give. withheld: may not be analysed."""

    entries: int = 0
    withheld: int = 0
    failed: int = 0


async def analyse_fresh(ground: AnalysisGround, limit: int) -> Analysed:
    """Analyse up to `limit` fresh entries, the newest first: what is said now does not wait behind an import."""
    async with ground.readers.connect() as connection:
        ids = await _fresh_ids(ground, connection, limit)
        if not ids:
            return Analysed()
        entries = await ground.archive.entries(connection, ids)
        allowed = await _allowed(ground, connection, entries)
    ground.reached("analysis.read")
    marks = await asyncio.to_thread(mark_all, ground.analyzers, [each for each in entries if each.id in allowed])
    ground.reached("analysis.marked")
    async with ground.engine.begin() as connection:
        await write_alone(connection)
        await ground.progress.check(connection, {each.name: each.version for each in ground.analyzers})
        fresh = await _still_fresh(ground, connection, ids)
        entries = [replace(each, session_id=fresh[each.id]) for each in entries if each.id in fresh]
        allowed &= await _allowed(ground, connection, entries)
        said = [each for each in entries if each.id in allowed]
        await ground.index(connection, entries)
        await ground.sessions.assign(connection, said, ground.now())
        await ground.results.keep(connection, marks, await keys_of(ground, connection, said), _ids(said))
        heard = {(each.account, each.customer) for each in said if each.voice is Voice.CUSTOMER}
        await ground.noticed(connection, heard)
        ground.reached("analysis.kept")
        # also those that do not open any more: their key is gone, and nobody will read them again
        await ground.archive.settle(connection, list(fresh))
    ground.reached("analysis.settled")
    return Analysed(len(fresh), len(entries) - len(said), sum(len(each.failed) for each in marks))


def mark_all(analyzers: Sequence[Analyzer], entries: Sequence[Entry]) -> list[Marks]:
    """What each analyzer says about entries that have something to be read."""
    batch = [each for each in map(utterance_of, entries) if isinstance(each, Utterance)]
    return [mark(each, batch) for each in analyzers]


async def keys_of(ground: AnalysisGround, connection: AsyncConnection, entries: Sequence[Entry]) -> dict[int, DataKey]:
    """The key with which to seal what was found, by entry; who is about to erase it waits until we have written."""
    subjects = {each.id: subject_of(each.account, each.customer, each.room) for each in entries if each.id is not None}
    keys = await ground.archive.vault.keys_for(connection, subjects.values()) if subjects else {}
    return {id_: keys[subject] for id_, subject in subjects.items()}


async def _fresh_ids(ground: AnalysisGround, connection: AsyncConnection, limit: int) -> list[int]:
    e = ground.entries
    return list(await connection.scalars(select(e.c.id).where(e.c.fresh == 1).order_by(e.c.id.desc()).limit(limit)))


async def _still_fresh(
    ground: AnalysisGround, connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, int | None]:
    """Those that nobody analysed or removed meanwhile, with the session that each has now."""
    e = ground.entries
    query = select(e.c.id, e.c.session_id).where(e.c.id.in_(ids), e.c.fresh == 1).order_by(e.c.id).with_for_update()
    return {row.id: row.session_id for row in await connection.execute(query)}


async def _allowed(ground: AnalysisGround, connection: AsyncConnection, entries: Sequence[Entry]) -> set[int]:
    people = set(await ground.may(connection, {party_of(each) for each in entries})) if entries else set()
    return {each.id for each in entries if each.id is not None and party_of(each) in people}


def _ids(entries: Sequence[Entry]) -> list[int]:
    return [each.id for each in entries if each.id is not None]
