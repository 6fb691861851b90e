"""Who may see which ticket? Her own, her teams', and those of the teams she supervises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from bot.access import Right, Role, rights_of
from bot.console.console import CONSOLE
from bot.console.problems import NoRight, Unlisted
from bot.console.session import session_of
from handoff import AgentLoad, Ticket, TicketState

_ID = re.compile(r"[0-9]{1,18}")  # the store's ids have 63 bits
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. led: ids of the teams she supervises. everybody: all agents, herself included."""

    id: str
    name: str
    rights: frozenset[Right]
    agent: AgentLoad
    led: frozenset[str]
    everybody: tuple[AgentLoad, ...]

    @property
    def agent_id(self) -> str:
        """Her id as an agent."""
        return self.agent.id

    def may(self, right: Right) -> bool:
        """Does one of her roles carry this right?"""
        return right in self.rights

    def leads(self, ticket: Ticket) -> bool:
        """Is she a supervisor of the ticket's team?"""
        return ticket.team in self.led

    def may_read(self, ticket: Ticket) -> bool:
        """May she see this ticket and what was said?"""
        return self.leads(ticket) or ticket.agent == self.agent.id or ticket.team in self.agent.teams

    def may_take(self, ticket: Ticket) -> bool:
        """May she take it from the queue?"""
        return ticket.state is TicketState.OPEN and (self.leads(ticket) or ticket.team in self.agent.teams)

    def may_pass_on(self, ticket: Ticket) -> bool:
        """May she give it to somebody else? What waits, what is hers, and for supervisors everything."""
        return self.leads(ticket) or ticket.state is TicketState.OPEN or ticket.agent == self.agent.id


def viewer(
    agent_id: str, everybody: tuple[AgentLoad, ...], supervisors: Mapping[str, tuple[str, ...]]
) -> Viewer | None:
    """The viewer with this id; None if nobody has it. supervisors: who supervises each team, by the team's id.

    Where no team names a supervisor, who is a member of every team supervises them all.
    """
    agent = next((each for each in everybody if each.id == agent_id), None)
    if agent is None:
        return None
    if any(supervisors.values()):
        led = frozenset(team for team, named in supervisors.items() if agent_id in named)
    else:
        led = frozenset(supervisors) if set(supervisors) <= set(agent.teams) else frozenset()
    roles = (Role.AGENT, Role.LEAD, Role.SUPERVISOR, Role.OPERATOR) if led else (Role.AGENT,)
    return Viewer(id=agent.id, name=agent.name, rights=rights_of(roles), agent=agent, led=led, everybody=everybody)


_VIEWER: Final[web.RequestKey[Viewer]] = web.RequestKey("console_viewer", Viewer)


async def viewer_of(request: web.Request) -> Viewer:
    """Who looks at this request's page, read once. Raises Unlisted for an id that the shop does not know."""
    if _VIEWER in request:
        return request[_VIEWER]
    console, session = request.app[CONSOLE], session_of(request)
    found = viewer(session.agent, await console.workbench.agents(), console.supervisors())
    if found is None:
        raise Unlisted
    request[_VIEWER] = found
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
        _log.warning("console.forbidden", agent=who.agent.id, ticket=ticket_id)
        raise web.HTTPForbidden
    return ticket
