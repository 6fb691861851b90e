"""How is the workbench served? One application of its own below /console, so that its rules hold there alone."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.console import actions, entry, pages, ticket_actions
from bot.console.catalogue import STATIC, TEMPLATES
from bot.console.console import CONSOLE, Console
from bot.console.login import check_secret
from bot.console.session import PATH, add_security_headers, guard
from bot.console.stream import STREAMS, Streams, end_streams, stream

_TICKET = r"/tickets/{ticket:\d{1,18}}"


def setup_console(app: web.Application, console: Console) -> None:
    """Add the workbench to `app` at /console/…; call it before the application starts.

    Raises ValueError if console.secret is shorter than 32 bytes.
    """
    check_secret(console.secret)
    inner = web.Application(middlewares=[guard])
    inner[CONSOLE] = console
    inner[STREAMS] = Streams()
    aiohttp_jinja2.setup(
        inner,
        loader=jinja2.DictLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inner.add_routes(_routes())
    inner.on_response_prepare.append(add_security_headers)
    inner.on_shutdown.append(end_streams)
    app.router.add_get(PATH, _to_the_list)
    app.add_subapp(PATH, inner)


def _routes() -> list[web.RouteDef]:
    return [
        web.get("/", pages.list_page),
        web.get(_TICKET, pages.ticket_page),
        web.get("/fragments/list", pages.list_fragment),
        web.get(r"/fragments/thread/{conversation:\d{1,18}}", pages.thread_fragment),
        web.get("/stream", stream, allow_head=False),
        web.post("/status", actions.set_status),
        web.post(f"{_TICKET}/accept", actions.accept),
        web.post(f"{_TICKET}/decline", actions.decline),
        web.post(f"{_TICKET}/to-client", actions.to_client),
        web.post(f"{_TICKET}/note", ticket_actions.note),
        web.post(f"{_TICKET}/pend", ticket_actions.pend),
        web.post(f"{_TICKET}/resume", ticket_actions.resume),
        web.post(f"{_TICKET}/prioritise", ticket_actions.prioritise),
        web.post(f"{_TICKET}/link", ticket_actions.link),
        web.post(f"{_TICKET}/merge", ticket_actions.merge),
        web.post(f"{_TICKET}/reopen", ticket_actions.reopen),
        web.post(f"{_TICKET}/tag", ticket_actions.tag),
        web.post(f"{_TICKET}/say", actions.say),
        web.post(f"{_TICKET}/return", actions.give_back),
        web.post(f"{_TICKET}/close", actions.close),
        web.post(f"{_TICKET}/transfer", actions.transfer),
        web.get("/login", entry.confirm, name="login"),
        web.post("/login", entry.log_in, name="login"),
        web.post("/logout", entry.log_out),
        web.get("/static/{name}", _static, name="static"),
    ]


async def _to_the_list(_: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": f"{PATH}/"})


async def _static(request: web.Request) -> web.Response:
    """Our own style sheet, script and icon, from memory."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    content_type = mimetypes.types_map.get(PurePath(name).suffix, "application/octet-stream")
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=STATIC[name], content_type=content_type, charset="utf-8", headers=headers)
