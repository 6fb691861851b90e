"""How are tokens issued and revoked? One page; a new token is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.api import EVENTS, Scope
from bot.console.access import Viewer, viewer_of
from bot.console.catalogue import text, text_or
from bot.console.connect.rows import hook_row, scopes, token_row
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import actor_of

LONGEST_NAME: Final = 64
LIVES: Final = (30, 90, 365, 0)  # days; 0: until it is revoked


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into one of the two forms, and what is wrong with it, by field."""

    values: Mapping[str, str] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    wrong: Mapping[str, str] = field(default_factory=dict)


async def overview(request: web.Request) -> web.Response:
    """Tokens and webhooks."""
    return await show(request, await viewer_of(request))


async def show(
    request: web.Request,
    who: Viewer,
    *,
    secret: str = "",
    token: Typed | None = None,
    hook: Typed | None = None,
) -> web.Response:
    """The page. secret: a token that was just made. token, hook: forms that were not accepted."""
    console, names = request.app[CONSOLE], await Names.of(request.app[CONSOLE])
    status = HTTPStatus.UNPROCESSABLE_ENTITY if token or hook else HTTPStatus.OK
    return render(
        request,
        who,
        "connect.html",
        status=status,
        tokens=[token_row(each, names) for each in await console.tokens.every()],
        hooks=[hook_row(each, names) for each in await console.hooks.every()],
        scopes=scopes(),
        events=[(event, text_or("connect_events", event)) for event in EVENTS],
        lives=[
            (days, text("connect_tokens.days", days=days) if days else text("connect_tokens.forever")) for days in LIVES
        ],
        secret=secret,
        token=token or Typed(),
        hook=hook or Typed(),
        describes=f"{console.public_url}/api/v1/openapi.json",
    )


async def issue(request: web.Request) -> web.Response:
    """Make a token and show it, this once."""
    who, form = await viewer_of(request), await request.post()
    name, days = str(form.get("name", "")).strip(), str(form.get("days", ""))
    chosen = {str(each) for each in form.getall("scopes", [])}
    wrong = {
        **({} if 0 < len(name) <= LONGEST_NAME else {"name": text("connect_wrong.name")}),
        **({} if chosen and chosen <= set(Scope) else {"scopes": text("connect_wrong.scopes")}),
        **({} if days in map(str, LIVES) else {"days": text("connect_wrong.days")}),
    }
    if wrong:
        typed = Typed({"name": name, "days": days}, frozenset(chosen), wrong)
        return await show(request, who, token=typed)
    tokens = request.app[CONSOLE].tokens
    _, secret = await tokens.issue(name, map(Scope, chosen), by=actor_of(request), days=int(days) or None)
    return await show(request, who, secret=secret)


async def revoke(request: web.Request) -> web.Response:
    """It is no good any more."""
    await request.app[CONSOLE].tokens.revoke(int(request.match_info["token"]), by=actor_of(request))
    return web.Response(status=303, headers={"Location": "/console/connect"})


def _lives(days: int) -> str:
    return text("connect_tokens.days", days=days) if days else text("connect_tokens.forever")
