"""What does one entry of a kf/sync_msg page say? Never an error: what cannot be read is kept raw."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bot.channels.base import BadPayload
from bot.channels.documents import Fields, digest, group_at, instant_at, text_at, word_at
from bot.channels.messages import Said
from bot.domain import Address, ChannelKind, Inbound, MediaRef, MessageKind, Sender

UNDATED: Final = datetime.fromtimestamp(0, tz=UTC)  # of an entry without a readable send_time
_SENDERS: Final = {"3": Sender.CUSTOMER, "4": Sender.SYSTEM, "5": Sender.SERVICER}
# msgtype → kind and the field that shows it best ("" where there is no such field) [W 94670].
_TITLED: Final = {
    "business_card": (MessageKind.CARD, ""),
    "channels": (MessageKind.CHANNELS, "title"),
    "channels_shop_order": (MessageKind.ORDER, "product_titles"),
    "channels_shop_product": (MessageKind.PRODUCT, "title"),
    "link": (MessageKind.LINK, "title"),
    "meeting": (MessageKind.MEETING, "title"),
    "merged_msg": (MessageKind.MERGED, "title"),
    "miniprogram": (MessageKind.MINI_PROGRAM, "title"),
    "msgmenu": (MessageKind.MENU, "head_content"),
    "note": (MessageKind.NOTE, "title"),
    "schedule": (MessageKind.SCHEDULE, "title"),
}


def read_entry(account: str, entry: object) -> Inbound:
    """Read one entry of msg_list; anything unreadable becomes UNKNOWN with its raw kept.

    An entry without msgid gets an id from its contents, the same whenever it is fetched again.
    """
    fields: Fields = entry if isinstance(entry, dict) else {"entry": entry}
    body = group_at(fields, word_at(fields, "msgtype"))
    address = Address(account, _where(fields, body, "open_kfid"), _where(fields, body, "external_userid"))
    sent_at = _sent_at(fields)
    said, event = _read_said(fields, body), _event(fields, body)
    if said is None or sent_at is None or not (address.customer or event) or not word_at(fields, "msgid"):
        said, event = Said(MessageKind.UNKNOWN), ""
    return Inbound(
        address=address,
        channel=ChannelKind.WECOM_KF,
        message_id=word_at(fields, "msgid") or f"entry-{digest(fields)}",
        kind=said.kind,
        sender=_SENDERS.get(word_at(fields, "origin"), Sender.SYSTEM),
        sent_at=sent_at or UNDATED,
        text=said.text,
        event=event,
        choice=said.choice,
        scene=word_at(body, "scene") if event else "",
        media=said.media,
        raw=fields,
    )


def _where(fields: Fields, body: Fields, name: str) -> str:
    # Events carry these inside event{}, messages beside it [W 94670].
    return word_at(fields, name) or word_at(body, name)


def _sent_at(fields: Fields) -> datetime | None:
    try:
        return instant_at(fields, "send_time")
    except BadPayload:
        return None


def _event(fields: Fields, body: Fields) -> str:
    return word_at(body, "event_type") if word_at(fields, "msgtype") == "event" else ""


def _read_said(fields: Fields, body: Fields) -> Said | None:
    match word_at(fields, "msgtype"):
        case "text":
            content = body.get("content")
            return Said(MessageKind.TEXT, content, word_at(body, "menu_id")) if isinstance(content, str) else None
        case "image" | "voice" | "video" | "file" as media:
            media_id = word_at(body, "media_id")
            return Said(MessageKind(media), media=(MediaRef(media, media_id),)) if media_id else None
        case "location":
            return Said(MessageKind.LOCATION, text_at(body, "name") or text_at(body, "address")) if body else None
        case "event":
            return Said(MessageKind.EVENT) if word_at(body, "event_type") else None
        case titled if titled in _TITLED:
            kind, title = _TITLED[titled]
            return Said(kind, text_at(body, title))
        case _:
            return None
