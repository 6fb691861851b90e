"""How do texts feel? A sentiment model trained on judged texts, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from archive.sentiment import (
    Judged,
    ModelUnreadable,
    NothingToLearn,
    NothingToMeasure,
    RowsUnreadable,
    SentimentModel,
    ours_beside,
)
from archive.sentiment import evaluate as evaluate_sentiment
from archive.sentiment import read_rows as read_judged
from archive.sentiment import train as train_sentiment
from bot.cli.printing import print_json, print_table
from bot.cli.running import fail

app = typer.Typer(no_args_is_help=True, help="Sentiment: how good or bad the mood of a text is.")
OWN = "texts of 店小二's own"
BITS = 22
_FEWEST_BITS, _MOST_BITS = 16, 26

FILE_HELP = "CSV or TSV with columns label and review (and cat, the kind of goods), or JSON lines; label 1 good, 0 bad."


@app.command(name="train")
def train_model(
    data: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]…", help=FILE_HELP)] = None,
    *,
    out: Annotated[Path, typer.Option(metavar="MODEL", help="File to write the model to.")],
    own: Annotated[
        bool, typer.Option("--own/--no-own", help="Learn from 店小二's own texts too: they teach what has no mood.")
    ] = True,
    bits: Annotated[
        int, typer.Option(min=_FEWEST_BITS, max=_MOST_BITS, help="Two to this power columns: smaller file or sharper.")
    ] = BITS,
) -> None:
    """Train a sentiment model on judged texts; without a FILE on 店小二's own texts alone."""
    rows = [row for file in data or () for row in _rows(file)]
    sources = [*([OWN] if own else []), *(file.name for file in data or ())]
    with Console(stderr=True).status("") as status:
        try:
            model, report = train_sentiment(
                [*rows, *(ours_beside(rows) if own else ())], bits=bits, sources=sources, progress=status.update
            )
        except NothingToLearn as error:
            raise fail(str(error)) from error
    try:
        model.save(out)
    except OSError as error:
        raise fail(f"{out}: cannot be written ({error.strerror}); name another file") from error
    tried = ", ".join(f"{accuracy:.2%} with C = {penalty:g}" for penalty, accuracy in report.tried.items())
    typer.echo(f"wrote {out}: {report.texts} texts; of texts left out right: {tried}; kept C = {report.penalty:g}")


@app.command(name="eval")
def evaluate_model(
    test: Annotated[Path, typer.Argument(metavar="FILE", help=FILE_HELP)],
    *,
    model: Annotated[
        Path | None, typer.Option(metavar="MODEL", help="A trained model; default: the shipped one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure accuracy, macro-F1 and texts a second on judged texts."""
    rows = _rows(test)
    try:
        scores = asdict(evaluate_sentiment(SentimentModel.load(model), rows))
    except (ModelUnreadable, NothingToMeasure) as error:
        raise fail(str(error)) from error
    if as_json:
        print_json(scores)
    else:
        print_table(["measure", "value"], [(name, f"{value:.4g}") for name, value in scores.items()])


def _rows(file: Path) -> Sequence[Judged]:
    try:
        return read_judged(file)
    except RowsUnreadable as error:
        raise fail(str(error)) from error
