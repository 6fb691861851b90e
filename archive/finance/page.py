"""What does a page of GetChatData hold? Envelopes of messages still sealed, each checked before anybody trusts it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from archive.finance.errors import PageUnreadable, SdkRefused

MSGID_CHARS = 128  # what the archive keeps of an id at the source
LARGEST_SEQ = 2**63 - 1  # of a database's integers; the platform counts in 64 bits


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """One sealed message. random_key, message: base64, as they came."""

    seq: int
    msgid: str
    version: int
    random_key: str
    message: str


@dataclass(frozen=True, slots=True, repr=False)
class PutAside:
    """What cannot be opened now, kept with its ciphertext. reason: as in codes.toml; code: the SDK's, or 0."""

    envelope: Envelope
    reason: str
    code: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class SealedPage:
    """One page by seq. broken: entries that are no envelopes. size: how many entries the platform sent."""

    envelopes: tuple[Envelope, ...]
    broken: tuple[PutAside, ...]
    size: int

    @property
    def last_seq(self) -> int:
        """The highest seq it holds, 0 if none."""
        return max((each.seq for each in (*self.envelopes, *(aside.envelope for aside in self.broken))), default=0)


def read_page(raw: bytes) -> SealedPage:
    """Read a page [W 91774]. Raises PageUnreadable where it is none, SdkRefused where it carries an errcode."""
    try:
        # strict=False: control characters do come inside strings (wechat-platform §5.2)
        document = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        raise PageUnreadable("not JSON") from None
    if not isinstance(document, Mapping):
        raise PageUnreadable("not an object")
    code = document.get("errcode", 0)
    if code != 0:
        raise SdkRefused(code if isinstance(code, int) else 0)
    entries = document.get("chatdata", [])
    if not isinstance(entries, list):
        raise PageUnreadable("chatdata is not a list")
    envelopes: list[Envelope] = []
    broken: list[PutAside] = []
    seq = 0
    for entry in entries:
        envelope = _envelope(entry)
        if envelope is None:
            envelope = _as_it_came(entry, seq)
            broken.append(PutAside(envelope, "malformed"))
        else:
            envelopes.append(envelope)
        seq = envelope.seq
    return SealedPage(tuple(sorted(envelopes, key=lambda each: each.seq)), tuple(broken), len(entries))


def _envelope(entry: object) -> Envelope | None:
    match entry:
        case {
            "seq": int(seq),
            "msgid": str(msgid),
            "publickey_ver": int(version),
            "encrypt_random_key": str(random_key),
            "encrypt_chat_msg": str(message),
        } if 0 < seq <= LARGEST_SEQ and 0 < len(msgid) <= MSGID_CHARS and 0 <= version <= LARGEST_SEQ:
            is_storable = all(_is_storable(text) for text in (msgid, random_key, message))
            return Envelope(seq, msgid, version, random_key, message) if is_storable else None
        case _:
            return None


def _is_storable(text: str) -> bool:
    """Neither NUL nor anything that has no UTF-8: ids and base64 are ASCII."""
    return text.isascii() and "\0" not in text


def _as_it_came(entry: object, seq: int) -> Envelope:
    """Something in the place of an envelope, whole, under a name made of it; after the last seq if it has none."""
    raw = json.dumps(entry)
    own = entry.get("seq") if isinstance(entry, Mapping) else None
    usable = isinstance(own, int) and not isinstance(own, bool) and 0 < own <= LARGEST_SEQ
    return Envelope(
        seq=own if usable and isinstance(own, int) else seq,
        msgid=f"malformed-{hashlib.sha256(raw.encode()).hexdigest()}",
        version=0,
        random_key="",
        message=raw,
    )
