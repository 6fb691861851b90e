"""How is the workbench served? One application of its own below /console, so that its rules hold there alone."""

from __future__ import annotations

import functools
import mimetypes
from pathlib import PurePath
from typing import Final

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from bot.access import Right
from bot.console import (
    accounts,
    actions,
    archive,
    audit,
    connect,
    files,
    gaps,
    helps,
    home,
    keys_pages,
    mentions,
    pages,
    people,
    reports,
    reviews,
    rules,
    scripts,
    sidebar,
    sign_in,
    ticket_actions,
    ticket_reveal,
    trial,
    understanding,
    wall,
)
from bot.console.access import ROSTER, ROSTER_AGE
from bot.console.catalogue import STATIC, TEMPLATES
from bot.console.console import CONSOLE, Console
from bot.console.login import check_secret
from bot.console.page import RIGHTS, ROOM, Page, add_pages, behind_its_right, with_room
from bot.console.rows import TicketRow
from bot.console.session import OPEN, PATH, add_security_headers, guard, log_out
from bot.console.stream import STREAMS, SWITCHBOARD, Streams, end_streams, stream, telling
from bot.console.switchboard import Switchboard
from bot.store.shared import Shared

_LATELY_S: Final = 1.0
_ROWS_KEPT: Final = 2_000  # some 2 KB each
OPEN_ROUTES = frozenset({"/static/{name}", *(route.path for route in sign_in.ROUTES)})
_TICKET = r"/tickets/{ticket:\d{1,18}}"


def setup_console(app: web.Application, console: Console) -> web.Application:
    """Add the console to `app` at /console/…, and return what serves it; call it before the application starts.

    Raises ValueError if console.secret is shorter than 32 bytes.
    """
    check_secret(console.secret)
    inner = web.Application(middlewares=[with_room, guard, behind_its_right])
    inner[CONSOLE] = console
    inner[ROSTER] = Shared(console.workbench.agents)
    inner[STREAMS], inner[SWITCHBOARD] = Streams(), Switchboard(console.window.news(), console.wakeups)
    inner[aiohttp_jinja2.APP_KEY] = _templates()
    inner.add_routes(_open_routes())
    inner[RIGHTS], inner[ROOM], inner[ROSTER_AGE] = {}, {}, {}
    add_pages(inner, _pages())
    inner.on_response_prepare.append(add_security_headers)
    inner.cleanup_ctx.append(telling)
    inner.on_shutdown.append(end_streams)
    app.router.add_get(PATH, _to_the_list)
    app.add_subapp(PATH, inner)
    return inner


@functools.cache
def _templates() -> jinja2.Environment:
    """The pages' templates, each compiled once a process, at its first use."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        enable_async=False,
    )

    @functools.lru_cache(maxsize=_ROWS_KEPT)
    def drawn_row(row: TicketRow, address: str) -> Markup:
        """A ticket's row, drawn once for all whose list has the same: drawing them is a third of a list."""
        drawn: Markup = environment.get_template("rows.html").module.ticket(row, address)  # type: ignore[attr-defined]
        return drawn

    environment.globals["drawn_row"] = drawn_row
    return environment


def _pages() -> tuple[Page, ...]:
    work = Right.DESK_WORK
    return (
        Page("GET", "/", home.home, Right.ANY),
        Page("GET", _TICKET, pages.ticket_page, work),
        Page("GET", "/fragments/list", pages.list_fragment, work),
        # pages read these with every word that is said
        Page("GET", "/fragments/rows", pages.rows_fragment, work, roster_age=_LATELY_S),
        Page("GET", r"/fragments/thread/{conversation:\d{1,18}}", pages.thread_fragment, work, roster_age=_LATELY_S),
        Page("GET", "/stream", stream, work),
        Page("POST", "/status", actions.set_status, work),
        Page("POST", f"{_TICKET}/accept", actions.accept, work),
        Page("POST", f"{_TICKET}/decline", actions.decline, work),
        Page("POST", f"{_TICKET}/to-client", actions.to_client, work),
        Page("POST", f"{_TICKET}/note", ticket_actions.note, work),
        Page("POST", f"{_TICKET}/pend", ticket_actions.pend, work),
        Page("POST", f"{_TICKET}/resume", ticket_actions.resume, work),
        Page("POST", f"{_TICKET}/prioritise", ticket_actions.prioritise, work),
        Page("POST", f"{_TICKET}/link", ticket_actions.link, work),
        Page("POST", f"{_TICKET}/merge", ticket_actions.merge, work),
        Page("POST", f"{_TICKET}/reopen", ticket_actions.reopen, work),
        Page("POST", f"{_TICKET}/tag", ticket_actions.tag, work),
        Page("POST", f"{_TICKET}/say", actions.say, work),
        Page("POST", f"{_TICKET}/return", actions.give_back, work),
        Page("POST", f"{_TICKET}/close", actions.close, work),
        Page("POST", f"{_TICKET}/transfer", actions.transfer, work),
        *connect.PAGES,
        Page("POST", f"{_TICKET}/reveal", ticket_reveal.reveal_field, Right.FIELD_REVEAL),
        Page("POST", f"{_TICKET}/ask", actions.ask_satisfaction, work),
        Page("POST", f"{_TICKET}/typing", actions.typing, work),
        Page("POST", f"{_TICKET}/file", files.send, work),
        Page("GET", _TICKET + r"/media/{entry:\d{1,18}}/{place:\d{1,2}}", files.show, work),
        Page("GET", f"{_TICKET}/scripts", helps.scripts, work),
        Page("GET", f"{_TICKET}/suggestions", helps.suggestions, work, roster_age=_LATELY_S),
        Page("GET", "/find", helps.find, work),
        Page("GET", f"{_TICKET}/colleagues", mentions.options, work),
        Page("POST", r"/mentions/{mention:\d{1,18}}", mentions.open_mention, Right.ANY),
        Page("GET", "/keys", keys_pages.keys_page, work),
        Page("POST", "/keys", keys_pages.change, work),
        Page("POST", "/logout", log_out, Right.ANY),
        *people.PAGES,
        *audit.PAGES,
        *archive.PAGES,
        *reviews.PAGES,
        *reports.PAGES,
        *scripts.PAGES,
        *gaps.PAGES,
        *understanding.PAGES,
        *trial.PAGES,
        *wall.PAGES,
        *rules.PAGES,
        *accounts.PAGES,
        *sidebar.PAGES,
    )


def _open_routes() -> list[web.RouteDef]:
    return [
        *sign_in.ROUTES,
        web.get(r"/static/{name:(vendor/)?[\w.-]+}", _static, name=f"{OPEN}static"),
    ]


async def _to_the_list(_: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": f"{PATH}/"})


async def _static(request: web.Request) -> web.Response:
    """Style sheets, scripts and icons, ours and what others made, from memory."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    content_type = mimetypes.types_map.get(PurePath(name).suffix, "application/octet-stream")
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=STATIC[name], content_type=content_type, charset="utf-8", headers=headers)
