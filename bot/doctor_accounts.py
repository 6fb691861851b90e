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
from bot.doctor_line import Finding
from bot.plans import NOBODY
from bot.platform import ApiError, Category, PlatformClient, PlatformError
from bot.platform.calls import kf_admin
from bot.platform.calls import official_account as oa
from bot.settings import Account, OfficialAccount, WeComCorp

ANSWER_S = 5.0  # the platforms wait no longer for a callback's answer (wechat-platform §1.3)
RECEIVING = 0  # status of a servicer (wechat-platform §2.5)
OFF = frozenset({Category.TOKEN, Category.NETWORK_IP, Category.PERMISSION})


@dataclass(frozen=True, slots=True)
class Answered:
    """What an HTTP request of ours got. status 0: nothing; text then names what went wrong."""

    status: int
    text: str
    date: str = ""


async def check_token(platform: PlatformClient, account: str) -> Finding:
    """Does the account's secret buy a token from this address?"""
    try:
        await platform.check_token(account)
    except PlatformError as error:
        return failed("token", error, account=account)
    return Finding("token", "bought", True, {"account": account})


async def check_sending(platform: PlatformClient, account: OfficialAccount) -> Finding:
    """May the official account use the sending API, as its `answering` wants?"""
    of = {"account": account.name}
    if account.answering == "passive":
        return Finding("sending", "passive", True, of)
    try:
        await platform.call(account.name, oa.typing(NOBODY))
    except ApiError as error:
        if error.code == NO_SENDING_API and account.answering == "auto":
            return Finding("sending", "inline", True, of)
        if error.code == NO_SENDING_API:
            return Finding("sending", "not_granted", False, of)
        if error.category in OFF:
            return failed("sending", error, account=account.name)
    except PlatformError as error:
        return failed("sending", error, account=account.name)
    return Finding("sending", "granted", True, of)


async def check_kf(platform: PlatformClient, account: WeComCorp) -> AsyncIterator[Finding]:
    """Which 微信客服 accounts may the API manage, and does anybody serve behind them?"""
    try:
        listed = await _kf_accounts(platform, account.name)
    except PlatformError as error:
        yield failed("kf", error, account=account.name)
        return
    wanted = account.open_kfids or tuple(listed)
    if not wanted:
        yield Finding("kf", "none", False, {"account": account.name})
    for open_kfid in wanted:
        if not listed.get(open_kfid, False):
            state = "not_managed" if open_kfid in listed else "hidden"
            yield Finding("kf_account", state, False, {"account": account.name, "open_kfid": open_kfid})
        else:
            yield await _check_servicers(platform, account, open_kfid)


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


async def _check_servicers(platform: PlatformClient, account: WeComCorp, open_kfid: str) -> Finding:
    of = {"account": account.name, "open_kfid": open_kfid}
    try:
        reply = await platform.call(account.name, kf_admin.servicer_list(open_kfid))
    except PlatformError as error:
        return failed("kf_account", error, **of)
    listed = reply.get("servicer_list")
    people = listed if isinstance(listed, list) else []
    if not people and account.handoff == "client":
        return Finding("kf_account", "nobody", False, of)
    receiving = sum(each.get("status", RECEIVING) == RECEIVING for each in people)
    what = "served" if receiving or account.handoff == "console" else "nobody_receives"
    return Finding("kf_account", what, True, {**of, "servicers": len(people), "receiving": receiving})


def check_public_url(public_url: str, accounts: Sequence[Account]) -> Finding:
    """Can the address we tell the platforms be one they reach?"""
    if not is_local(public_url) or all(is_local(account.api_base) for account in accounts):
        return Finding("base_url", "public", True, {"url": public_url})
    return Finding("base_url", "local", False, {"url": public_url})


async def check_server(session: aiohttp.ClientSession, public_url: str) -> Finding:
    """Does the running server answer at its public address?"""
    answered = await _get(session, f"{public_url}/healthz")
    if answered.status == HTTPStatus.OK:
        return Finding("server", "answers", True, {"url": public_url})
    if not answered.status or answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        what = answered.text if not answered.status else f"HTTP {answered.status}"
        return Finding("server", "silent", False, {"url": public_url, "error": what})
    return Finding("server", "hidden", True, {"url": public_url, "status": answered.status})


async def check_callback(
    session: aiohttp.ClientSession, public_url: str, account: OfficialAccount | WeComCorp, now: datetime
) -> Finding:
    """Would the platform's URL verification succeed? We perform it ourselves, with the account's own keys."""
    url, echo = f"{public_url}/callbacks/{account.name}", secrets.token_hex(8)
    answered = await _get(session, url, query=_verification(account, echo, now))
    values = {"account": account.name, "url": url, "error": answered.text, "status": answered.status}
    what = _callback_answered(answered, echo)
    return Finding("callback", what, what == "answers", values)


def _callback_answered(answered: Answered, echo: str) -> str:
    match answered.status:
        case 0:
            return "silent"
        case HTTPStatus.OK:
            return "answers" if answered.text == echo else "no_echo"
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.BAD_REQUEST:
            return "refuses"
        case HTTPStatus.NOT_FOUND:
            return "unknown"
        case _:
            return "status"


async def check_clock(session: aiohttp.ClientSession, api_base: str, now: datetime, max_skew_s: int) -> Finding | None:
    """Does our clock agree with the platform's? None where the platform does not tell the time."""
    answered = await _get(session, api_base)
    try:
        theirs = parsedate_to_datetime(answered.date)
    except ValueError:
        return None
    skew_s = round((now - theirs).total_seconds())
    values = {"seconds": abs(skew_s), "host": URL(api_base).host}
    if abs(skew_s) * 2 > max_skew_s:
        return Finding("clock", "ahead" if skew_s > 0 else "behind", False, values)
    return Finding("clock", "right", True, values)


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


def failed(check: str, error: PlatformError, **of: object) -> Finding:
    """What a check says that a platform did not answer. of: what the check's name names."""
    match error:
        case ApiError():
            values = {"code": error.code, "message": error.message, "advice": error.advice}
            return Finding(check, "refused", False, {**of, **values})
        case _:
            return Finding(check, "unreachable", False, {**of, "error": error.what})


def is_local(url: str) -> bool:
    """Does the address lead to this machine, or into a private network?"""
    host = URL(url).host or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
