"""Is every page behind the right it names, and does every route name one?"""

from __future__ import annotations

from aiohttp import web

from bot.access import Right, Role, rights_of
from bot.console.access import viewer
from bot.console.app import OPEN_ROUTES, setup_console
from bot.console.navigation import modules
from bot.console.page import RIGHTS
from tests.console.desk import Shopfront


def console_app(front: Shopfront) -> web.Application:
    app = web.Application()
    return setup_console(app, front.console)


async def test_every_route_is_a_page_behind_a_right_or_open_on_purpose(front: Shopfront) -> None:
    inner = console_app(front)
    unguarded = {
        route.resource.canonical.removeprefix("/console")
        for route in inner.router.routes()
        if route not in inner[RIGHTS] and route.resource is not None
    }
    assert unguarded == OPEN_ROUTES


def test_a_role_may_what_the_matrix_says_and_everybody_may_be_here() -> None:
    assert rights_of([]) == {Right.ANY}
    assert Right.SCRIPT_APPROVE in rights_of([Role.OPERATOR])
    assert Right.SCRIPT_APPROVE not in rights_of([Role.AGENT])
    assert rights_of([Role.AGENT, Role.AUDITOR]) == rights_of([Role.AGENT]) | rights_of([Role.AUDITOR])


def test_each_right_is_carried_by_somebody() -> None:
    assert rights_of(Role) == frozenset(Right)


async def test_the_rail_shows_only_what_may_be_opened(front: Shopfront) -> None:
    who = viewer("wangfang", await front.console.workbench.agents(), front.console.supervisors())
    assert who is not None
    assert [one.name for one in modules(who, "/console/tickets/3") if one.current] == ["workbench"]
    assert "audit" not in {one.name for one in modules(who, "/console/")}
