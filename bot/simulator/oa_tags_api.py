"""What do the calls about an official account's tags answer?

Source: wechat-platform §3; codes of tags/members/batchtagging: 40032 list size, 45159 tag, 45059 too many tags of a
user, 40003 openid, 49003 openid of another account.
"""

from __future__ import annotations

from bot.simulator.calls import OfficialCall, OfficialEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.official import Follower
from bot.simulator.values import Json, size

SYSTEM_TAGS = frozenset({0, 1, 2})
FIRST_ID = 100  # below it the platform keeps its own


def create(call: OfficialCall) -> Json:
    """tags/create."""
    name = _name(call)
    if len(call.account.tags) >= call.realm.limits.official_tags:
        raise PlatformError(45056)
    tag_id = max(call.account.tags, default=FIRST_ID - 1) + 1
    call.account.tags[tag_id] = name
    return {"tag": {"id": tag_id, "name": name}}


def listed(call: OfficialCall) -> Json:
    """tags/get."""
    followers = call.account.followers.values()
    tags = [
        {"id": tag_id, "name": name, "count": sum(tag_id in each.tags for each in followers)}
        for tag_id, name in call.account.tags.items()
    ]
    return {"tags": tags}


def update(call: OfficialCall) -> Json:
    """tags/update."""
    tag_id = _tag(call, call.fields.group("tag").number("id"))
    call.account.tags[tag_id] = _name(call)
    return {}


def delete(call: OfficialCall) -> Json:
    """tags/delete; its users lose it. Not above 100,000 of them (45057)."""
    tag_id = _tag(call, call.fields.group("tag").number("id"))
    wearing = [each for each in call.account.followers.values() if tag_id in each.tags]
    if len(wearing) > call.realm.limits.official_tag_users:
        raise PlatformError(45057)
    for each in wearing:
        each.tags.discard(tag_id)
    del call.account.tags[tag_id]
    return {}


def of_user(call: OfficialCall) -> Json:
    """tags/getidlist."""
    return {"tagid_list": sorted(_follower(call, call.fields.text("openid")).tags)}


def batch_tag(call: OfficialCall) -> Json:
    """tags/members/batchtagging: all of them or none."""
    tag_id, followers = _batch(call)
    if any(len(each.tags | {tag_id}) > call.realm.limits.official_user_tags for each in followers):
        raise PlatformError(45059)
    for each in followers:
        each.tags.add(tag_id)
    return {}


def batch_untag(call: OfficialCall) -> Json:
    """tags/members/batchuntagging: all of them or none."""
    tag_id, followers = _batch(call)
    for each in followers:
        each.tags.discard(tag_id)
    return {}


def _batch(call: OfficialCall) -> tuple[int, list[Follower]]:
    tag_id, openids = call.fields.number("tagid"), call.fields.texts("openid_list")
    if not 1 <= len(openids) <= call.realm.limits.official_batch:
        raise PlatformError(40032)
    if tag_id not in call.account.tags:
        raise PlatformError(45159)
    return tag_id, [_follower(call, openid) for openid in openids]


def _follower(call: OfficialCall, openid: str) -> Follower:
    customer = call.realm.knows(openid)
    if customer is None or customer.openid != openid:
        raise PlatformError(40003, openid)
    follower = call.account.followers.get(openid)
    if follower is None or not follower.subscribed:
        raise PlatformError(49003, openid)
    return follower


def _tag(call: OfficialCall, tag_id: int) -> int:
    if tag_id in SYSTEM_TAGS:
        raise PlatformError(45058)
    if tag_id not in call.account.tags:
        raise PlatformError(45159)
    return tag_id


def _name(call: OfficialCall) -> str:
    name = call.fields.group("tag").text("name")
    if size(name) > call.realm.limits.official_tag_bytes:
        raise PlatformError(45158, name)
    if name in call.account.tags.values():
        raise PlatformError(45157, name)
    return name


ENDPOINTS = (
    OfficialEndpoint("POST", "/cgi-bin/tags/create", create),
    OfficialEndpoint("POST", "/cgi-bin/tags/delete", delete),
    OfficialEndpoint("GET", "/cgi-bin/tags/get", listed),
    OfficialEndpoint("POST", "/cgi-bin/tags/getidlist", of_user),
    OfficialEndpoint("POST", "/cgi-bin/tags/members/batchtagging", batch_tag),
    OfficialEndpoint("POST", "/cgi-bin/tags/members/batchuntagging", batch_untag),
    OfficialEndpoint("POST", "/cgi-bin/tags/update", update),
)
