"""Which pictures and videos does the content pack hold? Bytes by name, beside the texts in `content`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store.dialect import insert_for
from bot.store.tables import pack_files

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


def digest_of(data: bytes) -> str:
    """What tells two files apart: the SHA-256 of their bytes."""
    return hashlib.sha256(data).hexdigest()


async def digests(connection: AsyncConnection) -> dict[str, str]:
    """Name within the pack → digest, of every file."""
    rows = await connection.execute(select(pack_files.c.name, pack_files.c.digest))
    return {row.name: row.digest for row in rows}


async def digest_named(connection: AsyncConnection, name: str) -> str | None:
    """The digest of one file; None where the pack holds none of that name."""
    found = await connection.execute(select(pack_files.c.digest).where(pack_files.c.name == name))
    return found.scalar_one_or_none()


async def file_named(connection: AsyncConnection, name: str) -> bytes | None:
    """The bytes of one file; None where the pack holds none of that name."""
    found = await connection.execute(select(pack_files.c.data).where(pack_files.c.name == name))
    return found.scalar_one_or_none()


async def all_files(connection: AsyncConnection) -> Mapping[str, bytes]:
    """Name within the pack → bytes, of every file."""
    rows = await connection.execute(select(pack_files.c.name, pack_files.c.data))
    return {row.name: row.data for row in rows}


async def write_file(connection: AsyncConnection, name: str, data: bytes, at: datetime) -> None:
    """Keep a file under this name, in the place of the one before."""
    values = {"digest": digest_of(data), "data": data, "applied_at": at}
    upsert = insert_for(connection, pack_files).values(name=name, **values)
    await connection.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=values))


async def remove_files(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Forget these files."""
    await connection.execute(delete(pack_files).where(pack_files.c.name.in_(names)))
