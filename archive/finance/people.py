"""Who is it? Ids of members, people outside, groups and robots, as the platform spells them (wechat-platform §5.3)."""

from __future__ import annotations

import re
from typing import Final

from archive.entry import Voice

SOURCE: Final = "wecom_archive"
ID_CHARS = 128  # what the archive keeps of a person's or a group's id
EXTERNAL = "_external"  # ending of the msgid of a chat with people outside (§5.2)
_OUTSIDER = re.compile(r"w[mo][\w-]{20,}")  # longer than any userid that happens to begin so
_ROBOT = re.compile(r"wb[\w-]{10,}")


class Unreadable(Exception):  # noqa: N818 - reads as the fact it is
    """What was decrypted is no message."""


def is_outsider(id_: str) -> bool:
    """Is this somebody outside of the corp: a customer?"""
    return _OUTSIDER.fullmatch(id_) is not None


def is_robot(id_: str) -> bool:
    """Is this a robot of a group?"""
    return _ROBOT.fullmatch(id_) is not None


def voice_of(speaker: str, customer: str) -> Voice:
    """Who speaks."""
    if customer and speaker == customer:
        return Voice.CUSTOMER
    return Voice.BOT if is_robot(speaker) else Voice.SERVICER


def ids_in(value: object) -> list[str]:
    """The ids of a list. Raises Unreadable."""
    return [found for each in value if (found := id_in(each))] if isinstance(value, list) else []


def id_in(value: object) -> str:
    """An id as text. Raises Unreadable where it is longer than any."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if len(text) > ID_CHARS:
        raise Unreadable("an id is too long")
    return text
