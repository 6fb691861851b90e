"""What does the sign-in page show? The ways in that this installation has, and what went wrong."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.console.catalogue import text
from bot.console.console import CONSOLE


def sign_in_page(
    request: web.Request, *, status: int, stale_link: bool = False, problem: str = "", name: str = ""
) -> web.Response:
    """The page. stale_link: she tried a link that does not count. problem: why she was not let in. name: as typed."""
    console = request.app[CONSOLE]
    apps = () if console.access.wecom is None else tuple(console.access.wecom.apps)
    context = {
        "shop": console.shop_name(),
        "stale_link": stale_link,
        "problem": problem,
        "name": name,
        "wecom": apps,
        "many": len(apps) > 1,
    }
    return aiohttp_jinja2.render_template("sign_in_page.html", request, context, status=status)


def problem_words(name: str, /, **values: object) -> str:
    """Why she was not let in, in words."""
    return text(f"sign_in.{name}", **values)
