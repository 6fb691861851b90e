"""How does somebody with a local account come in? A name and a password; then her second factor is asked for."""

from __future__ import annotations

import structlog
from aiohttp import web

from bot.access import Passed, Resting, Wrong
from bot.console.console import CONSOLE
from bot.console.session import address_of
from bot.console.sign_in.forms import form_of, keep_step
from bot.console.sign_in_page import problem_words, sign_in_page
from bot.console.times import clock_or_moment

_log = structlog.get_logger()


async def check(request: web.Request) -> web.Response:
    """The first step. Says the same whether the name or the password is wrong."""
    console, form = request.app[CONSOLE], await form_of(request)
    name = form.get("name", "").strip()
    outcome = await console.access.accounts.check_password(name, form.get("password", ""), address=address_of(request))
    match outcome:
        case Resting():
            return sign_in_page(request, status=429, problem=resting(request, outcome), name=name)
        case Wrong():
            _log.warning("console.sign_in_failed")
            return sign_in_page(request, status=422, problem=problem_words("wrong"), name=name)
        case Passed(person=person, enrolled=True):
            return keep_step(request, _see("/console/login/code"), "code", person)
        case Passed(person=person):
            await console.access.accounts.begin_enrolment(person)
            return keep_step(request, _see("/console/login/enrol"), "enrol", person)


def resting(request: web.Request, outcome: Resting) -> str:
    """Until when nothing is tried, in words."""
    console = request.app[CONSOLE]
    return problem_words("resting", until=clock_or_moment(outcome.until, now=console.now(), tz=console.tz))


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
