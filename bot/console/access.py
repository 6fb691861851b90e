"""Who may see which ticket? Her own, her teams'; supervisors (members of every team) see all."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.console.console import CONSOLE
from bot.console.problems import Unlisted
from bot.console.session import session_of
from handoff import AgentLoad, Ticket, TicketState

_ID = re.compile(r"[0-9]{1,18}")  # the store's ids have 63 bits
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Viewer:
    """The agent who looks. everybody: all agents of the shop, herself included."""

    agent: AgentLoad
    supervisor: bool
    everybody: tuple[AgentLoad, ...]

    def may_read(self, ticket: Ticket) -> bool:
        """May she see this ticket and what was said?"""
        return self.supervisor or ticket.agent == self.agent.id or ticket.team in self.agent.teams

    def may_pass_on(self, ticket: Ticket) -> bool:
        """May she give it to somebody else? What waits, what is hers, and for supervisors everything."""
        return self.supervisor or ticket.state is TicketState.OPEN or ticket.agent == self.agent.id


def viewer(agent_id: str, everybody: tuple[AgentLoad, ...], teams: Collection[str]) -> Viewer | None:
    """The viewer with this id; None if nobody has it."""
    agent = next((each for each in everybody if each.id == agent_id), None)
    if agent is None:
        return None
    return Viewer(agent=agent, supervisor=bool(teams) and set(teams) <= set(agent.teams), everybody=everybody)


async def viewer_of(request: web.Request) -> Viewer:
    """Who looks at this request's page. Raises Unlisted for an id that the shop does not know."""
    console, session = request.app[CONSOLE], session_of(request)
    found = viewer(session.agent, await console.workbench.agents(), console.team_names())
    if found is None:
        raise Unlisted
    return found


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
