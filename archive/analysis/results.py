"""How are marks kept, once an entry and analyzer, and read back?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select

from archive.analysis.marking import Marks
from archive.analysis.tables import place_of_mark
from archive.errors import Unsealable
from archive.sealing import DataKey

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.record import Archive


@dataclass(frozen=True, slots=True)
class Result:
    """A mark as it was kept. detail: opened, {} where there is none or its key was erased."""

    score: float | None
    label: str
    detail: Mapping[str, object] = field(default_factory=dict)


class Results:
    """Marks in SQL. Every method works inside the caller's transaction and never commits."""

    def __init__(self, table: Table, archive: Archive) -> None:
        self._table = table
        self._archive = archive
        ids = table.c.entry_id.in_(bindparam("ids", expanding=True))
        self._forgets = delete(table).where(ids, table.c.analyzer.in_(bindparam("analyzers", expanding=True)))
        self._reads = select(table).where(ids, table.c.analyzer.in_(bindparam("analyzers", expanding=True)))

    async def keep(
        self, connection: AsyncConnection, marks: Sequence[Marks], keys: Mapping[int, DataKey], ids: Sequence[int]
    ) -> None:
        """Put these marks in the place of what was known of the entries `ids`. keys: by entry, of whom it is about."""
        if not ids:
            return
        await connection.execute(self._forgets, {"ids": list(ids), "analyzers": [each.analyzer for each in marks]})
        wanted = set(ids)
        rows = [row for each in marks for row in _rows(each, keys, wanted)]
        if rows:
            await connection.execute(insert(self._table), rows)

    async def of(
        self, connection: AsyncConnection, ids: Sequence[int], analyzers: Iterable[str]
    ) -> dict[tuple[int, str], Result]:
        """What these analyzers said, by (entry id, analyzer)."""
        if not ids:
            return {}
        rows = (await connection.execute(self._reads, {"ids": list(ids), "analyzers": list(analyzers)})).all()
        keys = await self._archive.keys(connection, [row.key_id for row in rows if row.key_id is not None])
        return {
            (row.entry_id, row.analyzer): Result(
                row.score, row.label, _opened(keys.get(row.key_id), row.analyzer, row.entry_id, row.sealed)
            )
            for row in rows
            if not row.failed
        }

    async def failures(self, connection: AsyncConnection) -> dict[tuple[str, str], int]:
        """How many entries could not be read, by (analyzer, class of its error)."""
        table = self._table
        query = (
            select(table.c.analyzer, table.c.failed, func.count())
            .where(table.c.failed != "")
            .group_by(table.c.analyzer, table.c.failed)
        )
        return {(analyzer, failed): count for analyzer, failed, count in await connection.execute(query)}


def _rows(marks: Marks, keys: Mapping[int, DataKey], wanted: set[int]) -> Iterable[dict[str, object]]:
    common = {"analyzer": marks.analyzer, "version": marks.version}
    for each in marks.marks:
        if each.entry_id in wanted:
            key = keys[each.entry_id] if each.detail else None
            yield {
                **common,
                "entry_id": each.entry_id,
                "score": each.score,
                "label": each.label,
                "failed": "",
                "key_id": key.id if key else None,
                "sealed": key.seal(place_of_mark(marks.analyzer, each.entry_id), _plain(each.detail)) if key else None,
            }
    for failed in marks.failed:
        if failed.entry_id in wanted:
            nothing = {"score": None, "label": "", "key_id": None, "sealed": None}
            yield {**common, **nothing, "entry_id": failed.entry_id, "failed": failed.error[:64]}


def _plain(detail: Mapping[str, object]) -> bytes:
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _opened(key: DataKey | None, analyzer: str, entry_id: int, sealed: bytes | None) -> Mapping[str, object]:
    if key is None or sealed is None:
        return {}
    try:
        plain = key.open(place_of_mark(analyzer, entry_id), bytes(sealed))
    except Unsealable:
        return {}
    found: Mapping[str, object] = json.loads(plain.decode("utf-8", "surrogatepass"))
    return found
