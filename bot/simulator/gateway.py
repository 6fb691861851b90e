"""How does an API call come in: token, faults, body, answer? The same steps for every endpoint."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from aiohttp import web

from bot.simulator.errors import PlatformError
from bot.simulator.faults import AFTER_CALL, BEFORE_CALL, Fault, FaultKind
from bot.simulator.realm import Realm
from bot.simulator.values import Fields, Json

Act = Callable[[str, Fields], Awaitable[Json | web.StreamResponse]]


class Meter:
    """Calls of this minute by owner and path: over the limit is 45009 until the minute is over (§4.2)."""

    def __init__(self, per_minute: int, own: Mapping[str, int]) -> None:
        """own: path → its own limit."""
        self._per_minute = per_minute
        self._own = own
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}

    def count(self, owner: str, path: str, now: datetime) -> None:
        """Count one call. Raises PlatformError 45009."""
        began, calls = self._windows.get((owner, path), (now, 0))
        if now - began >= timedelta(minutes=1):
            began, calls = now, 0
        self._windows[owner, path] = (began, calls + 1)
        if calls >= self._own.get(path, self._per_minute):
            raise PlatformError(45009)


class Crowd:
    """Calls of one owner and path that run side by side: too many are 45033 (§4.2).

    paths: how many at once, and how many seconds each takes.
    """

    def __init__(self, paths: Mapping[str, tuple[int, float]], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._paths = paths
        self._sleep = sleep
        self._running: Counter[tuple[str, str]] = Counter()

    @contextlib.asynccontextmanager
    async def entered(self, owner: str, path: str) -> AsyncIterator[None]:
        """Hold this while the call runs. Raises PlatformError 45033."""
        most, takes_s = self._paths.get(path, (0, 0.0))
        if most and self._running[owner, path] >= most:
            raise PlatformError(45033)
        self._running[owner, path] += 1
        try:
            if takes_s:
                await self._sleep(takes_s)
            yield
        finally:
            self._running[owner, path] -= 1


async def answer_call(
    request: web.Request, realm: Realm, guards: tuple[Meter, Crowd], *, path: str, kind: str, act: Act
) -> web.StreamResponse:
    """Check the token of `kind` ("oa", "wecom", "" for none), apply faults, read the fields, act."""
    meter, crowd = guards
    if fault := realm.faults.take((path, "*"), BEFORE_CALL):
        broken = await _break(request, realm, fault)
        if broken is not None:
            realm.calls[path, fault.errcode] += 1
            return broken
    try:
        owner = ""
        if kind:
            owner = realm.tokens.check(request.query.get("access_token", ""), kind, realm.now())
            meter.count(owner, path, realm.now())
        async with crowd.entered(owner, path):
            answer = await act(owner, await read_fields(request))
    except PlatformError as error:
        realm.calls[path, error.errcode] += 1
        return web.json_response(error.as_json())
    realm.calls[path, 0] += 1
    if fault := realm.faults.take((path, "*"), AFTER_CALL):
        broken = await _break(request, realm, fault)
        if broken is not None:
            return broken
    if isinstance(answer, web.StreamResponse):
        return answer
    return web.json_response({"errcode": 0, "errmsg": "ok", **answer})


async def read_fields(request: web.Request) -> Fields:
    """The JSON body of a POST, the query of a GET. Raises PlatformError 47001. Uploads are read elsewhere."""
    if request.method == "GET" or request.content_type.startswith("multipart/"):
        return Fields(dict(request.query))
    try:
        values = json.loads(await request.read() or b"{}")
    except ValueError:
        raise PlatformError(47001) from None
    if not isinstance(values, Mapping):
        raise PlatformError(47001)
    return Fields(values)


async def _break(request: web.Request, realm: Realm, fault: Fault) -> web.StreamResponse | None:
    """The broken answer; None where the fault only prepares one."""
    match fault.kind:
        case FaultKind.ERRCODE | FaultKind.ERRCODE_AFTER_ACCEPTING:
            return web.json_response(PlatformError(fault.errcode).as_json())
        case FaultKind.HTTP_502:
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        case FaultKind.EXPIRE_TOKEN:
            realm.tokens.expire(request.query.get("access_token", ""), realm.now())
            return None
        case _:
            await realm.sleep(fault.seconds)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=504)
