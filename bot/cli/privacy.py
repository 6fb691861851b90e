"""What do we know of a customer, may we use it, and how does it go?"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from archive import Archive
from archive.consent import Consent, ConsentFact, ConsentRow, Consents, Purger
from archive.tagging import TagRules
from bot.archive_keys import open_ring
from bot.bootstrap import ARCHIVE_TABLES, DEFAULT_ZONE, HANDOFF_TABLES, nothing_happens, open_archive, utc_now
from bot.cli.printing import print_json, print_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import writing
from bot.consenting import build_consents
from bot.forgetting import Dossier, Person, UnknownCustomer, build_purger, find_person
from bot.settings import Settings
from bot.tagging.side import build_tag_desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

app = typer.Typer(no_args_is_help=True, help="What is known of a customer: show it, forget it, and what she agreed to.")

OPERATOR: Final = "operator"
CustomerArgument = Annotated[str, typer.Argument(metavar="CUSTOMER", help="ACCOUNT/CUSTOMER, unionid or person id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Teller(StrEnum):
    """Who says how she stands."""

    OPERATOR = OPERATOR
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class _Shelf:
    engine: AsyncEngine
    archive: Archive
    consents: Consents
    purger: Purger

    async def purge(self, ids: list[int]) -> list[dict[str, object]]:
        """Purge now, as far as it goes; workers do the rest."""
        for id_ in ids:
            if (claim := await self.purger.claim(id_)) is not None:
                await self.purger.purge(claim)
        async with self.engine.connect() as connection:
            done = await self.consents.purges.by_id(connection, ids)
        return [{"id": each.id, "why": each.why, "state": each.state, "counts": dict(each.counts)} for each in done]


@app.command()
def export(
    context: typer.Context,
    customer: CustomerArgument,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Everything that is known of a person, across accounts, also what was derived; readable JSON."""
    settings = _settings(context)
    if out is not None and out.exists():
        raise fail(f"{out}: is there already; name another file")

    async def main() -> dict[str, object]:
        async with _shelf(settings) as shelf, shelf.engine.connect() as connection:
            person = await _find(connection, customer)
            return await Dossier(ARCHIVE_TABLES, HANDOFF_TABLES, shelf.archive, shelf.consents).of(connection, person)

    found = run_async(main, what="privacy export")
    if out is not None:
        out.touch(mode=0o600)
        out.write_text(json.dumps(found, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    if as_json or out is None:
        print_json(found)
    else:
        typer.echo(f"wrote {out}", err=True)


@app.command()
def erase(
    context: typer.Context,
    customer: CustomerArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, for ever.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Remove all that is known of a person, for ever; what an open conversation needs goes when it is closed."""
    if not yes:
        raise fail(f"this removes all that is known of {customer!r} for ever; say so with --yes")
    settings = _settings(context)

    async def main() -> list[dict[str, object]]:
        async with _shelf(settings) as shelf:
            async with shelf.engine.begin() as connection:
                person = await _find(connection, customer)
                ids = [
                    await shelf.consents.purges.open(
                        connection, await shelf.consents.digest(connection, *name), *name, why="erase"
                    )
                    for name in person.names
                ]
            return await shelf.purge(ids)

    _show_purges(run_async(main, what="privacy erase"), as_json=as_json)


@app.command()
def withdraw(
    context: typer.Context,
    customer: CustomerArgument,
    by: Annotated[Teller, typer.Option("--by", help="Who says so.")] = Teller.CUSTOMER,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """She takes back what she agreed to: nothing more is kept of her, and what is kept goes."""
    settings = _settings(context)

    async def main() -> list[dict[str, object]]:
        async with _shelf(settings) as shelf:
            async with shelf.engine.begin() as connection:
                person = await _find(connection, customer)
                now = utc_now()
                facts = [ConsentFact(*name, "", Consent.WITHDRAWN, now, by.value) for name in person.names]
                await shelf.consents.record(connection, facts)
                digests = [await shelf.consents.digest(connection, *name) for name in person.names]
                ids = [
                    each.id
                    for digest in digests
                    for each in await shelf.consents.purges.of(connection, digest)
                    if each.state != "done"
                ]
            return await shelf.purge(ids)

    _show_purges(run_async(main, what="privacy withdraw"), as_json=as_json)


@app.command()
def consents(
    context: typer.Context,
    customer: CustomerArgument,
    record: Annotated[Consent | None, typer.Option("--record", help="Note that she said so, now.")] = None,
    counterpart: Annotated[str, typer.Option(help="Towards this userid or group only.")] = "",
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """How she stands to what is kept of her, since when, and how we know."""
    settings = _settings(context)

    async def main() -> list[dict[str, object]]:
        async with _shelf(settings) as shelf, shelf.engine.begin() as connection:
            person = await _find_or_take(connection, customer, may_be_gone=record is None)
            if record is not None:
                now = utc_now()
                facts = [ConsentFact(*name, counterpart, record, now, OPERATOR) for name in person.names]
                await shelf.consents.record(connection, facts)
            return [
                {"account": account, **_plain(row)}
                for account, name in person.names
                for row in await shelf.consents.history(connection, account, name)
            ]

    found = run_async(main, what="privacy consents")
    if as_json:
        print_json(found)
    elif not found:
        typer.echo("nothing is known: she said nothing, and was not asked about yet")
    else:
        print_table(list(found[0]), [list(each.values()) for each in found])


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


@contextlib.asynccontextmanager
async def _shelf(settings: Settings) -> AsyncIterator[_Shelf]:
    async with writing(settings) as engine:
        archive = open_archive(await asyncio.to_thread(open_ring, settings), utc_now)
        consent = settings.archive.consent
        known = build_consents(ARCHIVE_TABLES.consent, archive.vault, consent, utc_now)
        purger = build_purger(
            engine,
            known.purges,
            tables=ARCHIVE_TABLES,
            handoff=HANDOFF_TABLES,
            archive=archive,
            tags=build_tag_desk(
                settings, engine=engine, tables=ARCHIVE_TABLES, rules=lambda: TagRules((), DEFAULT_ZONE), now=utc_now
            ),
            data_dir=settings.data_dir,
            batch=consent.purge_batch,
            now=utc_now,
            reached=nothing_happens,
        )
        yield _Shelf(engine, archive, known, purger)


async def _find(connection: AsyncConnection, named: str) -> Person:
    return await _find_or_take(connection, named, may_be_gone=False)


async def _find_or_take(connection: AsyncConnection, named: str, *, may_be_gone: bool) -> Person:
    """The person; may_be_gone: also one of whom nothing is left but the ledger, which knows a digest of her name."""
    try:
        return await find_person(connection, ARCHIVE_TABLES, named)
    except UnknownCustomer as error:
        account, slash, customer = named.partition("/")
        if may_be_gone and slash and customer:
            return Person(((account, customer),))
        raise fail(str(error)) from error


def _show_purges(purges: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_json(purges)
        return
    print_table(["purge", "why", "state", "what went"], [_row(each) for each in purges])
    if any(each["state"] != "done" for each in purges):
        typer.echo("an open conversation is being served: the rest goes when it is closed, by any worker", err=True)


def _row(purge: dict[str, object]) -> list[object]:
    counts = purge["counts"]
    went = ", ".join(f"{name} {count}" for name, count in counts.items() if count) if isinstance(counts, dict) else ""
    return [purge["id"], purge["why"], purge["state"], went or "-"]


def _plain(row: ConsentRow) -> dict[str, object]:
    found = asdict(row)
    return {**found, "changed_at": row.changed_at.isoformat(), "recorded_at": row.recorded_at.isoformat()}
