"""How does a picture, voice, video or file come to our own store before the platform forgets it (3 days)?"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.delivery.outcome import Also, Dropped, Outcome, Sent, outcome_of
from bot.platform import Media, MediaKind, MediaRejected, PlatformClient, PlatformError
from bot.settings import LimitSettings
from bot.store.dialect import insert_for
from bot.store.tables import media
from bot.store.views import OutboxItem

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class FetchMedia:
    """Delivers FETCH_MEDIA. folder: where files go, by the hash of their media_id."""

    platform: PlatformClient
    limits: LimitSettings
    folder: Path
    now: Callable[[], datetime]

    async def deliver(self, item: OutboxItem) -> Outcome:
        """Download once, checked by size and first bytes; what is refused is recorded with the reason."""
        media_id, kind = str(item.payload["media_id"]), cast("MediaKind", item.payload["media"])
        account = item.address.account
        limit = {
            "image": self.limits.image_bytes,
            "voice": self.limits.voice_bytes,
            "video": self.limits.video_bytes,
            "file": self.limits.file_bytes,
        }[kind]
        path = self.folder / account / hashlib.sha256(media_id.encode()).hexdigest()
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        try:
            got = await self.platform.fetch_media(account, media_id, kind=kind, limit_bytes=limit, path=path)
        except MediaRejected as error:
            return Dropped(error.reason, also=self._record(account, media_id, kind, None, error.reason))
        except PlatformError as error:
            return outcome_of(error, repeatable=True)
        return Sent(also=self._record(account, media_id, kind, got, ""))

    def _record(self, account: str, media_id: str, kind: str, got: Media | None, problem: str) -> Also:
        values = {
            "account": account,
            "media_id": media_id,
            "kind": kind,
            "state": "fetched" if got else "refused",
            "path": str(got.path) if got else None,
            "content_type": got.content_type if got else None,
            "bytes": got.size if got else None,
            "sha256": got.sha256 if got else None,
            "problem": problem or None,
            "fetched_at": self.now(),
        }

        async def also(connection: AsyncConnection) -> None:
            await connection.execute(insert_for(connection, media).values(**values).on_conflict_do_nothing())

        return also
