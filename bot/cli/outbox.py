"""What could not be said, why, and how is it tried again?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.bootstrap import utc_now
from bot.cli.printing import print_json, print_table
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading, wake
from bot.speech import words_of
from bot.store.dead_letters import FAILED, STATES, Letter, Retried, ids_in, letters, retry
from bot.store.engine import read_only
from bot.store.serial import content_from_json
from bot.wakeups import Wakeups

app = typer.Typer(no_args_is_help=True, help="Everything that is to be said or done outside, and what became of it.")


@app.command(name="list")
def list_letters(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(STATES)}, all; repeatable. Default: dead, uncertain.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 100,
    show_text: Annotated[bool, typer.Option("--show-text", help="Show the words too.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """List sends that failed or are uncertain, with reason and advice; never what they say unless asked."""
    shared: Shared = context.obj
    settings, states = shared.settings(), _states(state)

    async def main() -> tuple[Letter, ...]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            return await letters(connection, states=states, limit=limit)

    found = run_async(main, what="outbox list")
    if as_json:
        print_json([plain(each, show_text=show_text) for each in found])
    elif not found:
        typer.echo(f"none ({', '.join(states)})")
    else:
        show(found, show_text=show_text)


@app.command(name="retry")
def retry_letters(
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID…", help="Ids that outbox list shows.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead one.")] = False,  # noqa: FBT002
    yes: Annotated[bool, typer.Option("--yes", help="Uncertain ones too: they may be said twice.")] = False,  # noqa: FBT002
) -> None:
    """Try dead or uncertain sends again, with all their tries; the platforms' send budgets still hold."""
    if bool(ids) == all_dead:
        raise fail("name the ids to retry, or --all-dead")
    shared: Shared = context.obj
    settings = shared.settings()

    async def main() -> Retried:
        async with reading(settings) as engine, engine.begin() as connection:
            wanted = await ids_in(connection, "dead") if all_dead else tuple(dict.fromkeys(ids or ()))
            result = await retry(connection, wanted, now=utc_now(), uncertain_too=yes)
            if result.refused:
                await connection.rollback()
                raise fail(_refusal(result))
        if result.retried:
            await wake(settings, Wakeups.OUTBOX)
        return result

    result = run_async(main, what="outbox retry")
    typer.echo(f"retrying {len(result.retried)}: {' '.join(map(str, result.retried))}" if result.retried else "none")


def plain(letter: Letter, *, show_text: bool) -> dict[str, object]:
    """A row as JSON values, without what is said unless asked for."""
    told = {
        "id": letter.id,
        "kind": letter.kind,
        "account": letter.account,
        "state": letter.state,
        "attempts": letter.attempts,
        "error": letter.error,
        "advice": letter.advice,
        "speaker": letter.speaker,
        "turn": letter.turn_id,
        "conversation": letter.conversation_id,
        "next_at": letter.next_at.isoformat(),
        "created_at": letter.created_at.isoformat(),
        "done_at": letter.done_at.isoformat() if letter.done_at else None,
    }
    return {**told, "text": text_of(letter)} if show_text else told


def show(found: tuple[Letter, ...], *, show_text: bool) -> None:
    """A table of rows."""
    headings = ["id", "kind", "account", "state", "tries", "error", "advice", *(["text"] if show_text else [])]
    print_table(
        headings,
        [
            [
                *(each.id, each.kind, each.account, each.state, each.attempts, each.error, each.advice),
                *([text_of(each)] if show_text else []),
            ]
            for each in found
        ],
    )


def text_of(letter: Letter) -> str:
    """What is said, "" where nothing is."""
    content: Any = letter.payload.get("content") or letter.payload.get("say")
    return words_of(content_from_json(content)) if content else ""


def _states(wanted: list[str] | None) -> tuple[str, ...]:
    if not wanted:
        return FAILED
    if unknown := [each for each in wanted if each not in {*STATES, "all"}]:
        raise fail(f"--state {unknown[0]}: no such state; write one of {', '.join(STATES)}, all")
    return STATES if "all" in wanted else tuple(wanted)


def _refusal(result: Retried) -> str:
    lines = []
    for row_id, state in sorted(result.refused.items()):
        match state:
            case "":
                lines.append(f"{row_id}: no such id; see xiaoer outbox list")
            case "uncertain":
                lines.append(f"{row_id}: is uncertain: the customer may have it already; look, then retry with --yes")
            case _:
                lines.append(f"{row_id}: is {state}; only dead and uncertain ones are retried")
    return "\n".join([*lines, "nothing was changed"])
