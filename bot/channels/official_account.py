"""How do we talk with a 公众号 (official account)? Callbacks in, API calls and passive answers out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from bot.channels.base import ApiCall, BadPayload, Delivery, Envelope, ReplySlot, Upload
from bot.channels.crypto import Seal
from bot.channels.documents import Document, Fields, digest, instant_at, read_document, word_at
from bot.channels.fitting import check_menu, check_present, check_text, fit_menu, fit_text, to_upload
from bot.channels.messages import Said, identifier_at, message_id, read_said
from bot.channels.passive import passive_fields, picture_url, render_fields
from bot.domain import (
    Address,
    ChannelKind,
    Content,
    Inbound,
    LinkContent,
    MediaContent,
    MenuContent,
    MessageKind,
    MiniProgramContent,
    Sender,
    TextContent,
)

PLAIN_KEY: Final = -1  # ReplySlot.key of a request that was not encrypted
SEND_PATH: Final = "/cgi-bin/message/custom/send"
_ECHO: Final = re.compile(r"[^\s<>]{1,256}")  # never reflect markup
_SCENE_PREFIX: Final = "qrscene_"
# Names the platform writes otherwise than in lower snake case.
_RENAMED: Final = {
    "templatesendjobfinish": "template_send_job_finish",
    "masssendjobfinish": "mass_send_job_finish",
}
# What a customer does. Some of it opens a window for sending, so it is hers and not the system's.
_ACTS: Final = frozenset({
    "click", "location", "location_select", "pic_photo_or_album", "pic_sysphoto", "pic_weixin", "scan",
    "scancode_push", "scancode_waitmsg", "subscribe", "subscribe_msg_change_event", "subscribe_msg_popup_event",
    "unsubscribe", "view", "view_miniprogram",
})  # fmt: skip
# What the platform reports to us.
_REPORTS: Final = frozenset({
    "annual_renew", "kf_close_session", "kf_create_session", "kf_switch_session", "mass_send_job_finish",
    "naming_verify_fail", "naming_verify_success", "publishjobfinish", "qualification_verify_fail",
    "qualification_verify_success", "subscribe_msg_sent_event", "template_send_job_finish", "verify_expired",
})  # fmt: skip
# Nobody is waiting for an answer to these.
_UNANSWERABLE: Final = _REPORTS | {"subscribe_msg_change_event", "unsubscribe"}
# What tells two events of one second apart; the same in every redelivery (wechat-platform §1.3).
_EVENT_IDENTITY: Final = (
    "FromUserName", "CreateTime", "Event", "EventKey", "MenuId", "MsgID", "MsgId", "KfAccount", "ToKfAccount",
    "Latitude", "Longitude",
)  # fmt: skip


class OfficialAccountChannel:
    """One official account. mode is the console's setting: what it says, and nothing less, is accepted.

    keys: EncodingAESKeys, newest first. original_id: the account's own gh_… id, to recognise echoes.
    Raises ValueError for a token or key that cannot be one.
    """

    kind: Final = ChannelKind.OFFICIAL_ACCOUNT

    def __init__(
        self,
        account: str,
        *,
        app_id: str,
        token: str,
        keys: tuple[str, ...],
        mode: Literal["plain", "compatible", "safe"],
        max_skew_s: int,
        original_id: str = "",
    ) -> None:
        if mode != "plain" and not keys:
            raise ValueError(f"mode {mode} needs an EncodingAESKey")
        self._account = account
        self._mode = mode
        self._original_id = original_id
        self._seal = Seal(token=token, keys=keys, receive_id=app_id, max_skew_s=max_skew_s)

    def handshake(self, query: Mapping[str, str], now: datetime) -> str:
        """Echo `echostr`, which is not encrypted here (wechat-platform §1.1)."""
        self._seal.check(query, "signature", now)
        echo = query.get("echostr", "")
        if not _ECHO.fullmatch(echo):
            raise BadPayload("echostr is missing or not a plain word")
        return echo

    def parse(self, envelope: Envelope) -> Delivery:
        """One message or event; none for an echo of our own words."""
        document, key = self._read(envelope)
        fields = document.fields
        customer, receiver = identifier_at(fields, "FromUserName"), identifier_at(fields, "ToUserName")
        if self._is_ours(customer):
            return Delivery()
        inbound = _read_inbound(fields, Address(self._account, "", customer))
        slot = ReplySlot(key, document.form, sender=receiver, receiver=customer)
        return Delivery((inbound,), slot=None if inbound.event in _UNANSWERABLE else slot)

    def acknowledge(self) -> str:
        """The platform's recommended word; anything but this or nothing alarms the customer."""
        return "success"

    def split(self, content: Content) -> tuple[Content, ...]:
        """Texts at 2048 bytes; menus at ten choices."""
        match content:
            case TextContent():
                return fit_text(content)
            case MenuContent():
                return fit_menu(content)
            case _:
                return (content,)

    def needs(self, content: Content) -> Upload | None:
        """Pictures, videos and the picture of a mini-program's card; a link's picture is named by its address."""
        return None if isinstance(content, LinkContent) else to_upload(content)

    def build_send(self, address: Address, content: Content, msgid: str) -> ApiCall:
        """A customer-service message. Not repeatable: this call knows no msgid, a repeat is a second message."""
        del msgid
        body = {"touser": address.customer} | _send_body(content)
        return ApiCall("message/custom/send", SEND_PATH, json=body)

    def render_passive(self, slot: ReplySlot, content: Content, now: datetime) -> str:
        """The answer inside the response, in the request's form, sealed by the key that opened it.

        Raises ValueError for what a passive answer cannot carry (files, mini programs, long text).
        """
        plain = render_fields(slot.form, passive_fields(slot, content, now))
        if slot.key == PLAIN_KEY:
            return plain
        return render_fields(slot.form, self._seal.seal(plain, slot.key, now))

    def _read(self, envelope: Envelope) -> tuple[Document, int]:
        if self._mode != "plain":
            return self._seal.read(envelope)
        self._seal.check(envelope.query, "signature", envelope.received_at)
        return read_document(envelope.body), PLAIN_KEY

    def _is_ours(self, sender: str) -> bool:
        # An openid never begins with gh_, an account's own id always does.
        return sender == self._original_id if self._original_id else sender.startswith("gh_")


def _read_inbound(fields: Fields, address: Address) -> Inbound:
    msg_type = identifier_at(fields, "MsgType")
    event = _event_name(identifier_at(fields, "Event")) if msg_type == "event" else ""
    said = _said_by_event(event, fields) if event else read_said(fields)
    return Inbound(
        address=address,
        channel=ChannelKind.OFFICIAL_ACCOUNT,
        message_id=_event_id(fields) if event else message_id(fields),
        kind=said.kind,
        sender=Sender.SYSTEM if event and event not in _ACTS else Sender.CUSTOMER,
        sent_at=instant_at(fields, "CreateTime"),
        text=said.text,
        event=event,
        choice=said.choice,
        scene=_scene(event, word_at(fields, "EventKey")),
        media=said.media,
        raw=fields,
    )


def _said_by_event(event: str, fields: Fields) -> Said:
    """A click on the account's own menu says its key, which is all the platform tells us of the button."""
    key = word_at(fields, "EventKey") if event == "click" else ""
    return Said(MessageKind.EVENT, text=key, choice=key)


def _event_name(sent: str) -> str:
    lowered = sent.lower()
    return lowered if lowered in _ACTS | _REPORTS else _RENAMED.get(lowered, sent)


def _event_id(fields: Fields) -> str:
    return f"event-{digest([fields.get(name) for name in _EVENT_IDENTITY])}"


def _scene(event: str, event_key: str) -> str:
    if event == "scan":
        return event_key
    if event == "subscribe" and event_key.startswith(_SCENE_PREFIX):
        return event_key.removeprefix(_SCENE_PREFIX)
    return ""


def _send_body(content: Content) -> dict[str, object]:
    match content:
        case TextContent(text):
            check_text(text)
            return {"msgtype": "text", "text": {"content": text}}
        case MenuContent(head, choices, tail):
            check_menu(content)
            items = [{"id": choice.id, "content": choice.label} for choice in choices]
            return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": items, "tail_content": tail}}
        case MediaContent("image" | "voice" | "video" as media, media_id):
            check_present("media_id", media_id)
            return {"msgtype": media, media: {"media_id": media_id}}
        case MediaContent():
            raise ValueError("an official account cannot send files; send a link to the file")
        case LinkContent(title, description, url):
            check_present("link url", url)
            picture = picture_url(content)
            article = {"title": title, "description": description, "url": url, "picurl": picture}
            return {"msgtype": "news", "news": {"articles": [article]}}
        case MiniProgramContent(title, app_id, page_path, thumb):  # pragma: no branch - mypy proves the union exhausted
            check_present("thumb_media_id of a mini program", thumb)
            card = {"title": title, "appid": app_id, "pagepath": page_path, "thumb_media_id": thumb}
            return {"msgtype": "miniprogrampage", "miniprogrampage": card}
