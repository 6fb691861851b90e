"""Is what we downloaded the picture, voice, video or file it should be? Told by its first bytes, not by its name."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.platform.errors import MediaRejected
from bot.platform.exchange import Request

MediaKind = Literal["image", "voice", "video", "file"]

MAGIC_BYTES = 16
NAME_CHARS = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
# (offset, first bytes, kind, content type)
_SIGNATURES: tuple[tuple[int, bytes, MediaKind, str], ...] = (
    (0, b"\xff\xd8\xff", "image", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (0, b"GIF8", "image", "image/gif"),
    (8, b"WEBP", "image", "image/webp"),
    (0, b"BM", "image", "image/bmp"),
    (0, b"#!AMR", "voice", "audio/amr"),
    (0, b"\x02#!SILK", "voice", "audio/silk"),
    (0, b"#!SILK", "voice", "audio/silk"),
    (0, b"ID3", "voice", "audio/mpeg"),
    (0, b"\xff\xfb", "voice", "audio/mpeg"),
    (0, b"\xff\xf3", "voice", "audio/mpeg"),
    (0, b"\xff\xf2", "voice", "audio/mpeg"),
    (0, b"Speex   ", "voice", "audio/x-speex"),
    (0, b"OggS", "voice", "audio/ogg"),
    (8, b"WAVE", "voice", "audio/wav"),
    (4, b"ftyp", "video", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video", "video/x-matroska"),
    (0, b"%PDF-", "file", "application/pdf"),
    (0, b"PK\x03\x04", "file", "application/zip"),
)


@dataclass(frozen=True, slots=True)
class Media:
    """A file on our disk. content_type: by its bytes ("application/octet-stream" if unknown). size: bytes."""

    content_type: str
    filename: str
    path: Path
    size: int
    sha256: str


def recognise(head: bytes) -> tuple[MediaKind, str]:
    """Kind and content type by the first MAGIC_BYTES bytes; what is not known is a file."""
    for offset, magic, kind, content_type in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return kind, content_type
    return "file", "application/octet-stream"


def safe_name(said: str | None) -> str:
    """A file name from outside, for display: no path, no control characters, bounded."""
    base = (said or "").replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", base).strip(". ")[-NAME_CHARS:]


async def save(
    request: Request, chunks: AsyncIterator[bytes], *, kind: MediaKind, limit_bytes: int, path: Path, filename: str
) -> Media:
    """Stream the chunks to `path` (by way of `path`.part, so that a cut download leaves nothing behind).

    Raises MediaRejected: too_large above limit_bytes, empty, wrong_type if the bytes are not of `kind`
    ("file" takes anything).
    """
    part = path.with_name(path.name + ".part")
    digest, size, head = hashlib.sha256(), 0, b""
    file = await asyncio.to_thread(part.open, "wb")
    try:
        async for chunk in chunks:
            size += len(chunk)
            _check_size(request, size, limit_bytes)
            head = (head + chunk[:MAGIC_BYTES])[:MAGIC_BYTES]
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.close)
        content_type = _check(request, kind, head)
        await asyncio.to_thread(part.replace, path)
    except BaseException:
        await asyncio.to_thread(_discard, file.close, part)
        raise
    return Media(content_type, filename, path, size, digest.hexdigest())


def _check_size(request: Request, size: int, limit_bytes: int) -> None:
    if size > limit_bytes:
        raise MediaRejected(request.account, request.call, "too_large", f"more than {limit_bytes} bytes")


def _check(request: Request, kind: MediaKind, head: bytes) -> str:
    if not head:
        raise MediaRejected(request.account, request.call, "empty", "0 bytes")
    found, content_type = recognise(head)
    if kind not in (found, "file"):
        raise MediaRejected(request.account, request.call, "wrong_type", f"expected {kind}, got {content_type}")
    return content_type


def _discard(close: object, part: Path) -> None:
    if callable(close):
        close()
    part.unlink(missing_ok=True)
