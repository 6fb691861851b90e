"""How far may this person look at what was said? The teams she leads; whoever reads the audit log, at everything."""

from __future__ import annotations

from aiohttp import web

from bot.access import Right
from bot.console.access import Viewer
from bot.console.console import CONSOLE, Console
from bot.supervision import Lookout


def working_id(who: Viewer) -> str:
    """The id under which she serves customers: by it her conversations are reviewed, and she reviews."""
    return who.agent_id or who.id


def lookout_of(who: Viewer, console: Console) -> Lookout:
    """The auditor and who leads every team see all, also what only the bot served; others their teams'."""
    teams = console.team_names()
    everything = who.may(Right.AUDIT_READ) or (bool(teams) and set(teams) <= who.led)
    members: dict[str, set[str]] = {}
    for agent in who.everybody:
        for team in agent.teams:
            members.setdefault(team, set()).add(agent.id)
    by_team = {team: frozenset(people) for team, people in members.items()}
    return Lookout(working_id(who), everything=everything, teams=who.led, members=by_team)


def teams_of(lookout: Lookout, console: Console) -> dict[str, str]:
    """The teams she may look at, by id: their names."""
    names = console.team_names()
    return {team: name for team, name in names.items() if lookout.everything or team in lookout.teams}


def whole_id(request: web.Request, name: str) -> int:
    """An id of the path, as its pattern lets it through."""
    return int(request.match_info[name])


def lookout_in(request: web.Request, who: Viewer) -> Lookout:
    """Of the one who asks."""
    return lookout_of(who, request.app[CONSOLE])
