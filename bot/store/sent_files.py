"""Which files did people send to a customer from the workbench? Bytes by id, kept until she is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import insert, select

from bot.store.pack_files import digest_of
from bot.store.tables import sent_files

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

PREFIX: Final = "sent:"  # of a MediaContent's source that is one of these


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was chosen. kind, content_type: by its bytes."""

    kind: Literal["image", "video", "file"]
    name: str
    content_type: str
    data: bytes


def sent_id(source: str) -> int | None:
    """The id in a source; None where it is another kind of source."""
    number = source.removeprefix(PREFIX)
    return int(number) if source.startswith(PREFIX) and number.isdigit() else None


async def keep_sent(connection: AsyncConnection, account: str, customer: str, file: SentFile, at: datetime) -> str:
    """Keep a file for this customer. Returns its source."""
    values = {
        "account": account,
        "customer": customer,
        "kind": file.kind,
        "name": file.name,
        "content_type": file.content_type,
        "digest": digest_of(file.data),
        "data": file.data,
        "created_at": at,
    }
    made = await connection.execute(insert(sent_files).values(values).returning(sent_files.c.id))
    return f"{PREFIX}{made.scalar_one()}"


async def sent_digest(connection: AsyncConnection, source: str) -> str | None:
    """The digest of its bytes; None where it is gone."""
    found = await connection.execute(select(sent_files.c.digest).where(sent_files.c.id == sent_id(source)))
    return found.scalar_one_or_none()


async def sent_file(connection: AsyncConnection, source: str) -> SentFile | None:
    """The file; None where it is gone."""
    row = (await connection.execute(select(sent_files).where(sent_files.c.id == sent_id(source)))).one_or_none()
    return None if row is None else SentFile(row.kind, row.name, row.content_type, bytes(row.data))
