"""How does training data get from one form to another: Rasa's NLU YAML, JSON lines, a folder that Rasa trains on?"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import content_store, reading
from bot.content.applying import export_files
from bot.content.pack import read_pack
from bot.content.problems import PackBroken
from bot.content.understanding import faq_examples
from bot.settings import Settings
from knowledge_base import Script
from nlu import (
    TrainingData,
    TrainingDataError,
    read_examples,
    render_training_data,
    write_json_lines,
    write_training_data,
)

EXPORTED = "nlu.yml"
YAML_SUFFIXES = (".yml", ".yaml")


def reformat(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Rasa YAML (a file or a folder), or JSON lines.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="FILE.yml for Rasa YAML, FILE.jsonl for JSON lines.")],
) -> None:
    """Turn Rasa's NLU YAML into JSON lines, or JSON lines into Rasa's NLU YAML."""
    if not source.exists():
        raise fail(f"{source}: no such file or folder")
    if (suffix := target.suffix.lower()) not in (*YAML_SUFFIXES, ".json", ".jsonl"):
        raise fail(f"{target}: the name must end in .yml (Rasa YAML) or .jsonl (JSON lines)")
    try:
        data = read_examples(source)
        if suffix in YAML_SUFFIXES:
            write_training_data(data if _is_yaml(source) else data.grouped(), target)
        else:
            write_json_lines(data, target)
    except TrainingDataError as error:
        raise fail(str(error)) from error
    typer.echo(f"wrote {target}: {len(data.examples)} examples of {len(data.intents)} intents")
    if suffix not in YAML_SUFFIXES and (left := _without_place(data)):
        typer.echo(f"left behind, JSON lines have no place for them: {left}", err=True)


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to; Rasa trains on it.")],
    pack: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A content pack; default: the shop's content in the database.")
    ] = None,
) -> None:
    """Write what the in-process engine learns from as a folder that `rasa train nlu` takes.

    A file that would not change is left as it is, so that nothing is trained again for it.
    """
    shared: Shared = context.obj
    data = _of_pack(pack) if pack is not None else _of_database(shared.settings())
    target = folder / EXPORTED
    try:
        text = render_training_data(data)
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            typer.echo(f"{target} is up to date")
            return
        write_training_data(data, target)
    except (TrainingDataError, ValueError, OSError) as error:
        raise fail(str(error)) from error
    typer.echo(f"wrote {target}: {len(data.examples)} examples of {len(data.intents)} intents")


def _is_yaml(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in YAML_SUFFIXES


def _without_place(data: TrainingData) -> str:
    counts: dict[str, Mapping[str, object]] = {
        "synonyms": data.synonyms,
        "regexes": data.regexes,
        "lookups": data.lookups,
        "metadata": data.metadata,
    }
    return ", ".join(f"{len(entries)} {name}" for name, entries in counts.items() if entries)


def _of_pack(folder: Path) -> TrainingData:
    try:
        pack = read_pack(folder)
    except PackBroken as error:
        raise fail(f"{folder}: the content pack cannot be used\n{error}") from error
    return pack.training + faq_examples(pack.scripts)


def _of_database(settings: Settings) -> TrainingData:
    async def main() -> tuple[Mapping[str, str], Sequence[Script], Mapping[str, bytes]]:
        store = content_store()
        async with reading(settings) as engine, engine.connect() as connection:
            return (
                await store.files(connection),
                await store.scripts(connection),
                await store.pictures(connection),  # a pack without what its scripts send is none
            )

    files, scripts, pictures = run_async(main, what="nlu export")
    if not files:
        raise fail("the database holds no content yet; run: xiaoer content apply DIR, or name a pack with --pack")
    with tempfile.TemporaryDirectory() as room:
        export_files(Path(room), files, scripts, pictures)
        return _of_pack(Path(room))
