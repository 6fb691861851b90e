"""How is a person added and changed? One form; what is wrong stands beside its field, and what was typed is kept."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.access import Obstacle, Person, PersonRefused, Role
from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE, Console
from bot.console.names import Names
from bot.console.page import render
from bot.console.people.listing import person_row
from bot.console.session import PATH, actor_of

_LONGEST: Final = 64
_MOST: Final = 50  # teams or regions of one person


async def new_page(request: web.Request) -> web.Response:
    """An empty form. ?agent= whom it is for."""
    agent = request.query.get("agent", "")
    name = request.app[CONSOLE].agent_names().get(agent)
    blank = Person("", "", frozenset()) if name is None else Person(agent, name, frozenset({Role.AGENT}), agent)
    return await _form(request, blank, new=True)


async def add(request: web.Request) -> web.Response:
    """Let somebody in."""
    console, person = request.app[CONSOLE], await _given(request, None)
    try:
        await console.access.administration.add(person, agents=_agents(console), by=actor_of(request))
    except PersonRefused as refused:
        return await _form(request, person, new=True, refused=refused)
    return web.Response(status=303, headers={"Location": f"{PATH}/people/{person.id}"})


async def person_page(request: web.Request) -> web.Response:
    """One person."""
    return await _form(request, await person_of(request), new=False)


async def change(request: web.Request) -> web.Response:
    """The same person with other roles."""
    console, before = request.app[CONSOLE], await person_of(request)
    person = await _given(request, before)
    try:
        await console.access.administration.change(person, agents=_agents(console), by=actor_of(request))
    except PersonRefused as refused:
        return await _form(request, person, new=False, refused=refused)
    return web.Response(status=303, headers={"Location": f"{PATH}/people/{person.id}?done=changed"})


async def person_of(request: web.Request) -> Person:
    """The person of the path. Raises HTTPNotFound."""
    wanted = request.match_info["person"]
    found = await request.app[CONSOLE].access.person(wanted)
    if found is None or found.id != wanted:
        raise web.HTTPNotFound
    return found


async def _given(request: web.Request, before: Person | None) -> Person:
    form = await request.post()
    if any(not isinstance(value, str) for value in form.values()):
        raise web.HTTPBadRequest

    def one(name: str) -> str:
        return str(form.get(name, "")).strip()[:_LONGEST]

    try:
        roles = frozenset(Role(str(role)) for role in form.getall("roles", []))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    teams = {str(team)[:_LONGEST] for team in form.getall("teams", [])[:_MOST]}
    regions = {line.strip()[:_LONGEST] for line in str(form.get("regions", "")).splitlines()[:_MOST] if line.strip()}
    return Person(
        id=one("id") if before is None else before.id,
        name=one("name"),
        roles=roles,
        agent=one("agent") or None,
        wecom=one("wecom") or None,
        teams=frozenset(teams & set(request.app[CONSOLE].team_names())),
        regions=frozenset(regions),
        active=True if before is None else before.active,
    )


async def _form(
    request: web.Request, person: Person, *, new: bool, refused: PersonRefused | None = None, password: str = ""
) -> web.Response:
    who, console = await viewer_of(request), request.app[CONSOLE]
    names = await Names.of(console)
    sessions = () if new else await console.access.sessions.of(person.id)
    done = request.query.get("done", "")
    return render(
        request,
        who,
        "people_person.html",
        status=200 if refused is None else 422,
        person=person,
        row=person_row(person, names),
        new=new,
        roles=[(role.value, text(f"people_roles.{role}"), text(f"people_duties.{role}")) for role in Role],
        agents=sorted(names.agents.items()),
        teams=sorted(names.teams.items()),
        problems={refused.where: text(f"people_obstacles.{refused.why}")} if refused is not None else {},
        sessions=[(text(f"people_ways.{each.way}"), each.address, names.moment(each.opened_at)) for each in sessions],
        has_password=not new and await console.access.accounts.has(person.id),
        password=password,
        done=text(f"people_done.{done}") if done in {"changed", "ended", "second_factor", "active"} else "",
    )


def _agents(console: Console) -> frozenset[str]:
    return frozenset(console.agent_names())


async def refused_page(request: web.Request, person: Person, why: Obstacle, where: str) -> web.Response:
    """The form again, with why a command was not carried out."""
    return await _form(request, person, new=False, refused=PersonRefused(why, where))


async def password_page(request: web.Request, person: Person, password: str) -> web.Response:
    """The form with the password that is shown this once."""
    return await _form(request, person, new=False, password=password)
