"""How do I sign in, and where am I signed in? One's own password, recovery codes and sessions."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.access import Resting, Wrong, weakness
from bot.console.access import viewer_of
from bot.console.actions import form_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import PATH, actor_of, address_of, session_of
from bot.console.sign_in.password import resting
from bot.console.sign_in_page import problem_words


async def my_page(request: web.Request) -> web.Response:
    """The page."""
    return await _page(request)


async def change_password(request: web.Request) -> web.Response:
    """The old one proves that it is she; then all her other sessions end."""
    who, console, form = await viewer_of(request), request.app[CONSOLE], await form_of(request)
    accounts, new = console.access.accounts, form.get("new", "")
    if not await accounts.has(who.id):
        raise web.HTTPBadRequest
    if (weak := weakness(new, about=(who.id, who.name, console.shop_name()))) is not None:
        return await _page(request, problems={"new": text(f"password_weak.{weak}")})
    if new != form.get("again", ""):
        return await _page(request, problems={"again": text("password_weak.differs")})
    match await accounts.check_password(who.id, form.get("old", ""), address=address_of(request)):
        case Resting() as outcome:
            return await _page(request, problems={"old": resting(request, outcome)})
        case Wrong():
            return await _page(request, problems={"old": problem_words("wrong_password")})
        case _:
            await accounts.set_password(who.id, new, by=actor_of(request), but=session_of(request).id)
    return _see("password")


async def new_codes(request: web.Request) -> web.Response:
    """Ten new recovery codes, shown this once."""
    who, accounts = await viewer_of(request), request.app[CONSOLE].access.accounts
    if not await accounts.has(who.id):
        raise web.HTTPBadRequest
    return await _page(request, codes=await accounts.new_recovery_codes(who.id, by=actor_of(request)))


async def end_others(request: web.Request) -> web.Response:
    """Sign me out everywhere else."""
    session = session_of(request)
    await request.app[CONSOLE].access.sessions.end_all(session.person, by=actor_of(request), but=session.id)
    return _see("ended")


async def _page(
    request: web.Request, *, problems: dict[str, str] | None = None, codes: Sequence[str] = ()
) -> web.Response:
    who, console, here = await viewer_of(request), request.app[CONSOLE], session_of(request)
    names, done = await Names.of(console), request.query.get("done", "")
    return render(
        request,
        who,
        "people_me.html",
        status=422 if problems else 200,
        sessions=[
            (text(f"people_ways.{each.way}"), each.address, names.moment(each.opened_at), each.id == here.id)
            for each in await console.access.sessions.of(here.person)
        ],
        has_password=await console.access.accounts.has(who.id),
        problems=problems or {},
        codes=codes,
        done=text(f"people_done.{done}") if done in {"password", "ended"} else "",
    )


def _see(done: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"{PATH}/me?done={done}"})
