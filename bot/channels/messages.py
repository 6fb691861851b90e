"""What did someone send, in the vocabulary that official accounts and WeCom apps share?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bot.channels.base import BadPayload
from bot.channels.documents import Fields, digest, text_at, word_at
from bot.domain import MediaRef, MessageKind

MAX_ID_CHARS = 64  # MsgId has at most 20 digits; openid 28, userid and external_userid 64 characters


@dataclass(frozen=True, slots=True)
class Said:
    """The content of one message. choice: id of the menu item clicked, "" if none."""

    kind: MessageKind
    text: str = ""
    choice: str = ""
    media: tuple[MediaRef, ...] = ()


# MsgType → kind, the field that shows it best, what its MediaId holds (wechat-platform §3).
_TYPES: Final[dict[str, tuple[MessageKind, str, Literal["image", "voice", "video"] | None]]] = {
    "file": (MessageKind.FILE, "Title", None),
    "image": (MessageKind.IMAGE, "", "image"),
    "link": (MessageKind.LINK, "Title", None),
    "location": (MessageKind.LOCATION, "Label", None),
    "shortvideo": (MessageKind.VIDEO, "", "video"),
    "text": (MessageKind.TEXT, "Content", None),
    "video": (MessageKind.VIDEO, "", "video"),
    "voice": (MessageKind.VOICE, "Recognition", "voice"),
}


def read_said(fields: Fields) -> Said:
    """Read one message that is no event. What we do not know is UNKNOWN."""
    kind, shown, media = _TYPES.get(word_at(fields, "MsgType"), (MessageKind.UNKNOWN, "", None))
    media_id = word_at(fields, "MediaId")
    return Said(
        kind,
        text_at(fields, shown),
        word_at(fields, "bizmsgmenuid"),
        (MediaRef(media, media_id, word_at(fields, "Format")),) if media and media_id else (),
    )


def identifier_at(fields: Fields, name: str) -> str:
    """A name that must be there and be of a sensible length. Raises BadPayload."""
    value = word_at(fields, name)
    if not 0 < len(value) <= MAX_ID_CHARS:
        raise BadPayload(f"{name} is missing or too long")
    return value


def message_id(fields: Fields) -> str:
    """What redeliveries of one message share: MsgId, or a digest of the fields where it has none."""
    value = word_at(fields, "MsgId")
    return value if 0 < len(value) <= MAX_ID_CHARS else f"message-{digest(dict(fields))}"
