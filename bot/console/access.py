"""Who looks, and which tickets may she see? Her own, her teams', and those of the teams she supervises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from bot.access import Person, Right, Role, Session, rights_of
from bot.console.console import CONSOLE
from bot.console.problems import NoRight, Unlisted
from bot.console.session import session_of
from bot.store.shared import Shared
from handoff import AgentLoad, Place, Ticket, TicketState

_ID = re.compile(r"[0-9]{1,18}")  # the store's ids have 63 bits
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. agent: she herself at the desk, None for people who serve nobody. everybody: all agents.

    led: ids of the teams she supervises. reads: ids of the teams whose tickets she may read beyond those and her own.
    regions: where those teams' tickets must come from; empty: everywhere. Her own tickets are hers wherever they are.
    """

    id: str
    name: str
    rights: frozenset[Right]
    agent: AgentLoad | None
    led: frozenset[str]
    everybody: tuple[AgentLoad, ...]
    reads: frozenset[str] = frozenset()
    regions: tuple[Place, ...] = ()

    @property
    def agent_id(self) -> str:
        """Her id as an agent; "", which is nobody's, where she is none."""
        return self.agent.id if self.agent is not None else ""

    @property
    def beside(self) -> tuple[AgentLoad, ...]:
        """The agents of the teams she has to do with, herself included: in a large shop not everybody."""
        teams = self.sees
        return tuple(each for each in self.everybody if each.id == self.agent_id or teams & set(each.teams))

    def may(self, right: Right) -> bool:
        """Does one of her roles carry this right?"""
        return right in self.rights

    def leads(self, ticket: Ticket) -> bool:
        """Is she a supervisor of the ticket's team, in its region?"""
        return ticket.team in self.led and self.covers(ticket)

    def may_read(self, ticket: Ticket) -> bool:
        """May she see this ticket and what was said?"""
        return self._has(ticket) or self.leads(ticket) or (ticket.team in self.sees and self.covers(ticket))

    def may_take(self, ticket: Ticket) -> bool:
        """May she take it from the queue?"""
        return (
            self.agent is not None
            and ticket.state is TicketState.OPEN
            and (ticket.team in self.led | self._works_in)
            and self.covers(ticket)
        )

    def may_pass_on(self, ticket: Ticket) -> bool:
        """May she give it to somebody else? What waits, what is hers, and for supervisors everything."""
        return self.leads(ticket) or self._has(ticket) or (ticket.state is TicketState.OPEN and self.agent is not None)

    @property
    def _works_in(self) -> frozenset[str]:
        return frozenset(self.agent.teams if self.agent is not None else ())

    @property
    def sees(self) -> frozenset[str]:
        """Ids of the teams whose tickets she may see, as far as they come from her regions."""
        return self.led | self._works_in | self.reads

    def _has(self, ticket: Ticket) -> bool:
        return self.agent is not None and ticket.agent == self.agent.id

    def covers(self, ticket: Ticket) -> bool:
        """Does it come from a region of hers?"""
        if not self.regions:
            return True
        place = Place.of(ticket.region)
        return any(region.holds(place) for region in self.regions)


def viewer(
    person_id: str,
    everybody: tuple[AgentLoad, ...],
    supervisors: Mapping[str, tuple[str, ...]],
    person: Person | None = None,
) -> Viewer | None:
    """The viewer of this id; None if nobody has it, or whoever has it may not be here.

    person: her row, if there is one; without it she is an agent of the pack, and supervises as the policy says.
    supervisors: who supervises each team, by the team's id. Where no team names a supervisor, who is a member of every
    team supervises them all.
    """
    agent_id = person_id if person is None else person.agent
    agent = next((each for each in everybody if each.id == agent_id), None)
    named = _named(agent, supervisors)
    if person is not None:
        return _of_person(person, agent, everybody, teams=frozenset(supervisors), named=named)
    if agent is None:
        return None
    roles = (Role.AGENT, Role.LEAD, Role.SUPERVISOR) if named else (Role.AGENT,)
    return Viewer(agent.id, agent.name, rights_of(roles), agent, named, everybody)


def _named(agent: AgentLoad | None, supervisors: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The teams that the policy lets an agent supervise."""
    if agent is None:
        return frozenset()
    if any(supervisors.values()):
        return frozenset(team for team, named in supervisors.items() if agent.id in named)
    return frozenset(supervisors) if set(supervisors) <= set(agent.teams) else frozenset()


def _of_person(
    person: Person,
    agent: AgentLoad | None,
    everybody: tuple[AgentLoad, ...],
    *,
    teams: frozenset[str],
    named: frozenset[str],
) -> Viewer | None:
    if not person.active:
        return None
    rights = rights_of(person.roles)
    if agent is None:
        rights -= {Right.DESK_WORK}  # tickets are taken and answered by agents
    scope = person.teams or teams
    leading = person.roles & {Role.LEAD, Role.SUPERVISOR}
    led = (person.teams or (scope if agent is None else named)) if leading else frozenset()
    return Viewer(
        id=person.id,
        name=person.name,
        rights=rights,
        agent=agent,
        led=led,
        everybody=everybody,
        reads=scope if Role.AUDITOR in person.roles else frozenset(),
        regions=tuple(Place.parse(region) for region in sorted(person.regions)),
    )


ROSTER: web.AppKey[Shared[tuple[AgentLoad, ...]]] = web.AppKey("console_roster", Shared)
# How old what it knows of colleagues may be, in seconds, by route; elsewhere it is read anew.
ROSTER_AGE: web.AppKey[dict[web.AbstractRoute, float]] = web.AppKey("console_roster_age", dict)
# How old the teams of agents may be that open pages are told by; all pages of a process ask now and then.
_TEAMS_S: Final = 5.0
_VIEWER: Final[web.RequestKey[Viewer]] = web.RequestKey("console_viewer", Viewer)


async def viewer_of(request: web.Request) -> Viewer:
    """Who looks at this request's page, read once. Raises Unlisted for an id that the shop does not know."""
    if _VIEWER not in request:
        roster, age = request.app[ROSTER], request.app[ROSTER_AGE].get(request.match_info.route)
        everybody = await (roster.read_now() if age is None else roster.read_within(age))
        request[_VIEWER] = _listed(request, session_of(request), everybody)
    return request[_VIEWER]


async def viewer_now(request: web.Request) -> Viewer:
    """Who looks, as she is now: for requests that stay. Raises Unlisted, also where her session is over."""
    session = await request.app[CONSOLE].access.sessions.find(session_of(request).id)
    if session is None:
        raise Unlisted
    return _listed(request, session, await request.app[ROSTER].read_within(_TEAMS_S))


def _listed(request: web.Request, session: Session, everybody: tuple[AgentLoad, ...]) -> Viewer:
    found = viewer(session.person, everybody, request.app[CONSOLE].supervisors(), session.holder)
    if found is None:
        raise Unlisted
    return found


async def check_right(request: web.Request, right: Right) -> None:
    """Raises HTTPForbidden where the viewer lacks the right, Unlisted where she is nobody."""
    who = await viewer_of(request)
    if not who.may(right):
        _log.warning("console.right_missing", person=who.id, right=right.value)
        raise NoRight


def id_of(given: str) -> int | None:
    """An id out of a query, None where it cannot be one."""
    return int(given) if _ID.fullmatch(given) else None


async def ticket_for(request: web.Request, who: Viewer, ticket_id: int) -> Ticket:
    """The ticket, if the viewer may see it. Raises HTTPNotFound, HTTPForbidden."""
    ticket = await request.app[CONSOLE].workbench.ticket(ticket_id)
    if ticket is None:
        raise web.HTTPNotFound
    if not who.may_read(ticket):
        _log.warning("console.forbidden", person=who.id, ticket=ticket_id)
        raise web.HTTPForbidden
    return ticket
