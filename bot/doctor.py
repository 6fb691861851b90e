"""Is this installation fit to serve? Each check gives one line: ok, or what to do."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from archive.tagging import TagWatch
from bot.console.login import SHORTEST_SECRET
from bot.content.applying import ContentStore
from bot.content.pack import read_pack
from bot.content.problems import PackBroken
from bot.content.stored import read_stored
from bot.doctor_line import Line
from bot.migrations import pending
from bot.redis_server import EMBEDDED, open_redis
from bot.settings import Account, Settings
from bot.store.engine import read_only
from bot.tagging.health import tags_health
from handoff import Calendar, holidays_known_until
from nlu import EncoderUnavailable, load_encoder

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

SHOWN_PROBLEMS = 3
_LONGEST_MONTH = 31  # so many days after its first day, a month is over


def check_accounts(accounts: Sequence[Account]) -> Line:
    """Is anybody to be served?"""
    if not accounts:
        return Line("accounts", False, "none in the settings", "add one [[accounts]] to xiaoer.toml")
    return Line("accounts", True, ", ".join(f"{each.name} ({each.kind})" for each in accounts))


def check_data_dir(folder: Path) -> Line:
    """May we write where models and media go? Makes nothing that stays."""
    existing = folder.absolute()
    while not existing.exists():
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        advice = f"give the user that runs xiaoer the right to write to {existing}, or set data_dir"
        return Line("data_dir", False, f"{folder}: {error.strerror}", advice)
    return Line("data_dir", True, f"{folder} is writable")


def check_secret(secret: str) -> Line:
    """Can agents sign in to the workbench?"""
    if not secret:
        return Line(
            "console", True, "off", f"to switch it on, set server.secret ({SHORTEST_SECRET} characters or more)"
        )
    if len(secret.encode()) < SHORTEST_SECRET:
        advice = "make one with: openssl rand -hex 32, and set XIAOER__SERVER__SECRET"
        return Line("console", False, f"server.secret is shorter than {SHORTEST_SECRET} characters", advice)
    return Line("console", True, "server.secret is set")


def check_encoder(name: str) -> Line:
    """Does the encoder load, and which one is it?"""
    try:
        encoder = load_encoder(name)
    except EncoderUnavailable as error:
        return Line("encoder", False, str(error), "install what it names, or set nlu.encoder to bundled")
    used = type(encoder).__name__
    if name == "bundled" and used != "BundledEncoder":
        advice = "the bundled encoder does not fit this machine; for better answers name a sentence-transformers model"
        return Line("encoder", True, f"{used} stands in for it, {encoder.dim} dimensions", advice)
    return Line("encoder", True, f"{name}: {used}, {encoder.dim} dimensions")


async def check_database(engine: AsyncEngine, absent: Path | None = None) -> Line:
    """Is the database there, with this version's tables? absent: the SQLite file that is not there yet."""
    if absent is not None:
        return Line("database", False, f"no file {absent} yet", "run: xiaoer migrate")
    try:
        behind = await pending(engine)
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()
        detail = f"{type(error).__name__}: {cause[0] if cause else ''}"
        return Line("database", False, detail, "check database.url, and that the database is up and lets us in")
    where = engine.url.render_as_string(hide_password=True)
    if behind:
        return Line("database", False, f"{where} is not at this version's schema", "run: xiaoer migrate")
    return Line("database", True, where)


async def check_redis(settings: Settings) -> Line:
    """Does Redis answer? The embedded one is started for the question if it does not run."""
    url, is_embedded = settings.redis.url, settings.redis.url == EMBEDDED
    try:
        async with open_redis(url, settings.data_dir) as redis:
            await redis.get("xiaoer:doctor")
    except (RedisError, OSError, RuntimeError, ValueError) as error:
        advice = "set redis.url to a Redis or Valkey" if is_embedded else "check redis.url, or set it to embedded"
        return Line("redis", False, type(error).__name__, advice)
    return Line("redis", True, "embedded" if is_embedded else "answers")


async def check_content(engine: AsyncEngine, store: ContentStore) -> Line | None:
    """Does the database hold content? None where it holds none, or cannot be asked."""
    try:
        async with read_only(engine).connect() as connection:
            if await store.is_empty(connection):
                return None
            scripts = await store.scripts(connection)
    except (SQLAlchemyError, OSError):
        return None
    live = sum(script.state == "live" for script in scripts)
    if not live:
        return Line("content", False, "no script is live", "run: xiaoer content apply DIR, or xiaoer kb import FILE")
    return Line("content", True, f"{live} live scripts")


def check_pack(folder: Path) -> Line:
    """Where the database holds no content: can the pack of the settings be applied at the first start?"""
    try:
        pack = read_pack(folder)
    except PackBroken as error:
        shown = "; ".join(str(each) for each in error.problems[:SHOWN_PROBLEMS])
        return Line(
            "content", False, f"none yet, and {shown}", "correct content.pack, or run: xiaoer content apply DIR"
        )
    return Line("content", True, f"none yet; the first start applies {folder}: {len(pack.scripts)} scripts")


async def check_tags(engine: AsyncEngine, watch: TagWatch, now: datetime) -> Line | None:
    """Do tags reach the platforms? None where none was to, or the database cannot be asked."""
    try:
        async with read_only(engine).connect() as connection:
            told = await tags_health(connection, watch, now)
    except (SQLAlchemyError, OSError):
        return None
    for account, problem in told.problems.items():
        return Line("tags", False, f"not every tag is at {account}", problem)
    if told.last_dead_letters:
        last = told.last_dead_letters[0]
        detail = f"those of {told.states['dead']} customers could not be written, last: {last['error']}"
        return Line("tags", False, detail, f"{last['advice']}; then run: xiaoer tags sync")
    if not told.states["done"] and not told.states["waiting"]:
        return None
    return Line("tags", True, f"{told.states['done']} customers told, {told.states['waiting']} wait for a follower")


async def check_calendars(engine: AsyncEngine, store: ContentStore, today: date) -> Line | None:
    """Do the stored calendars know the holidays to come? None where they need none, or cannot be read."""
    try:
        async with read_only(engine).connect() as connection:
            stored = await asyncio.to_thread(read_stored, await store.files(connection))
    except (SQLAlchemyError, OSError, PackBroken):
        return None
    return check_holidays(stored.shop.policy.calendars.values(), today)


def check_holidays(calendars: Iterable[Calendar], today: date) -> Line | None:
    """Are this month's and the next one's public holidays known? None where no calendar asks for them."""
    names = sorted({calendar.name for calendar in calendars if calendar.holidays})
    if not names:
        return None
    known = holidays_known_until()
    next_month = today.replace(day=1) + timedelta(days=_LONGEST_MONTH)
    if known >= next_month:
        return Line("holidays", True, f"known until {known}")
    advice = (
        "upgrade chinesecalendar (each year's holidays are announced in the autumn before); until then weekly hours "
        f"hold: write the free and the worked days under special in the calendars {', '.join(names)}"
    )
    return Line("holidays", False, f"known until {known} only", advice)
