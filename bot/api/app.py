"""How is the API served? Below /api/v1, one route an operation, and the document that describes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from aiohttp import web

from bot.api.openapi import describe
from bot.api.operation import Faulty, Operation, refused, serve
from bot.api.operations import OPERATIONS
from bot.api.reads import ApiReads
from bot.api.tokens import Tokens
from bot.content.minds import NotReady
from bot.traces import note_failure
from nlu import Understander

PATH = "/api/v1"


@dataclass(frozen=True, slots=True)
class Api:
    """What the API needs. understander: raises NotReady before there is content. changed: tells open pages."""

    reads: ApiReads
    tokens: Tokens
    understander: Callable[[], Understander]
    changed: Callable[[], None]
    public_url: str


API: web.AppKey[Api] = web.AppKey("api", Api)


def add_api(app: web.Application, api: Api) -> None:
    """Add the API to `app` at /api/v1/…."""
    inner = web.Application(middlewares=[_plainly])
    inner[API] = api
    for operation in OPERATIONS:
        path = operation.path
        for name in operation.ids:
            path = path.replace(f"{{{name}}}", rf"{{{name}:\d{{1,19}}}}")
        inner.router.add_route(operation.method, path, partial(_serve, operation))
    inner.router.add_get("/openapi.json", _describe)
    app.add_subapp(PATH, inner)


async def _serve(operation: Operation, request: web.Request) -> web.Response:
    return await serve(request.app[API], operation, request)


async def _describe(request: web.Request) -> web.Response:
    api = request.app[API]
    return web.json_response(describe(OPERATIONS, server=f"{api.public_url}{PATH}"))


@web.middleware
async def _plainly(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Programs read problems, not pages; nothing is kept by caches."""
    try:
        response = await handler(request)
    except NotReady:
        response = refused(Faulty(HTTPStatus.SERVICE_UNAVAILABLE, "the content is being loaded; ask again"))
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        response = refused(Faulty(HTTPStatus(error.status), f"{error.reason}; see {PATH}/openapi.json"))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
    except Exception as error:  # noqa: BLE001 - our own mistake, or our database's
        number = note_failure("api.failed", error)
        detail = f"we failed, not you; ask again later, and tell the operator this number if it stays so: {number}"
        response = refused(Faulty(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
