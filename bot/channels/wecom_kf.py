"""How do we talk with customers of 微信客服? Pages of kf/sync_msg in, kf/send_msg calls out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.channels.base import ApiCall, BadPayload, BadSignature, Delivery, Envelope, Upload
from bot.channels.documents import read_json, word_at
from bot.channels.fitting import check_menu, check_present, check_size, check_text, fit_menu, fit_text, to_upload
from bot.channels.kf_messages import read_entry
from bot.channels.text import (
    LINK_DESCRIPTION_BYTES,
    LINK_TITLE_BYTES,
    LINK_URL_BYTES,
    MINI_PROGRAM_TITLE_BYTES,
    clip,
)
from bot.domain import (
    Address,
    ChannelKind,
    Content,
    Inbound,
    LinkContent,
    MediaContent,
    MenuContent,
    MiniProgramContent,
    TextContent,
)

SEND_PATH: Final = "/cgi-bin/kf/send_msg"
SEND_ON_EVENT_PATH: Final = "/cgi-bin/kf/send_msg_on_event"
_MSGID: Final = re.compile(r"[0-9a-zA-Z_-]{1,32}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of kf/sync_msg, in the order it was spoken. has_more with nothing inbound is legal."""

    inbound: tuple[Inbound, ...]
    next_cursor: str
    has_more: bool


class WeComKfChannel:
    """The 微信客服 accounts of one corp. Holds no secret: pages come over our own authenticated calls."""

    kind: Final = ChannelKind.WECOM_KF

    def __init__(self, account: str) -> None:
        self._account = account

    def handshake(self, query: Mapping[str, str], now: datetime) -> str:
        """Raises BadSignature, always: the corp's channel keeps the door."""
        del query, now
        raise BadSignature("微信客服 has no callback of its own; its doorbell rings at the corp's")

    def parse(self, envelope: Envelope) -> Delivery:
        """The messages of one page. Raises BadPayload."""
        return Delivery(self.parse_page(envelope.body).inbound)

    def parse_page(self, body: bytes) -> Page:
        """Read a kf/sync_msg response [W 94670], ordered by send_time, then as listed.

        Raises BadPayload where the page as a whole makes no sense; one odd entry does not spoil it.
        """
        page = read_json(body)
        if not isinstance(page, dict) or word_at(page, "errcode") not in ("", "0"):
            raise BadPayload("this is no page of kf/sync_msg")
        entries = page.get("msg_list", [])
        if not isinstance(entries, list):
            raise BadPayload("msg_list is not a list")
        cursor, has_more = word_at(page, "next_cursor"), page.get("has_more") in (1, True)
        if has_more and not cursor:
            raise BadPayload("there is more, but no cursor leads to it")
        inbound = (read_entry(self._account, entry) for entry in entries)
        return Page(tuple(sorted(inbound, key=lambda message: message.sent_at)), cursor, has_more)

    def acknowledge(self) -> str:
        """Nothing: nobody waits for an acknowledgement of a page."""
        return ""

    def split(self, content: Content) -> tuple[Content, ...]:
        """Texts at 2048 bytes, menus at ten choices, titles clipped; a link without its picture becomes text."""
        match content:
            case TextContent():
                return fit_text(content)
            case MenuContent():
                return fit_menu(content)
            case LinkContent(title, description, url, thumb_media_id="", source=""):
                return fit_text(TextContent("\n".join(part for part in (title, description, url) if part)))
            case LinkContent():
                title = clip(content.title, LINK_TITLE_BYTES)
                return (replace(content, title=title, description=clip(content.description, LINK_DESCRIPTION_BYTES)),)
            case MiniProgramContent():
                return (replace(content, title=clip(content.title, MINI_PROGRAM_TITLE_BYTES)),)
            case MediaContent():  # pragma: no branch - mypy proves the union exhausted
                return (content,)

    def needs(self, content: Content) -> Upload | None:
        """Pictures, videos and the pictures of cards [W 94677]."""
        return to_upload(content)

    def build_send(self, address: Address, content: Content, msgid: str) -> ApiCall:
        """A kf/send_msg call [W 94677]; the platform recognises a repeated msgid, so it may be repeated.

        Raises ValueError for content over the limits or a msgid that is not 1 to 32 of [0-9a-zA-Z_-].
        """
        target = {"touser": address.customer, "open_kfid": address.inbox, "msgid": _checked(msgid)}
        return ApiCall("kf/send_msg", SEND_PATH, json=target | _send_body(content), repeatable=True)

    def build_send_on_event(self, code: str, content: Content, msgid: str) -> ApiCall:
        """A kf/send_msg_on_event call [W 95122]: one text or menu for a welcome_code or msg_code.

        Raises ValueError for other content, or as `build_send`.
        """
        if not isinstance(content, TextContent | MenuContent):
            raise ValueError(  # noqa: TRY004 - the protocol's word for content that cannot be sent
                f"a code is answered by text or menu, not {content.kind}"
            )
        check_present("code", code)
        body = {"code": code, "msgid": _checked(msgid)} | _send_body(content)
        return ApiCall("kf/send_msg_on_event", SEND_ON_EVENT_PATH, json=body, repeatable=True)


def _checked(msgid: str) -> str:
    if not _MSGID.fullmatch(msgid):
        raise ValueError("a msgid has 1 to 32 characters of [0-9a-zA-Z_-]")
    return msgid


def _send_body(content: Content) -> dict[str, object]:
    match content:
        case TextContent(text):
            check_text(text)
            return {"msgtype": "text", "text": {"content": text}}
        case MenuContent(head, choices, tail):
            check_menu(content)
            items = [{"type": "click", "click": {"id": choice.id, "content": choice.label}} for choice in choices]
            return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": items, "tail_content": tail}}
        case MediaContent(media, media_id):
            check_present("media_id", media_id)
            return {"msgtype": media, media: {"media_id": media_id}}
        case LinkContent(title, description, url, thumb):
            check_present("thumb_media_id of a link", thumb)
            check_size("link title", title, LINK_TITLE_BYTES)
            check_size("link description", description, LINK_DESCRIPTION_BYTES)
            check_size("link url", url, LINK_URL_BYTES)
            return {
                "msgtype": "link",
                "link": {"title": title, "desc": description, "url": url, "thumb_media_id": thumb},
            }
        case MiniProgramContent(title, app_id, page_path, thumb):  # pragma: no branch - mypy proves the union exhausted
            check_present("thumb_media_id of a mini program", thumb)
            check_size("mini program title", title, MINI_PROGRAM_TITLE_BYTES)
            card = {"title": title, "appid": app_id, "pagepath": page_path, "thumb_media_id": thumb}
            return {"msgtype": "miniprogram", "miniprogram": card}
