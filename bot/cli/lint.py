"""What should an operator look at before the scripts go out?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.bootstrap import SCRIPT_TABLES, utc_now
from bot.cli.knowledge import open_encoder
from bot.cli.printing import VisibleEncoder, print_json, print_table, working_on
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading
from bot.settings import Settings
from knowledge_base import Finding, ImportFailed, Library, Script, lint, read_scripts
from nlu import RememberingEncoder

SHOPS_ZONE = ZoneInfo("Asia/Shanghai")  # a warning some hours early or late does no harm


def check(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="A file or folder of scripts; default: those in use.")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Compare questions by characters only, not by meaning.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Find duplicates, contradictions, expired scripts and dead ends. Exit code 1 where there are errors."""
    shared: Shared = context.obj
    settings = shared.settings()
    scripts = _from_database(settings) if path is None else _from_files(path)
    folder = Path(settings.content.pack) if path is None else _pack_of(path)
    found = _lint(settings, scripts, folder if folder.is_dir() else None, fast=fast)
    errors = sum(each.severity == "error" for each in found)
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        rows = [[each.severity, each.kind, " ".join(each.scripts), each.message, each.remedy] for each in found]
        if rows:
            print_table(["", "kind", "scripts", "finding", "remedy"], rows)
        typer.echo(f"{len(scripts)} scripts: {errors} errors, {len(found) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def _lint(settings: Settings, scripts: Sequence[Script], folder: Path | None, *, fast: bool) -> tuple[Finding, ...]:
    today = utc_now().astimezone(SHOPS_ZONE).date()
    if fast:
        return lint(scripts, today=today, folder=folder)
    models = settings.data_dir / "models"
    visible = VisibleEncoder(open_encoder(settings), "reading the questions")
    # The workers keep theirs; it is read, and what is new goes into a file of our own.
    encoder = RememberingEncoder(visible, models / "lint.npz", seed=models / "vectors.npz")
    with working_on("comparing"):
        found = lint(scripts, today=today, encode=encoder.encode, folder=folder)
    encoder.save()
    return found


def _from_files(path: Path) -> Sequence[Script]:
    try:
        return read_scripts(path)
    except ImportFailed as error:
        raise fail(f"{len(error.problems)} mistakes\n{error}") from error


def _from_database(settings: Settings) -> Sequence[Script]:
    async def main() -> Sequence[Script]:
        async with reading(settings) as engine, engine.connect() as connection:
            return await Library(SCRIPT_TABLES).load(connection)

    return run_async(main, what="kb lint")


def _pack_of(path: Path) -> Path:
    """The folder that attached files are named from: the pack's, where the scripts lie in one."""
    folder = path if path.is_dir() else path.parent
    return next((each for each in (folder, *folder.parents) if (each / "pack.yaml").is_file()), folder)
