"""What does each platform account need, and has it got it? The doctor's lines, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import aiohttp

from bot.archive_sources import archived
from bot.doctor_accounts import (
    check_callback,
    check_clock,
    check_kf,
    check_public_url,
    check_sending,
    check_server,
    check_token,
)
from bot.doctor_line import Finding
from bot.doctor_session_archive import check_session_archive
from bot.doctor_sidebar import check_sidebar
from bot.platform import PlatformClient, all_credentials
from bot.settings import Account, OfficialAccount, ServerSettings, Settings, WeComCorp


async def check_reach(
    settings: Settings, session: aiohttp.ClientSession, now: Callable[[], datetime]
) -> AsyncIterator[Finding]:
    """Can the platforms reach us, and do our clocks agree? Nothing where there is no account."""
    if not settings.accounts:
        return
    public_url = settings.server.public_url
    yield check_public_url(public_url, settings.accounts)
    yield await check_server(session, public_url)
    for api_base in sorted({account.api_base for account in settings.accounts}):
        clock = await check_clock(session, api_base, now(), settings.server.max_clock_skew_s)
        if clock is not None:
            yield clock


async def check_every_account(
    settings: Settings, session: aiohttp.ClientSession, now: Callable[[], datetime]
) -> AsyncIterator[Finding]:
    """Each account: its callback, its token, what it may call; then the session archives."""
    # No Redis: a token that another process bought would not prove that this address may buy one.
    platform = PlatformClient.build(session, all_credentials(settings.accounts), None, settings.limits, now=now)
    for account in settings.accounts:
        yield await check_callback(session, settings.server.public_url, account, now())
        token = await check_token(platform, account.name)
        yield token
        if token.ok:
            async for line in _check_calls(platform, settings.server, account):
                yield line
    for corp, access in archived(settings.accounts).values():
        async for line in check_session_archive(platform, corp, access, settings.archive.pull):
            yield line


async def _check_calls(platform: PlatformClient, server: ServerSettings, account: Account) -> AsyncIterator[Finding]:
    match account:
        case OfficialAccount():
            yield await check_sending(platform, account)
        case WeComCorp():
            async for line in check_kf(platform, account):
                yield line
            async for line in check_sidebar(platform, server, account):
                yield line
