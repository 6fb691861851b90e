"""What does WeCom open beside a chat? A page that asks the client who the customer is, and then for the rest."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.access import WeComApp
from bot.console.access import viewer_of
from bot.console.console import CONSOLE
from bot.console.login import csrf_token
from bot.console.session import session_of
from bot.sidebar import PATH


async def choose(request: web.Request) -> web.Response:
    """On to the only app; where there are several, to the one she picks."""
    apps = request.app[CONSOLE].sidebar.apps
    if len(apps) == 1:
        return web.Response(status=303, headers={"Location": f"{PATH}/{next(iter(apps))}"})
    context = {"shop": request.app[CONSOLE].shop_name(), "apps": tuple(apps)}
    return aiohttp_jinja2.render_template("sidebar_apps.html", request, context)


async def page(request: web.Request) -> web.Response:
    """The page itself; everything on it comes once WeCom has said whose chat this is."""
    console, who, app = request.app[CONSOLE], await viewer_of(request), app_of(request)
    context = {
        "shop": console.shop_name(),
        "csrf": csrf_token(console.secret, session_of(request)),
        "app": app,
        "root": f"{PATH}/{app.account}",
        "frame": console.sidebar.frame,
        "my_name": who.name,
        "host": request.host,
    }
    return aiohttp_jinja2.render_template("sidebar_page.html", request, context)


def app_of(request: web.Request) -> WeComApp:
    """The app of the address. Raises HTTPNotFound."""
    app = request.app[CONSOLE].sidebar.apps.get(request.match_info["account"])
    if app is None:
        raise web.HTTPNotFound
    return app
