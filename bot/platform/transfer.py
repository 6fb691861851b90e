"""How do files come from and go to a platform? Streamed down with checks, sent up as multipart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
from yarl import URL

from bot.platform.errors import BadReply, PlatformError
from bot.platform.exchange import Request, check_status, network_fault, parse_reply, timeouts
from bot.platform.media import Media, MediaKind, safe_name, save

CHUNK_BYTES = 256 * 1024
JSON_BYTES = 64 * 1024  # an error body is far below
VIDEO_HOSTS = (".qq.com", ".qpic.cn")
SLOWNESS = 4  # a file may take this many times longer than a call


async def download(
    session: aiohttp.ClientSession,
    request: Request,
    *,
    kind: MediaKind,
    limit_bytes: int,
    path: Path,
    timeout_s: float,
    known: tuple[str, ...],
) -> Media:
    """GET a media file into `path`.

    Raises ApiError if JSON with an errcode came instead, MediaRejected, BadReply, Unreachable, Ambiguous (cut off).
    """

    async def get(asked: Request) -> Media | Request:
        async with session.get(
            asked.url, params=dict(asked.query), timeout=timeouts(timeout_s * SLOWNESS), allow_redirects=False
        ) as response:
            check_status(asked, response)
            if _speaks_json(response):
                reply = parse_reply(asked, await response.content.read(JSON_BYTES), known=known)
                return video_request(request, reply)
            filename = safe_name(response.content_disposition.filename if response.content_disposition else None)
            chunks = response.content.iter_chunked(CHUNK_BYTES)
            return await save(asked, chunks, kind=kind, limit_bytes=limit_bytes, path=path, filename=filename)

    fault: PlatformError
    try:
        found = await get(request)
        if isinstance(found, Request):
            found = await get(found)
    except (aiohttp.ClientError, TimeoutError) as error:
        fault = network_fault(request, error)
    else:
        if isinstance(found, Media):
            return found
        fault = BadReply(request.account, request.call, "video_url leads to another video_url")
    raise fault  # outside of `except`: see exchange


def video_request(request: Request, reply: Mapping[str, object]) -> Request:
    """Official accounts answer for a video with where it is: {"video_url": ...}; fetched without the token [OA].

    Raises BadReply if there is no such address, or it is neither Tencent's nor on the host we asked.
    """
    said = str(reply.get("video_url", ""))
    try:
        host = URL(said).host or ""
    except ValueError:
        host = ""
    if host != URL(request.url).host and not host.endswith(VIDEO_HOSTS):
        raise BadReply(request.account, request.call, "JSON instead of a file")
    return replace(request, url=said, query={})


def upload_form(filename: str, data: bytes) -> aiohttp.FormData:
    """The multipart body of media/upload: one part named media [W 90253]."""
    form = aiohttp.FormData(quote_fields=False)  # the platforms show a percent-encoded name as it is
    form.add_field("media", data, filename=safe_name(filename) or "file", content_type="application/octet-stream")
    return form


def _speaks_json(response: aiohttp.ClientResponse) -> bool:
    """Errors come as JSON, also labelled text/plain; files come with a disposition or a media type."""
    return response.content_disposition is None and response.content_type in {"application/json", "text/plain"}
