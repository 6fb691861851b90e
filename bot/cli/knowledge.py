"""What have we approved to say about it? Scripts in, searched, measured."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap import utc_now
from bot.channels.text import for_understanding
from bot.cli.printing import JsonOption, VisibleEncoder, print_json, print_table, who, working_on
from bot.cli.running import Shared, configure_logging, fail, product, run_async
from bot.cli.storage import content_store, reading
from bot.settings import Settings
from bot.wakeups import Wakeups
from knowledge_base import (
    CHANNELS,
    COLUMNS,
    Audience,
    Changes,
    ImportFailed,
    Passage,
    Script,
    evaluate,
    example_script,
    read_file,
    write_scripts,
)
from nlu import Encoder, EncoderUnavailable, general_negatives, load_encoder

app = typer.Typer(no_args_is_help=True, help="Scripts: what the shop has approved to say.")
TABLES = (".csv", ".xlsx")


@app.command(name="import")
def import_scripts(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XLSX, YAML, or JSON of 微信客服 or chatopera.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Take scripts from a file: all of them or, if one row is wrong, none. Scripts not in the file stay."""
    settings = _settings(context)
    try:
        taken = read_file(file)
    except ImportFailed as error:
        raise fail(f"{len(error.problems)} mistakes; nothing was changed\n{error}") from error
    scripts = taken.scripts
    if not scripts:
        raise fail(f"{file}: holds no script; xiaoer kb template FILE.csv writes an example")
    changes = run_async(
        lambda: _would_change(settings, scripts) if dry_run else _import(settings, scripts, file), what="kb import"
    )
    for each in taken.left_out:
        typer.echo(f"left out: {each.describe()}", err=True)
    if as_json:
        print_json({"applied": not dry_run, **_plain(changes)})
        return
    for mark, names in (("+", changes.added), ("~", changes.changed)):
        for name in names:
            typer.echo(f"{mark} script {name}")
    done = "would be" if dry_run else "were"
    typer.echo(
        f"{len(changes.added)} {done} added, {len(changes.changed)} changed; {len(changes.unchanged)} are as they were"
    )


@app.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="FILE.csv or FILE.xlsx to write.")],
) -> None:
    """Write a table with the headings and one example row, for operators to fill in; .xlsx explains each column."""
    if file.suffix.lower() not in TABLES:
        raise fail(f"{file}: name it .csv or .xlsx")
    if file.exists():
        raise fail(f"{file}: is there already; name another file")
    if not file.absolute().parent.is_dir():
        raise fail(f"{file.parent}: no such folder; make it first")
    write_scripts(file, [example_script()])
    typer.echo(f"wrote {file}: {len(COLUMNS)} columns, one example; fill it in, then: xiaoer kb import {file}")


@app.command()
def search(  # noqa: PLR0917 - the command's options
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer writes.")],
    channel: Annotated[str, typer.Option(help=f"Answers for: {', '.join(CHANNELS)}.")] = CHANNELS[0],
    region: Annotated[str, typer.Option(help="As a customer from there, as 广东深圳.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="As a customer with this tag; repeatable.")] = None,
    scene: Annotated[str, typer.Option(help="As a customer who came by this QR code or link.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 5,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Show which scripts answer this text, most probable first, as a running worker would find them."""
    settings = _settings(context)
    if channel not in CHANNELS:
        raise fail(f"--channel {channel}: no such channel; write one of {', '.join(CHANNELS)}")
    with working_on("searching the scripts"):
        heard_by = partial(Audience, channel, region=region, tags=frozenset(tag or ()), scene=scene)
        found = run_async(lambda: _search(settings, text, heard_by, limit), what="kb search")
    if as_json:
        print_json(
            [
                {"id": each.script_id, "title": each.title, "probability": each.probability, "answer": each.answer}
                for each in found
            ]
        )
    elif not found:
        typer.echo("no script found")
    else:
        rows = [[each.script_id, each.title, f"{each.probability:.3f}", each.answer] for each in found]
        print_table(["id", "title", "probability", "answer"], rows)


@app.command(name="eval")
def evaluate_search(
    context: typer.Context,
    faq: Annotated[list[Path], typer.Option("--faq", help="Questions and answers; repeatable: one library.")],
    queries: Annotated[
        Path | None, typer.Option(help='JSON lines {"query","post"}; default: each similar question asks.')
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Measure the search: recall@1/3/10, MRR, ms a query. Needs no database.

    Several files make one library, identical standard questions are one script, only these are indexed.
    """
    encoder = VisibleEncoder(open_encoder(_settings(context)), "encoding")
    try:
        scores = evaluate(
            faq, queries, encode=encoder.encode, encoder=encoder.fingerprint, negatives=general_negatives()
        )
    except ImportFailed as error:
        raise fail(f"kb eval: {len(error.problems)} mistakes\n{error}") from error
    if as_json:
        print_json(asdict(scores))
    else:
        print_table(["measure", "value"], [[name, f"{value:.4g}"] for name, value in asdict(scores).items()])


def open_encoder(settings: Settings) -> Encoder:
    """The encoder of the settings, or leave with what to install. Logs go to stderr from here on."""
    configure_logging()
    try:
        return load_encoder(settings.nlu.encoder)
    except EncoderUnavailable as error:
        raise fail(str(error)) from error


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


async def _would_change(settings: Settings, scripts: tuple[Script, ...]) -> Changes:
    async with reading(settings) as engine, engine.connect() as connection:
        return await content_store().library.diff(connection, scripts)


async def _import(settings: Settings, scripts: tuple[Script, ...], file: Path) -> Changes:
    async with product(settings) as built:
        # A first start would apply the pack and retire what is not in it: it goes first.
        await built.apply_pack_if_empty()
        async with built.engine.begin() as connection:
            by = f"{who()}, kb import {file.name}"[:128]
            changes = await built.content.library.apply(connection, scripts, at=utc_now(), by=by)
        built.wakeups.ring(Wakeups.CONTENT)
        return changes


async def _search(settings: Settings, text: str, heard_by: Callable[..., Audience], limit: int) -> list[Passage]:
    async with product(settings) as built:
        await built.apply_pack_if_empty()
        await built.minds.refresh()
        mind = built.minds.current()
        wanted = for_understanding(text)
        vector = await built.minds.readers.answers.encode_one(wanted)
        at = utc_now().astimezone(mind.shop.timezone)
        return await asyncio.to_thread(mind.knowledge.search, wanted, vector, heard_by(at=at), limit)


def _plain(changes: Changes) -> dict[str, object]:
    return {"added": changes.added, "changed": changes.changed, "unchanged": len(changes.unchanged)}
