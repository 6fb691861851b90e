"""Which calls speak to our own people in WeCom? Messages, cards with buttons, group chats of the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import ApiCall
from bot.platform.calls._build import at_most, get, given, post
from bot.platform.calls.cards import Card, render

TEXT_BYTES = 2048
USERS = 1000
GROUPS = 100
REPEAT_WINDOW_S = 1800  # within it the platform drops a second, equal message [W 90236]


@dataclass(frozen=True, slots=True)
class Receivers:
    """Members, departments and tags of the app's visible range; together at least one."""

    users: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.users or self.parties or self.tags):
            raise ValueError("a message needs at least one receiver (82001)")
        at_most("touser", self.users, USERS)
        at_most("toparty", self.parties, GROUPS)
        at_most("totag", self.tags, GROUPS)


def send_text(agent_id: int, to: Receivers, text: str, *, drop_repeats: bool = False) -> ApiCall:
    """A text of at most 2048 bytes [W 90236]; answers invaliduser, msgid.

    drop_repeats: the platform drops an equal text within 30 minutes, which makes the call repeatable.
    Raises ValueError if the text is longer (45002).
    """
    return _send(agent_id, to, {"msgtype": "text", "text": {"content": _checked(text)}}, drop_repeats=drop_repeats)


def send_card(agent_id: int, to: Receivers, card: Card) -> ApiCall:
    """A card with buttons; answers msgid and response_code (one use, 72 h). Repeats are dropped by the platform."""
    return _send(agent_id, to, {"msgtype": "template_card", "template_card": render(card)}, drop_repeats=True)


def update_card_button(agent_id: int, response_code: str, replace_name: str, userids: Sequence[str] = ()) -> ApiCall:
    """Grey the buttons out and show `replace_name` ("已由 张三 接单"); no userids: for everyone [W 94888].

    Not repeatable: a response_code works once (60140).
    """
    return post(
        "message/update_template_card",
        {**_audience(agent_id, response_code, userids), "button": {"replace_name": replace_name}},
    )


def update_card(agent_id: int, response_code: str, card: Card, userids: Sequence[str] = ()) -> ApiCall:
    """Replace the whole card; the new one must keep the task_id [W 94888]."""
    return post(
        "message/update_template_card", {**_audience(agent_id, response_code, userids), "template_card": render(card)}
    )


def recall(msgid: str) -> ApiCall:
    """Take back an app message within 24 hours."""
    return post("message/recall", {"msgid": msgid}, repeatable=True)


def appchat_create(name: str, owner: str, userids: Sequence[str], chat_id: str = "") -> ApiCall:
    """Create a group of 2 to 2000 members; the app's visible range must be the whole corp [W 90245]."""
    fields = {"name": name, "owner": owner, "userlist": list(userids), **given(chatid=chat_id)}
    return post("appchat/create", fields)


def appchat_update(
    chat_id: str, *, name: str = "", owner: str = "", add: Sequence[str] = (), remove: Sequence[str] = ()
) -> ApiCall:
    """Change name, owner or members."""
    changes = given(name=name, owner=owner, add_user_list=list(add), del_user_list=list(remove))
    return post("appchat/update", {"chatid": chat_id, **changes}, repeatable=True)


def appchat_get(chat_id: str) -> ApiCall:
    """Name, owner and members of a group."""
    return get("appchat/get", {"chatid": chat_id})


def appchat_send_text(chat_id: str, text: str) -> ApiCall:
    """A text of at most 2048 bytes into a group; the platform does not recognise repeats here."""
    return post("appchat/send", {"chatid": chat_id, "msgtype": "text", "text": {"content": _checked(text)}})


def _send(agent_id: int, to: Receivers, body: Mapping[str, object], *, drop_repeats: bool) -> ApiCall:
    receivers = given(touser="|".join(to.users), toparty="|".join(to.parties), totag="|".join(to.tags))
    check = {"enable_duplicate_check": 1, "duplicate_check_interval": REPEAT_WINDOW_S} if drop_repeats else {}
    return post("message/send", {**receivers, "agentid": agent_id, **body, **check}, repeatable=drop_repeats)


def _audience(agent_id: int, response_code: str, userids: Sequence[str]) -> dict[str, object]:
    audience: dict[str, object] = {"userids": list(userids)} if userids else {"atall": 1}
    return {**audience, "agentid": agent_id, "response_code": response_code}


def _checked(text: str) -> str:
    if len(text.encode()) > TEXT_BYTES:
        message = f"a text of {len(text.encode())} bytes; the platform takes {TEXT_BYTES} (45002)"
        raise ValueError(message)
    return text
