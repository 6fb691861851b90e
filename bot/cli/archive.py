"""How does a person search the archive, take something out of it, and look after its keys and its age?"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from archive import Archive, Entry, Expired, Query, Rotation, export
from bot.archive_keys import open_ring
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.cli.days import DayOption, open_window
from bot.cli.printing import print_json, print_table, who
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading, shop_zone
from bot.consenting import build_consents, may_leave
from bot.keeping import build_keeping
from bot.masking import mask
from bot.settings import Settings
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

KEYS_A_STEP: Final = 500  # data keys, or values, in one transaction: writers wait for it on SQLite
COLUMNS: Final = (
    "id", "at", "account", "customer", "room", "conversation", "voice", "who", "kind", "text", "recalled", "source",
    "source_id",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets run what begins so

app = typer.Typer(no_args_is_help=True, help="What was said: search, export, keys, age.")
UnmaskedOption = Annotated[bool, typer.Option("--unmasked", help="Show what tells who somebody is; needs --reason.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the log of views.")]


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command()
def search(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="Words apart must all be said; Chinese anywhere, other words whole.")],
    customer: Annotated[str, typer.Option(help="Only with this customer (her id).")] = "",
    account: Annotated[str, typer.Option(help="Only on this account.")] = "",
    since: DayOption = "",
    until: DayOption = "",
    speaker: Annotated[str, typer.Option("--who", help="Only by this person (userid).")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
    unmasked: UnmaskedOption = False,  # noqa: FBT002
    reason: ReasonOption = "",
) -> None:
    """Find what was said. Telephones, ids, cards, addresses and the like are masked."""
    settings = _settings(context)
    show = _shown(unmasked=unmasked, reason=reason)

    async def main() -> list[Entry]:
        async with _opened(settings) as (engine, archive):
            if unmasked:
                async with engine.begin() as connection:
                    await archive.note_view(connection, who=who(), reason=reason, query=text)
            async with read_only(engine).connect() as connection:
                first, last = open_window(since, until, await shop_zone(connection))
                query = Query(text, account, customer, speaker, since=first, until=last, limit=limit)
                return await _find(connection, archive, query)

    rows = [_plain(entry, show) for entry in run_async(main, what="archive search")]
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo("nothing found")
    else:
        headings = ("id", "at", "account", "customer", "voice", "who", "text")
        print_table(headings, [[row[name] for name in headings] for row in rows])


async def _find(connection: AsyncConnection, archive: Archive, query: Query) -> list[Entry]:
    found: list[Entry] = []
    before: int | None = None
    while True:
        page = await archive.search(connection, replace(query, before_id=before, limit=query.limit - len(found)))
        found += page.entries
        if (before := page.before_id) is None or len(found) >= query.limit:
            return found


@app.command(name="export")
def export_entries(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    since: DayOption = "",
    until: DayOption = "",
    form: Annotated[Form, typer.Option("--format", help="One JSON object a line, or CSV.")] = Form.JSONL,
    unmasked: UnmaskedOption = False,  # noqa: FBT002
    reason: ReasonOption = "",
) -> None:
    """Write what was said to stdout, of people who agreed to that; masked."""
    settings = _settings(context)
    show = _shown(unmasked=unmasked, reason=reason)
    write = _writer(form)

    async def main() -> None:
        written = withheld = 0
        async with _opened(settings) as (engine, archive):
            gate = may_leave(build_consents(ARCHIVE_TABLES.consent, archive.vault, settings.archive.consent, utc_now))
            if unmasked:
                async with engine.begin() as connection:
                    await archive.note_view(connection, who=who(), reason=reason, query=f"export {since} {until}")
            async with read_only(engine).connect() as connection:
                first, last = open_window(since, until, await shop_zone(connection))
                pages = export(connection, archive, since=first, until=last, may=gate)
                async for page in pages:
                    for entry in page.entries:
                        write(_plain(entry, show))
                    written, withheld = written + len(page.entries), withheld + page.withheld
        typer.echo(f"{written} exported, {withheld} withheld (no consent to export, or recalled)", err=True)

    run_async(main, what="archive export")


@app.command(name="rotate-keys")
def rotate_keys(
    context: typer.Context,
    reseal: Annotated[bool, typer.Option("--reseal", help="New data keys too, and every text sealed anew.")] = False,  # noqa: FBT002
) -> None:
    """Bring all data keys under the newest key of the ring; stopped, it goes on where it was."""
    settings = _settings(context)

    async def main() -> str:
        async with _opened(settings) as (engine, archive):
            rotation = Rotation(ARCHIVE_TABLES, archive.vault)
            async with read_only(engine).connect() as connection:
                left = await rotation.left(connection)
            with Progress(console=Console(stderr=True), transient=True) as progress:
                task = progress.add_task("keys", total=left)
                steps = _resealing(engine, rotation) if reseal else _rewrapping(engine, rotation)
                async for remaining in steps:
                    progress.update(task, completed=left - remaining)
            return archive.vault.ring.newest

    newest = run_async(main, what="archive rotate-keys")
    typer.echo(f"everything is under the key {newest!r}; older keys may leave the ring once no backup needs them")


async def _rewrapping(engine: AsyncEngine, rotation: Rotation) -> AsyncIterator[int]:
    done = 1
    while done:
        async with engine.begin() as connection:
            done = await rotation.rewrap(connection, limit=KEYS_A_STEP)
            left = await rotation.left(connection)
        yield left


async def _resealing(engine: AsyncEngine, rotation: Rotation) -> AsyncIterator[int]:
    while True:
        async with engine.begin() as connection:
            done = await rotation.reseal(connection, limit=KEYS_A_STEP)
            left = await rotation.left(connection)
        if done is None:
            return
        yield left


@app.command()
def expire(context: typer.Context) -> None:
    """Remove what has been kept longer than the settings say; workers do so by themselves, a little an hour."""
    settings = _settings(context)

    async def main() -> Expired:
        async with _opened(settings) as (engine, archive):
            return await build_keeping(settings.archive.retention, settings.data_dir, engine, archive, utc_now).expire()

    gone = run_async(main, what="archive expire")
    typer.echo(
        f"removed {gone.entries} entries, {gone.files} files, {gone.results} results, "
        f"{gone.views} lines of the log of views"
    )


# ── what the commands share ──────────────────────────────────────────────────────────────────


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[AsyncEngine, Archive]]:
    """The database and the archive in it; leaves with what is wrong with the key ring."""
    ring = await asyncio.to_thread(open_ring, settings)
    async with reading(settings) as engine:
        archive = open_archive(ring, utc_now)
        async with read_only(engine).connect() as connection:
            await archive.vault.check(connection)
        yield engine, archive


def _shown(*, unmasked: bool, reason: str) -> Callable[[str], str]:
    if not unmasked:
        return mask
    if not reason.strip():
        raise fail("--unmasked needs --reason TEXT: it is written down who reads what customers said, and why")
    return str


def _plain(entry: Entry, show: Callable[[str], str]) -> Mapping[str, object]:
    """An entry as JSON values; of what is no text only its kind."""
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "account": entry.account,
        "customer": entry.customer,
        "room": entry.room,
        "conversation": entry.conversation_id,
        "voice": entry.voice.value,
        "who": entry.who,
        "kind": entry.kind,
        "text": show(entry.text),
        "recalled": entry.recalled,
        "source": entry.source,
        "source_id": entry.source_id,
    }


def _writer(form: Form) -> Callable[[Mapping[str, object]], None]:
    match form:
        case Form.JSONL:
            return lambda row: typer.echo(json.dumps(row, ensure_ascii=False))
        case Form.CSV:
            writer = csv.writer(sys.stdout)
            writer.writerow(COLUMNS)
            return lambda row: _write_line(writer.writerow, row)


def _write_line(write: Callable[[Sequence[object]], object], row: Mapping[str, object]) -> None:
    write([_as_cell(row[name]) for name in COLUMNS])


def _as_cell(value: object) -> object:
    """What a spreadsheet would run is made text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
