"""How do we call a platform's API? One client for all accounts; everything else here is its parts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

import aiohttp
from redis.asyncio import Redis

from bot.channels.base import ApiCall
from bot.platform.accounts import Credentials
from bot.platform.attempts import Attempts, Task
from bot.platform.errors import BadReply, UnknownAccount
from bot.platform.exchange import Request, encode_json, exchange, parse_reply
from bot.platform.limits import Limits
from bot.platform.media import Media, MediaKind
from bot.platform.shared import SharedStore
from bot.platform.token_endpoint import TokenEndpoint
from bot.platform.tokens import TokenProvider
from bot.platform.transfer import download, upload_form
from bot.platform.usage import Usage, usage_of
from bot.settings import LimitSettings

MAX_WAIT_S = 2.0  # how long a call waits for a permit unless its caller says otherwise
_JSON = {"Content-Type": "application/json; charset=utf-8"}


class PlatformClient:
    """Calls of WeChat and WeCom APIs, by account name. Safe to share; it closes nothing it was given."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        accounts: Iterable[Credentials],
        tokens: TokenProvider,
        limits: Limits,
        settings: LimitSettings,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._session = session
        self._accounts = {credentials.account: credentials for credentials in accounts}
        self._tokens = tokens
        self._limits = limits
        self._attempts = Attempts(tokens, limits, sleep, jitter)
        self._timeout_s = settings.api_timeout_s

    @classmethod
    def build(
        cls,
        session: aiohttp.ClientSession,
        accounts: Iterable[Credentials],
        redis: Redis | None,
        settings: LimitSettings,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> Self:
        """The client with all its parts. redis=None works too: then each process counts for itself."""
        store = SharedStore(redis, now)
        limits = Limits(store, settings, now, sleep)
        endpoint = TokenEndpoint(session, limits, settings.api_timeout_s)
        tokens = TokenProvider(fetch=endpoint.fetch, store=store, now=now, sleep=sleep, jitter=jitter)
        return cls(session, accounts, tokens, limits, settings, sleep=sleep, jitter=jitter)

    async def call(self, account: str, call: ApiCall, *, max_wait_s: float = MAX_WAIT_S) -> Mapping[str, object]:
        """Perform one call and return the platform's JSON object (errcode 0 or absent).

        account: name in the settings. max_wait_s: how long to wait for a permit of the rate limits.
        Raises ApiError (refused; category and advice tell why), RateLimited, Unreachable (nothing was sent),
        Ambiguous (sent, outcome unknown; repeatable calls were retried), UnknownAccount.
        """
        credentials = self._credentials(account, call.name)
        body = None if call.json is None else encode_json(call.json)
        task = Task(credentials, call.name, call.repeatable, max_wait_s)

        async def attempt(token: str) -> Mapping[str, object]:
            query = {**(call.query or {}), "access_token": token}
            headers = None if body is None else _JSON
            request = Request(account, call.name, call.method, _url(credentials, call.path), query, body, headers)
            reply = await exchange(self._session, request, self._timeout_s)
            return parse_reply(request, reply, known=_secrets(credentials, token))

        return await self._attempts.run(task, attempt)

    async def usage(self) -> tuple[Usage, ...]:
        """What of each account's limits is used now."""
        return tuple([use for each in self._accounts.values() for use in await usage_of(self._limits, each)])

    async def check_token(self, account: str) -> None:
        """Prove that the account's secret buys a token (xiaoer doctor). Raises PlatformError."""
        await self._tokens.token(self._credentials(account, "token"))

    async def fetch_media(
        self,
        account: str,
        media_id: str,
        *,
        kind: MediaKind,
        limit_bytes: int,
        path: Path,
        max_wait_s: float = MAX_WAIT_S,
    ) -> Media:
        """Download what a customer sent into `path`, before it expires (3 days) [W 90254].

        limit_bytes: LimitSettings.<kind>_bytes.
        Raises MediaRejected (too_large, empty, wrong_type) and what `call` raises.
        """
        credentials = self._credentials(account, "media/get")
        task = Task(credentials, "media/get", repeatable=True, max_wait_s=max_wait_s)

        async def attempt(token: str) -> Media:
            query = {"access_token": token, "media_id": media_id}
            request = Request(account, "media/get", "GET", _url(credentials, "/cgi-bin/media/get"), query)
            return await download(
                self._session,
                request,
                kind=kind,
                limit_bytes=limit_bytes,
                path=path,
                timeout_s=self._timeout_s,
                known=_secrets(credentials, token),
            )

        return await self._attempts.run(task, attempt)

    async def upload_media(
        self,
        account: str,
        kind: Literal["image", "voice", "video", "file"],
        filename: str,
        data: bytes,
        *,
        max_wait_s: float = MAX_WAIT_S,
    ) -> str:
        """Upload a temporary material (kept 3 days) and return its media_id [W 90253]."""
        credentials = self._credentials(account, "media/upload")
        # a second copy harms nobody, so an ambiguous upload may be repeated
        task = Task(credentials, "media/upload", repeatable=True, max_wait_s=max_wait_s)

        async def attempt(token: str) -> str:
            query = {"access_token": token, "type": kind}
            # a new form for every attempt: a form can be read only once
            form = upload_form(filename, data)
            request = Request(account, "media/upload", "POST", _url(credentials, "/cgi-bin/media/upload"), query, form)
            body = await exchange(self._session, request, self._timeout_s * 4)
            media_id = parse_reply(request, body, known=_secrets(credentials, token)).get("media_id")
            if not isinstance(media_id, str):
                raise BadReply(account, "media/upload", "no media_id in the reply")
            return media_id

        return await self._attempts.run(task, attempt)

    def _credentials(self, account: str, call: str) -> Credentials:
        if account not in self._accounts:
            raise UnknownAccount(account, call)
        return self._accounts[account]


def _url(credentials: Credentials, path: str) -> str:
    return f"{credentials.api_base.rstrip('/')}{path}"


def _secrets(credentials: Credentials, token: str) -> tuple[str, ...]:
    return (token, credentials.secret.get_secret_value())
