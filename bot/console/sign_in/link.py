"""How does a signed link let somebody in? It asks once more, and a button opens the session."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.access import Person, Way
from bot.console.actions import form_of
from bot.console.console import CONSOLE, Console
from bot.console.login import read_login
from bot.console.names import Names
from bot.console.session import sign_in
from bot.console.sign_in_page import sign_in_page


async def confirm(request: web.Request) -> web.Response:
    """Ask before signing in: the preview of a chat opens links too, but presses no button."""
    console, token = request.app[CONSOLE], request.query.get("token")
    if token is None:
        return sign_in_page(request, status=200)
    named, person = await _named(console, token)
    if named is None:
        return sign_in_page(request, status=401, stale_link=True)
    name = person.name if person is not None else (await Names.of(console)).agent(named)
    hours = round(console.access.sessions.lives.total_seconds() / 3600)
    context = {"shop": console.shop_name(), "name": name, "token": token, "hours": hours}
    return aiohttp_jinja2.render_template("sign_in_confirm.html", request, context)


async def log_in(request: web.Request) -> web.Response:
    """Open a session for whom the token names."""
    named, person = await _named(request.app[CONSOLE], (await form_of(request)).get("token", ""))
    if named is None:
        return sign_in_page(request, status=401, stale_link=True)
    return await sign_in(request, person.id if person is not None else named, Way.LINK)


async def _named(console: Console, token: str) -> tuple[str | None, Person | None]:
    """The id of the token, with its person; nobody where it does not count, or she may not sign in any more."""
    named = read_login(console.secret, token, console.now())
    person = None if named is None else await console.access.person(named)
    return (None, None) if person is not None and not person.active else (named, person)
