"""How is the product run? Doors, worker, or both; and the database brought up to date."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator
from typing import Annotated, Final

import structlog
import typer
from aiohttp import web

from bot import migrations
from bot.archive_keys import open_ring
from bot.bootstrap import Product, build_app
from bot.cli.running import Shared, fail, product, run_async
from bot.settings import Settings
from bot.store.engine import close_store, create_store_engine

# The oldest objects are gone through after so many rounds of the younger: 50 ms each time where 200 pages are open.
_OLDEST_SELDOM: Final = 50
_log = structlog.get_logger()
PortOption = Annotated[int | None, typer.Option(help="Port to listen on; overrides server.port.")]


def migrate(context: typer.Context) -> None:
    """Bring the database to the schema of this version."""
    settings = _settings(context)

    async def main() -> str:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = create_store_engine(settings.database.url, 1)
        try:
            return await migrations.migrate(engine, await asyncio.to_thread(open_ring, settings))
        finally:
            await close_store(engine)

    typer.echo(f"database is at revision {run_async(main, what='migrate')}")


def serve(context: typer.Context, port: PortOption = None) -> None:
    """Run the doors: callbacks, probes, console."""
    settings = _accounts(_settings(context))

    async def main() -> None:
        async with product(settings, ready=True) as built, listening(built, port), refreshing(built):
            await until_stopped()

    run_async(main, what="serve")


def work(context: typer.Context) -> None:
    """Run a worker; any number may run."""
    settings = _accounts(_settings(context))

    async def main() -> None:
        async with product(settings, ready=True) as built, working(built):
            spare_start_up()
            await until_stopped()

    run_async(main, what="work")


def run(context: typer.Context, port: PortOption = None) -> None:
    """Run doors and a worker in one process."""
    settings = _accounts(_settings(context))

    async def main() -> None:
        async with product(settings, ready=True) as built, listening(built, port), working(built):
            await until_stopped()

    run_async(main, what="run")


def spare_start_up() -> None:
    """Have the garbage collector leave alone what start-up built: going through it stops everything for 150 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], _OLDEST_SELDOM)


@contextlib.asynccontextmanager
async def listening(built: Product, port: int | None = None) -> AsyncIterator[int]:
    """Listen for requests; yields the port."""
    runner = web.AppRunner(build_app(built), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, built.settings.server.host, built.settings.server.port if port is None else port)
        await site.start()
        bound = int(runner.addresses[0][1])
        spare_start_up()
        _log.info("serve.listening", host=built.settings.server.host, port=bound)
        yield bound
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def working(built: Product) -> AsyncIterator[None]:
    """Run a worker beside the body."""
    await built.prepare_to_work()
    task = asyncio.create_task(built.worker.run(), name="worker")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def refreshing(built: Product) -> AsyncIterator[None]:
    """Doors without a worker still follow new content and new facts about accounts."""
    task = asyncio.create_task(built.worker.follow_content(), name="refresh")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until_stopped() -> None:
    """Until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


def _accounts(settings: Settings) -> Settings:
    if not settings.accounts:
        raise fail("no accounts in the settings: add one [[accounts]] to xiaoer.toml, or try: xiaoer demo")
    return settings
