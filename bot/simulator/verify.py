"""Is a callback URL the shop's own? The platform asks once, when the URL is configured (wechat-platform §1.1)."""

from __future__ import annotations

import asyncio

import aiohttp

from bot.simulator.corp import Corp
from bot.simulator.envelope import seal_echo, sign
from bot.simulator.official import OfficialAccount
from bot.simulator.realm import Realm
from bot.simulator.values import epoch

HTTP_OK = 200
WECOM_WITHIN_S = 1.0  # §1.1: within 1 s


async def verify_callback(realm: Realm, account: OfficialAccount | Corp) -> bool:
    """GET the URL with an echostr; True where it comes back bare: no quotes, no BOM, no line break."""
    timestamp, nonce, echo = str(epoch(realm.now())), realm.ids.fresh(chars=10), str(realm.ids.number(19))
    if isinstance(account, Corp):
        query, within = seal_echo(account, echo, timestamp=timestamp, nonce=nonce), WECOM_WITHIN_S
    else:
        signature = sign(account.token, timestamp, nonce)
        query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        within = realm.limits.answer_within_s
    try:
        async with asyncio.timeout(within):
            async with realm.postman.session.get(account.callback_url, params=query) as response:
                return response.status == HTTP_OK and await response.read() == echo.encode()
    except (TimeoutError, aiohttp.ClientError):
        return False
