"""Has anybody touched the audit log?"""

from __future__ import annotations

from typing import Annotated

import typer

from bot.access import Broken, Head
from bot.access_side import build_access_side
from bot.bootstrap import utc_now
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading

app = typer.Typer(no_args_is_help=True, help="The log of who did what, which only grows.")
_WHY = {
    "gap": "is missing",
    "link": "does not follow from the row before it",
    "content": "is not what was written",
}


@app.callback()
def group() -> None:
    """The log of who did what, which only grows."""


@app.command()
def verify(
    context: typer.Context,
    expect: Annotated[
        str, typer.Option(metavar="HASH", help="The hash of an earlier run: its row must still be there.")
    ] = "",
) -> None:
    """Read the whole log and check that each row follows from those before it. Keep the hash it prints elsewhere."""
    shared: Shared = context.obj
    settings = shared.settings()

    async def main() -> tuple[Head | Broken, bool]:
        async with reading(settings) as engine:
            log = build_access_side(settings, engine, utc_now).log
            return await log.verify(), not expect or await log.holds(expect)

    found, holds = run_async(main, what="audit verify")
    match found:
        case Broken(number=number, why=why):
            raise fail(f"row {number} {_WHY[why]}: somebody changed the audit log in the database")
        case Head(number=number, hash=head):
            if not holds:
                raise fail(f"no row has the hash {expect}: rows at the end were removed, or the log was made anew")
            typer.echo(f"{number} rows, whole; the last one's hash is {head}")
