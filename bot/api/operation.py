"""What is an operation of the API? A path, the scope it needs, what it takes and gives; checked before it runs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.api.scopes import Scope
from bot.api.shapes import Nothing, Problem
from bot.api.tokens import Token

if TYPE_CHECKING:
    from bot.api.app import Api

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked. path: its ids. query, body: of the operation's models, None where it has none."""

    api: Api
    token: Token
    path: dict[str, int]
    query: Any = None
    body: Any = None


Run = Callable[[Call], Awaitable[BaseModel | None]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. run: gives the answer; None for 404. ids: numbers in the path, by name. wrote: 201, not 200."""

    method: str
    path: str
    scope: Scope
    summary: str
    answer: type[BaseModel]
    run: Run
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    ids: tuple[str, ...] = ()
    wrote: bool = False
    name: str = field(kw_only=True)


class Faulty(Exception):  # noqa: N818 - reads as the fact it is
    """The request cannot be served. status: of the answer; the message says what to do."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


async def serve(api: Api, operation: Operation, request: web.Request) -> web.Response:
    """Who is it, may she, is what she gave as it should be; then run it."""
    try:
        answer = await _answer(api, operation, request)
    except Faulty as error:
        _log.info("api.refused", operation=operation.name, status=error.status.value)
        return refused(error)
    status = HTTPStatus.CREATED if operation.wrote else HTTPStatus.OK
    return web.Response(text=answer.model_dump_json(), status=status, content_type="application/json")


async def _answer(api: Api, operation: Operation, request: web.Request) -> BaseModel:
    token = await identify(api, request)
    if operation.scope not in token.scopes:
        raise Faulty(HTTPStatus.FORBIDDEN, f"the token lacks the scope {operation.scope}; issue one that has it")
    path = {name: _id(request.match_info[name]) for name in operation.ids}
    query = _checked(operation.query or Nothing, dict(request.query), "query")
    body = _checked(operation.body, await _json(request), "body") if operation.body else None
    answer = await operation.run(Call(api, token, path, query, body))
    if answer is None:
        raise Faulty(HTTPStatus.NOT_FOUND, "there is nothing of this id")
    return answer


async def identify(api: Api, request: web.Request) -> Token:
    """The token that the request carries. Raises Faulty (401)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = await api.tokens.check(given.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise Faulty(HTTPStatus.UNAUTHORIZED, "send Authorization: Bearer xr_…; the console issues tokens under 接口")
    return token


def refused(error: Faulty) -> web.Response:
    """The error as application/problem+json (RFC 9457)."""
    problem = Problem(title=error.status.phrase, status=error.status.value, detail=error.detail)
    headers = {"WWW-Authenticate": "Bearer"} if error.status is HTTPStatus.UNAUTHORIZED else {}
    return web.Response(
        text=problem.model_dump_json(), status=error.status, content_type="application/problem+json", headers=headers
    )


def _id(given: str) -> int:
    number = int(given)
    if not 0 < number < 2**63:
        raise Faulty(HTTPStatus.NOT_FOUND, "there is nothing of this id")
    return number


async def _json(request: web.Request) -> object:
    if request.content_type != "application/json":
        raise Faulty(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as Content-Type: application/json")
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise Faulty(HTTPStatus.BAD_REQUEST, "the body is no JSON") from error


def _checked(model: type[BaseModel], given: object, where: str) -> BaseModel:
    try:
        # what comes in a query is text and may be a number; what comes as JSON has its type already
        return model.model_validate(given, strict=where == "body")
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or where
        raise Faulty(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {name}: {first['msg']}") from None
