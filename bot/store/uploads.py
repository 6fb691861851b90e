"""What was an account given to send, and how long does the platform keep it?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store.dialect import insert_for
from bot.store.tables import uploads

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def kept_upload(connection: AsyncConnection, account: str, kind: str, digest: str, *, at: datetime) -> str | None:
    """The media_id under which the platform still has this file at `at`; None where it must be uploaded."""
    found = await connection.execute(
        select(uploads.c.media_id).where(
            uploads.c.account == account,
            uploads.c.kind == kind,
            uploads.c.digest == digest,
            uploads.c.expires_at > at,
        )
    )
    return found.scalar_one_or_none()


async def remember_upload(
    connection: AsyncConnection, account: str, kind: str, digest: str, media_id: str, *, expires_at: datetime
) -> None:
    """Keep the newest media_id of a file."""
    values = {"media_id": media_id, "expires_at": expires_at}
    upsert = insert_for(connection, uploads).values(account=account, kind=kind, digest=digest, **values)
    await connection.execute(upsert.on_conflict_do_update(index_elements=["account", "kind", "digest"], set_=values))


async def forget_upload(connection: AsyncConnection, account: str, media_id: str) -> None:
    """The platform does not know this media_id (any more)."""
    await connection.execute(delete(uploads).where(uploads.c.account == account, uploads.c.media_id == media_id))
