"""Is this request from somebody signed in, and did she mean it? Session, origin and CSRF, and the way in and out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.access import Actor, Session, Way
from bot.console.console import CONSOLE
from bot.console.login import is_csrf_token
from bot.console.problems import Expired, explained, failed
from bot.console.resuming import forget_return, remember_return, return_path
from bot.console.sign_in_page import sign_in_page

COOKIE: Final = "xiaoer_console"
PATH: Final = "/console"
OPEN: Final = "open:"  # what the names of routes begin with that need no session
CSRF_HEADER: Final = "X-CSRF-Token"
WECOM_CLIENT: Final = "wxwork"  # in the User-Agent of WeCom's browser [W 90315]
_BESIDE: Final = re.compile(rf"{PATH}/sidebar/([a-z0-9][a-z0-9_-]*)")
_FRAMED: Final = (f"{PATH}/sidebar", f"{PATH}/login/wecom/")
_SESSION: web.RequestKey[Session] = web.RequestKey("console_session", Session)
_log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def session_of(request: web.Request) -> Session:
    """The session that the guard let in."""
    return request[_SESSION]


def address_of(request: web.Request) -> str:
    """Where the request comes from, as far as our own proxies vouch for it; "" where nothing is known."""
    proxies = request.app[CONSOLE].access.proxies
    passed = [each.strip() for line in request.headers.getall("X-Forwarded-For", ()) for each in line.split(",")]
    if proxies and len(passed) >= proxies:
        return passed[-proxies][:64]
    return (request.remote or "")[:64]


def actor_of(request: web.Request) -> Actor:
    """Who does this, for the audit log."""
    return Actor(session_of(request).person, address_of(request))


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who is signed in; what changes something must come from our own pages."""
    console = request.app[CONSOLE]
    try:
        if request.method not in {"GET", "HEAD"}:
            _check_origin(request, console.public_url)
            await _read_form(request)
        if (request.match_info.route.name or "").startswith(OPEN):
            return await handler(request)
        session = await console.access.sessions.read(request.cookies.get(COOKIE, ""))
        if session is None:
            return remember_return(request, _way_in(request))
        request[_SESSION] = session
        if request.method not in {"GET", "HEAD"}:
            await _check_csrf(request, session)
        return await handler(request)
    except web.HTTPClientError as error:
        return explained(request, error)
    except (web.HTTPException, ConnectionError):  # on her way, or gone
        raise
    except Exception as error:  # whatever it is: she reads what to do, and we find it in the log
        if request.writer.output_size:  # half of an answer is out already
            raise
        return failed(request, error)


def _way_in(request: web.Request) -> web.Response:
    """The sign-in page; beside a chat straight to WeCom, which asks her nothing [W 91022]."""
    beside = _BESIDE.fullmatch(request.path)
    in_client = WECOM_CLIENT in request.headers.get("User-Agent", "").casefold()
    if request.method == "GET" and beside is not None and in_client:
        return web.Response(status=302, headers={"Location": f"{PATH}/login/wecom/{beside[1]}"})
    return sign_in_page(request, status=401)


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """No foreign code, no framing by others, nothing kept by caches. `data:` pictures are the style sheet's own icons.

    In a trial run the simulator's WeCom client frames the sidebar, and the sign-in that leads there. WeCom itself
    opens it as a page of its own, and its JS-SDK loads nothing from elsewhere (static/vendor/wecom.prod.js).

    Referrer-Policy is same-origin, not no-referrer: under the latter browsers send `Origin: null` with forms, and
    the origin could not be checked (Fetch standard, "append a request Origin header").
    """
    frame = request.config_dict[CONSOLE].sidebar.frame if request.path.startswith(_FRAMED) else ""
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors 'self'{f' {frame}' if frame else ''}; object-src 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")


async def sign_in(request: web.Request, person: str, way: Way) -> web.Response:
    """Open a session: the redirect that carries its cookie, to where she wanted to go."""
    console = request.app[CONSOLE]
    token = await console.access.sessions.open(person, way, address=address_of(request))
    response = web.Response(status=303, headers={"Location": return_path(request)})
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(console.access.sessions.lives.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=console.public_url.startswith("https://"),
    )
    return forget_return(response)


async def log_out(request: web.Request) -> web.Response:
    """End the session, and take the cookie away."""
    await request.app[CONSOLE].access.sessions.end(session_of(request), address=address_of(request))
    response = web.Response(status=303, headers={"Location": f"{PATH}/login"})
    response.del_cookie(COOKIE, path=PATH)
    return forget_return(response)


def _check_origin(request: web.Request, public_url: str) -> None:
    """Browsers name the origin of every form; it must be ours. Others, who send none, still need the CSRF token."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if urlsplit(origin).netloc not in {urlsplit(public_url).netloc, request.host} or origin == "null":
        _log.warning("console.foreign_origin", path=request.path)
        raise Expired


async def _read_form(request: web.Request) -> None:
    """Once, for all who ask for it later."""
    try:
        await request.post()
    except (ValueError, LookupError) as error:  # a body in no charset, or in one nobody knows
        raise web.HTTPBadRequest from error


async def _check_csrf(request: web.Request, session: Session) -> None:
    # a file is sent by a script, which says the token beside it
    given = request.headers.get(CSRF_HEADER) or (await request.post()).get("csrf", "")
    if not isinstance(given, str) or not is_csrf_token(request.app[CONSOLE].secret, session, given):
        _log.warning("console.bad_csrf_token", person=session.person, path=request.path)
        raise Expired
