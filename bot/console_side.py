"""What is the console given? The workbench and the tickets, and what the shop calls its people and teams now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

import knowledge_base
from bot.access import Access
from bot.api_side import ApiSide
from bot.console import Console
from bot.content.minds import Minds
from bot.desk_window import DeskWindow
from bot.settings import ServerSettings
from bot.sidebar import Sidebar
from bot.store.tables import METADATA, Instant
from bot.studio import build_studio
from bot.supervision import Supervision
from bot.wall_side import WallGround, build_wall_side
from bot.workbench import Workbench

DEFAULT_ZONE: Final = ZoneInfo("Asia/Shanghai")  # until the shop's is known


def build_console(
    workbench: Workbench,
    window: DeskWindow,
    minds: Minds,
    server: ServerSettings,
    *,
    access: Access,
    api_side: ApiSide,
    supervision: Supervision,
    sidebar: Sidebar,
    ground: WallGround,
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
        tickets=window.tickets,
        window=window,
        wall_side=build_wall_side(ground, workbench, access.audit, zone=lambda: minds.current().shop.timezone),
        wakeups=window.tickets.wakeups,
        secret=server.secret.get_secret_value().encode(),
        now=window.tickets.now,
        shop_name=shop_name,
        public_url=server.public_url,
        agent_names=agent_names,
        team_names=team_names,
        supervisors=supervisors,
        say=say,
        studio=build_studio(minds, knowledge_base.define(METADATA, Instant()), window.tickets.wakeups, access.audit),
        tokens=api_side.api.tokens,
        hooks=api_side.hooks,
        access=access,
        supervision=supervision,
        sidebar=sidebar,
        tz=minds.current().shop.timezone if minds.is_ready else DEFAULT_ZONE,
    )
