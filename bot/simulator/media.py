"""Where do pictures, voices, videos and files live? For three days, within the size limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.errors import PlatformError
from bot.simulator.ids import Ids
from bot.simulator.limits import Limits

KINDS = ("image", "voice", "video", "file", "thumb")


@dataclass(frozen=True, slots=True)
class Media:
    """One temporary material. owner: app_id or corp_id that may fetch it."""

    id: str
    owner: str
    kind: str
    name: str
    content_type: str
    data: bytes
    created_at: datetime


class MediaStore:
    """Temporary materials (wechat-platform §2.2)."""

    def __init__(self, ids: Ids, limits: Limits) -> None:
        self._ids = ids
        self._limits = limits
        self._items: dict[str, Media] = {}

    def add(self, *, owner: str, kind: str, name: str, content_type: str, data: bytes, now: datetime) -> Media:
        """Keep a file. Raises PlatformError 40004 (type), 40006 (empty), 45001 (too large)."""
        if kind not in KINDS:
            raise PlatformError(40004, kind)
        if not data:
            raise PlatformError(40006)
        if len(data) > self.upload_limit(kind):
            raise PlatformError(45001, f"{len(data)} bytes")
        return self.keep(owner=owner, kind=kind, name=name, content_type=content_type, data=data, now=now)

    def keep(self, *, owner: str, kind: str, name: str, content_type: str, data: bytes, now: datetime) -> Media:
        """Keep a file a customer sends, of any size: the channel decides how it arrives."""
        item = Media(self._ids.fresh("3", 43), owner, kind, name, content_type, data, now)
        self._items[item.id] = item
        return item

    def upload_limit(self, kind: str) -> int:
        """Largest size in bytes of this kind that may be uploaded."""
        return self._limits.upload_image_bytes if kind == "image" else self.limit(kind)

    def limit(self, kind: str) -> int:
        """Largest size in bytes of this kind that a customer can send."""
        limits = self._limits
        sizes = {"voice": limits.voice_bytes, "video": limits.video_bytes, "file": limits.file_bytes}
        return sizes.get(kind, limits.image_bytes)

    def get(self, media_id: str, *, owner: str, now: datetime) -> Media:
        """The material. Raises PlatformError 40007 where it is unknown, another's or older than 3 days."""
        item = self._items.get(media_id)
        if item is None or item.owner != owner or now - item.created_at > timedelta(seconds=self._limits.media_s):
            raise PlatformError(40007, media_id)
        return item

    def peek(self, media_id: str) -> Media | None:
        """The material for the pages, whoever owns it."""
        return self._items.get(media_id)
