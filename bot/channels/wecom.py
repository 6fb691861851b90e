"""What does WeCom tell our app: kf doorbells, customer-contact changes, card clicks, members' words?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.channels.base import ApiCall, BadPayload, Delivery, Envelope
from bot.channels.crypto import Seal
from bot.channels.documents import Fields, digest, instant_at, word_at
from bot.channels.fitting import check_text, fit_text
from bot.channels.messages import Said, identifier_at, message_id, read_said
from bot.domain import Address, ArchiveBell, ChannelKind, Content, Doorbell, Inbound, MessageKind, Sender, TextContent

SEND_PATH: Final = "/cgi-bin/message/send"
DUPLICATE_CHECK_S: Final = 60
_SINGLE_USE: Final = frozenset({"ResponseCode", "Token", "WelcomeCode"})  # may be drawn anew for a redelivery
_CLICKS: Final = frozenset({"click", "template_card_event", "template_card_menu_event"})


class WeComChannel:
    """One corp's self-built app. agent_id: the app, in whose name members are written to.

    keys: EncodingAESKeys, newest first. Raises ValueError for a token or key that cannot be one.
    """

    kind: Final = ChannelKind.WECOM

    def __init__(
        self, account: str, *, corp_id: str, token: str, keys: tuple[str, ...], max_skew_s: int, agent_id: int
    ) -> None:
        if not keys:
            raise ValueError("WeCom callbacks need an EncodingAESKey")
        self._account = account
        self._agent_id = agent_id
        self._seal = Seal(token=token, keys=keys, receive_id=corp_id, max_skew_s=max_skew_s)

    def handshake(self, query: Mapping[str, str], now: datetime) -> str:
        """The decrypted `echostr`, without anything around it, within 1 s (wechat-platform §1.1)."""
        # A '+' of the base64 that was not percent-encoded arrives as a space; no base64 holds spaces.
        echo = query.get("echostr", "").replace(" ", "+")
        self._seal.check(query, "msg_signature", now, echo)
        try:
            return self._seal.open(echo).message.decode()
        except UnicodeDecodeError as error:
            raise BadPayload("echostr is not text") from error

    def parse(self, envelope: Envelope) -> Delivery:
        """A doorbell for `kf_msg_or_event` and `msgaudit_notify`, else one message or event."""
        document, _ = self._seal.read(envelope)
        fields = document.fields
        if word_at(fields, "Event") == "kf_msg_or_event":
            bell = Doorbell(self._account, identifier_at(fields, "OpenKfId"), word_at(fields, "Token"))
            return Delivery(doorbells=(bell,))
        if word_at(fields, "Event") == "msgaudit_notify":
            return Delivery(doorbells=(ArchiveBell(self._account),))
        return Delivery((self._read_inbound(fields),))

    def acknowledge(self) -> str:
        """An empty body is enough (wechat-platform §1.3)."""
        return ""

    def split(self, content: Content) -> tuple[Content, ...]:
        """Texts at 2048 bytes [W 90236]."""
        return fit_text(content) if isinstance(content, TextContent) else (content,)

    def needs(self, content: Content) -> None:
        """Nothing: members are sent texts only."""
        del content

    def build_send(self, address: Address, content: Content, msgid: str) -> ApiCall:
        """A text to the member whose userid is `address.customer`; other content raises ValueError.

        Repeatable: within the duplicate check's minute a repeat is recognised; after it the harm is
        a notice that a colleague reads twice. The check is short because it compares words, and the
        same words may be meant twice.
        """
        del msgid
        if not isinstance(content, TextContent):
            raise ValueError(  # noqa: TRY004 - the protocol's word for content that cannot be sent
                f"members are sent texts only, not {content.kind}"
            )
        check_text(content.text)
        body = {
            "touser": address.customer,
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": content.text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_CHECK_S,
        }
        return ApiCall("message/send", SEND_PATH, json=body, repeatable=True)

    def _read_inbound(self, fields: Fields) -> Inbound:
        is_event = identifier_at(fields, "MsgType") == "event"
        event = identifier_at(fields, "Event") if is_event else ""
        said = Said(MessageKind.EVENT) if is_event else read_said(fields)
        return Inbound(
            address=Address(self._account, "", _lane(event, fields)),
            channel=ChannelKind.WECOM,
            message_id=_event_id(fields) if is_event else message_id(fields),
            kind=said.kind,
            sender=Sender.SYSTEM if is_event else Sender.SERVICER,
            sent_at=instant_at(fields, "CreateTime"),
            text=said.text,
            event=event,
            choice=word_at(fields, "EventKey") if event in _CLICKS else said.choice,
            scene=word_at(fields, "State"),
            media=said.media,
            raw=fields,
        )


def _lane(event: str, fields: Fields) -> str:
    """Whose messages this one must stay in order with: a customer's, a member's, or nobody's."""
    match event:
        case "":
            return identifier_at(fields, "FromUserName")
        case "change_external_contact":
            return word_at(fields, "ExternalUserID")
        case _:
            return ""


def _event_id(fields: Fields) -> str:
    """Events carry no id [W 90930]: everything they say names them, but for codes drawn per delivery."""
    return f"event-{digest({name: value for name, value in fields.items() if name not in _SINGLE_USE})}"
