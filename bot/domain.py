"""What do we call the things that cross our borders? Frozen values, no behaviour, no imports of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class ChannelKind(StrEnum):
    """The platform a customer writes on, or (wecom) the corp's own callbacks."""

    OFFICIAL_ACCOUNT = "official_account"
    WECOM = "wecom"
    WECOM_KF = "wecom_kf"


class MessageKind(StrEnum):
    """What a message is made of. Whatever we do not know is kept raw as UNKNOWN."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    CARD = "card"
    MINI_PROGRAM = "mini_program"
    MENU = "menu"
    PRODUCT = "product"
    ORDER = "order"
    MERGED = "merged"
    CHANNELS = "channels"
    MEETING = "meeting"
    SCHEDULE = "schedule"
    NOTE = "note"
    EVENT = "event"
    UNKNOWN = "unknown"


class Sender(StrEnum):
    """Who spoke. SERVICER is a person answering in the WeCom client (kf origin 5)."""

    CUSTOMER = "customer"
    SERVICER = "servicer"
    SYSTEM = "system"


class Speaker(StrEnum):
    """In whose name we send."""

    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Address:
    """One customer at one of our doors; messages of one address are handled one at a time, in order.

    account: name in the settings. inbox: open_kfid for 微信客服, "" for an official account.
    customer: openid or external_userid; "" for notices that concern no customer.
    """

    account: str
    inbox: str
    customer: str


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture, voice, video or file the platform keeps for 3 days (wechat-platform §2.2, §3)."""

    kind: Literal["image", "voice", "video", "file"]
    media_id: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event from a platform, verified and parsed, not yet understood.

    message_id: unique within the account; what redeliveries share.
    event: normalised event name where kind is EVENT ("subscribe", "enter_session",
        "template_card_event"…), else "".
    text: what was written, as displayed ("" where there is none).
    choice: id of the menu item clicked, "" if none.
    scene: where the customer came from (QR scene, kf scene, contact-way state), "" if unknown.
    raw: the platform's own fields, for what is not modelled here.
    """

    address: Address
    channel: ChannelKind
    message_id: str
    kind: MessageKind
    sender: Sender
    sent_at: datetime
    text: str = ""
    event: str = ""
    choice: str = ""
    scene: str = ""
    media: tuple[MediaRef, ...] = ()
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doorbell:
    """微信客服 has news for one open_kfid; the content must be fetched (kf/sync_msg).

    token: from the callback, valid 10 minutes; without it sync_msg is strictly rate limited.
    """

    account: str
    open_kfid: str
    token: str


@dataclass(frozen=True, slots=True)
class ArchiveBell:
    """The session archive of a corp has news (msgaudit_notify, at most one in 15 s); they must be fetched."""

    account: str


# ── what we say ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TextContent:
    """Plain text; the channel splits it at its limit of bytes."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of a menu: `id` (≤ 64 bytes) comes back in `Inbound.choice` when it is clicked."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class MenuContent:
    """A question with up to ten clickable answers (msgmenu)."""

    head: str
    choices: tuple[Choice, ...]
    tail: str = ""
    kind: Literal["menu"] = "menu"


@dataclass(frozen=True, slots=True)
class MediaContent:
    """A picture, voice, video or file that was uploaded before (media_id of the same account).

    source: where media_id is still "", what must be uploaded first: a file of the content pack, an https address, or a
    file that a person chose ("sent:7", see `bot.store.sent_files`).
    """

    media: Literal["image", "voice", "video", "file"]
    media_id: str
    source: str = ""
    kind: Literal["media"] = "media"


@dataclass(frozen=True, slots=True)
class LinkContent:
    """A link card. thumb_media_id is required by 微信客服. source: of its picture, as in `MediaContent`."""

    title: str
    description: str
    url: str
    thumb_media_id: str = ""
    source: str = ""
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class MiniProgramContent:
    """A mini-program card; both platforms ask for its picture. source: of the picture, as in `MediaContent`."""

    title: str
    app_id: str
    page_path: str
    thumb_media_id: str
    source: str = ""
    kind: Literal["mini_program"] = "mini_program"


Content = TextContent | MenuContent | MediaContent | LinkContent | MiniProgramContent


# ── what the journey decides ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Answer:
    """Say an approved script; attachments: what is sent after the text, in this order."""

    script_id: str
    text: str
    probability: float
    attachments: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class AskBack:
    """Did you mean one of these? At most three choices; ids are script ids."""

    question: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AskSlot:
    """Ask for a fact that is needed first; slot: its name in the pack ("order_number")."""

    slot: str
    question: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person must take over; reason is a machine name, e.g. "asked_for_person".

    rule: name of the routing rule that chose the team, the reason agents see.
    left_open: the questions left for the person, in the customer's words; empty where it is the whole message.
    skills, sla, type: of the ticket. facts: what the router knew, as the ticket keeps it.
    """

    reason: str
    signals: tuple[str, ...]
    team: str
    priority: int
    rule: str
    left_open: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    sla: str = ""
    type: str = "question"
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Several:
    """Say what is certain about several questions, in their order, and then what is to be done about the rest."""

    answers: tuple[Answer, ...]
    rest: AskBack | AskSlot | HandOver | None


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Say nothing, for this reason ("a person is serving")."""

    reason: str


Decision = Answer | Several | AskBack | AskSlot | HandOver | StaySilent
