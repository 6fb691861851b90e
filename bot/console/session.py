"""Is this request from a signed-in agent, and did she mean it? Session, origin and CSRF, and the way in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.console.console import CONSOLE
from bot.console.login import SESSION_S, Session, is_csrf_token, open_session, read_session
from bot.console.problems import Expired, explained

COOKIE: Final = "xiaoer_console"
PATH: Final = "/console"
CSRF_HEADER: Final = "X-CSRF-Token"
_OPEN: Final = frozenset({"login", "static"})  # route names that need no session
_SESSION: web.RequestKey[Session] = web.RequestKey("console_session", Session)
_log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def session_of(request: web.Request) -> Session:
    """The session that the guard let in."""
    return request[_SESSION]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who is signed in; what changes something must come from our own pages."""
    console = request.app[CONSOLE]
    try:
        if request.method not in {"GET", "HEAD"}:
            _check_origin(request, console.public_url)
        if request.match_info.route.name in _OPEN:
            return await handler(request)
        session = read_session(console.secret, request.cookies.get(COOKIE, ""), console.now())
        if session is None:
            return say_sign_in(request)
        request[_SESSION] = session
        if request.method not in {"GET", "HEAD"}:
            await _check_csrf(request, session)
        return await handler(request)
    except web.HTTPClientError as error:
        return explained(request, error)


async def add_security_headers(_: web.Request, response: web.StreamResponse) -> None:
    """No foreign code, no framing by others, nothing kept by caches. `data:` pictures are the style sheet's own icons.

    Referrer-Policy is same-origin, not no-referrer: under the latter browsers send `Origin: null` with forms, and
    the origin could not be checked (Fetch standard, "append a request Origin header").
    """
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'; object-src 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")


def sign_in(request: web.Request, agent: str) -> web.Response:
    """The redirect that carries the new session's cookie."""
    console = request.app[CONSOLE]
    response = web.Response(status=303, headers={"Location": f"{PATH}/"})
    response.set_cookie(
        COOKIE,
        open_session(console.secret, agent, console.now()),
        max_age=SESSION_S,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=console.public_url.startswith("https://"),
    )
    return response


def sign_out() -> web.Response:
    """The redirect that takes the cookie away."""
    response = web.Response(status=303, headers={"Location": f"{PATH}/login"})
    response.del_cookie(COOKIE, path=PATH)
    return response


def say_sign_in(request: web.Request, *, stale_link: bool = False) -> web.Response:
    """401, with how to sign in. stale_link: she tried, with a link that does not count."""
    context = {"shop": request.app[CONSOLE].shop_name(), "stale_link": stale_link}
    return aiohttp_jinja2.render_template("sign_in.html", request, context, status=401)


def _check_origin(request: web.Request, public_url: str) -> None:
    """Browsers name the origin of every form; it must be ours. Others, who send none, still need the CSRF token."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if urlsplit(origin).netloc not in {urlsplit(public_url).netloc, request.host} or origin == "null":
        _log.warning("console.foreign_origin", path=request.path)
        raise Expired


async def _check_csrf(request: web.Request, session: Session) -> None:
    try:  # a file is sent by a script, which says the token beside it
        given = request.headers.get(CSRF_HEADER) or (await request.post()).get("csrf", "")
    except (ValueError, LookupError) as error:  # a body in no charset, or in one nobody knows
        raise web.HTTPBadRequest from error
    if not isinstance(given, str) or not is_csrf_token(request.app[CONSOLE].secret, session, given):
        _log.warning("console.bad_csrf_token", agent=session.agent, path=request.path)
        raise Expired
