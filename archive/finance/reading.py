"""What does a decrypted message mean: who said what to whom, and does it take something back or agree to something?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from archive.entry import Entry, Voice
from archive.finance.kinds import KINDS, Shown, fields_of, say_switched, show

SOURCE: Final = "wecom_archive"
ID_CHARS = 128  # what the archive keeps of a person's or a group's id
EXTERNAL = "_external"  # ending of the msgid of a chat with people outside (§5.2)
SKEW = timedelta(minutes=5)  # their clock and ours need not agree to the second
_OUTSIDER = re.compile(r"w[mo][\w-]{20,}")  # longer than any userid that happens to begin so
_ROBOT = re.compile(r"wb[\w-]{10,}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # nobody sees them, and no database keeps all
_SECONDS = 10**11  # a smaller time counts seconds, a larger one milliseconds: both are met
_EARLIEST = datetime(2016, 1, 1, tzinfo=UTC)  # before WeCom there was nothing to archive


class Consent(StrEnum):
    """How a person stands to being archived, in the platform's words."""

    AGREE = "Agree"
    DISAGREE = "Disagree"


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Somebody said yes or no to being archived. counterpart: the member's userid, or the group's id.

    source: how we know: "archive_message", or "event" for msg_audit_approved.
    """

    account: str
    customer: str
    counterpart: str
    status: Consent
    changed_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a message. part: its place in it; seconds: of voice and video, where told."""

    part: int
    kind: str
    file_id: str
    md5: str
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """One message, understood. entry: what is said, None for what only takes something back.

    internal: no customer is part of it. recalls: msgid of the message it takes back, "" if none.
    """

    entry: Entry | None
    internal: bool = False
    recalls: str = ""
    fact: ConsentFact | None = None
    files: tuple[FilePart, ...] = ()


class Unreadable(Exception):  # noqa: N818 - reads as the fact it is
    """What was decrypted is no message."""


def read_message(account: str, msgid: str, plain: bytes, *, now: datetime) -> Heard:
    """Read one message (§5.3). What we do not know is kept whole, as kind "unknown". Raises Unreadable.

    A message of the future, or of a time before WeCom, is dated `now`; body["told_at"] keeps what it said.
    """
    message = _parsed(plain)
    at, told = _when(message.get("msgtime", message.get("time")), now)
    if message.get("action") == "switch":
        return _switched(account, msgid, message, at)
    msgtype = str(message.get("msgtype", ""))
    if msgtype == "revoke":
        return Heard(None, recalls=_id(fields_of("revoke", message).get("pre_msgid")))
    speaker, others, room = _id(message.get("from")), _ids(message.get("tolist")), _id(message.get("roomid"))
    outsiders = [each for each in (speaker, *others) if _OUTSIDER.fullmatch(each)]
    customer = speaker if _OUTSIDER.fullmatch(speaker) else "" if room else next(iter(outsiders), "")
    shown = show(msgtype, message)
    files = _files(shown)
    entry = Entry(
        source=SOURCE,
        source_id=msgid,
        conversation_id=None,
        account=account,
        customer=customer,
        voice=_voice(speaker, customer),
        kind=shown.kind,
        at=at,
        text=shown.text,
        who="" if speaker == customer or _ROBOT.fullmatch(speaker) else speaker,
        body={**_body(msgtype, shown, files), **({} if room else {"to": others}), **told},
        room=room,
    )
    fact = _fact(message, msgtype, entry, others=others, now=now)
    return Heard(entry, internal=not outsiders and not msgid.endswith(EXTERNAL), fact=fact, files=files)


def consent_entry(fact: ConsentFact, source_id: str) -> Entry:
    """How the transcript keeps a fact that came by itself (an event, not a message)."""
    name = "agree" if fact.status is Consent.AGREE else "disagree"
    return Entry(
        source=SOURCE,
        source_id=source_id,
        conversation_id=None,
        account=fact.account,
        customer=fact.customer,
        voice=Voice.SYSTEM,
        kind=KINDS[name],
        at=fact.changed_at,
        text=show(name, {}).text,
        body={"to": [fact.counterpart]},
    )


def _parsed(plain: bytes) -> Mapping[str, object]:
    try:
        # strict=False: control characters do come inside strings (§5.2)
        message = json.loads(plain.decode("utf-8", "replace"), strict=False)
        message = _cleaned(message)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(message, dict):
        raise Unreadable("not an object")
    return message


def _cleaned(value: object) -> object:
    """The same without characters that nobody sees. Raises RecursionError where it is nested without end."""
    match value:
        case str():
            return _UNSEEN.sub("", value)
        case dict():
            return {_UNSEEN.sub("", key): _cleaned(inner) for key, inner in value.items()}
        case list():
            return [_cleaned(inner) for inner in value]
        case _:
            return value


def _when(value: object, now: datetime) -> tuple[datetime, dict[str, object]]:
    """When it was said, and what to note where that cannot be."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            at = datetime.fromtimestamp(value if value < _SECONDS else value / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return now, {"told_at": str(value)}
        if _EARLIEST <= at <= now + SKEW:
            return min(at, now), {}
    return now, {"told_at": str(value)}


def _switched(account: str, msgid: str, message: Mapping[str, object], at: datetime) -> Heard:
    """A member went to another corp: why she is silent for a while."""
    entry = Entry(
        source=SOURCE,
        source_id=msgid,
        conversation_id=None,
        account=account,
        customer="",
        voice=Voice.SYSTEM,
        kind="switch",
        at=at,
        text=say_switched(),
        who=_id(message.get("user")),
    )
    return Heard(entry)


def _voice(speaker: str, customer: str) -> Voice:
    if customer and speaker == customer:
        return Voice.CUSTOMER
    return Voice.BOT if _ROBOT.fullmatch(speaker) else Voice.SERVICER


def _body(msgtype: str, shown: Shown, files: tuple[FilePart, ...]) -> dict[str, object]:
    body: dict[str, object] = {"msgtype": msgtype}
    if msgtype != "text":
        body["fields"] = dict(shown.fields)
    if files:
        body["media"] = [{"part": each.part, "kind": each.kind, "file_id": each.file_id} for each in files]
    return body


def _files(shown: Shown) -> tuple[FilePart, ...]:
    return tuple(
        FilePart(
            part=part,
            kind=KINDS.get(msgtype, "unknown"),
            file_id=str(fields["sdkfileid"]),
            md5=str(fields.get("md5sum") or ""),
            size=_size(fields.get("filesize", fields.get("voice_size", fields.get("imagesize")))),
        )
        for part, (msgtype, fields) in enumerate(shown.files)
    )


def _fact(
    message: Mapping[str, object], msgtype: str, entry: Entry, *, others: list[str], now: datetime
) -> ConsentFact | None:
    if msgtype not in ("agree", "disagree"):
        return None
    fields = fields_of(msgtype, message)
    customer = _id(fields.get("userid")) or entry.customer
    counterpart = entry.room or next((each for each in (entry.who, *others) if each and each != customer), "")
    told = fields.get(f"{msgtype}_time")
    at = entry.at if told is None else _when(told, now)[0]
    status = Consent.AGREE if msgtype == "agree" else Consent.DISAGREE
    return ConsentFact(entry.account, customer, counterpart, status, at, "archive_message")


def _ids(value: object) -> list[str]:
    return [found for each in value if (found := _id(each))] if isinstance(value, list) else []


def _id(value: object) -> str:
    """An id as text. Raises Unreadable where it is longer than any."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if len(text) > ID_CHARS:
        raise Unreadable("an id is too long")
    return text


def _size(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
