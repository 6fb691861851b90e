"""What would the platform say? A small, strict aiohttp server: scripted answers, real tokens, real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field

from aiohttp import web

SECRET = "s3cret-of-the-shop/with+odd=chars"


@dataclass(frozen=True)
class Answer:
    """One scripted HTTP answer."""

    body: bytes
    status: int = 200
    content_type: str = "text/plain"  # platforms do label JSON so
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """Read the request, then cut the connection: the time-out after accepting, without the time."""


@dataclass(frozen=True)
class Gibberish:
    """Answer with something that is not HTTP."""


@dataclass(frozen=True)
class Hang:
    """Read the request and never answer."""


@dataclass(frozen=True)
class CutShort:
    """Announce a long body, send its beginning, cut the connection."""

    beginning: bytes


Script = dict[str, object] | Answer | Drop | Gibberish | Hang | CutShort


@dataclass(frozen=True)
class Seen:
    """One request that reached an API path."""

    path: str
    query: dict[str, str]
    raw: bytes
    content_type: str


class FakePlatform:
    """Tokens are t1, t2…; a call with any but the newest is 40014, as is one with none."""

    def __init__(self) -> None:
        self.scripts: defaultdict[str, deque[Script]] = defaultdict(deque)
        self.seen: list[Seen] = []
        self.token_requests: list[dict[str, object]] = []
        self.token_scripts: deque[Script] = deque()
        self.token_asked = asyncio.Event()
        self.may_sell = asyncio.Event()
        self.may_sell.set()
        self.sold = 0
        self.valid = ""
        self.lives_s = 7200
        self.running = 0
        self.most_running = 0
        self.together: asyncio.Barrier | None = None
        self.over = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_get("/cgi-bin/gettoken", self._get_token)
        app.router.add_route("*", "/{path:.*}", self._call)
        return app

    def script(self, path: str, *answers: Script) -> None:
        self.scripts[f"/cgi-bin/{path}"].extend(answers)

    def calls(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == f"/cgi-bin/{path}"]

    def bodies(self, path: str) -> list[dict[str, object]]:
        return [json.loads(seen.raw) for seen in self.calls(path)]

    async def _stable_token(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        assert set(asked) == {"grant_type", "appid", "secret", "force_refresh"}
        assert asked["grant_type"] == "client_credential"
        return await self._sell(request, asked["secret"], renew=asked["force_refresh"], asked=asked)

    async def _get_token(self, request: web.Request) -> web.StreamResponse:
        asked: dict[str, object] = dict(request.query)
        assert set(asked) == {"corpid", "corpsecret"}
        return await self._sell(request, str(asked["corpsecret"]), renew=False, asked=asked)

    async def _sell(
        self, request: web.Request, secret: str, *, renew: bool, asked: dict[str, object]
    ) -> web.StreamResponse:
        self.token_requests.append(asked)
        self.token_asked.set()
        await self.may_sell.wait()
        if self.token_scripts:
            return await self._play(request, self.token_scripts.popleft())
        if secret != SECRET:
            return _json({"errcode": 40001, "errmsg": f"invalid credential, secret {secret}, hint: [1]"})
        if renew or not self.valid:
            self.sold += 1
            self.valid = f"token-number-{self.sold}"
        return _json({"errcode": 0, "errmsg": "ok", "access_token": self.valid, "expires_in": self.lives_s})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self._check_shape(request, raw)
        query = dict(request.query)
        self.seen.append(Seen(request.path, query, raw, request.content_type))
        if request.path.startswith("/cgi-bin/") and query.get("access_token") != self.valid:
            return _json({"errcode": 40014, "errmsg": f"invalid access_token {query.get('access_token')}"})
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self.together is not None:
                await self.together.wait()
            script = self.scripts[request.path]
            return await self._play(request, script.popleft() if script else {"errcode": 0, "errmsg": "ok"})
        finally:
            self.running -= 1

    def _check_shape(self, request: web.Request, raw: bytes) -> None:
        if request.method == "GET":
            assert not raw
        elif request.content_type == "application/json":
            assert "\\u" not in raw.decode("utf-8")
            assert isinstance(json.loads(raw), dict)
        else:
            assert request.content_type == "multipart/form-data"

    async def _play(self, request: web.Request, script: Script) -> web.StreamResponse:
        match script:
            case Answer():
                return web.Response(
                    body=script.body, status=script.status, content_type=script.content_type, headers=script.headers
                )
            case Drop():
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case Gibberish():
                assert request.transport is not None
                request.transport.write(b"HTTP/9.x what?\r\n\r\n")
                request.transport.close()
                return web.Response()
            case Hang():
                await self.over.wait()
                return web.Response()
            case CutShort():
                response = web.StreamResponse(headers={"Content-Length": "100000", "Content-Type": "image/jpeg"})
                await response.prepare(request)
                await response.write(script.beginning)
                assert request.transport is not None
                request.transport.close()
                return response
            case dict():
                return _json(script)


def _json(value: dict[str, object]) -> web.Response:
    return web.Response(text=json.dumps(value), content_type="text/plain")
