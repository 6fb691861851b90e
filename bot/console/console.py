"""What does the workbench need from the rest of the house? One frozen value, kept in the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aiohttp import web

from bot.access import Access
from bot.api import Hooks, Tokens
from bot.desk_window import DeskWindow
from bot.sidebar import Sidebar
from bot.studio import Studio
from bot.supervision import Supervision
from bot.ticket_work import TicketWork
from bot.wakeups import Wakeups
from bot.wall_side import WallSide
from bot.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Console:
    """Everything the console's pages use.

    secret: signs login links and sessions, at least 32 bytes. now: UTC-aware. public_url: without a trailing slash.
    shop_name, agent_names, team_names: asked anew for each page, since content is replaced at run time; names by id.
    supervisors: likewise, the ids of those who supervise a team, by the id of each team.
    say: the shop's phrase of a name, e.g. "refusals.agent_full"; raises KeyError for an unknown name.
    tz: the time zone in which times are shown. access: people, sessions and the audit log.
    keepalive_s: how often a silent stream proves to be alive.
    """

    workbench: Workbench
    tickets: TicketWork
    window: DeskWindow
    wall_side: WallSide
    wakeups: Wakeups
    secret: bytes
    now: Callable[[], datetime]
    shop_name: Callable[[], str]
    public_url: str
    agent_names: Callable[[], Mapping[str, str]]
    team_names: Callable[[], Mapping[str, str]]
    supervisors: Callable[[], Mapping[str, tuple[str, ...]]]
    say: Callable[[str], str]
    tz: tzinfo
    studio: Studio
    tokens: Tokens
    hooks: Hooks
    access: Access
    supervision: Supervision
    sidebar: Sidebar
    keepalive_s: float = 15.0


CONSOLE: web.AppKey[Console] = web.AppKey("console", Console)
