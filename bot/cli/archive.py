"""What was said: brought in, analysed, shown. The group of commands; each stands in a file of its own."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="What was said: history, analysis, findings, reports.")
