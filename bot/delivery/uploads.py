"""How does a picture or video of a script become a media_id? Uploaded once an account, and again when it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from bot.channels.base import Channel, Upload
from bot.channels.fitting import with_media_id
from bot.delivery.elsewhere import Elsewhere, MayNotBeFetched, NotFetched
from bot.delivery.outcome import Again, Dead, Outcome, outcome_of
from bot.domain import Content, LinkContent, MediaContent, MiniProgramContent
from bot.phrases import default_phrases
from bot.platform import PlatformClient, PlatformError
from bot.platform.media import MAGIC_BYTES, recognise
from bot.settings import LimitSettings, WorkSettings
from bot.store.engine import read_only
from bot.store.pack_files import digest_named, digest_of, file_named
from bot.store.sent_files import sent_digest, sent_file, sent_id
from bot.store.uploads import forget_upload, kept_upload, remember_upload
from knowledge_base import MAX_FILE_BYTES, is_file

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

SPARE: Final = timedelta(hours=1)  # what is that near its end is uploaded again, before it fails a customer
SHARE: Final = 0.4  # of the effect's lease, for its upload; the rest is for the message that shows it
TAKEN: Final = {"image/jpeg": ".jpg", "image/png": ".png", "video/mp4": ".mp4"}  # by both platforms [W 90253]


class Unusable(Exception):  # noqa: N818 - reads as the fact it is
    """There is no such file, or it is none that can be uploaded."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Readies messages."""

    engine: AsyncEngine
    platform: PlatformClient
    elsewhere: Elsewhere
    limits: LimitSettings
    work: WorkSettings
    now: Callable[[], datetime]
    reached: Callable[[str], None]
    _under_way: WeakValueDictionary[tuple[str, Upload], asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def ready(self, channel: Channel, account: str, content: Content) -> Content | Outcome:
        """The message with all it shows uploaded to its account; else how this try of sending it ends."""
        wanted = channel.needs(content)
        if wanted is None:
            return content
        within_s = self.work.lease_s * SHARE
        lock = self._under_way.setdefault((account, wanted), asyncio.Lock())
        try:
            async with asyncio.timeout(within_s), lock:
                return with_media_id(content, await self._media_id(account, wanted))
        except (Unusable, MayNotBeFetched) as error:
            return Dead(str(error), default_phrases().say("advice.attachment"))
        except NotFetched as error:
            return Again(str(error), gives_way=True)
        except TimeoutError:
            return Again(f"{_shown(wanted)} was not uploaded within {within_s:g} s", gives_way=True)
        except PlatformError as error:
            return _given_way(outcome_of(error, repeatable=True))

    async def forget(self, account: str, content: Content) -> bool:
        """The platform does not know what this message shows (40007); whether the next try uploads it again."""
        match content:
            case MediaContent(media_id=media_id, source=source) if source:
                unknown = media_id
            case (
                LinkContent(thumb_media_id=thumb, source=source)
                | MiniProgramContent(thumb_media_id=thumb, source=source)
            ) if source:
                unknown = thumb
            case _:
                return False
        async with self.engine.begin() as connection:
            await forget_upload(connection, account, unknown)
        return True

    async def _media_id(self, account: str, wanted: Upload) -> str:
        """Kept, or new and kept before it is used: who dies after this does not upload again."""
        digest = await self._digest(wanted.source)
        now = self.now()
        async with read_only(self.engine).connect() as connection:
            kept = await kept_upload(connection, account, wanted.kind, digest, at=now + SPARE)
        if kept is not None:
            return kept
        data, name = await self._bytes(wanted.source)
        if is_file(wanted.source):
            digest = digest_of(data)  # a new pack may have come between
        filename = f"{digest[:16]}{_suffix(wanted, data)}" if wanted.kind != "file" else name
        media_id = await self.platform.upload_media(account, wanted.kind, filename, data)
        expires_at = now + timedelta(seconds=self.limits.media_life_s)
        async with self.engine.begin() as connection:
            await remember_upload(connection, account, wanted.kind, digest, media_id, expires_at=expires_at)
        self.reached("after_upload")
        return media_id

    async def _digest(self, source: str) -> str:
        """Of a file's bytes; of the address of what lies elsewhere, which is looked at again when its upload ends."""
        if not is_file(source):
            return digest_of(source.encode())
        async with read_only(self.engine).connect() as connection:
            sent = sent_id(source) is not None
            digest = await (sent_digest(connection, source) if sent else digest_named(connection, source))
        if digest is None and sent:
            raise Unusable("the file is not kept any more")
        if digest is None:
            raise Unusable(f"the content pack has no file {source}")
        return digest

    async def _bytes(self, source: str) -> tuple[bytes, str]:
        """With the name that the customer sees of a file."""
        if not is_file(source):
            return await self.elsewhere.fetch(source, limit_bytes=MAX_FILE_BYTES), ""
        async with read_only(self.engine).connect() as connection:
            if sent_id(source) is not None:
                file = await sent_file(connection, source)
                if file is None:
                    raise Unusable("the file is not kept any more")
                return file.data, file.name
            data = await file_named(connection, source)
        if data is None:
            raise Unusable(f"the content pack has no file {source} any more")
        return data, source


def _shown(wanted: Upload) -> str:
    """Its source without the query, which may hold a signature."""
    return wanted.source.partition("?")[0]


def _suffix(wanted: Upload, data: bytes) -> str:
    """By the first bytes, whatever the name says. Raises Unusable for what the platforms do not take."""
    kind, content_type = recognise(data[:MAGIC_BYTES])
    if kind != wanted.kind or content_type not in TAKEN:
        raise Unusable(f"{_shown(wanted)} is no {wanted.kind} that can be sent: its bytes are {content_type}")
    return TAKEN[content_type]


def _given_way(outcome: Outcome) -> Outcome:
    return replace(outcome, gives_way=True) if isinstance(outcome, Again) else outcome
