"""How do commands print? Data on stdout, as JSON or a table; progress on stderr."""

from __future__ import annotations

import contextlib
import getpass
import json
from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from nlu import Encoder

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BATCH = 64  # texts encoded between two moves of the progress bar


def print_json(value: object) -> None:
    """One JSON document, Chinese readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """A table as wide as the terminal; cells are plain text, whatever they hold."""
    table = Table(*headings, title=title, header_style="bold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@contextlib.contextmanager
def working_on(what: str) -> Iterator[None]:
    """Show on stderr that something takes its time."""
    with Console(stderr=True).status(what):
        yield


class VisibleEncoder:
    """An encoder that shows on stderr how far it is."""

    def __init__(self, encoder: Encoder, what: str) -> None:
        self._encoder = encoder
        self._what = what

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the encoder does, batch by batch."""
        if len(texts) <= BATCH:
            return self._encoder.encode(texts)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(self._what, total=len(texts))
            parts: list[NDArray[np.float32]] = []
            for start in range(0, len(texts), BATCH):
                parts.append(self._encoder.encode(texts[start : start + BATCH]))
                progress.advance(task, len(parts[-1]))
        return np.concatenate(parts)


def who() -> str:
    """Who gives the command, for the history of content."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
