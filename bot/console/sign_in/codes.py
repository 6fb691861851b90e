"""How is the second factor asked for, and how does one get it? Codes of an app, and a QR code that it scans once."""

from __future__ import annotations

import aiohttp_jinja2
from aiohttp import web

from bot.access import Passed, Resting, Way, Wrong, picture
from bot.console.console import CONSOLE
from bot.console.session import address_of, sign_in
from bot.console.sign_in.forms import forget_step, form_of, step_of
from bot.console.sign_in.password import resting
from bot.console.sign_in_page import problem_words, sign_in_page


async def ask(request: web.Request) -> web.Response:
    """The page that asks for a code."""
    if step_of(request, "code") is None:
        return sign_in_page(request, status=401, problem=problem_words("too_late"))
    return _code_page(request, status=200, problem="")


async def check(request: web.Request) -> web.Response:
    """The second step: in, or once more."""
    proof = step_of(request, "code")
    if proof is None:
        return sign_in_page(request, status=401, problem=problem_words("too_late"))
    accounts, form = request.app[CONSOLE].access.accounts, await form_of(request)
    outcome = await accounts.check_code(proof.who, form.get("code", ""), address=address_of(request))
    match outcome:
        case Resting():
            return _code_page(request, status=429, problem=resting(request, outcome))
        case Wrong():
            return _code_page(request, status=422, problem=problem_words("wrong_code"))
        case Passed(person=person):
            return forget_step(await sign_in(request, person, Way.PASSWORD))


async def enrol(request: web.Request) -> web.Response:
    """The page with the QR code."""
    return await _enrol_page(request, status=200, problem="")


async def drawn(request: web.Request) -> web.Response:
    """The QR code itself, as a file of ours: the page may hold no picture in its text."""
    console, proof = request.app[CONSOLE], step_of(request, "enrol")
    waiting = None if proof is None else await console.access.accounts.enrolment(proof.who)
    if proof is None or waiting is None:
        raise web.HTTPNotFound
    body = picture(waiting, account=proof.who, issuer=console.shop_name())
    return web.Response(body=body, content_type="image/svg+xml")


async def confirm(request: web.Request) -> web.Response:
    """The app's first code: the recovery codes, shown this once, with the session already open."""
    proof = step_of(request, "enrol")
    if proof is None:
        return sign_in_page(request, status=401, problem=problem_words("too_late"))
    accounts, form = request.app[CONSOLE].access.accounts, await form_of(request)
    outcome = await accounts.confirm_enrolment(proof.who, form.get("code", ""), address=address_of(request))
    match outcome:
        case Resting():
            return await _enrol_page(request, status=429, problem=resting(request, outcome))
        case Wrong():
            return await _enrol_page(request, status=422, problem=problem_words("wrong_code"))
        case _:
            return await _enrolled(request, proof.who, outcome)


async def _enrolled(request: web.Request, person: str, codes: list[str]) -> web.Response:
    signed_in = await sign_in(request, person, Way.PASSWORD)
    shop, onward = request.app[CONSOLE].shop_name(), signed_in.headers["Location"]
    context = {"shop": shop, "codes": codes, "onward": onward}
    page = aiohttp_jinja2.render_template("sign_in_recovery.html", request, context)
    page.cookies.update(signed_in.cookies)
    return forget_step(page)


def _code_page(request: web.Request, *, status: int, problem: str) -> web.Response:
    context = {"shop": request.app[CONSOLE].shop_name(), "problem": problem}
    return aiohttp_jinja2.render_template("sign_in_code.html", request, context, status=status)


async def _enrol_page(request: web.Request, *, status: int, problem: str) -> web.Response:
    console, proof = request.app[CONSOLE], step_of(request, "enrol")
    waiting = None if proof is None else await console.access.accounts.enrolment(proof.who)
    if waiting is None:
        return sign_in_page(request, status=401, problem=problem_words("too_late"))
    by_hand = " ".join(waiting[at : at + 4] for at in range(0, len(waiting), 4))
    context = {"shop": console.shop_name(), "problem": problem, "by_hand": by_hand}
    return aiohttp_jinja2.render_template("sign_in_enrol.html", request, context, status=status)
