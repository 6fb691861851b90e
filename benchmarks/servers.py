"""Who is measured? The product's door, its floor, the peer, and a server that does nothing: one process each.

WeRoBot's own `run()` falls back to wsgiref where no further server is installed: one request a
connection, which would measure wsgiref. So WeRoBot gets the very server our door has (aiohttp on
uvloop) by the same few lines with which it ships adapters for Tornado, Flask and Django: check the
signature, parse (and decrypt), run the handler, encrypt the reply. That is its best case.
It is measured with sessions off (nothing stored) and as it comes (sessions in SQLite).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web
from pydantic import SecretStr
from typing_extensions import override

from benchmarks.letters import Receiver

ACCOUNT = "shop"
PATH = f"/callbacks/{ACCOUNT}"
NOTHING = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"


@contextlib.asynccontextmanager
async def product(receiver: Receiver, folder: Path) -> AsyncIterator[int]:
    """What `xiaoer serve` runs: content loaded, embedded Valkey, SQLite as shipped."""
    from bot.cli.running import configure_logging  # noqa: PLC0415 - only this process pays for it
    from bot.cli.running import product as assembled  # noqa: PLC0415
    from bot.cli.serve import listening, refreshing  # noqa: PLC0415

    configure_logging()
    async with assembled(_settings(receiver, folder), ready=True) as built:
        await built.minds.refresh()
        async with listening(built, 0) as port, refreshing(built):
            yield port


@contextlib.asynccontextmanager
async def floor(receiver: Receiver, folder: Path) -> AsyncIterator[int]:
    """The same server and channel: verify, decrypt, parse, say success; nothing is kept."""
    from bot.channels import channel_for  # noqa: PLC0415 - only this process pays for it
    from bot.channels.base import Envelope  # noqa: PLC0415

    settings = _settings(receiver, folder)
    (channel,) = channel_for(settings.accounts[0], settings.server.max_clock_skew_s)

    async def receive(request: web.Request) -> web.Response:
        channel.parse(Envelope(query=request.query, body=await request.read(), received_at=datetime.now(UTC)))
        return web.Response(text=channel.acknowledge())

    async with _aiohttp(receive, settings.server.max_body_bytes) as port:
        yield port


@contextlib.asynccontextmanager
async def werobot(receiver: Receiver, folder: Path) -> AsyncIterator[int]:
    """WeRoBot with one handler and sessions off."""
    del folder
    async with _aiohttp(_werobot_view(receiver, {"SESSION_STORAGE": False}), 65_536) as port:
        yield port


@contextlib.asynccontextmanager
async def werobot_sessions(receiver: Receiver, folder: Path) -> AsyncIterator[int]:
    """WeRoBot with one handler as it comes: sessions in SQLite."""
    os.chdir(folder)  # where it puts its werobot_session.sqlite3
    async with _aiohttp(_werobot_view(receiver, {}), 65_536) as port:
        yield port


@contextlib.asynccontextmanager
async def nothing(receiver: Receiver, folder: Path) -> AsyncIterator[int]:
    """Answers without reading: what the generator can make at most."""
    del receiver, folder

    class Deaf(asyncio.Protocol):
        @override
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.write = transport.write  # type: ignore[attr-defined] # a TCP transport writes

        @override
        def data_received(self, data: bytes) -> None:
            del data
            self.write(NOTHING)

    server = await asyncio.get_running_loop().create_server(Deaf, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


KINDS = {each.__name__: each for each in (product, floor, werobot, werobot_sessions, nothing)}


def _werobot_view(receiver: Receiver, config: dict[str, object]) -> Callable[[web.Request], Awaitable[web.Response]]:
    warnings.simplefilter("ignore")  # its dependencies are of an older age; contained in this process
    from werobot import WeRoBot  # noqa: PLC0415 - optional, and only this process pays for it

    robot = WeRoBot(token=receiver.token, app_id=receiver.app_id, encoding_aes_key=receiver.key, **config)
    robot.handler(lambda _message: "您好，已收到")

    async def view(request: web.Request) -> web.Response:
        query = request.query
        if not robot.check_signature(query["timestamp"], query["nonce"], query["signature"]):
            return web.Response(status=403)
        body = await request.read()
        message = robot.parse_message(body, query["timestamp"], query["nonce"], query["msg_signature"])
        return web.Response(text=robot.get_encrypted_reply(message), content_type="application/xml")

    return view


@contextlib.asynccontextmanager
async def _aiohttp(receive: Callable[[web.Request], Awaitable[web.Response]], max_size: int) -> AsyncIterator[int]:
    app = web.Application(client_max_size=max_size)
    app.router.add_post("/callbacks/{account}", receive)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _settings(receiver: Receiver, folder: Path) -> Any:
    from bot.settings import ContentSettings, DatabaseSettings, OfficialAccount, Settings  # noqa: PLC0415

    account = OfficialAccount(
        kind="official_account",
        name=ACCOUNT,
        app_id=receiver.app_id,
        app_secret=SecretStr("unused by the door"),
        token=SecretStr(receiver.token),
        encoding_aes_key=SecretStr(receiver.key),
        original_id=receiver.original_id,
        answering="active",
    )
    pack = Path(__file__).parent.parent / "examples" / "cosmetics"
    return Settings(
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder / 'xiaoer.db'}"),
        content=ContentSettings(pack=str(pack)),
        data_dir=folder,
        accounts=(account,),
    )


def serve() -> None:
    """Be the server named by {"kind", "cpu", "receiver", "folder"} on stdin; says {"port"}; ends when stdin does."""
    hello = json.loads(sys.stdin.readline())
    if hello["cpu"] is not None:
        os.sched_setaffinity(0, {hello["cpu"]})  # before any thread or child is born: they inherit it

    async def main() -> None:
        async with KINDS[hello["kind"]](Receiver(**hello["receiver"]), Path(hello["folder"])) as port:
            print(json.dumps({"port": port}), flush=True)
            await asyncio.to_thread(sys.stdin.read)

    uvloop.run(main())


if __name__ == "__main__":
    serve()
