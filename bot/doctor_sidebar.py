"""Can WeCom show the chat sidebar? Its address, the app behind it, and the tickets that sign its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from yarl import URL

from bot.doctor_accounts import failed, is_local
from bot.doctor_line import Line
from bot.platform import PlatformClient, PlatformError
from bot.platform.calls import js_sdk
from bot.settings import ServerSettings, WeComCorp
from bot.sidebar import PATH

_WHERE = "WeCom admin, 应用管理, this app"


async def check_sidebar(platform: PlatformClient, server: ServerSettings, account: WeComCorp) -> AsyncIterator[Line]:
    """Nothing where the console is off: then there is no sidebar."""
    if not server.secret.get_secret_value():
        return
    address = check_address(server.public_url, account)
    yield address
    yield await _check_app(platform, server.public_url, account)
    yield await _check_tickets(platform, account)


def check_address(public_url: str, account: WeComCorp) -> Line:
    """WeCom opens pages over https only, at a name that can be a trusted domain; a simulator takes any."""
    name, page = f"{account.name}: sidebar", f"{public_url}{PATH}/{account.name}"
    url = URL(public_url)
    if is_local(account.api_base) or (url.scheme == "https" and not is_local(public_url)):
        return Line(name, True, page, "its address for 聊天工具栏; setup: docs/console.md, The chat sidebar")
    advice = "set server.base_url to an https address with a domain of yours, or leave the sidebar out of WeCom"
    return Line(name, False, f"{page} cannot be opened inside WeCom", advice)


async def _check_app(platform: PlatformClient, public_url: str, account: WeComCorp) -> Line:
    """Do agent_id and secret belong to one app, is it on, and is our domain its trusted one?"""
    name = f"{account.name}: sidebar app"
    try:
        app = await platform.call(account.name, js_sdk.agent_get(account.agent_id))
    except PlatformError as error:
        return failed(name, error)
    if app.get("close"):
        return Line(name, False, "the app is switched off", f"{_WHERE}: switch it on")
    return _check_domain(name, app, URL(public_url))


def _check_domain(name: str, app: Mapping[str, object], url: URL) -> Line:
    trusted = str(app.get("redirect_domain") or "")
    remedy = f"{_WHERE}, 网页授权及 JS-SDK: make {url.authority} the 可信域名, and prove it is yours"
    if not trusted:  # whoever neither signs in by WeCom nor has a sidebar needs none
        return Line(name, True, "not set up: it has no trusted domain", remedy)
    if trusted not in {url.host, url.authority}:
        return Line(name, False, f"its trusted domain is {trusted}", remedy)
    return Line(name, True, f"{app.get('name', '')}, trusted domain {trusted}")


async def _check_tickets(platform: PlatformClient, account: WeComCorp) -> Line:
    name = f"{account.name}: sidebar tickets"
    try:
        for call in (js_sdk.corp_ticket(), js_sdk.agent_ticket()):
            await platform.call(account.name, call)
    except PlatformError as error:
        return failed(name, error)
    return Line(name, True, "the corp's and the app's are sold to us")
