"""Which files of the content are to be replaced, once somebody approves? Texts by name, beside those in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.tables import content_drafts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class DraftOvertaken(Exception):  # noqa: N818 - reads as the fact it is
    """Somebody else changed the draft or the file meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class FileDraft:
    """What is to replace a file. based_on: the version it was made from, 0 for a new file. mark: hash of the text."""

    name: str
    text: str
    based_on: int
    mark: str
    changed_at: datetime
    changed_by: str


async def drafted_files(connection: AsyncConnection) -> Mapping[str, str]:
    """Name within the pack → text, of every draft."""
    return {name: each.text for name, each in (await file_drafts(connection)).items()}


async def file_drafts(connection: AsyncConnection) -> Mapping[str, FileDraft]:
    """Every draft by its file's name."""
    rows = await connection.execute(select(content_drafts).order_by(content_drafts.c.name))
    return {
        row.name: FileDraft(
            row.name, str(row.body["text"]), row.based_on, row.fingerprint, row.changed_at, row.changed_by
        )
        for row in rows
    }


async def put_draft(
    connection: AsyncConnection, name: str, text: str, based_on: int, *, over: str, at: datetime, by: str
) -> None:
    """Keep the draft. over: mark of the one it replaces, "" where there is none. Raises DraftOvertaken."""
    values = {
        "body": {"text": text},
        "fingerprint": _mark(text),
        "based_on": based_on,
        "changed_at": at,
        "changed_by": by,
    }
    if not over:
        try:
            async with connection.begin_nested():
                await connection.execute(insert(content_drafts).values(name=name, **values))
        except IntegrityError as error:
            raise DraftOvertaken(name) from error
        return
    same = (content_drafts.c.name == name) & (content_drafts.c.fingerprint == over)
    if (await connection.execute(update(content_drafts).where(same).values(**values))).rowcount != 1:
        raise DraftOvertaken(name)


async def drop_draft(connection: AsyncConnection, name: str) -> None:
    """Forget the draft."""
    await connection.execute(delete(content_drafts).where(content_drafts.c.name == name))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
