"""How do pictures and files come onto the page, and from it to the customer? Checked by content and size, both ways."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import quote, unquote

from aiohttp import web

from bot.console.actions import acting, client_id_of, told, unsendable
from bot.console.catalogue import text
from bot.desk_sends import Unfit
from bot.domain import ChannelKind
from bot.shown_media import Elsewhere, InMemory, OnDisk

# What a browser shows by itself and cannot be script; all else is saved to disk.
_SHOWN: Final = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp",
    "audio/mpeg", "audio/ogg", "audio/wav", "video/mp4"
})  # fmt: skip
_MEGABYTE: Final = 1024 * 1024


async def show(request: web.Request) -> web.StreamResponse:
    """A file of the thread, to whoever may read the ticket."""
    console, _, ticket = await acting(request)
    entry, place = int(request.match_info["entry"]), int(request.match_info["place"])
    found = await console.window.media.of(ticket.conversation_id, entry, place)
    match found:
        case OnDisk(path, content_type):
            if not await asyncio.to_thread(path.is_file):
                raise web.HTTPNotFound
            return web.FileResponse(path, headers=_headers(content_type, path.name))
        case InMemory(data, content_type, name):
            return web.Response(body=data, headers=_headers(content_type, name))
        case Elsewhere(url):
            return web.Response(status=303, headers={"Location": url})
        case None:
            raise web.HTTPNotFound


async def send(request: web.Request) -> web.Response:
    """The body is the file; its name and the page's id of it are said in the query. JSON like that of `say`."""
    console, who, ticket = await acting(request)
    client_id = client_id_of(request.query.get("client_id", ""))
    if (stopped := await unsendable(console, ticket)) is not None:
        return stopped
    most = console.window.sends.most_bytes
    data = await _read(request, most)
    name = unquote(request.query.get("name", ""))
    fit = (
        console.window.sends.judge(data, name, ChannelKind(ticket.channel))
        if data is not None
        else Unfit("too_large", most)
    )
    if isinstance(fit, Unfit):
        why = text(f"files.{fit.why}", most=fit.most // _MEGABYTE)
        return web.json_response({"why": why, "instead": text("files.instead")}, status=422)
    refused = await console.window.sends.send_file(ticket.conversation_id, who.agent_id, fit, client_id=client_id)
    return told(request, ticket, who, "send_file", refused)


async def _read(request: web.Request, most: int) -> bytes | None:
    """The whole body; None, and no more of it read, where it is larger."""
    data = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        data += chunk
        if len(data) > most:
            return None
    return bytes(data)


def _headers(content_type: str, name: str) -> dict[str, str]:
    shown = content_type in _SHOWN
    return {
        "Content-Type": content_type if shown else "application/octet-stream",
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, max-age=3600",
    }
