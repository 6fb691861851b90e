"""How are materials uploaded and fetched?

Source: wechat-platform §2.2.
"""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from bot.simulator.errors import PlatformError
from bot.simulator.realm import Realm
from bot.simulator.values import Fields, Json, epoch

CHUNK = 65_536


async def upload(request: web.Request, realm: Realm, owner: str) -> Json:
    """POST cgi-bin/media/upload, multipart field "media". Raises PlatformError 40004, 40006, 45001, 40058."""
    kind = request.query.get("type", "")
    if not request.content_type.startswith("multipart/"):
        raise PlatformError(40058, "multipart/form-data expected")
    reader = await request.multipart()
    async for part in reader:
        if isinstance(part, BodyPartReader) and part.name == "media":
            data = await _read(part, realm.media.upload_limit(kind))
            item = realm.media.add(
                owner=owner,
                kind=kind,
                name=part.filename or "media",
                content_type=part.headers.get("Content-Type", "application/octet-stream"),
                data=data,
                now=realm.now(),
            )
            return {"type": kind, "media_id": item.id, "created_at": str(epoch(item.created_at))}
    raise PlatformError(40058, "media")


def fetch(realm: Realm, owner: str, fields: Fields) -> web.Response:
    """GET cgi-bin/media/get: the bytes, or PlatformError 40007."""
    item = realm.media.get(fields.text("media_id"), owner=owner, now=realm.now())
    disposition = f'attachment; filename="{item.id}"'
    headers = {"Content-Type": item.content_type, "Content-Disposition": disposition}
    return web.Response(body=item.data, headers=headers)


async def _read(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        if len(data) > limit:
            raise PlatformError(45001)
    return bytes(data)
