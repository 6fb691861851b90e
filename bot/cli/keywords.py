"""How well are keywords found, measured on texts whose keywords people chose?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from archive.words import Keywords, LabelledFileWrong, evaluate_keywords, keyword_peers, read_labelled
from bot.cli.printing import print_json, print_table, working_on
from bot.cli.running import fail

app = typer.Typer(no_args_is_help=True, help="Keywords of what was said.")


@app.callback()
def keywords() -> None:
    """Keep `eval` a subcommand while it is the only one."""


@app.command(name="eval")
def evaluate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="TSV: task, text, keywords joined by _ (as CLUE's CSL).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Find five keywords a text and compare them with the given ones; jieba's TF-IDF and TextRank beside."""
    try:
        texts = read_labelled(file)
    except LabelledFileWrong as error:
        raise fail(str(error)) from error
    ours = Keywords()
    with working_on("looking for keywords"):
        scores = evaluate_keywords(lambda text: [each.text for each in ours.of(text)], texts)
        peers = {name: evaluate_keywords(find, texts) for name, find in keyword_peers().items()}
    if as_json:
        print_json({**asdict(scores), "peers": {name: asdict(each) for name, each in peers.items()}})
        return
    rows = [
        [name, f"{each.precision:.4f}", f"{each.recall:.4f}", f"{each.f1:.4f}", each.n]
        for name, each in {"xiaoer": scores, **peers}.items()
    ]
    print_table(["keywords by", "precision", "recall", "F1", "texts"], rows)
