"""How does a command reach the database without starting the whole product?"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from redis.exceptions import RedisError
from sqlalchemy import make_url

from bot.archive_keys import open_ring
from bot.bootstrap import DEFAULT_ZONE, HANDOFF_TABLES, SCRIPT_TABLES, utc_now
from bot.cli.running import fail
from bot.content.applying import ContentStore
from bot.content.stored import read_stored
from bot.migrations import migrate, pending
from bot.redis_server import open_redis
from bot.settings import Settings
from bot.store.engine import close_store, create_store_engine
from bot.store.tables import conversations
from bot.wakeups import announce
from handoff import Desk, Policy
from knowledge_base import Library

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@contextlib.asynccontextmanager
async def writing(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database, brought to this version's schema first."""
    await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
    async with _engine(settings) as engine:
        await migrate(engine, await asyncio.to_thread(open_ring, settings))
        yield engine


@contextlib.asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database as it is; leaves with what to do where there is none of this version."""
    if (absent := await asyncio.to_thread(absent_file, settings.database.url)) is not None:
        raise fail(f"no database at {absent} yet; run: xiaoer migrate")
    async with _engine(settings) as engine:
        if await pending(engine):
            raise fail("the database is not at this version's schema; run: xiaoer migrate")
        yield engine


def absent_file(url: str) -> Path | None:
    """The SQLite file that a URL names and that is not there; asking SQLite for it would create it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    file = Path(parsed.database)
    return None if file.exists() else file


def content_store() -> ContentStore:
    """The shop's content in SQL."""
    return ContentStore(Library(SCRIPT_TABLES), desk())


async def shop_zone(connection: AsyncConnection) -> tzinfo:
    """The time zone of the shop whose content is in use; China's where there is none yet."""
    stored = await content_store().files(connection)
    return read_stored(stored).shop.timezone if stored else DEFAULT_ZONE


def desk() -> Desk:
    """Tickets, agents and assignments in SQL."""
    return Desk(HANDOFF_TABLES, conversations, utc_now, _no_policy)


def _no_policy() -> Policy:
    """Commands read, or apply a policy that they bring along; only a running process moves conversations."""
    raise RuntimeError("no policy is in force here: conversations are moved by `xiaoer serve` and `xiaoer work`")


@contextlib.asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_store_engine(settings.database.url, 1)
    try:
        yield engine
    finally:
        await close_store(engine)


async def wake(settings: Settings, topic: str) -> None:
    """Tell the running processes now; without Redis they look by themselves."""
    try:
        async with open_redis(settings.redis.url, settings.data_dir) as redis:
            await announce(redis, [topic])
    except (RedisError, OSError) as error:
        typer.echo(f"Redis does not answer ({type(error).__name__}); running workers see it a little later", err=True)
