"""Which calls does an official account (公众号) know? Typing, users, tags, QR codes, template messages, quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from bot.channels.base import ApiCall
from bot.platform.calls._build import at_most, get, given, post

USERS = 100
TAGGED = 50
TEMPORARY_S = 2_592_000  # 30 days
SCENE_CHARS = 64


def typing(openid: str, *, on: bool = True) -> ApiCall:
    """Show or hide "正在输入"; needs an interaction within 30 s (45080)."""
    command = "Typing" if on else "CancelTyping"
    return post("message/custom/typing", {"touser": openid, "command": command}, repeatable=True)


def user_info(openid: str) -> ApiCall:
    """subscribe, unionid, remark, tagid_list, how the user came; no nickname or avatar since 2021-12-27."""
    return get("user/info", {"openid": openid, "lang": "zh_CN"})


def user_info_batchget(openids: Sequence[str]) -> ApiCall:
    """user_info of at most 100 users: user_info_list."""
    users = [{"openid": openid, "lang": "zh_CN"} for openid in at_most("user_list", openids, USERS)]
    return post("user/info/batchget", {"user_list": users}, repeatable=True)


def qrcode_create(scene: str, *, expire_s: int | None = TEMPORARY_S) -> ApiCall:
    """A QR code whose scene comes back on subscribe and SCAN; expire_s=None makes a permanent one (100,000 at most).

    Answers ticket, url, expire_seconds. Raises ValueError for a scene of other than 1 to 64 characters.
    """
    if not 1 <= len(scene) <= SCENE_CHARS:
        raise ValueError("scene of a QR code: 1 to 64 characters")
    kind = {"action_name": "QR_LIMIT_STR_SCENE"} if expire_s is None else {"action_name": "QR_STR_SCENE"}
    life = {} if expire_s is None else {"expire_seconds": min(expire_s, TEMPORARY_S)}
    return post("qrcode/create", {**life, **kind, "action_info": {"scene": {"scene_str": scene}}}, repeatable=True)


def tags_get() -> ApiCall:
    """All tags: tags[{id, name, count}]."""
    return get("tags/get")


def tags_create(name: str) -> ApiCall:
    """Create a tag (≤ 30 bytes, 100 tags at most); answers tag{id, name}. A repeat is 45157."""
    return post("tags/create", {"tag": {"name": name}})


def tags_update(tag_id: int, name: str) -> ApiCall:
    """Rename a tag."""
    return post("tags/update", {"tag": {"id": tag_id, "name": name}}, repeatable=True)


def tags_delete(tag_id: int) -> ApiCall:
    """Delete a tag (not above 100,000 followers, 45057)."""
    return post("tags/delete", {"tag": {"id": tag_id}})


def tags_of_user(openid: str) -> ApiCall:
    """The tags of a user: tagid_list."""
    return post("tags/getidlist", {"openid": openid}, repeatable=True)


def tag_users(tag_id: int, openids: Sequence[str]) -> ApiCall:
    """Tag at most 50 users (20 tags a user, 45059)."""
    fields = {"openid_list": at_most("openid_list", openids, TAGGED), "tagid": tag_id}
    return post("tags/members/batchtagging", fields, repeatable=True)


def untag_users(tag_id: int, openids: Sequence[str]) -> ApiCall:
    """Remove the tag from at most 50 users."""
    fields = {"openid_list": at_most("openid_list", openids, TAGGED), "tagid": tag_id}
    return post("tags/members/batchuntagging", fields, repeatable=True)


def template_send(
    openid: str, template_id: str, data: Mapping[str, str], *, url: str = "", client_msg_id: str = ""
) -> ApiCall:
    """A template message (verified service accounts, no marketing); client_msg_id makes it repeatable."""
    values = {name: {"value": value} for name, value in data.items()}
    fields = {"touser": openid, "template_id": template_id, **given(url=url, client_msg_id=client_msg_id)}
    return post("message/template/send", {**fields, "data": values}, repeatable=bool(client_msg_id))


def clear_quota(app_id: str) -> ApiCall:
    """Reset the daily call counters: 10 times a month (48006)."""
    return post("clear_quota", {"appid": app_id})


def quota_get(cgi_path: str) -> ApiCall:
    """Use of one call: quota{daily_limit, used, remain}; cgi_path e.g. "/cgi-bin/message/custom/send"."""
    return post("openapi/quota/get", {"cgi_path": cgi_path}, repeatable=True)


def get_api_domain_ip() -> ApiCall:
    """The platform's own addresses: ip_list. Cheap, so also the probe of `xiaoer doctor`."""
    return get("get_api_domain_ip")


def callback_check(action: Literal["dns", "ping", "all"] = "all") -> ApiCall:
    """Ask the platform whether it reaches our callback: dns[], ping[]."""
    return post("callback/check", {"action": action, "check_operator": "DEFAULT"}, repeatable=True)
