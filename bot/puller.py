"""How do 微信客服 messages come in? Page by page under a lease, cursor and page stored together [W 94670]."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.channels.base import BadPayload
from bot.channels.wecom_kf import WeComKfChannel
from bot.domain import Inbound
from bot.platform import PlatformClient, PlatformError, RateLimited
from bot.platform.calls import kf, kf_admin
from bot.settings import WorkSettings
from bot.store.news import News, Reading
from bot.store.views import StaleLease
from bot.wakeups import Wakeups
from handoff import AgentStatus, Desk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

RETRY_S = 2.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Puller:
    """Reads sync_msg until there is no more. channels: WeCom account → its 微信客服 channel."""

    news: News
    platform: PlatformClient
    channels: Mapping[str, WeComKfChannel]
    settings: WorkSettings
    wakeups: Wakeups
    now: Callable[[], datetime]
    reached: Callable[[str], None]

    async def discover(self, wanted: Mapping[str, tuple[str, ...]]) -> None:
        """Register every open_kfid to read: those in the settings, else all that the API may manage."""
        for account, named in wanted.items():
            try:
                listed = named or await self._list(account)
            except PlatformError as error:
                _log.warning("puller.discover_failed", account=account, error=error.outcome)
                continue
            await self.news.register(account, listed)

    async def meet_servicers(self, engine: AsyncEngine, desk: Desk) -> None:
        """Who receives in the WeCom client now: the events tell only of changes [W 94645]."""
        for account, open_kfid in await self.news.known():
            try:
                reply = await self.platform.call(account, kf_admin.servicer_list(open_kfid))
            except PlatformError as error:
                _log.warning("puller.servicers_unknown", account=account, error=error.outcome)
                continue
            listed = reply.get("servicer_list")
            async with engine.begin() as connection:
                silent = {each.id for each in await desk.agents(connection) if each.status_at is None}
                for servicer in listed if isinstance(listed, list) else []:
                    userid, receiving = str(servicer.get("userid", "")), servicer.get("status") == 0  # 1: stopped
                    suspended = servicer.get("stop_type") == 1
                    stopped = AgentStatus.AWAY if suspended else AgentStatus.OFF
                    if userid in silent or not receiving:  # what she said of herself since then holds
                        status = AgentStatus.READY if receiving else stopped
                        await desk.set_status(connection, userid, status, by="platform")

    async def pull(self, reading: Reading) -> None:
        """Read one claimed open_kfid to the end; a failure postpones it."""
        try:
            await self._read_all(reading)
        except StaleLease:
            _log.warning("puller.lease_lost", open_kfid=reading.open_kfid)
        except (PlatformError, BadPayload) as error:
            after = error.retry_after_s if isinstance(error, RateLimited) else RETRY_S
            name = error.outcome if isinstance(error, PlatformError) else "bad page"
            _log.warning("puller.failed", account=reading.account, open_kfid=reading.open_kfid, error=name)
            await self.news.postpone(reading, self.now() + timedelta(seconds=after), error=name)

    async def _read_all(self, reading: Reading) -> None:
        channel, cursor = self.channels[reading.account], reading.cursor
        while True:
            call = kf.sync_msg(reading.open_kfid, cursor=cursor, token=reading.token)
            reply = await self.platform.call(reading.account, call)
            page = channel.parse_page(json.dumps(dict(reply)).encode())
            self.reached("before_page_commit")
            cursor = page.next_cursor or cursor
            new = await self.news.store_page(
                reading, page.inbound, cursor=cursor, answerable=lambda message: self._answerable(reading, message)
            )
            self.reached("after_page_commit")
            if new:
                self.wakeups.ring(Wakeups.INBOX)
            if not page.has_more:  # an empty page may have more behind it; the flag decides, not the size
                await self.news.finish(reading)
                return

    def _answerable(self, reading: Reading, message: Inbound) -> bool:
        """On the very first reading, what was said long before we came is kept but not answered."""
        oldest = self.now() - timedelta(seconds=self.settings.skip_older_s)
        return reading.drained or message.sent_at >= oldest

    async def _list(self, account: str) -> tuple[str, ...]:
        found: list[str] = []
        while True:
            reply = await self.platform.call(account, kf_admin.account_list(offset=len(found), limit=100))
            listed = reply.get("account_list")
            page = [str(each["open_kfid"]) for each in listed] if isinstance(listed, list) else []
            found.extend(page)
            if len(page) < 100:  # noqa: PLR2004 - the page size asked for
                return tuple(found)
