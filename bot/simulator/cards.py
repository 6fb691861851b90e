"""What do members see from an app: texts and template cards, each as it looks to each member?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.simulator.errors import PlatformError
from bot.simulator.limits import Limits
from bot.simulator.values import Fields, Json, check_size

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
CARD_TYPES = ("text_notice", "news_notice", *INTERACTIVE)
TASK_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@")


@dataclass(slots=True)
class AppMessage:
    """One app message. cards: what each receiver sees now, where it was changed.

    replaced: text on the greyed button, by member.
    """

    msgid: str
    agent_id: int
    at: datetime
    msgtype: str
    body: Json
    members: list[str]
    task_id: str = ""
    recalled: bool = False
    cards: dict[str, Json] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)

    def for_member(self, userid: str) -> Json:
        """For the page of this member."""
        return {
            "msgid": self.msgid,
            "at": self.at.isoformat(),
            "msgtype": self.msgtype,
            "body": self.cards.get(userid, self.body),
            "replaced": self.replaced.get(userid, ""),
        }


def check_card(card: Fields, limits: Limits) -> str:
    """Check a template card; its task_id ("" where none is needed).

    Raises PlatformError 42031 (card type), 42014 (task_id missing or malformed), 42038/42039 (buttons),
    40058 (anything else), following wechat-platform §4.3.
    """
    kind = card.text("card_type")
    if kind not in CARD_TYPES:
        raise PlatformError(42031, kind)
    task_id = card.text("task_id", "")
    if kind in INTERACTIVE and not task_id:
        raise PlatformError(42014, "required for interactive cards")
    if not set(task_id) <= TASK_ID:
        raise PlatformError(42014, task_id)
    check_size("task_id", task_id, limits.task_id_bytes, 42014)
    if kind == "button_interaction":
        _check_buttons(card.groups("button_list"), limits)
    return task_id


def _check_buttons(buttons: list[Fields], limits: Limits) -> None:
    if not 1 <= len(buttons) <= limits.card_buttons:
        raise PlatformError(40058, f"button_list holds 1 to {limits.card_buttons} buttons")
    for button in buttons:
        if not button.text("text", ""):
            raise PlatformError(42038)
        if not button.text("key", "") and button.number("type", 0) == 0:
            raise PlatformError(42039)
