"""Which calls carry a 微信客服 conversation? Messages, session states, customers, upgrades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.channels.base import ApiCall
from bot.platform.calls._build import at_most, given, post

SYNC_LIMIT = 1000  # default and maximum [W 94670]
CUSTOMERS = 100


def sync_msg(
    open_kfid: str, *, cursor: str = "", token: str = "", limit: int = SYNC_LIMIT, voice_format: Literal[0, 1] = 0
) -> ApiCall:
    """One page of messages after `cursor` ("" = the earliest within 3 days) [W 94670].

    token: from the callback, valid 10 minutes; without it the platform limits strictly. voice_format: 0 amr, 1 silk.
    """
    fields = {"open_kfid": open_kfid, "limit": limit, "voice_format": voice_format}
    return post("kf/sync_msg", {**fields, **given(cursor=cursor, token=token)}, repeatable=True)


def service_state_get(open_kfid: str, external_userid: str) -> ApiCall:
    """Who serves: answers service_state 0 new, 1 bot, 2 queue, 3 person, 4 ended, and servicer_userid [W 94669]."""
    return post("kf/service_state/get", {"open_kfid": open_kfid, "external_userid": external_userid}, repeatable=True)


def service_state_trans(
    open_kfid: str, external_userid: str, service_state: Literal[1, 2, 3, 4], servicer_userid: str = ""
) -> ApiCall:
    """Move a session; answers msg_code for the first move to 2 or 3 and for 4 [W 94669].

    Not repeatable: the second of two equal moves is 95016 and the msg_code is lost. After Ambiguous, read the state.
    Raises ValueError if 3 lacks its servicer.
    """
    if service_state == 3 and not servicer_userid:  # noqa: PLR2004 - the platform's number
        raise ValueError("service_state 3 needs the servicer_userid who takes over")
    fields = {"open_kfid": open_kfid, "external_userid": external_userid, "service_state": service_state}
    return post("kf/service_state/trans", {**fields, **given(servicer_userid=servicer_userid)})


def customer_batchget(external_userids: Sequence[str], *, with_enter_session: bool = False) -> ApiCall:
    """Nickname, avatar, unionid (if bound) and how they entered, of at most 100 customers [W 95159]."""
    ids = at_most("external_userid_list", external_userids, CUSTOMERS)
    fields = {"external_userid_list": ids, "need_enter_session_context": int(with_enter_session)}
    return post("kf/customer/batchget", fields, repeatable=True)


def upgrade_service_member(open_kfid: str, external_userid: str, userid: str, wording: str = "") -> ApiCall:
    """Recommend a member as the customer's contact (which later permits mark_tag) [W 94674]."""
    fields = {"open_kfid": open_kfid, "external_userid": external_userid, "type": 1}
    return post("kf/customer/upgrade_service", {**fields, "member": {"userid": userid, **given(wording=wording)}})


def upgrade_service_groupchat(open_kfid: str, external_userid: str, chat_id: str, wording: str = "") -> ApiCall:
    """Recommend a customer group [W 94674]."""
    fields = {"open_kfid": open_kfid, "external_userid": external_userid, "type": 2}
    return post("kf/customer/upgrade_service", {**fields, "groupchat": {"chat_id": chat_id, **given(wording=wording)}})


def cancel_upgrade_service(open_kfid: str, external_userid: str) -> ApiCall:
    """Take the recommendation back."""
    fields = {"open_kfid": open_kfid, "external_userid": external_userid}
    return post("kf/customer/cancel_upgrade_service", fields, repeatable=True)
