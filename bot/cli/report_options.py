"""Which period, grouping and form does a report have? The options its commands share, and what they come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import HANDOFF_TABLES, utc_now
from bot.cli.days import window
from bot.cli.report_tables import as_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import content_store, reading
from bot.content.shop import Shop
from bot.content.stored import read_stored
from bot.figures import BOM, Format, Sheet, as_json, said
from bot.store.engine import read_only
from handoff import By, Scope

T = TypeVar("T")

ByOption = Annotated[By | None, typer.Option(help="Group by.")]
TeamOption = Annotated[str, typer.Option(help="Only this team's (its id).")]
ChannelOption = Annotated[str, typer.Option(help="Only this channel's.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How it is written.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON; the same as --format json.")]
OutOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """A report that was asked for. names: what ids of teams and agents are called."""

    connection: AsyncConnection
    shop: Shop
    scope: Scope
    names: dict[str, str]

    def name(self, by: By | None, key: str) -> str:
        """What people call a group."""
        match by:
            case _ if not key:
                return said("groups.none")
            case By.TEAM | By.AGENT:
                return self.names.get(key, key)
            case By.WEEKDAY:
                return said(f"weekdays.{key}")
            case _:
                return key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options said."""

    since: str = ""
    until: str = ""
    team: str = ""
    channel: str = ""

    def scope(self, now: datetime, shop: Shop) -> Scope:
        """The period in the shop's time zone. Leaves where a day is none, or the last lies before the first."""
        since, until = window(self.since, self.until, shop.timezone)
        return Scope(since, until, now, shop.timezone, self.team, self.channel)


def ask(context: typer.Context, wanted: Wanted, answer: Callable[[Asked], Awaitable[T]]) -> T:
    """Read in one read-only transaction."""
    shared: Shared = context.obj
    settings = shared.settings()

    async def main() -> T:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            stored = await content_store().files(connection)
            if not stored:
                raise fail("the database holds no content yet; run: xiaoer content apply DIR")
            shop = read_stored(stored).shop
            names = {each.id: each.name for each in shop.policy.teams}
            if wanted.team and wanted.team not in names:
                raise fail(f"--team {wanted.team}: no such team; there are {', '.join(names)}")
            agents = HANDOFF_TABLES.agents.c
            names |= {row.id: row.name for row in await connection.execute(select(agents.id, agents.name))}
            return await answer(Asked(connection, shop, wanted.scope(utc_now(), shop), names))

    return run_async(main, what="reports")


def write(sheets: Sequence[Sheet], scope: Scope, form: Format, out: Path | None) -> None:
    """Print it or write it to a file."""
    text = _written(sheets, scope, form)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise fail(f"{out}: {error.strerror}; name a file in a folder that exists") from error
    typer.echo(said("says.written", file=out), err=True)


def _written(sheets: Sequence[Sheet], scope: Scope, form: Format) -> str:
    match form:
        case Format.JSON:
            since, until = period(scope)
            reports = {each.name: each.as_plain() for each in sheets}
            return as_json({"since": since, "until": until, "reports": reports})
        case Format.CSV:
            return BOM + "\r\n".join(each.as_csv() for each in sheets)
        case Format.TABLE:
            return "\n".join(_table(each, scope) for each in sheets)


def period(scope: Scope) -> tuple[str, str]:
    """First and last day, as they were asked for."""
    last = scope.until.astimezone(scope.zone) - timedelta(microseconds=1)
    return scope.since.astimezone(scope.zone).date().isoformat(), last.date().isoformat()


def _table(sheet: Sheet, scope: Scope) -> str:
    since, until = period(scope)
    if sheet.empty:
        return said("says.empty", title=sheet.title, since=since, until=until) + "\n"
    title = said("says.period", title=sheet.title, since=since, until=until) if sheet.dated else sheet.title
    return f"{title}\n{as_table(sheet)}"
