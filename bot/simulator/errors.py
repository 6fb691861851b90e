"""How does the platform say no?

Codes and meanings: wechat-platform §2.7, §3, §4.9 and the global error-code table [W 90313].
"""

from __future__ import annotations

MEANINGS = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid or userid",
    40004: "invalid media type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid or corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40056: "invalid agentid",
    40032: "invalid openid list size",
    40058: "invalid request parameter",
    40068: "invalid tag id",
    40096: "invalid external userid",
    40126: "too many tags in this corp",
    41001: "access_token missing",
    41050: "invalid welcome code or msg code",
    42001: "access_token expired",
    42003: "code expired",
    42014: "invalid task_id",
    42016: "response_code or task not found",
    42022: "code already used",
    42031: "invalid card_type",
    42038: "invalid button_list.text",
    42039: "invalid button_list.key",
    42052: "msgid expired, only messages of the last 24 hours can be recalled",
    43002: "require POST method",
    43004: "require subscribe",
    43012: "app has no callback url",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45033: "api concurrent out of limit",
    45047: "out of response count limit",
    45056: "too many tags",
    45057: "tag has too many users",
    45058: "cannot change a system tag",
    45059: "too many tags of a user",
    45072: "invalid typing command",
    45080: "typing needs an interaction within 30 seconds",
    45081: "already typing",
    45098: "msgmenu list is too long",
    45157: "invalid tag name",
    45158: "tag name too long",
    45159: "invalid tag id",
    45162: "invalid message type",
    47001: "data format error",
    48001: "api unauthorized",
    48002: "api forbidden for this app",
    49003: "openid does not belong to this appid",
    50001: "redirect_uri is not of a trusted domain",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    82001: "all receivers are empty",
    84061: "no external contact relation",
    301059: "not an internal group",
    301060: "too many pairs in one call",
    301061: "invalid parameter of the session archive",
    95000: "invalid open_kfid",
    95001: "send message count limit",
    95002: "out of the 48 hours window",
    95004: "open_kfid not exist",
    95006: "invalid kf account name",
    95007: "invalid msg token",
    95008: "menu list is too long",
    95009: "invalid menu item type",
    95013: "session has ended",
    95014: "not a servicer of this kf account",
    95016: "illegal session state transfer",
    95017: "api switch of this kf account is off",
    95018: "session state does not allow sending",
    95019: "servicer stopped receiving",
    95030: "message type banned for this kf account",
    301002: "not allowed to change what others made",
}


class PlatformError(Exception):
    """The call is answered with this errcode; `detail` says in English what was wrong."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        meaning = MEANINGS.get(errcode, "error")
        super().__init__(f"{meaning}: {detail}" if detail else meaning)
        self.errcode = errcode

    def as_json(self) -> dict[str, object]:
        """The body the platform answers with (HTTP status 200)."""
        return {"errcode": self.errcode, "errmsg": str(self)}


class NotPossible(Exception):  # noqa: N818 - read as a sentence: "that is not possible"
    """What a person tried to do in her app cannot be done there (no such menu, not her conversation…)."""
