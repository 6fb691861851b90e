"""Which calls tell who works here? Members, departments, and who stands behind an OAuth code."""

from __future__ import annotations

from bot.channels.base import ApiCall
from bot.platform.calls._build import get, post


def user_get(userid: str) -> ApiCall:
    """One member of the visible range: name, department, status… [W 90196]."""
    return get("user/get", {"userid": userid})


def user_simplelist(department_id: int) -> ApiCall:
    """Members of a department: userlist[{userid, name, department}] [W 90200]."""
    return get("user/simplelist", {"department_id": str(department_id)})


def department_list(department_id: int | None = None) -> ApiCall:
    """The departments below one, or all visible ones: department[] [W 90208]."""
    return get("department/list", None if department_id is None else {"id": str(department_id)})


def get_user_info(code: str) -> ApiCall:
    """Who logged in: userid (and user_ticket), or openid for outsiders [W 91023].

    Not repeatable: a code works once, for 5 minutes (40029, 42022).
    """
    return get("auth/getuserinfo", {"code": code}, repeatable=False)


def get_user_detail(user_ticket: str) -> ApiCall:
    """Avatar, mobile, mail of a member who consented (snsapi_privateinfo) [W 95833]."""
    return post("auth/getuserdetail", {"user_ticket": user_ticket}, repeatable=True)


def get_callback_ip() -> ApiCall:
    """Addresses callbacks come from: ip_list [W 90930]."""
    return get("getcallbackip")


def get_api_domain_ip() -> ApiCall:
    """Addresses of the API: ip_list. Cheap, so also the probe of `xiaoer doctor` [W 92520]."""
    return get("get_api_domain_ip")
