"""What is a page of the console? A path, the right that opens it, a handler; and the frame that all are drawn in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import aiohttp_jinja2
from aiohttp import web

from bot.access import Right
from bot.console.access import ROSTER_AGE, Viewer, check_right
from bot.console.console import CONSOLE
from bot.console.login import csrf_token
from bot.console.navigation import modules
from bot.console.session import session_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROOM: web.AppKey[dict[web.AbstractRoute, int]] = web.AppKey("console_room", dict)
RIGHTS: web.AppKey[dict[web.AbstractRoute, Right]] = web.AppKey("console_rights", dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One route below /console. right: whoever opens it must have it; the guard asks before the handler runs.

    most_bytes: of a form with a file; 0: what every form may have. roster_age: how old what it knows of colleagues may
    be, in seconds, where it is read often and shows little of them; None: read anew.
    """

    method: str
    path: str
    handler: Handler
    right: Right
    most_bytes: int = 0
    roster_age: float | None = None


def add_pages(app: web.Application, pages: Iterable[Page]) -> None:
    """Serve the pages, each behind its right."""
    for page in pages:
        resource = app.router.add_resource(page.path)
        route = resource.add_route(page.method, page.handler)
        app[RIGHTS][route] = page.right
        if page.most_bytes:
            app[ROOM][route] = page.most_bytes
        if page.roster_age is not None:
            app[ROSTER_AGE][route] = page.roster_age


@web.middleware
async def with_room(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read more of the forms that bring a file; it stands before whatever reads a form."""
    most = request.app[ROOM].get(request.match_info.route)
    return await handler(request.clone(client_max_size=most) if most else request)


@web.middleware
async def behind_its_right(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only those to a page who have its right; routes that are no pages (sign-in, styles) need none."""
    right = request.app[RIGHTS].get(request.match_info.route)
    if right is not None:
        await check_right(request, right)
    return await handler(request)


async def uploaded(field: web.FileField) -> bytes:
    """What a form's file holds; it is closed after."""

    def read() -> bytes:
        with field.file as file:
            return file.read()

    return await asyncio.to_thread(read)


def render(
    request: web.Request, who: Viewer, template: str, /, *, status: int = 200, **context: object
) -> web.Response:
    """A page of any module: its template extends `page.html`, with blocks title, actions, content, scripts."""
    console = request.app[CONSOLE]
    frame: dict[str, object] = {
        "shop": console.shop_name(),
        "my_id": who.id,
        "my_name": who.name,
        "csrf": csrf_token(console.secret, session_of(request)),
        "modules": modules(who, request.path),
        "may": who.may,
        "Right": Right,
        "path": request.path,
    }
    return aiohttp_jinja2.render_template(template, request, frame | context, status=status)
