"""What must every channel be able to do? Sans-I/O: bytes in, values out; no await, no HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from bot.domain import Address, ArchiveBell, ChannelKind, Content, Doorbell, Inbound


class ChannelError(Exception):
    """Root of what a channel raises for bad input."""


class BadSignature(ChannelError):  # noqa: N818 - reads as the fact it is
    """The sender did not prove who he is, or the proof is stale: HTTP 401."""


class BadPayload(ChannelError):  # noqa: N818 - reads as the fact it is
    """Proven or not, the body is not what the platform sends: HTTP 400."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One HTTP request of a platform, stripped of HTTP (or, for 微信客服, one page of kf/sync_msg)."""

    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ReplySlot:
    """Where a passive answer would go: inside the response to this very request.

    key: which EncodingAESKey decrypted the request (0 newest, 1 previous, -1 plain mode).
    form: the data format the request came in, and the answer must have.
    sender, receiver: ToUserName and FromUserName of the request (they swap in the answer).
    """

    key: int
    form: Literal["xml", "json"]
    sender: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file the platform must be given before a message that shows it. source: as in `MediaContent`."""

    kind: Literal["image", "video", "file"]
    source: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one envelope held. `slot` is None where the platform takes no passive answer."""

    inbound: tuple[Inbound, ...] = ()
    doorbells: tuple[Doorbell | ArchiveBell, ...] = ()
    slot: ReplySlot | None = None


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of a platform's API, as data. `name` is the rate-limit and metrics key.

    path: e.g. "/cgi-bin/kf/send_msg". repeatable: may be repeated after an ambiguous failure
    because the platform recognises the repeat (it carries a msgid) or repeating does no harm.
    """

    name: str
    path: str
    json: Mapping[str, object] | None = None
    query: Mapping[str, str] | None = None
    method: Literal["GET", "POST"] = "POST"
    repeatable: bool = False


class Channel(Protocol):
    """One platform. Instances hold their secrets and nothing else; they are safe to share."""

    @property
    def kind(self) -> ChannelKind:
        """Which platform this is."""
        ...

    def handshake(self, query: Mapping[str, str], now: datetime) -> str:
        """Answer the platform's URL verification (GET). Raises BadSignature, BadPayload."""
        ...

    def parse(self, envelope: Envelope) -> Delivery:
        """Verify, decrypt, parse; our own echoes are dropped. Raises only BadSignature, BadPayload."""
        ...

    def acknowledge(self) -> str:
        """The response body that means "got it, nothing to say"."""
        ...

    def split(self, content: Content) -> tuple[Content, ...]:
        """Cut content into messages that fit the platform's limits, at sentence borders."""
        ...

    def needs(self, content: Content) -> Upload | None:
        """What must be uploaded before one (already split) message can be sent; None where nothing is missing."""
        ...

    def build_send(self, address: Address, content: Content, msgid: str) -> ApiCall:
        """The API call that sends one (already split) message. Raises ValueError if it cannot fit."""
        ...


@runtime_checkable
class AnswersInline(Protocol):
    """A channel that can also answer inside the response to the callback (passive answering)."""

    def render_passive(self, slot: ReplySlot, content: Content, now: datetime) -> str:
        """The response body that carries `content` to the customer."""
        ...
