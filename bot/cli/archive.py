"""What can be done with what was said?"""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="What was said: brought in, kept.")
