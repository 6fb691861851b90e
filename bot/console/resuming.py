"""Where was she when her session was over? A cookie with a path of ours, read at the next sign-in."""

from __future__ import annotations

import re
from typing import Final, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

COOKIE: Final = "xiaoer_console_next"
HOME: Final = "/console/"
_LIVES_S: Final = 3_600
# One of our pages: no host, no way up, none of the pages that are parts of others or lead back to the sign-in.
_OURS: Final = re.compile(r"/console/(?!login|logout|static/|stream|fragments/)[\w.~/-]*(\?[\w.~%&=+:@/-]*)?", re.ASCII)
_LONGEST: Final = 500

Answer = TypeVar("Answer", bound=web.Response)


def remember_return(request: web.Request, response: Answer) -> Answer:
    """Keep where she wanted to go; for a form, the page that it stands on."""
    return return_to(request, response, _wanted(request))


def return_to(request: web.Request, response: Answer, wanted: str | None) -> Answer:
    """Keep this page of ours for after the sign-in; nothing where it is none."""
    if (path := _checked(wanted or "")) is not None:
        secure = request.scheme == "https"
        response.set_cookie(
            COOKIE, path, max_age=_LIVES_S, path="/console", httponly=True, samesite="Lax", secure=secure
        )
    return response


def return_path(request: web.Request) -> str:
    """Where to go after the sign-in; the first page where nothing of ours was kept."""
    return _checked(request.cookies.get(COOKIE, "")) or HOME


def forget_return(response: Answer) -> Answer:
    """She is there."""
    response.del_cookie(COOKIE, path="/console")
    return response


def _wanted(request: web.Request) -> str | None:
    if request.headers.get("HX-Request"):
        return None
    if request.method in {"GET", "HEAD"}:
        return _checked(request.path_qs)
    from_page = urlsplit(request.headers.get("Referer", ""))
    return _checked(from_page._replace(scheme="", netloc="", fragment="").geturl())


def _checked(path: str) -> str | None:
    ours = len(path) <= _LONGEST and _OURS.fullmatch(path) is not None and "//" not in path and "/.." not in path
    return path if ours else None
