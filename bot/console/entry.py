"""How does an agent come in and go out? By a signed link that asks once more, and a button."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.console.console import CONSOLE
from bot.console.login import read_login
from bot.console.names import Names
from bot.console.session import say_sign_in, sign_in, sign_out


async def confirm(request: web.Request) -> web.Response:
    """Ask before signing in: the preview of a chat opens links too, but presses no button."""
    console, token = request.app[CONSOLE], request.query.get("token", "")
    agent = read_login(console.secret, token, console.now())
    if agent is None:
        return say_sign_in(request, stale_link=bool(token))
    context = {"shop": console.shop_name(), "name": Names.of(console).agent(agent), "token": token}
    return aiohttp_jinja2.render_template("confirm.html", request, context)


async def log_in(request: web.Request) -> web.Response:
    """Open a session for whom the token names."""
    console = request.app[CONSOLE]
    try:
        token = (await request.post()).get("token", "")
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    agent = read_login(console.secret, token, console.now()) if isinstance(token, str) else None
    return sign_in(request, agent) if agent else say_sign_in(request, stale_link=True)


async def log_out(request: web.Request) -> web.Response:
    """End the session in this browser."""
    del request
    return sign_out()
