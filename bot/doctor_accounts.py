"""Can we reach the platforms, and they us? One line for each thing an account needs."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address

import aiohttp
from wechatpy.utils import WeChatSigner
from yarl import URL

from bot.channels.crypto import Seal
from bot.delivery.send import NO_SENDING_API
from bot.doctor_line import Line
from bot.plans import NOBODY
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import kf_admin
from bot.platform.calls import official_account as oa
from bot.settings import Account, OfficialAccount, WeComCorp

ANSWER_S = 5.0  # the platforms wait no longer for a callback's answer (wechat-platform §1.3)
RECEIVING = 0  # status of a servicer (wechat-platform §2.5)
OFF = frozenset({Category.TOKEN, Category.NETWORK_IP, Category.PERMISSION})
NETWORK = "check the network, the proxy and api_base"


@dataclass(frozen=True, slots=True)
class Answered:
    """What an HTTP request of ours got. status 0: nothing; text then names what went wrong."""

    status: int
    text: str
    date: str = ""


async def check_token(platform: PlatformClient, account: str) -> Line:
    """Does the account's secret buy a token from this address?"""
    try:
        await platform.check_token(account)
    except PlatformError as error:
        return failed(f"{account}: token", error)
    return Line(f"{account}: token", True, "bought")


async def check_sending(platform: PlatformClient, account: OfficialAccount) -> Line:
    """May the official account use the sending API, as its `answering` wants?"""
    name = f"{account.name}: sending API"
    if account.answering == "passive":
        return Line(name, True, "not needed: answering is passive")
    try:
        await platform.call(account.name, oa.typing(NOBODY))
    except ApiError as error:
        if error.code == NO_SENDING_API and account.answering == "auto":
            return Line(name, True, "not granted: answers leave inside the callback's response")
        if error.code == NO_SENDING_API:
            return Line(name, False, "not granted", 'set answering = "auto", or have the account verified (认证)')
        if error.category in OFF:
            return failed(name, error)
    except PlatformError as error:
        return failed(name, error)
    return Line(name, True, "granted")


async def check_kf(platform: PlatformClient, account: WeComCorp) -> AsyncIterator[Line]:
    """Which 微信客服 accounts may the API manage, and does anybody serve behind them?"""
    name = f"{account.name}: 微信客服"
    try:
        listed = await _kf_accounts(platform, account.name)
    except PlatformError as error:
        yield failed(name, error)
        return
    wanted = account.open_kfids or tuple(listed)
    if not wanted:
        yield Line(name, False, "the API may manage no service account", _TICK)
    for open_kfid in wanted:
        if not listed.get(open_kfid, False):
            state = "not managed by API" if open_kfid in listed else "unknown to the corp, or hidden from the app"
            yield Line(f"{name} {open_kfid}", False, state, _TICK)
        else:
            yield await _check_servicers(platform, account, open_kfid)


_TICK = "WeCom admin, 微信客服: tick it under 通过 API 管理 for this app, and add the app to 可调用接口的应用"


async def _kf_accounts(platform: PlatformClient, account: str) -> Mapping[str, bool]:
    """open_kfid → whether the API may manage it. Raises PlatformError."""
    found: dict[str, bool] = {}
    while True:
        reply = await platform.call(account, kf_admin.account_list(offset=len(found)))
        page = reply.get("account_list")
        entries = page if isinstance(page, list) else []
        found |= {str(each["open_kfid"]): bool(each.get("manage_privilege", True)) for each in entries}
        if len(entries) < kf_admin.PAGE:
            return found


async def _check_servicers(platform: PlatformClient, account: WeComCorp, open_kfid: str) -> Line:
    name = f"{account.name}: 微信客服 {open_kfid}"
    try:
        reply = await platform.call(account.name, kf_admin.servicer_list(open_kfid))
    except PlatformError as error:
        return failed(name, error)
    listed = reply.get("servicer_list")
    people = listed if isinstance(listed, list) else []
    if not people and account.handoff == "client":
        advice = 'add servicers (接待人员) in WeCom admin, or set handoff = "console" to serve in the workbench'
        return Line(name, False, "nobody serves", advice)
    receiving = sum(each.get("status", RECEIVING) == RECEIVING for each in people)
    hint = "" if receiving or account.handoff == "console" else "nobody receives now: they start in WeCom"
    return Line(name, True, f"managed; {len(people)} servicers, {receiving} receiving", hint)


def check_public_url(public_url: str, accounts: Sequence[Account]) -> Line:
    """Can the address we tell the platforms be one they reach?"""
    if not is_local(public_url) or all(is_local(account.api_base) for account in accounts):
        return Line("base_url", True, public_url)
    advice = "set server.base_url to the https address that leads here from outside"
    return Line("base_url", False, f"{public_url} cannot be reached by the platforms", advice)


async def check_server(session: aiohttp.ClientSession, public_url: str) -> Line:
    """Does the running server answer at its public address?"""
    answered = await _get(session, f"{public_url}/healthz")
    if answered.status == HTTPStatus.OK:
        return Line("server", True, f"{public_url}/healthz answers")
    if not answered.status or answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        what = answered.text if not answered.status else f"HTTP {answered.status}"
        advice = "start it (xiaoer run); then check server.base_url, DNS, the proxy and the firewall"
        return Line("server", False, f"{public_url}/healthz: {what}", advice)
    return Line("server", True, f"{public_url} answers; /healthz is hidden by HTTP {answered.status}")


async def check_callback(
    session: aiohttp.ClientSession, public_url: str, account: OfficialAccount | WeComCorp, now: datetime
) -> Line:
    """Would the platform's URL verification succeed? We perform it ourselves, with the account's own keys."""
    name = f"{account.name}: callback"
    url, echo = f"{public_url}/callbacks/{account.name}", secrets.token_hex(8)
    answered = await _get(session, url, query=_verification(account, echo, now))
    if answered.status == HTTPStatus.OK and answered.text == echo:
        return Line(name, True, f"{url} answers as the platform wants")
    match answered.status:
        case 0:
            return Line(name, False, f"{url}: {answered.text}", "start it (xiaoer run), and let /callbacks/ through")
        case HTTPStatus.OK:
            advice = "something else answers there: let the proxy pass /callbacks/ to xiaoer unchanged"
            return Line(name, False, f"{url} does not echo", advice)
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.BAD_REQUEST:
            advice = (
                "it runs with another token or encoding_aes_key, or its clock is wrong: restart it with these settings"
            )
            return Line(name, False, f"{url} refuses our signature", advice)
        case HTTPStatus.NOT_FOUND:
            return Line(name, False, f"{url}: HTTP 404", "restart it with these settings; let /callbacks/ through")
        case status:
            return Line(name, False, f"{url}: HTTP {status}", "let the proxy pass /callbacks/ to xiaoer unchanged")


async def check_clock(session: aiohttp.ClientSession, api_base: str, now: datetime, max_skew_s: int) -> Line | None:
    """Does our clock agree with the platform's? None where the platform does not tell the time."""
    answered = await _get(session, api_base)
    try:
        theirs = parsedate_to_datetime(answered.date)
    except ValueError:
        return None
    skew_s = round((now - theirs).total_seconds())
    if abs(skew_s) * 2 > max_skew_s:
        detail = f"{abs(skew_s)} s {'ahead of' if skew_s > 0 else 'behind'} {URL(api_base).host}"
        return Line("clock", False, detail, "set this machine's clock by NTP: callbacks will be refused as stale")
    return Line("clock", True, f"within {abs(skew_s)} s of {URL(api_base).host}")


def _verification(account: OfficialAccount | WeComCorp, echo: str, now: datetime) -> Mapping[str, str]:
    """The query of the platform's URL verification (wechat-platform §1.1)."""
    match account:
        case OfficialAccount():
            timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
            signer = WeChatSigner()
            signer.add_data(account.token.get_secret_value(), timestamp, nonce)
            return {"signature": str(signer.signature), "timestamp": timestamp, "nonce": nonce, "echostr": echo}
        case WeComCorp():
            keys = (account.encoding_aes_key.get_secret_value(),)
            token = account.token.get_secret_value()
            sealed = Seal(token=token, keys=keys, receive_id=account.corp_id, max_skew_s=0).seal(echo, 0, now)
            return {
                "msg_signature": str(sealed["MsgSignature"]),
                "timestamp": str(sealed["TimeStamp"]),
                "nonce": str(sealed["Nonce"]),
                "echostr": str(sealed["Encrypt"]),
            }


async def _get(session: aiohttp.ClientSession, url: str, query: Mapping[str, str] | None = None) -> Answered:
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    try:
        async with session.get(url, params=query, timeout=timeout, allow_redirects=False) as response:
            text = await response.text(errors="replace")
            return Answered(response.status, text, response.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Answered(0, type(error).__name__)


def failed(name: str, error: PlatformError) -> Line:
    """What the platform said, and what to do."""
    match error:
        case ApiError():
            return Line(name, False, f"errcode {error.code} {error.message}", error.advice)
        case _:
            return Line(name, False, error.what, NETWORK)


def is_local(url: str) -> bool:
    """Does the address lead to this machine, or into a private network?"""
    host = URL(url).host or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
