"""What is the console given? The workbench and the tickets, and what the shop calls its people and teams now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from bot.console import Console
from bot.content.minds import Minds
from bot.settings import ServerSettings
from bot.supervision import Supervision
from bot.ticket_work import TicketWork
from bot.workbench import Workbench

DEFAULT_ZONE: Final = ZoneInfo("Asia/Shanghai")  # until the shop's is known


def build_console(
    workbench: Workbench, tickets: TicketWork, supervision: Supervision, minds: Minds, server: ServerSettings
) -> Console:
    """Build it."""

    def shop_name() -> str:
        return minds.current().shop.name

    def agent_names() -> Mapping[str, str]:
        return {agent.id: agent.name for agent in minds.current().shop.policy.agents}

    def team_names() -> Mapping[str, str]:
        return {team.id: team.name for team in minds.current().shop.policy.teams}

    def supervisors() -> Mapping[str, tuple[str, ...]]:
        return {team.id: team.supervisors for team in minds.current().shop.policy.teams}

    def say(name: str) -> str:
        return minds.current().shop.phrases.say(name)

    return Console(
        workbench=workbench,
        tickets=tickets,
        wakeups=tickets.wakeups,
        secret=server.secret.get_secret_value().encode(),
        now=tickets.now,
        shop_name=shop_name,
        public_url=server.public_url,
        agent_names=agent_names,
        team_names=team_names,
        supervisors=supervisors,
        say=say,
        tz=minds.current().shop.timezone if minds.is_ready else DEFAULT_ZONE,
        supervision=supervision,
    )
