"""Which scripts are there, and how does one move, go back and go out to a file?"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bootstrap import SCRIPT_TABLES, utc_now
from bot.cli.printing import JsonOption, print_json, print_table, who
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import reading, wake, writing
from bot.settings import Settings
from bot.wakeups import Wakeups
from knowledge_base import (
    STATES,
    LeftOut,
    Library,
    MoveRefused,
    NoSuchVersion,
    NotAllKept,
    Script,
    State,
    Version,
    to_plain,
    write_scripts,
)

T = TypeVar("T")
WHY_CHARACTERS = 500  # what the history keeps
NAMED = 3  # scripts named for each thing left out; the rest are counted

StateOption = Annotated[str | None, typer.Option(help=f"Only these: {', '.join(STATES)}.")]
CategoryOption = Annotated[str | None, typer.Option(help="Only below this category, e.g. 商品/护肤.")]
WhyOption = Annotated[str, typer.Option(help="Kept in the history.")]


def list_scripts(
    context: typer.Context,
    state: StateOption = None,
    category: CategoryOption = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """List the scripts: id, title, category, state, owner, validity."""
    scripts = _chosen(context, state, category)
    if as_json:
        print_json([to_plain(script) for script in scripts])
        return
    rows = [
        [script.id, script.title, "/".join(script.category), script.state, script.owner, _validity(script)]
        for script in scripts
    ]
    print_table(["id", "title", "category", "state", "owner", "valid"], rows, title=f"{len(rows)} scripts")


def show(
    context: typer.Context,
    script_id: Annotated[str, typer.Argument(metavar="ID")],
    versions: Annotated[bool, typer.Option("--versions", help="Who changed it, when and why.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Show one script, or its history."""
    history = _reading(context, lambda library, connection: library.history(connection, script_id))
    if not history:
        raise fail(f"{script_id}: no such script; xiaoer kb list shows all")
    if versions and as_json:
        print_json([{**_about(each), "script": to_plain(each.script)} for each in history])
    elif versions:
        rows = [list(_about(each).values()) for each in history]
        print_table(list(_about(history[0])), [["" if cell is None else cell for cell in row] for row in rows])
    elif as_json:
        print_json({**to_plain(history[-1].script), "version": history[-1].version})
    else:
        print_table(["field", "value"], [[name, _cell(value)] for name, value in to_plain(history[-1].script).items()])


def move(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID…")],
    state: Annotated[str, typer.Argument(metavar="STATE", help=f"{', '.join(STATES)}.")],
    why: WhyOption = "",
) -> None:
    """Move scripts to another state, all or none: draft → review → live → retired. Only live ones answer."""
    if state not in STATES:
        raise fail(f"{state}: no such state; write one of {', '.join(STATES)} after the ids")
    to = cast("State", state)
    try:
        _writing(
            context,
            why,
            lambda library, connection: library.move(
                connection, ids, to, at=utc_now(), by=f"{who()}, kb state"[:128], why=why
            ),
        )
    except MoveRefused as error:
        raise fail(f"nothing was moved\n{error}") from error
    typer.echo(f"{len(set(ids))} now {state}")


def restore(
    context: typer.Context,
    script_id: Annotated[str, typer.Argument(metavar="ID")],
    version: Annotated[int, typer.Argument(min=1, metavar="VERSION", help="As kb show ID --versions counts.")],
    why: WhyOption = "",
) -> None:
    """Bring back an earlier version, as a new one. It stays live only where that version was live; else: a draft."""
    try:
        made = _writing(
            context,
            why,
            lambda library, connection: library.restore(
                connection, script_id, version, at=utc_now(), by=f"{who()}, kb restore"[:128], why=why
            ),
        )
    except NoSuchVersion as error:
        raise fail(str(error)) from error
    typer.echo(f"{script_id}: version {made.version} is version {version} again, {made.script.state}")


def export(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="FILE.yaml, .csv, .xlsx, .json (chatopera) or .kf.json (微信客服).")
    ],
    state: StateOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse where the format cannot keep everything.")] = False,  # noqa: FBT002
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,  # noqa: FBT002
) -> None:
    """Write the scripts to a file; says which fields the format has no place for."""
    if file.exists() and not force:
        raise fail(f"{file}: is there already; name another file, or write over it with --force")
    if not file.absolute().parent.is_dir():
        raise fail(f"{file.parent}: no such folder; make it first")
    scripts = _chosen(context, state)
    try:
        left_out = write_scripts(file, scripts, strict=strict)
    except NotAllKept as error:
        raise fail(f"{file}: nothing was written\n{_summary(error.left_out)}") from error
    except (ValueError, OSError) as error:
        raise fail(str(error)) from error
    gone = len({each.script_id for each in left_out if not each.field})
    typer.echo(f"wrote {len(scripts) - gone} scripts to {file}")
    if left_out:
        typer.echo(_summary(left_out), err=True)


def _chosen(context: typer.Context, state: str | None, category: str | None = None) -> list[Script]:
    if state is not None and state not in STATES:
        raise fail(f"--state {state}: no such state; write one of {', '.join(STATES)}")
    wanted = tuple(part for part in (category or "").split("/") if part)
    scripts = _reading(context, lambda library, connection: library.load(connection))
    return [script for script in scripts if state in (None, script.state) and script.category[: len(wanted)] == wanted]


def _summary(left_out: Sequence[LeftOut]) -> str:
    """One line a field and reason: how many scripts, and which."""
    grouped: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in left_out:
        grouped[each.field, each.said("en")].append(each.script_id)
    return "\n".join(
        f"left out: {f'{field} of ' if field else ''}{', '.join(ids[:NAMED])}"
        f"{f' and {len(ids) - NAMED} more' if len(ids) > NAMED else ''}: {reason}"
        for (field, reason), ids in sorted(grouped.items())
    )


def _about(version: Version) -> dict[str, object]:
    return {
        "version": version.version,
        "state": version.script.state,
        "at": version.changed_at.isoformat(timespec="seconds"),
        "by": version.changed_by,
        "why": version.why,
        "restored_from": version.restored_from,
    }


def _validity(script: Script) -> str:
    if script.valid_from is None and script.valid_until is None:
        return ""
    return f"{script.valid_from or ''}…{script.valid_until or ''}"


def _cell(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _settings(context: typer.Context) -> Settings:
    shared: Shared = context.obj
    return shared.settings()


def _reading(context: typer.Context, ask: Callable[[Library, AsyncConnection], Awaitable[T]]) -> T:
    settings = _settings(context)

    async def main() -> T:
        async with reading(settings) as engine, engine.connect() as connection:
            return await ask(Library(SCRIPT_TABLES), connection)

    return run_async(main, what="kb")


def _writing(context: typer.Context, why: str, act: Callable[[Library, AsyncConnection], Awaitable[T]]) -> T:
    """One transaction, then every process looks for what is new."""
    if len(why) > WHY_CHARACTERS:
        raise fail(f"--why: {len(why)} characters; the history keeps {WHY_CHARACTERS}")
    settings = _settings(context)

    async def main() -> T:
        async with writing(settings) as engine, engine.begin() as connection:
            done = await act(Library(SCRIPT_TABLES), connection)
        await wake(settings, Wakeups.CONTENT)
        return done

    return run_async(main, what="kb")
