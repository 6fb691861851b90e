"""Which pages does the simulator have? A front page, the phone, the WeCom client, and WeCom's login."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from urllib.parse import urlencode, urlsplit

import aiohttp_jinja2
from aiohttp import web
from yarl import URL

from bot.simulator.catalogue import PAGE_PHRASES, STATIC
from bot.simulator.control import WORLD
from bot.simulator.corp import Corp
from bot.simulator.errors import NotPossible, PlatformError

routes = web.RouteTableDef()

MEMBER = "simulated_member"  # a cookie of the WeCom client: whom one plays there
SCOPES = {"snsapi_base", "snsapi_privateinfo"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
}


@routes.get("/")
async def index(request: web.Request) -> web.Response:
    """What this is, and where to go."""
    world = request.app[WORLD]
    return _page("index.html", request, {"officials": world.officials.values(), "corps": world.corps.values()})


@routes.get("/phone")
async def phone(request: web.Request) -> web.Response:
    """The customer's phone."""
    return _page("phone.html", request, {"words": PAGE_PHRASES})


@routes.get("/wecom")
async def wecom(request: web.Request) -> web.Response:
    """The members' WeCom client, with the app's page beside the chat."""
    response = _page("wecom.html", request, {"words": PAGE_PHRASES})
    apps = [corp.toolbar for corp in request.app[WORLD].corps.values()]
    shown = sorted({str(URL(app.toolbar).origin()) for app in apps if app is not None})
    framed = " ".join(["'self'", *shown])  # ourselves too: signing in leads over our login page
    response.headers["Content-Security-Policy"] += f"; frame-src {framed}"
    return response


@routes.get("/wecom/connect/oauth2/authorize")
@routes.get("/wecom/wwlogin/sso/login")
async def authorize(request: web.Request) -> web.Response:
    """WeCom's login: choose who you are, then back with a code (wechat-platform §4.7). 50001 for a foreign domain."""
    world = request.app[WORLD]
    corp = world.corp_by_id(request.query.get("appid", ""))
    if corp is None:
        raise web.HTTPBadRequest(text=str(PlatformError(40013)))
    if not _asks_rightly(request, corp):
        raise web.HTTPBadRequest(text=str(PlatformError(40035)))
    target = request.query.get("redirect_uri", "")
    if not corp.trusts(target):
        raise web.HTTPBadRequest(text=str(PlatformError(50001)))
    state = request.query.get("state", "")
    if (userid := request.query.get("member", "") or _in_client(request)) == "":
        return _page("login.html", request, {"corp": corp, "query": urlencode(dict(request.query))})
    try:
        code = world.login_code(userid, corp.name)
    except NotPossible as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    joint = "&" if urlsplit(target).query else "?"
    raise web.HTTPFound(f"{target}{joint}{urlencode({'code': code, 'state': state})}")


@routes.get("/simulator/static/{name}")
async def static(request: web.Request) -> web.Response:
    """Our own style sheets and scripts, from memory."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    content_type = mimetypes.types_map.get(PurePath(name).suffix, "application/octet-stream")
    return web.Response(body=STATIC[name], content_type=content_type, charset="utf-8", headers=headers)


def _in_client(request: web.Request) -> str:
    """Beside a chat of our WeCom client its member signs in without a question (snsapi_base); "" anywhere else."""
    return request.cookies.get(MEMBER, "") if request.headers.get("Sec-Fetch-Dest") == "iframe" else ""


def _asks_rightly(request: web.Request, corp: Corp) -> bool:
    """In the client a code is asked for with a scope; at the QR code, by a self-built app of the corp [W 98151]."""
    query = request.query
    if request.path.endswith("/authorize"):
        return query.get("response_type") == "code" and query.get("scope") in SCOPES
    return query.get("login_type") == "CorpApp" and query.get("agentid") in {str(number) for number in corp.apps}


def _page(name: str, request: web.Request, context: dict[str, object]) -> web.Response:
    response = aiohttp_jinja2.render_template(name, request, context)
    response.headers.update(HEADERS)
    return response
