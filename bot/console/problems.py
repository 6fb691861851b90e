"""What do we say when a request cannot be served? A page in plain words, with the way back."""

from __future__ import annotations

from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.traces import note_failure

_BY_STATUS: Final = {403: "forbidden", 404: "missing", 405: "missing", 429: "too_many"}


class Expired(web.HTTPForbidden):
    """The form carries no valid token, or came from elsewhere."""


class Unlisted(web.HTTPForbidden):
    """Signed in, but no agent of this shop (any more)."""


class NoRight(web.HTTPForbidden):
    """Signed in, but none of her roles carries the page's right."""


def explained(request: web.Request, error: web.HTTPClientError) -> web.Response:
    """The page for what went wrong, with the error's status."""
    match error:
        case Expired():
            title, words = text("problems.expired_title"), text("problems.expired")
        case Unlisted():
            title, words = text("problems.unlisted_title"), request.app[CONSOLE].say("refusals.unknown_agent")
        case NoRight():
            title, words = text("problems.no_right_title"), text("problems.no_right")
        case _:
            kind = _BY_STATUS.get(error.status, "bad_request")
            title, words = text(f"problems.{kind}_title"), text(f"problems.{kind}")
    return _page(request, title, words, error.status)


def failed(request: web.Request, error: Exception) -> web.Response:
    """The page for our own mistake, or our database's; its number stands in the log, with where it came from."""
    resource = request.match_info.route.resource
    number = note_failure("console.failed", error, path=resource.canonical if resource else "")
    return _page(request, text("problems.failed_title"), text("problems.failed", number=number), 500)


def _page(request: web.Request, title: str, words: str, status: int) -> web.Response:
    context = {"shop": request.app[CONSOLE].shop_name(), "title": title, "words": words}
    return aiohttp_jinja2.render_template("problem.html", request, context, status=status)
