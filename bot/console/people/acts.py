"""What else may an admin do about a person? Disable and enable, a first password, a lost phone, sign her out."""

from __future__ import annotations

from aiohttp import web

from bot.access import Person, PersonRefused
from bot.console.console import CONSOLE
from bot.console.people.editing import password_page, person_of, refused_page
from bot.console.session import PATH, actor_of
from bot.console.sign_in.forms import form_of


async def set_active(request: web.Request) -> web.Response:
    """停用 | 启用."""
    administration, person = request.app[CONSOLE].access.administration, await person_of(request)
    act = administration.enable if (await form_of(request)).get("active") == "1" else administration.disable
    try:
        await act(person.id, by=actor_of(request))
    except PersonRefused as refused:
        return await refused_page(request, person, refused.why, refused.where)
    return _done(person, "active")


async def first_password(request: web.Request) -> web.Response:
    """A random password, shown this once."""
    person = await person_of(request)
    accounts = request.app[CONSOLE].access.accounts
    password = await accounts.set_first_password(person.id, by=actor_of(request))
    return await password_page(request, person, password)


async def remove_second_factor(request: web.Request) -> web.Response:
    """She has lost her phone and her recovery codes."""
    person = await person_of(request)
    await request.app[CONSOLE].access.accounts.remove_second_factor(person.id, by=actor_of(request))
    return _done(person, "second_factor")


async def end_sessions(request: web.Request) -> web.Response:
    """Sign her out everywhere."""
    person = await person_of(request)
    await request.app[CONSOLE].access.sessions.end_all(person.id, by=actor_of(request))
    return _done(person, "ended")


def _done(person: Person, what: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"{PATH}/people/{person.id}?done={what}"})
