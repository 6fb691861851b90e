"""Can WeCom show the chat sidebar? Its address, the app behind it, and the tickets that sign its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from yarl import URL

from bot.doctor_accounts import failed, is_local
from bot.doctor_line import Finding
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import js_sdk
from bot.settings import ServerSettings, WeComCorp
from bot.sidebar import PATH


async def check_sidebar(platform: PlatformClient, server: ServerSettings, account: WeComCorp) -> AsyncIterator[Finding]:
    """Nothing where the console is off: then there is no sidebar."""
    if not server.secret.get_secret_value():
        return
    yield check_address(server.public_url, account)
    yield await _check_app(platform, server.public_url, account)
    yield await _check_tickets(platform, account)


def check_address(public_url: str, account: WeComCorp) -> Finding:
    """WeCom opens pages over https only, at a name that can be a trusted domain; a simulator takes any."""
    url = URL(public_url)
    opens = is_local(account.api_base) or (url.scheme == "https" and not is_local(public_url))
    values = {"account": account.name, "page": f"{public_url}{PATH}/{account.name}"}
    return Finding("sidebar", "opens" if opens else "local", opens, values)


async def _check_app(platform: PlatformClient, public_url: str, account: WeComCorp) -> Finding:
    """Do agent_id and secret belong to one app, is it on, and is our domain its trusted one?"""
    try:
        app = await platform.call(account.name, js_sdk.agent_get(account.agent_id))
    except PlatformError as error:
        return failed("sidebar_app", error, account=account.name)
    if app.get("close"):
        return Finding("sidebar_app", "off", False, {"account": account.name})
    return _check_domain(account.name, app, URL(public_url))


def _check_domain(account: str, app: Mapping[str, object], url: URL) -> Finding:
    trusted = str(app.get("redirect_domain") or "")
    values = {"account": account, "domain": url.authority, "trusted": trusted, "app": app.get("name", "")}
    if not trusted:  # whoever neither signs in by WeCom nor has a sidebar needs none
        return Finding("sidebar_app", "not_set_up", True, values)
    if trusted not in {url.host, url.authority}:
        return Finding("sidebar_app", "other_domain", False, values)
    return Finding("sidebar_app", "trusted", True, values)


async def _check_tickets(platform: PlatformClient, account: WeComCorp) -> Finding:
    try:
        for call in (js_sdk.corp_ticket(), js_sdk.agent_ticket()):
            await platform.call(account.name, call)
    except PlatformError as error:
        return failed("sidebar_tickets", error, account=account.name)
    return Finding("sidebar_tickets", "sold", True, {"account": account.name})
