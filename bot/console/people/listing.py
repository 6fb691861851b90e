"""Who is there? People by id, page by page, and the agents of the pack that have no row yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.access import Person, Role
from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list."""

    id: str
    name: str
    roles: tuple[str, ...]
    agent: str
    where: str
    active: bool


async def people_page(request: web.Request) -> web.Response:
    """The list. ?q= a part of an id or a name; ?after= the last id of the page before."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    like, after = request.query.get("q", "").strip()[:64], request.query.get("after", "")[:64]
    found = await console.access.administration.listed(after=after, like=like, limit=PAGE + 1)
    names = await Names.of(console)
    linked = await console.access.administration.linked_agents()
    without = [(id_, name) for id_, name in names.agents.items() if id_ not in linked]
    return render(
        request,
        who,
        "people_list.html",
        rows=[person_row(each, names) for each in found[:PAGE]],
        more=found[PAGE - 1].id if len(found) > PAGE else "",
        like=like,
        after=after,
        without=() if after or like else tuple(without),
    )


def person_row(person: Person, names: Names) -> PersonRow:
    """A person in words."""
    where = [*(names.team(team) for team in sorted(person.teams)), *sorted(person.regions)]
    return PersonRow(
        id=person.id,
        name=person.name,
        roles=tuple(text(f"people_roles.{role}") for role in Role if role in person.roles),
        agent=names.agent(person.agent) if person.agent else "",
        where="、".join(where),
        active=person.active,
    )
