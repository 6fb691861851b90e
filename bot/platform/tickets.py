"""Which ticket signs a page for WeCom's JS-SDK now? Bought seldom, kept like access tokens, renewed when refused."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from redis.asyncio import Redis

from bot.channels.base import ApiCall
from bot.platform.accounts import Credentials
from bot.platform.calls.js_sdk import agent_ticket, corp_ticket
from bot.platform.client import PlatformClient
from bot.platform.errors import BadReply, UnknownAccount
from bot.platform.shared import SharedStore
from bot.platform.token_endpoint import LIVES_S
from bot.platform.tokens import FreshToken, TokenProvider

RENEW_EVERY_S: Final = 3_600 / 100  # an app may buy 100 tickets an hour [W 96909]


class TicketKind(StrEnum):
    """What is signed: `config`, for the corp, or `agentConfig`, for the app. Neither ticket serves for the other."""

    CORP = "corp"
    AGENT = "agent"


_CALLS: Final = {TicketKind.CORP: corp_ticket(), TicketKind.AGENT: agent_ticket()}


class Tickets:
    """Tickets by account. Safe to share; all callers and processes use one until it expires."""

    def __init__(
        self,
        platform: PlatformClient,
        accounts: Iterable[Credentials],
        redis: Redis | None,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """platform: buys them, within its limits. redis=None works too: then each process buys its own."""
        self._platform = platform
        self._accounts = {credentials.account: credentials for credentials in accounts}
        self._now = now
        store = SharedStore(redis, now)
        self._kept = {
            kind: TokenProvider(
                fetch=self._buyer(call), store=store, now=now, sleep=sleep, jitter=jitter, what=f"{kind.value}-ticket"
            )
            for kind, call in _CALLS.items()
        }
        self._renewed_at: dict[tuple[str, TicketKind], datetime] = {}

    async def ticket(self, account: str, kind: TicketKind) -> str:
        """A ticket that nobody has refused so far. Raises PlatformError."""
        return await self._kept[kind].token(self._credentials(account, kind))

    async def renewed(self, account: str, kind: TicketKind) -> str:
        """WeCom refused what was signed with this ticket: another one, unless it was renewed just now.

        A page whose address is not trusted is refused with every ticket, so it must not use up the hour's purchases.
        """
        credentials, now = self._credentials(account, kind), self._now()
        last = self._renewed_at.get((account, kind))
        if last is None or now - last >= timedelta(seconds=RENEW_EVERY_S):
            self._renewed_at[account, kind] = now
            await self._kept[kind].invalidate(credentials, await self.ticket(account, kind))
        return await self.ticket(account, kind)

    def _buyer(self, call: ApiCall) -> Callable[[Credentials, bool], Awaitable[FreshToken]]:
        async def buy(credentials: Credentials, _force: bool) -> FreshToken:  # noqa: FBT001 - as TokenProvider asks
            reply = await self._platform.call(credentials.account, call)
            value, lives_s = reply.get("ticket"), reply.get("expires_in", LIVES_S)
            if not isinstance(value, str) or not value or not isinstance(lives_s, int):
                raise BadReply(credentials.account, call.name, "no ticket in the reply; check api_base")
            return FreshToken(value, float(lives_s))

        return buy

    def _credentials(self, account: str, kind: TicketKind) -> Credentials:
        if account not in self._accounts:
            raise UnknownAccount(account, _CALLS[kind].name)
        return self._accounts[account]
