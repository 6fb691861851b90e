"""What is to replace a live script, while that goes on answering until somebody approves?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base.building import RawScript, build_all
from knowledge_base.library import Overtaken
from knowledge_base.script import Script, fingerprint, to_plain
from knowledge_base.tables import Tables

EditState = Literal["draft", "review"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a live script that nobody is told yet. script: as it would be, its state draft or review.

    based_on: the version it was made from. mark: tells this edit from what somebody saved after it. changed_at: UTC.
    """

    script: Script
    based_on: int
    mark: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits in SQL, at most one a script. Every call works on a connection it is given."""

    tables: Tables

    async def all(self, connection: AsyncConnection) -> tuple[Edit, ...]:
        """Every edit, by the script's id."""
        edits = self.tables.edits
        rows = await connection.execute(select(edits).order_by(edits.c.script_id))
        return tuple(_edit(row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's own name for it

    async def of(self, connection: AsyncConnection, script_id: str) -> Edit | None:
        """The edit of one script."""
        edits = self.tables.edits
        found = (await connection.execute(select(edits).where(edits.c.script_id == script_id))).mappings()
        row = found.one_or_none()
        return None if row is None else _edit(row)

    async def put(
        self, connection: AsyncConnection, script: Script, based_on: int, *, over: str, at: datetime, by: str
    ) -> None:
        """Keep this as the edit of its script. over: mark of the edit it replaces, "" where there is none.

        Raises:
            Overtaken: the edit there now is another.
        """
        edits = self.tables.edits
        values = {
            "body": to_plain(script),
            "fingerprint": fingerprint(script),
            "based_on": based_on,
            "changed_at": at,
            "changed_by": by,
        }
        if not over:
            try:
                async with connection.begin_nested():
                    await connection.execute(insert(edits).values(script_id=script.id, **values))
            except IntegrityError as error:
                raise Overtaken(script.id) from error
            return
        same = (edits.c.script_id == script.id) & (edits.c.fingerprint == over)
        if (await connection.execute(update(edits).where(same).values(**values))).rowcount != 1:
            raise Overtaken(script.id)

    async def drop(self, connection: AsyncConnection, script_id: str, *, mark: str) -> None:
        """Forget the edit. Raises Overtaken where the edit there now is another."""
        edits = self.tables.edits
        same = (edits.c.script_id == script_id) & (edits.c.fingerprint == mark)
        if (await connection.execute(delete(edits).where(same))).rowcount != 1:
            raise Overtaken(script_id)


def _edit(row: Mapping[Any, Any]) -> Edit:
    (script,) = build_all(Path("database"), [RawScript(1, row["body"])])
    return Edit(script, row["based_on"], row["fingerprint"], row["changed_at"], row["changed_by"])
