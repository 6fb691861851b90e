"""How do past conversations come into the archive from a file?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from archive import Archive, Entry
from archive.consent import Consents, Gate, party_of
from archive.history import FORMATS, HistoryUnreadable, Origin, RowProblem, read_history
from bot.archive_keys import open_ring
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.cli.printing import print_json
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import shop_zone, writing
from bot.consenting import build_consents
from bot.settings import Settings
from bot.store.engine import read_only

AT_ONCE = 500  # entries a transaction: a running worker waits no longer than these take
SHOWN = 20  # problems named; all are counted
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(slots=True)
class Imported:
    """What came of a file. known: entries that were there already. withheld: of people who withdrew."""

    added: int = 0
    known: int = 0
    refused: int = 0
    withheld: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def import_history(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What to read.")],
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}; see docs/analysis.md.")],
    account: Annotated[str, typer.Option(help="The account of rows that name none.")] = "",
    name: Annotated[str, typer.Option(help="Of this history; importing again under it adds only news.")] = "",
    encoding: Annotated[str, typer.Option(help="As gb18030; UTF-8 otherwise.")] = "utf-8-sig",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read past conversations into the archive. Rows that cannot be read are named and left out; exit 1 then.

    The same file again adds nothing. Analysis follows by itself, or by: xiaoer archive analyze --until-done
    """
    settings = context.ensure_object(Shared).settings()
    if form not in FORMATS:
        raise fail(f"archive import: no format {form!r}; there are {', '.join(FORMATS)}")
    named = name or re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:32]
    if not NAME.fullmatch(named):
        raise fail(f"archive import: {named!r} is no name; give --name of a-z, 0-9, - and _, at most 32 characters")
    if form == "jddc" and not account:
        raise fail("archive import: these rows name no account; give --account")
    imported = run_async(lambda: _import(settings, file, form, (named, account), encoding), what="archive import")
    _tell(imported, as_json=as_json)
    if imported.refused:
        raise typer.Exit(1)


async def _import(settings: Settings, file: Path, form: str, of: tuple[str, str], encoding: str) -> Imported:
    """of: the history's name, and the account of rows that name none."""
    imported = Imported()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    async with writing(settings) as engine:
        async with read_only(engine).connect() as connection:
            origin = Origin(*of, await shop_zone(connection), utc_now())
        archive = open_archive(await asyncio.to_thread(open_ring, settings), utc_now)
        consents = build_consents(ARCHIVE_TABLES.consent, archive.vault, settings.archive.consent, utc_now)
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            task = shown.add_task(file.name, total=file.stat().st_size)  # noqa: ASYNC240 - nobody else is served here
            read = read_history(file, form, origin, encoding=encoding, seen=lambda size: shown.advance(task, size))
            try:
                for batch in _batches(read, imported):
                    async with engine.begin() as connection:
                        kept = await _kept(connection, consents, batch, imported)
                        await _append(connection, archive, kept, imported)
            except HistoryUnreadable as error:
                raise fail(f"archive import: {error}; what came before it is kept: {imported.added} entries") from error
    return imported


def _batches(read: Iterator[Entry | RowProblem], imported: Imported) -> Iterator[list[Entry]]:
    while batch := list(islice(read, AT_ONCE)):
        for each in batch:
            if isinstance(each, RowProblem):
                imported.refused += 1
                if len(imported.problems) < SHOWN:
                    imported.problems.append(each)
        if entries := [each for each in batch if isinstance(each, Entry)]:
            yield entries


async def _kept(
    connection: AsyncConnection, consents: Consents, entries: Sequence[Entry], imported: Imported
) -> list[Entry]:
    """Those of a batch whose people did not withdraw."""
    allowed = await consents.may(connection, Gate.STORE, {party_of(each) for each in entries})
    kept = [each for each in entries if party_of(each) in allowed]
    imported.withheld += len(entries) - len(kept)
    return kept


async def _append(connection: AsyncConnection, archive: Archive, entries: Sequence[Entry], imported: Imported) -> None:
    """Add a batch. What is counted as known was there, or stands twice in the file."""
    if not entries:
        return
    e = ARCHIVE_TABLES.entries
    ids = {each.source_id for each in entries}
    there = select(func.count()).where(e.c.source == entries[0].source, e.c.source_id.in_(ids))
    before = await connection.scalar(there) or 0
    await archive.append(connection, entries)
    added = (await connection.scalar(there) or 0) - before
    imported.added += added
    imported.known += len(entries) - added


def _tell(imported: Imported, *, as_json: bool) -> None:
    if as_json:
        print_json({**asdict(imported), "problems": [asdict(each) for each in imported.problems]})
        return
    for problem in imported.problems:
        typer.echo(str(problem), err=True)
    if imported.refused > len(imported.problems):
        typer.echo(f"… and {imported.refused - len(imported.problems)} rows more", err=True)
    typer.echo(f"{imported.added} added, {imported.known} known already, {imported.refused} left out")
    if imported.withheld:
        typer.echo(f"{imported.withheld} withheld: who said them withdrew (docs/privacy.md)", err=True)
