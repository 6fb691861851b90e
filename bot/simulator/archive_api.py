"""What do the session-archive calls answer: who is archived, who agreed, who is in an internal group?

Source: wechat-platform §5.1.
"""

from __future__ import annotations

from bot.simulator.calls import CorpCall, CorpEndpoint
from bot.simulator.errors import PlatformError
from bot.simulator.values import Json, epoch

MOST_PAIRS = 100
AGREES, REFUSES, BY_DEFAULT = "Agree", "Disagree", "Default_Agree"


def permitted(call: CorpCall) -> Json:
    """msgaudit/get_permit_user_list: every member's conversations are archived."""
    if call.fields.number("type", 1) not in (1, 2, 3):
        raise PlatformError(301061, "type")
    return {"ids": sorted(call.corp.members)}


def single_agree(call: CorpCall) -> Json:
    """msgaudit/check_single_agree, one answer a pair. Raises PlatformError 301060 (over 100), 301061."""
    pairs = call.fields.groups("info")
    if len(pairs) > MOST_PAIRS:
        raise PlatformError(301060)
    if not pairs:
        raise PlatformError(301061, "info")
    # the field is really spelled so
    return {"agreeinfo": [_answer(call, pair.text("userid"), pair.text("exteranalopenid")) for pair in pairs]}


def room_agree(call: CorpCall) -> Json:
    """msgaudit/check_room_agree: the customers in the group. Raises PlatformError 301061."""
    room = call.fields.text("roomid")
    members = call.corp.customer_rooms.get(room)
    if members is None:
        raise PlatformError(301061, room)
    return {"agreeinfo": [_answer(call, room, external) for external in members]}


def group_chat(call: CorpCall) -> Json:
    """msgaudit/groupchat/get: internal groups only (301059)."""
    room = call.fields.text("roomid")
    found = call.corp.internal_rooms.get(room)
    if found is None:
        raise PlatformError(301059, room)
    return {
        "roomname": found.name,
        "creator": found.members[0],
        "room_create_time": epoch(found.created_at),
        "notice": "",
        "members": [{"memberid": member, "jointime": epoch(found.created_at)} for member in found.members],
    }


def _answer(call: CorpCall, counterpart: str, external: str) -> Json:
    agreement = call.corp.agreements.get((counterpart, external))
    status, at = agreement if agreement is not None else (BY_DEFAULT, call.realm.now())
    shown: Json = {"status_change_time": epoch(at), "exteranalopenid": external, "agree_status": status}
    return shown if counterpart in call.corp.customer_rooms else {**shown, "userid": counterpart}


ENDPOINTS = (
    CorpEndpoint("POST", "/cgi-bin/msgaudit/check_room_agree", "msgaudit", room_agree),
    CorpEndpoint("POST", "/cgi-bin/msgaudit/check_single_agree", "msgaudit", single_agree),
    CorpEndpoint("POST", "/cgi-bin/msgaudit/get_permit_user_list", "msgaudit", permitted),
    CorpEndpoint("POST", "/cgi-bin/msgaudit/groupchat/get", "msgaudit", group_chat),
)
