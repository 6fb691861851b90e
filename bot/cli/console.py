"""How does an agent get into the workbench?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.access.people import listed
from bot.bootstrap import utc_now
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import desk, reading
from bot.console.login import SHORTEST_SECRET, login_link
from bot.settings import Settings
from bot.store.engine import read_only

MOST_PEOPLE = 10_000  # who may be named

app = typer.Typer(no_args_is_help=True, help="The agents' workbench.")


@app.callback()
def group() -> None:
    """The agents' workbench."""


@app.command()
def login(
    context: typer.Context,
    agent: Annotated[
        str, typer.Argument(metavar="AGENT", help="Id of an agent of the content pack, or of a person who was added.")
    ],
    hours: Annotated[int, typer.Option(min=1, max=168, help="How long the link works.")] = 12,
) -> None:
    """Print a link that signs somebody in. Whoever has it is that person."""
    shared: Shared = context.obj
    settings = shared.settings()
    secret = secret_of(settings)

    async def main() -> list[str]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            agents = [each.id for each in await desk().agents(connection)]
            people = await listed(connection, limit=MOST_PEOPLE)
            closed = {each for person in people if not person.active for each in (person.id, person.agent)}
            return sorted({*agents, *(person.id for person in people)} - closed)

    known = run_async(main, what="console login")
    if not known:
        raise fail(
            "no agents yet: they come with the content; run: xiaoer content apply DIR\n"
            "or add somebody: xiaoer people add NAME --role admin"
        )
    if agent not in known:
        raise fail(f"nobody here is {agent!r}, or she was disabled; known are {', '.join(known)}")
    lives_s = int(timedelta(hours=hours).total_seconds())
    typer.echo(login_link(settings.server.public_url, secret, agent, now=utc_now(), lives_s=lives_s))


def secret_of(settings: Settings) -> bytes:
    """The secret that signs; leaves with how to make one where there is none worth the name."""
    secret = settings.server.secret.get_secret_value().encode()
    if len(secret) < SHORTEST_SECRET:
        state = f"has {len(secret)} characters" if secret else "is missing"
        raise fail(
            f"server.secret {state}; it signs sign-in links and needs at least {SHORTEST_SECRET}.\n"
            "Make one with: openssl rand -hex 32, and set XIAOER__SERVER__SECRET where xiaoer runs"
        )
    return secret
