"""How does an agent get into the workbench?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot.bootstrap import utc_now
from bot.cli.running import Shared, fail, run_async
from bot.cli.storage import desk, reading
from bot.console.login import SHORTEST_SECRET, login_link
from bot.settings import Settings
from bot.store.engine import read_only

app = typer.Typer(no_args_is_help=True, help="The agents' workbench.")


@app.callback()
def group() -> None:
    """The agents' workbench."""


@app.command()
def login(
    context: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Id of an agent of the content pack.")],
    hours: Annotated[int, typer.Option(min=1, max=168, help="How long the link works.")] = 12,
) -> None:
    """Print a link that signs an agent in. Whoever has it is that agent."""
    shared: Shared = context.obj
    settings = shared.settings()
    secret = _secret(settings)

    async def main() -> list[str]:
        async with reading(settings) as engine, read_only(engine).connect() as connection:
            return [each.id for each in await desk().agents(connection)]

    known = run_async(main, what="console login")
    if not known:
        raise fail("no agents yet: they come with the content; run: xiaoer content apply DIR")
    if agent not in known:
        raise fail(f"no agent {agent!r}; known are {', '.join(known)}")
    lives_s = int(timedelta(hours=hours).total_seconds())
    typer.echo(login_link(settings.server.public_url, secret, agent, now=utc_now(), lives_s=lives_s))


def _secret(settings: Settings) -> bytes:
    secret = settings.server.secret.get_secret_value().encode()
    if len(secret) < SHORTEST_SECRET:
        state = f"has {len(secret)} characters" if secret else "is missing"
        raise fail(
            f"server.secret {state}; it signs sign-in links and needs at least {SHORTEST_SECRET}.\n"
            "Make one with: openssl rand -hex 32, and set XIAOER__SERVER__SECRET where xiaoer runs"
        )
    return secret
