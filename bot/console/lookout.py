"""How far may this person look at what was said? At the teams she leads or may read, within her regions."""

from __future__ import annotations

from aiohttp import web

from bot.console.access import Viewer
from bot.console.console import CONSOLE, Console
from bot.supervision import Lookout


def working_id(who: Viewer) -> str:
    """The id under which she serves customers: by it her conversations are reviewed, and she reviews."""
    return who.agent_id or who.id


def lookout_of(who: Viewer, console: Console) -> Lookout:
    """Who may look at every team sees all, also what only the bot served; others their teams'.

    Whoever is bound to regions sees of it what comes from there, and what she served herself.
    """
    teams = console.team_names()
    open_to_her = who.led | who.reads
    everything = bool(teams) and set(teams) <= open_to_her
    members: dict[str, set[str]] = {}
    for agent in who.everybody:
        for team in agent.teams:
            members.setdefault(team, set()).add(agent.id)
    by_team = {team: frozenset(people) for team, people in members.items()}
    return Lookout(working_id(who), everything, open_to_her, by_team, who.regions)


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
