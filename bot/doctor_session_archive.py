"""Can the WeCom session archive be read, and is all of it that was read open? One line for each thing it needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from archive.finance import FinanceError, PrivateKeys, advice_for, reason_advice
from bot.archive_settings import ArchivePullSettings
from bot.archive_sources import build_sdk, named_keys
from bot.archive_standing import Standing, Stores
from bot.doctor_accounts import check_token, failed
from bot.doctor_line import Finding, Line
from bot.platform import PlatformClient, PlatformError, archive_account
from bot.platform.calls import msgaudit
from bot.settings import ArchiveAccess, WeComCorp
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

HOUR_S = 3600


async def check_session_archive(
    platform: PlatformClient, corp: WeComCorp, access: ArchiveAccess, settings: ArchivePullSettings
) -> AsyncIterator[Finding]:
    """Library, keys, secret, and whose conversations are archived."""
    yield await check_library(corp, access, settings)
    yield await asyncio.to_thread(check_keys, corp.name, access)
    token = await check_token(platform, archive_account(corp.name))
    yield token
    if token.ok:
        yield await _check_permitted(platform, corp.name)


async def check_library(corp: WeComCorp, access: ArchiveAccess, settings: ArchivePullSettings) -> Finding:
    """Does the Finance SDK load, in the process that will run it?"""
    sdk = build_sdk(corp, access, settings, asyncio.sleep)
    try:
        await sdk.ready()
    except FinanceError as error:
        return Finding("sdk", "fails", False, {"account": corp.name, "error": str(error), "advice": error.advice})
    finally:
        await sdk.aclose()
    return Finding("sdk", "loads", True, {"account": corp.name, "library": access.library})


def check_keys(account: str, access: ArchiveAccess) -> Finding:
    """Can every private key be used?"""
    ring = PrivateKeys.read(named_keys(access))
    if ring.unusable:
        unusable = "; ".join(f"{version} {why}" for version, why in sorted(ring.unusable.items()))
        return Finding("keys", "unusable", False, {"account": account, "versions": unusable})
    if not ring.pems:
        return Finding("keys", "none", False, {"account": account})
    versions = ", ".join(map(str, sorted(ring.pems)))
    return Finding("keys", "usable", True, {"account": account, "versions": versions})


async def _check_permitted(platform: PlatformClient, account: str) -> Finding:
    try:
        reply = await platform.call(archive_account(account), msgaudit.get_permit_user_list())
    except PlatformError as error:
        return failed("members", error, account=account)
    ids = reply.get("ids")
    count = len(ids) if isinstance(ids, list) else 0
    if not count:
        return Finding("members", "nobody", False, {"account": account})
    return Finding("members", "some", True, {"account": account, "count": count})


async def check_standings(engine: AsyncEngine, stores: Stores) -> AsyncIterator[Line]:
    """How far behind is each archive, and what of it lies aside?"""
    try:
        async with read_only(engine).connect() as connection:
            standings = await stores.standings(connection)
    except (SQLAlchemyError, OSError):
        return  # said by the check of the database
    for each in standings:
        yield _lag(each)
        for reason, count in sorted(each.aside.items()):
            yield Line(f"{each.account}: archive aside", False, _aside(each, reason, count), reason_advice(reason))


def _lag(standing: Standing) -> Line:
    name = f"{standing.account}: archive"
    detail = f"read to seq {standing.seq}, at most {standing.lag_s / HOUR_S:.1f} h behind"
    if standing.error:
        advice = advice_for(standing.code) if standing.code else reason_advice("died")
        return Line(name, False, f"{detail}; last try: {standing.error}", advice)
    if standing.is_lagging:
        return Line(name, False, detail, "start a worker (xiaoer run or work); WeCom keeps messages for 5 days only")
    return Line(name, True, detail)


def _aside(standing: Standing, reason: str, count: int) -> str:
    wanted = ", ".join(map(str, sorted(standing.waiting))) if reason == "waiting_key" else ""
    return f"{count} messages: {reason}{f' (versions {wanted})' if wanted else ''}"
