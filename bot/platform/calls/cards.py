"""What does a WeCom card with buttons look like? Checked against the platform's limits before it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

BUTTONS = 6
FIELDS = 6
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


@dataclass(frozen=True, slots=True)
class CardButton:
    """key comes back as EventKey of template_card_event. style: 1 blue, 2 grey, 3 red, 4 white."""

    key: str
    text: str
    style: int = 1


@dataclass(frozen=True, slots=True)
class CardField:
    """One line of a card: a name on the left, a value on the right."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """A button_interaction card [W 90236].

    task_id: unique per app, ≤ 128 of 0-9A-Za-z_-@; comes back as TaskId. url: where a tap on the card leads, "" for
    nowhere. body: text below the title. source: who speaks, shown small on top.
    """

    title: str
    desc: str
    task_id: str
    buttons: tuple[CardButton, ...]
    fields: tuple[CardField, ...] = ()
    url: str = ""
    body: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not _TASK_ID.fullmatch(self.task_id):
            raise ValueError("task_id of a card: 1 to 128 of 0-9A-Za-z_-@")
        if not 1 <= len(self.buttons) <= BUTTONS:
            message = f"a card has 1 to {BUTTONS} buttons, not {len(self.buttons)}"
            raise ValueError(message)
        if len(self.fields) > FIELDS:
            message = f"a card has at most {FIELDS} fields, not {len(self.fields)}"
            raise ValueError(message)


def render(card: Card) -> dict[str, object]:
    """The template_card object of message/send and update_template_card."""
    parts: dict[str, object] = {
        "card_type": "button_interaction",
        "main_title": {"title": card.title, "desc": card.desc},
        "task_id": card.task_id,
        "button_list": [{"text": button.text, "style": button.style, "key": button.key} for button in card.buttons],
    }
    if card.source:
        parts["source"] = {"desc": card.source}
    if card.body:
        parts["sub_title_text"] = card.body
    if card.fields:
        parts["horizontal_content_list"] = [{"keyname": line.name, "value": line.value} for line in card.fields]
    if card.url:
        parts["card_action"] = {"type": 1, "url": card.url}
    return parts
