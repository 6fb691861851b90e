"""May each role open exactly what the matrix says? Every route of the console, asked by every role."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.access import Right, Role, rights_of
from bot.console.app import OPEN_ROUTES, setup_console
from bot.console.login import csrf_token
from bot.console.page import RIGHTS, behind_its_right
from bot.console.session import COOKIE, OPEN, guard
from tests.console.desk import SECRET, Shopfront

# what is asked here is the same on both databases, and there are many to ask
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# what may stand for a part of a path; the first that its pattern takes does
PARTS = ("1", "somebody", "shell.css", "csv", "tags.yaml", "gap-0123456789ab", "0123456789abcdef" * 2)
LET_IN = web.Response(text="let in")


async def let_in(_: web.Request) -> web.StreamResponse:
    """Stands behind the middlewares instead of the handler: what is asked here is who comes so far."""
    return LET_IN


def routes(inner: web.Application) -> Iterator[tuple[web.AbstractRoute, str]]:
    """Every route, with a path that leads to it."""
    for route in inner.router.routes():
        assert route.resource is not None
        info = route.resource.get_info()
        if "pattern" not in info:
            yield route, route.resource.canonical
            continue
        names = list(info["pattern"].groupindex)
        filled = (
            info["formatter"].format(**dict(zip(names, parts, strict=True)))
            for parts in itertools.product(PARTS, repeat=len(names))
        )
        path = next((path for path in filled if info["pattern"].fullmatch(path)), None)
        assert path is not None, f"say in PARTS what stands for a part of {route.resource.canonical}"
        yield route, path


async def asked(inner: web.Application, route: web.AbstractRoute, path: str, token: str, csrf: str) -> int:
    """The status with which the middlewares answer, 200 where they let her through to the handler."""
    headers = {"Cookie": f"{COOKIE}={token}", "Host": "127.0.0.1:8080"}
    request = make_mocked_request(route.method, path, headers=headers, app=inner)
    request._match_info = found = await inner.router.resolve(request)
    assert found.route is route, f"{path} leads elsewhere: {found.route}"
    request._match_info.add_app(inner)
    request._post = {"csrf": csrf}  # type: ignore[assignment] # what parsing the body would have put there

    async def to_the_page(found: web.Request) -> web.StreamResponse:
        return await behind_its_right(found, let_in)

    return (await guard(request, to_the_page)).status


@ON_ONE
async def test_every_route_lets_in_whom_the_matrix_names(engine: AsyncEngine) -> None:
    front = Shopfront(engine)
    await front.open_doors()
    agents = {Role.AGENT: "wangfang", Role.LEAD: "chenjing"}
    for role in set(Role) - {Role.SUPERVISOR}:
        await front.admit(f"a-{role}", role, agent=agents.get(role))
    await front.admit("a-supervisor", Role.SUPERVISOR)  # serves nobody, so that she has no desk
    inner = setup_console(web.Application(), front.console)
    wrong = []
    for role in (*Role, None):
        session = await front.access.sessions.read(token := await front.session(f"a-{role}"))
        assert session is not None
        carried = rights_of([role]) if role is not None else frozenset()
        carried -= {Right.DESK_WORK} if role not in agents else set()
        for route, path in routes(inner):
            right = inner[RIGHTS].get(route)
            expected = 200 if right is None or right in carried else 403
            if (status := await asked(inner, route, path, token, csrf_token(SECRET, session))) != expected:
                wrong.append((role, route.method, path, right, status))
    assert wrong == []


@ON_ONE
async def test_without_a_session_only_the_ways_in_are_open(engine: AsyncEngine) -> None:
    inner = setup_console(web.Application(), Shopfront(engine).console)
    for route, path in routes(inner):
        assert route.resource is not None
        is_open = route.resource.canonical.removeprefix("/console") in OPEN_ROUTES
        assert is_open == (route.name or "").startswith(OPEN)
        assert await asked(inner, route, path, "", "") == (200 if is_open else 401), path


@ON_ONE
async def test_every_right_of_the_matrix_but_those_of_modules_to_come_opens_a_page(engine: AsyncEngine) -> None:
    inner = setup_console(web.Application(), Shopfront(engine).console)
    used = set(inner[RIGHTS].values())
    assert used <= set(Right)
    assert {Right.DESK_WORK, Right.PEOPLE_WRITE, Right.AUDIT_READ, Right.DATA_EXPORT, Right.FIELD_REVEAL} <= used
