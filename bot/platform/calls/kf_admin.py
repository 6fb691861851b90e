"""Which calls run 微信客服 itself? Accounts, their links, servicers, statistics."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.channels.base import ApiCall
from bot.platform.calls._build import at_most, get, given, post

PAGE = 100
SERVICERS = 100
DEPARTMENTS = 20


def account_list(offset: int = 0, limit: int = PAGE) -> ApiCall:
    """The kf accounts: account_list[{open_kfid, name, avatar, manage_privilege}] [W 94661]."""
    return post("kf/account/list", {"offset": offset, "limit": limit}, repeatable=True)


def account_add(name: str, media_id: str) -> ApiCall:
    """Create an account (name ≤ 16 characters, media_id: its picture); answers open_kfid."""
    return post("kf/account/add", {"name": name, "media_id": media_id})


def account_update(open_kfid: str, *, name: str = "", media_id: str = "") -> ApiCall:
    """Change name or picture."""
    return post("kf/account/update", {"open_kfid": open_kfid, **given(name=name, media_id=media_id)}, repeatable=True)


def account_del(open_kfid: str) -> ApiCall:
    """Delete an account."""
    return post("kf/account/del", {"open_kfid": open_kfid})


def add_contact_way(open_kfid: str, scene: str = "") -> ApiCall:
    """The account's link; scene (≤ 32 bytes of 0-9a-zA-Z_-) comes back in enter_session. Repeating gives it again."""
    return post("kf/add_contact_way", {"open_kfid": open_kfid, **given(scene=scene)}, repeatable=True)


def servicer_add(open_kfid: str, userids: Sequence[str] = (), department_ids: Sequence[int] = ()) -> ApiCall:
    """Let members or departments serve; answers result_list with one errcode each [W 94646]."""
    return post("kf/servicer/add", _servicers(open_kfid, userids, department_ids), repeatable=True)


def servicer_del(open_kfid: str, userids: Sequence[str] = (), department_ids: Sequence[int] = ()) -> ApiCall:
    """No longer let them serve."""
    return post("kf/servicer/del", _servicers(open_kfid, userids, department_ids), repeatable=True)


def servicer_list(open_kfid: str) -> ApiCall:
    """Who serves: servicer_list[{userid, status 0 receiving / 1 stopped, stop_type} | {department_id}] [W 94645]."""
    return get("kf/servicer/list", {"open_kfid": open_kfid})


def get_corp_statistic(start: datetime, end: datetime, open_kfid: str = "") -> ApiCall:
    """Sessions, customers and messages a day; ≤ 31 days within the last 180, yesterday ready after 06:00 [W 95489]."""
    return post("kf/get_corp_statistic", {**given(open_kfid=open_kfid), **_span(start, end)}, repeatable=True)


def get_servicer_statistic(start: datetime, end: datetime, open_kfid: str = "", servicer_userid: str = "") -> ApiCall:
    """Reply rate, first reply, satisfaction of servicers; limits as get_corp_statistic [W 95490]."""
    which = given(open_kfid=open_kfid, servicer_userid=servicer_userid)
    return post("kf/get_servicer_statistic", {**which, **_span(start, end)}, repeatable=True)


def _servicers(open_kfid: str, userids: Sequence[str], department_ids: Sequence[int]) -> dict[str, object]:
    people = at_most("userid_list", userids, SERVICERS)
    at_most("department_id_list", [str(number) for number in department_ids], DEPARTMENTS)
    if not people and not department_ids:
        raise ValueError("name at least one member or department")
    return {"open_kfid": open_kfid, **given(userid_list=people, department_id_list=list(department_ids))}


def _span(start: datetime, end: datetime) -> dict[str, object]:
    return {"start_time": int(start.timestamp()), "end_time": int(end.timestamp())}
