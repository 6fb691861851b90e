"""Which content packs are being tried? Zips as they were uploaded, for a day, so that every process has them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from bot.store.tables import trial_packs

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

KEPT_FOR: Final = timedelta(days=1)


async def keep_pack(connection: AsyncConnection, data: bytes, *, at: datetime, by: str) -> str:
    """Keep a zip and let the old ones go; gives its mark."""
    mark = hashlib.sha256(data).hexdigest()
    c = trial_packs.c
    await connection.execute(delete(trial_packs).where((c.at < at - KEPT_FOR) | (c.mark == mark)))
    await connection.execute(insert(trial_packs).values(mark=mark, data=data, at=at, by=by))
    return mark


async def kept_pack(connection: AsyncConnection, mark: str) -> bytes | None:
    """The zip of this mark, None where there is none any more."""
    return await connection.scalar(select(trial_packs.c.data).where(trial_packs.c.mark == mark))
