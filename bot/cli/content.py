"""How does a shop's content get into the database, and out again?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap import utc_now
from bot.cli.printing import JsonOption, print_json, who
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import content_store, reading, wake, writing
from bot.content.applying import Difference, export_files
from bot.content.pack import Pack, read_pack
from bot.content.problems import PackBroken
from bot.settings import Settings
from bot.wakeups import Wakeups

app = typer.Typer(no_args_is_help=True, help="The shop's content: a folder of intents, scripts, replies and rules.")

PackArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Content pack: a folder with a pack.yaml.")]


@app.command()
def apply(
    context: typer.Context,
    folder: PackArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Bring a content pack into the database: one transaction, what is there already stays; shows what changes.

    Running workers take the new content over by themselves.
    """
    settings, pack = _settings(context), _read(folder)
    difference = run_async(lambda: _diff(settings, pack, create=not dry_run), what="content apply")
    if not as_json:
        _show(difference)
    if not dry_run:
        difference = run_async(lambda: _apply(settings, pack), what="content apply")
    if as_json:
        print_json({"applied": not dry_run, **_plain(difference)})
    elif dry_run:
        typer.echo("dry run: nothing was changed")
    elif not difference.nothing:
        typer.echo(f"applied {pack.name}")


@app.command()
def diff(context: typer.Context, folder: PackArgument, as_json: JsonOption = False) -> None:  # noqa: FBT002
    """Show what applying a content pack would change."""
    settings, pack = _settings(context), _read(folder)
    difference = run_async(lambda: _diff(settings, pack, create=False), what="content diff")
    if as_json:
        print_json(_plain(difference))
    else:
        _show(difference)


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,  # noqa: FBT002
) -> None:
    """Write the database's content back as a pack that apply takes."""
    settings = _settings(context)
    if folder.exists() and not folder.is_dir():
        raise fail(f"{folder}: is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise fail(f"{folder}: is not empty; name another folder, or write into it with --force")

    async def main() -> int:
        store = content_store()
        async with reading(settings) as engine, engine.connect() as connection:
            files, scripts = await store.files(connection), await store.scripts(connection)
            pictures = await store.pictures(connection)
        if not files:
            raise fail("the database holds no content yet; run: xiaoer content apply DIR")
        return await asyncio.to_thread(export_files, folder, files, scripts, pictures)

    typer.echo(f"wrote {run_async(main, what='content export')} files to {folder}")


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


def _read(folder: Path) -> Pack:
    try:
        return read_pack(folder)
    except PackBroken as error:
        raise fail(f"{folder}: the content pack cannot be used; nothing was changed\n{error}") from error


async def _diff(settings: Settings, pack: Pack, *, create: bool) -> Difference:
    opened = writing(settings) if create else reading(settings)
    async with opened as engine, engine.connect() as connection:
        return await content_store().diff(connection, pack)


async def _apply(settings: Settings, pack: Pack) -> Difference:
    async with writing(settings) as engine, engine.begin() as connection:
        difference = await content_store().apply(connection, pack, at=utc_now(), by=who())
    await wake(settings, Wakeups.CONTENT)
    return difference


def _plain(difference: Difference) -> dict[str, object]:
    scripts = difference.scripts
    return {
        "nothing": difference.nothing,
        "files": {
            "added": difference.files_added,
            "changed": difference.files_changed,
            "removed": difference.files_removed,
        },
        "scripts": {
            "added": scripts.added,
            "changed": scripts.changed,
            "retired": scripts.retired,
            "unchanged": len(scripts.unchanged),
        },
    }


def _show(difference: Difference) -> None:
    if difference.nothing:
        typer.echo("nothing to change")
        return
    scripts = difference.scripts
    for mark, kind, names in (
        ("+", "file", difference.files_added),
        ("~", "file", difference.files_changed),
        ("-", "file", difference.files_removed),
        ("+", "script", scripts.added),
        ("~", "script", scripts.changed),
        ("-", "script", scripts.retired),
    ):
        for name in names:
            typer.echo(f"{mark} {kind} {name}")
