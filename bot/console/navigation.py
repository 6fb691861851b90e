"""Which modules does the console have, and which of them does somebody see? The left rail, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.access import Right
from bot.console.access import Viewer
from bot.console.catalogue import text


@dataclass(frozen=True, slots=True)
class Module:
    """One entry of the rail. icon: a name of static/icons.svg. current: its page is open."""

    name: str
    path: str
    icon: str
    title: str
    current: bool


_MODULES: Final = (
    ("workbench", "/console/", "messages", Right.DESK_WORK),
    ("wall", "/console/wall", "wall", Right.WALL_SEE),
    ("archive", "/console/archive", "archive", Right.ARCHIVE_READ),
    ("reviews", "/console/reviews", "checklist", Right.REVIEW_APPEAL),
    ("reports", "/console/reports", "chart", Right.REPORT_SEE),
    ("scripts", "/console/scripts", "book", Right.SCRIPT_READ),
    ("gaps", "/console/gaps", "help", Right.SCRIPT_WRITE),
    ("understanding", "/console/understanding", "bulb", Right.SCRIPT_WRITE),
    ("rules", "/console/rules", "route", Right.RULE_READ),
    ("trial", "/console/trial", "flask", Right.TRIAL_RUN),
    ("accounts", "/console/accounts", "plug", Right.ACCOUNT_SEE),
    ("people", "/console/people", "users", Right.PEOPLE_WRITE),
    ("connect", "/console/connect", "api", Right.CONNECT),
    ("audit", "/console/audit", "shield", Right.AUDIT_READ),
)


def modules(who: Viewer, path: str) -> tuple[Module, ...]:
    """The modules whose pages this viewer may open."""
    return tuple(
        Module(name, at, icon, text(f"modules.{name}"), current=_is_at(path, at))
        for name, at, icon, right in _MODULES
        if who.may(right)
    )


def _is_at(path: str, at: str) -> bool:
    if at == "/console/":
        return path == at or path.startswith("/console/tickets/")
    return path == at or path.startswith(f"{at}/")
