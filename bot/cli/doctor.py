"""What is still wrong with this installation, and what is to be done?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.exc import ArgumentError

from archive.tagging import TagWatch
from bot.archive_standing import Stores
from bot.bootstrap import ARCHIVE_TABLES, utc_now
from bot.cli.printing import print_json
from bot.cli.running import Shared, run_async
from bot.cli.storage import absent_file, content_store
from bot.doctor import (
    check_accounts,
    check_calendars,
    check_content,
    check_data_dir,
    check_database,
    check_encoder,
    check_pack,
    check_redis,
    check_secret,
    check_tags,
)
from bot.doctor_archive import check_archive
from bot.doctor_every_account import check_every_account, check_reach
from bot.doctor_line import Line
from bot.doctor_rasa import check_rasa
from bot.doctor_session_archive import check_standings
from bot.settings import Settings, SettingsError, load_settings
from bot.store.engine import close_store, create_store_engine


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Check settings, stores, accounts and reachability: each line ok, or what to do. Exit code 1 if any is not."""
    shared: Shared = context.obj
    console = Console(soft_wrap=True)
    lines: list[Line] = []

    def found(line: Line) -> None:
        lines.append(line)
        if not as_json:
            _show(console, line)

    try:
        settings = load_settings(shared.config)
    except SettingsError as error:
        found(Line("settings", False, str(error), "correct the settings, then run: xiaoer doctor"))
    else:
        found(Line("settings", True, "complete"))
        run_async(lambda: _examine(settings, found), what="doctor")
    if as_json:
        print_json([asdict(line) for line in lines])
    if not all(line.ok for line in lines):
        raise typer.Exit(1)


async def _examine(settings: Settings, found: Callable[[Line], None]) -> None:
    async for line in _check_machine(settings):
        found(line)
    async with aiohttp.ClientSession() as session:
        if settings.nlu.engine == "rasa":
            found(await check_rasa(session, settings.nlu))
        async for each in check_reach(settings, session, utc_now):
            found(each.line("en"))
        async for each in check_every_account(settings, session, utc_now):
            found(each.line("en"))


async def _check_machine(settings: Settings) -> AsyncIterator[Line]:
    yield check_accounts(settings.accounts)
    yield check_secret(settings.server.secret.get_secret_value())
    yield await asyncio.to_thread(check_data_dir, settings.data_dir)
    async for line in _check_store(settings):
        yield line
    yield await check_redis(settings)
    yield await asyncio.to_thread(check_encoder, settings.nlu.encoder)


async def _check_store(settings: Settings) -> AsyncIterator[Line]:
    try:
        engine = create_store_engine(settings.database.url, 1)
    except (ArgumentError, ImportError) as error:
        advice = "write database.url as sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"
        yield Line("database", ok=False, detail=str(error).splitlines()[0], advice=advice)
        return
    try:
        absent = await asyncio.to_thread(absent_file, settings.database.url)
        yield await check_database(engine, absent)
        yield await check_archive(engine, settings, absent)
        content = None if absent else await check_content(engine, content_store())
        tags = await check_tags(engine, TagWatch(ARCHIVE_TABLES.tags), utc_now()) if content else None
        holidays = await check_calendars(engine, content_store(), utc_now().date()) if content else None
        stores = Stores.build(ARCHIVE_TABLES, settings.archive.pull, utc_now)
        archives = [] if absent else [line async for line in check_standings(engine, stores)]
    finally:
        await close_store(engine)
    yield await asyncio.to_thread(check_pack, Path(settings.content.pack)) if content is None else content
    if holidays is not None:
        yield holidays
    if tags is not None:
        yield tags
    for line in archives:
        yield line


def _show(console: Console, line: Line) -> None:
    console.print(Text("ok  " if line.ok else "FIX ", "green" if line.ok else "bold red"), end="")
    console.print(Text(f"{line.name}: {line.detail}"))
    if line.advice:
        console.print(Text(f"    → {line.advice}", "default" if line.ok else "yellow"))
