"""How is an access token bought? stable_token for official accounts, gettoken for corps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import aiohttp

from bot.platform.accounts import Credentials
from bot.platform.errors import Ambiguous, BadReply, Unreachable
from bot.platform.exchange import Request, encode_json, exchange, parse_reply
from bot.platform.limits import Limits
from bot.platform.tokens import FreshToken

MAX_WAIT_S = 2.0
LIVES_S = 7200  # what both platforms say when asked [W 91039]


class TokenEndpoint:
    """Buys tokens over HTTP. Its `fetch` is what TokenProvider is built with."""

    def __init__(self, session: aiohttp.ClientSession, limits: Limits, timeout_s: float) -> None:
        self._session = session
        self._limits = limits
        self._timeout_s = timeout_s

    async def fetch(self, credentials: Credentials, force: bool) -> FreshToken:  # noqa: FBT001 - one flag of the API
        """Buy a token; force: one that differs from the current one (official accounts only).

        Raises ApiError (wrong secret, IP not trusted…), RateLimited, and Unreachable for any network failure:
        buying twice does no harm, and nothing of the caller's own call was sent.
        """
        request = _REQUESTS[credentials.kind](credentials, force)
        await self._limits.admit(credentials, request.call, MAX_WAIT_S)
        secret = credentials.secret.get_secret_value()
        try:
            body = await exchange(self._session, request, self._timeout_s)
            reply = parse_reply(request, body, known=(secret,), buying_token=True)
            return _fresh_token(request, reply)
        except Ambiguous as error:
            fault = Unreachable(error.account, error.call, error.what)
        raise fault


def _fresh_token(request: Request, reply: Mapping[str, object]) -> FreshToken:
    value, lives_s = reply.get("access_token"), reply.get("expires_in", LIVES_S)
    if not isinstance(value, str) or not value or not isinstance(lives_s, int):
        raise BadReply(request.account, request.call, "no access_token in the reply; check api_base")
    return FreshToken(value, float(lives_s))


def _stable_token(credentials: Credentials, force: bool) -> Request:  # noqa: FBT001
    """POST, so the secret is in no URL; isolated from other users of cgi-bin/token [OA stable_token]."""
    fields = {
        "grant_type": "client_credential",
        "appid": credentials.app_id,
        "secret": credentials.secret.get_secret_value(),
        "force_refresh": force,
    }
    url = f"{credentials.api_base.rstrip('/')}/cgi-bin/stable_token"
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Request(credentials.account, "stable_token", "POST", url, {}, encode_json(fields), headers)


def _get_token(credentials: Credentials, _force: bool) -> Request:  # noqa: FBT001
    """GET only; the secret is in the query [W 91039]."""
    query = {"corpid": credentials.app_id, "corpsecret": credentials.secret.get_secret_value()}
    url = f"{credentials.api_base.rstrip('/')}/cgi-bin/gettoken"
    return Request(credentials.account, "gettoken", "GET", url, query)


_REQUESTS: Mapping[str, Callable[[Credentials, bool], Request]] = {
    "official_account": _stable_token,
    "wecom": _get_token,
}
