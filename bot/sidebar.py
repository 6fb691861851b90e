"""What does the chat sidebar inside WeCom stand on? The apps it is opened by, and who signs its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.access import WeComApp
from bot.js_signing import JsSigner
from bot.platform import PlatformClient, Tickets, all_credentials
from bot.settings import Settings, WeComCorp

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATH: Final = "/console/sidebar"


@dataclass(frozen=True, slots=True)
class Sidebar:
    """apps: by account, whose chats it stands beside. frame: who else than WeCom may show it, "" for nobody."""

    apps: Mapping[str, WeComApp]
    signer: JsSigner
    frame: str = ""


def wecom_apps(settings: Settings) -> Mapping[str, WeComApp]:
    """The self-built apps of the settings, by account."""
    return {
        account.name: WeComApp(account.name, account.corp_id, account.agent_id)
        for account in settings.accounts
        if isinstance(account, WeComCorp)
    }


def build_sidebar(
    settings: Settings, platform: PlatformClient, redis: Redis | None, now: Callable[[], datetime]
) -> Sidebar:
    """Build it of the settings."""
    tickets = Tickets(platform, all_credentials(settings.accounts), redis, now=now)
    signer = JsSigner(tickets, f"{settings.server.public_url}{PATH}", now)
    return Sidebar(wecom_apps(settings), signer, settings.console.sidebar_frame)
