"""Which model turns texts into vectors? The bundled one made tunable, and one tuned on the shop's own questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.cli.printing import print_json, print_table, working_on
from bot.cli.running import Shared, configure_logging, fail, run_async
from bot.cli.storage import content_store, reading
from bot.settings import Settings
from knowledge_base import Audience, ImportFailed, Script, Snapshot, build_snapshot, read_scripts
from nlu import Encode, EncoderUnavailable, Recipe, TooFewGroups, TuningReport, Watch, convert_bundled, tune

CONFUSED = 8  # scripts the search is asked for, to learn what it confuses
_ANY_TIME = Audience("default", datetime(2000, 1, 1, tzinfo=UTC))


def convert(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; must not exist.")],
    half: Annotated[bool, typer.Option("--half", help="Store 16 instead of 32 bits a weight.")] = False,  # noqa: FBT002
    trim: Annotated[bool, typer.Option("--trim", help="Only Chinese, kana and plain Latin: half the size.")] = False,  # noqa: FBT002
) -> None:
    """Write the model behind the bundled encoder, whole, for sentence-transformers; needs no network."""
    _is_free(folder)
    try:
        with working_on("converting"):
            written = convert_bundled(folder, half=half, trim=trim)
    except EncoderUnavailable as error:
        raise fail(str(error)) from error
    except OSError as error:
        raise fail(f"{folder}: cannot be written ({error.strerror}); name another folder") from error
    typer.echo(f"wrote {folder}: {written.pieces} pieces, {written.size / 1e6:.0f} MB; to use it: {_switch(folder)}")


def tune_model(  # noqa: PLR0917 - options of a command, passed by name
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write; must not exist.")],
    model: Annotated[
        str, typer.Option(metavar="DIR", help="Folder or hub name to start from; default: the bundled weights.")
    ] = "",
    faq: Annotated[
        list[Path] | None, typer.Option("--faq", help="Questions and answers instead of the shop's; repeatable.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, max=100, help="How often each question is learned.")] = Recipe().epochs,
    layers: Annotated[
        int, typer.Option(min=0, max=100, help="Upper layers that move too: minutes, not seconds.")
    ] = Recipe().layers,
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="Learning ends after so long.")] = 20,
    seed: Annotated[int, typer.Option(help="Draws what is kept aside and the order of the rest.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Fine-tune a model on the shop's questions; keep it only if it finds scripts it never saw better than before.

    Each script's questions are one group. A fifth of the groups is kept aside and asked before and after. What moves
    is a linear map behind the model, held near the identity, and the upper layers if --layers says so.
    """
    shared: Shared = context.obj
    configure_logging()
    _is_free(out)
    scripts = _from_files(faq) if faq else run_async(lambda: _live(shared.settings()), what="kb tune")
    recipe = Recipe(epochs=epochs, layers=layers, seed=seed)
    try:
        with _bar() as progress:
            watch = Watch(time.monotonic, 60 * minutes, progress)
            groups = [script.questions for script in scripts]
            report = tune(
                model or None, groups, out, watch=watch, hard_negatives=partial(_confused, scripts), recipe=recipe
            )
    except TooFewGroups as error:
        raise fail(f"kb tune: {error}; add similar questions, or name more with --faq FILE") from error
    except EncoderUnavailable as error:
        raise fail(str(error)) from error
    _show(report, out, as_json=as_json)


def _is_free(folder: Path) -> None:
    if folder.exists():
        raise fail(f"{folder}: is there already; name another folder")
    if not folder.absolute().parent.is_dir():
        raise fail(f"{folder.parent}: no such folder; make it first")


def _from_files(files: Sequence[Path]) -> list[Script]:
    """One library: scripts of the same first question are one."""
    found: dict[str, Script] = {}
    try:
        for script in (script for file in files for script in read_scripts(file)):
            found.setdefault(script.questions[0], script)
    except ImportFailed as error:
        raise fail(f"kb tune: {len(error.problems)} mistakes\n{error}") from error
    return list(found.values())


async def _live(settings: Settings) -> list[Script]:
    async with reading(settings) as engine, engine.connect() as connection:
        return [script for script in await content_store().scripts(connection) if script.state == "live"]


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("learning", total=None)
        yield lambda taken, planned: progress.update(task, completed=taken, total=planned)


def _confused(scripts: Sequence[Script], texts: Sequence[str], encode: Encode) -> list[tuple[str, ...]]:
    """What the product's own search finds for each text, with the vectors of the model that is to be tuned."""
    snapshot: Snapshot = build_snapshot(scripts, encode=encode, encoder="", folder=None, negatives=())
    by_id = {script.id: script for script in snapshot.scripts}
    found: list[tuple[str, ...]] = []
    for text, vector in zip(texts, encode(texts), strict=True):
        passages = snapshot.search(text, vector, _ANY_TIME, CONFUSED)
        # a passage may name a clause, which is no question
        asked = [(passage.question, by_id[passage.script_id].questions) for passage in passages]
        found.append(tuple(question if question in questions else questions[0] for question, questions in asked))
    return found


def _show(report: TuningReport, out: Path, *, as_json: bool) -> None:
    before, after = asdict(report.before), asdict(report.after)
    if as_json:
        print_json({**asdict(report), "folder": str(out.resolve()) if report.kept else None})
    else:
        title = f"{report.asked} scripts kept aside, {report.learned} learned from, {report.seconds:.0f} s"
        rows = [[name, f"{before[name]:.4g}", f"{after[name]:.4g}"] for name in before]
        print_table(["measure", "before", "after"], rows, title=title)
        if report.steps < report.planned:
            typer.echo(f"time ran out after {report.steps} of {report.planned} steps; --minutes allows more")
    if not report.kept:
        raise fail("the tuned model is not better than the one it started from: it was not kept, nothing changed")
    typer.echo(f"wrote {out}; to use it: {_switch(out)}", err=as_json)


def _switch(folder: Path) -> str:
    return f'nlu.encoder = "sentence-transformers:{folder.resolve()}" in xiaoer.toml, then start anew'
