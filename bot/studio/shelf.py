"""Which scripts are there, by state, category and words? A list that is kept in memory and brought up to date."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from bot.store.engine import read_only
from knowledge_base import Edits, Library, Script, State, findable, wanted

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PAGE = 50  # rows
_BEFORE_ALL = -1


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One script of the list. edit: the state of its edit, "" where it has none. words: what is searched."""

    id: str
    title: str
    question: str
    category: tuple[str, ...]
    state: State
    owner: str
    valid_until: date | None
    questions: int
    words: str
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. state: "edited" for live ones that have an edit, "" for all but retired ones."""

    text: str = ""
    state: str = ""
    category: tuple[str, ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """after: the id that the next page comes after, "" where this is the last. total: of all pages."""

    rows: Sequence[ShelfRow]
    after: str
    total: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One category with all below it. path: from the outermost. count: its scripts that are not retired."""

    path: tuple[str, ...]
    count: int


@dataclass(slots=True)
class Shelf:
    """The list of one process; the same for everybody."""

    engine: AsyncEngine
    library: Library
    edits: Edits
    _rows: dict[str, ShelfRow] = field(default_factory=dict)
    _edits: Mapping[str, str] = field(default_factory=dict)
    _ids: list[str] = field(default_factory=list)
    _change: int = _BEFORE_ALL
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def page(self, looked_for: Wanted) -> ShelfPage:
        """The rows that fit, by id, from behind `after` on."""
        await self._follow()
        text = wanted(looked_for.text)
        fitting = [each for each in self._ids if self._fits(self._rows[each], looked_for, text)]
        start = bisect_right(fitting, looked_for.after) if looked_for.after else 0
        shown = list(islice(fitting, start, start + PAGE))
        more = start + PAGE < len(fitting)
        return ShelfPage([self._row(each) for each in shown], shown[-1] if more else "", len(fitting))

    async def tree(self) -> tuple[Branch, ...]:
        """Every category, each before what is below it."""
        await self._follow()
        counts: Counter[tuple[str, ...]] = Counter()
        for row in self._rows.values():
            if row.state != "retired":
                counts.update(row.category[:depth] for depth in range(1, len(row.category) + 1))
        return tuple(Branch(path, counts[path]) for path in sorted(counts))

    async def states(self) -> Mapping[str, int]:
        """How many scripts are in each state; "edited": live ones that have an edit."""
        await self._follow()
        return Counter(row.state for row in self._rows.values()) + Counter({"edited": len(self._edits)})

    async def row(self, script_id: str) -> ShelfRow | None:
        """One row by its script's id."""
        await self._follow()
        return self._row(script_id) if script_id in self._rows else None

    def _fits(self, row: ShelfRow, looked_for: Wanted, text: str) -> bool:
        by_state = {"": row.state != "retired", "edited": row.id in self._edits}
        return (
            by_state.get(looked_for.state, row.state == looked_for.state)
            and row.category[: len(looked_for.category)] == looked_for.category
            and (text in row.words or looked_for.text == row.id)
        )

    def _row(self, script_id: str) -> ShelfRow:
        row = self._rows[script_id]
        if (edit := self._edits.get(script_id)) is None:
            return row
        return ShelfRow(
            row.id, row.title, row.question, row.category, row.state, row.owner, row.valid_until, row.questions,
            row.words, edit,
        )  # fmt: skip

    async def _follow(self) -> None:
        async with self._reading, read_only(self.engine).connect() as connection:
            self._edits = {each.script.id: each.script.state for each in await self.edits.all(connection)}
            change = await self.library.last_change(connection)
            if change == self._change:
                return
            await self._read(connection, self._change if self._change < change else _BEFORE_ALL)
            self._change = change

    async def _read(self, connection: AsyncConnection, since: int) -> None:
        scripts = await self.library.since(connection, since)
        rows = await asyncio.to_thread(lambda: {each.id: _row_of(each) for each in scripts})
        self._rows = rows if since == _BEFORE_ALL else self._rows | rows
        self._ids = sorted(self._rows)


def _row_of(script: Script) -> ShelfRow:
    return ShelfRow(
        id=script.id,
        title=script.title,
        question=script.questions[0],
        category=script.category,
        state=script.state,
        owner=script.owner,
        valid_until=script.valid_until,
        questions=len(script.questions),
        words=findable(script.title, *script.questions[:5], script.id),
    )
