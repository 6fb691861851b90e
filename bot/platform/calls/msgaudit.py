"""Which calls concern the session archive (会话内容存档)? With a token of its own secret [W 91614, 91782, 92951]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.channels.base import ApiCall
from bot.platform.calls._build import given, post

PAIRS = 100


def get_permit_user_list(kind: Literal[0, 1, 2, 3] = 0) -> ApiCall:
    """Whose conversations are archived: ids[]; kind 1 office, 2 service, 3 enterprise edition, 0 all [W 91614]."""
    return post("msgaudit/get_permit_user_list", given(type=kind or None), repeatable=True)


def check_single_agree(pairs: Sequence[tuple[str, str]]) -> ApiCall:
    """Whether customers agreed: agreeinfo[{status_change_time, userid, exteranalopenid, agree_status}] [W 91782].

    pairs: (userid, external_userid), at most 100. The field is really spelled exteranalopenid.
    """
    if len(pairs) > PAIRS:
        message = f"info: {len(pairs)} given, the platform takes {PAIRS} in one call"
        raise ValueError(message)
    info = [{"userid": userid, "exteranalopenid": external} for userid, external in pairs]
    return post("msgaudit/check_single_agree", {"info": info}, repeatable=True)


def check_room_agree(room: str) -> ApiCall:
    """Whether the customers of a group agreed: agreeinfo[{status_change_time, exteranalopenid, agree_status}]."""
    return post("msgaudit/check_room_agree", {"roomid": room}, repeatable=True)


def group_chat(room: str) -> ApiCall:
    """An internal group (others: 301059): roomname, creator, room_create_time, notice, members[] [W 92951]."""
    return post("msgaudit/groupchat/get", {"roomid": room}, repeatable=True)
