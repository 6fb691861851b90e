"""Who may come in here? People, sessions and ways in, built of the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.access import Access, Audit, WeComSignIn, build_access
from bot.platform import PlatformClient
from bot.settings import Settings
from bot.sidebar import wecom_apps

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def build_audit(settings: Settings, now: Callable[[], datetime]) -> Audit:
    """The writer of the audit log."""
    return Audit(settings.server.secret.get_secret_value().encode(), now)


def build_access_side(
    settings: Settings, engine: AsyncEngine, now: Callable[[], datetime], platform: PlatformClient | None = None
) -> Access:
    """Build it. platform: asks WeCom who somebody is; commands need none."""
    apps = wecom_apps(settings)
    wecom = None
    if platform is not None and apps:
        wecom = WeComSignIn(platform, apps, settings.console.wecom_authorize_url, settings.console.wecom_qr_url)
    return build_access(engine, settings.console, build_audit(settings, now), wecom=wecom)
