"""What does a decrypted message mean: who said what to whom, and does it take something back or agree to something?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.consent.values import Consent, ConsentFact
from archive.entry import Entry, Voice
from archive.finance.kinds import KINDS, Shown, fields_of, say_switched, show
from archive.finance.people import EXTERNAL, SOURCE, Unreadable, id_in, ids_in, is_outsider, is_robot, voice_of

SKEW = timedelta(minutes=5)  # their clock and ours need not agree to the second
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # nobody sees them, and no database keeps all
DEEPEST_JSON = 64  # far above any message of the platform's, far below what Python bears
LARGEST_SIZE = 2**62  # of a file, as told: databases count in 64 bits
_SECONDS = 10**11  # a smaller time counts seconds, a larger one milliseconds: both are met
_EARLIEST = datetime(2016, 1, 1, tzinfo=UTC)  # before WeCom there was nothing to archive


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
        return Heard(None, recalls=id_in(fields_of("revoke", message).get("pre_msgid")))
    speaker, others, room = id_in(message.get("from")), ids_in(message.get("tolist")), id_in(message.get("roomid"))
    outsiders = [each for each in (speaker, *others) if is_outsider(each)]
    customer = speaker if is_outsider(speaker) else "" if room else next(iter(outsiders), "")
    shown = show(msgtype, message)
    files = _files(shown)
    entry = Entry(
        source=SOURCE,
        source_id=msgid,
        conversation_id=None,
        account=account,
        customer=customer,
        voice=voice_of(speaker, customer),
        kind=shown.kind,
        at=at,
        text=shown.text,
        who="" if speaker == customer or is_robot(speaker) else speaker,
        body={**_body(msgtype, shown, files), **({} if room else {"to": others}), **told},
        room=room,
    )
    fact = _fact(message, msgtype, entry, others=others, now=now)
    return Heard(entry, internal=not outsiders and not msgid.endswith(EXTERNAL), fact=fact, files=files)


def _parsed(plain: bytes) -> Mapping[str, object]:
    try:
        # strict=False: control characters do come inside strings (§5.2)
        # NaN and its like are no JSON, and databases keep none
        message = json.loads(plain.decode("utf-8", "replace"), strict=False, parse_constant=lambda _: None)
        message = _cleaned(message, DEEPEST_JSON)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(message, dict):
        raise Unreadable("not an object")
    return message


def _cleaned(value: object, depth: int) -> object:
    """The same without characters that nobody sees. Raises Unreadable where it is nested deeper than `depth`."""
    match value:
        case str():
            return _UNSEEN.sub("", value)
        case dict() | list() if depth == 0:
            raise Unreadable("nested too deeply")
        case dict():
            return {_UNSEEN.sub("", key): _cleaned(inner, depth - 1) for key, inner in value.items()}
        case list():
            return [_cleaned(inner, depth - 1) for inner in value]
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
        who=id_in(message.get("user")),
    )
    return Heard(entry)


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
    customer = id_in(fields.get("userid")) or entry.customer
    counterpart = entry.room or next((each for each in (entry.who, *others) if each and each != customer), "")
    told = fields.get(f"{msgtype}_time")
    at = entry.at if told is None else _when(told, now)[0]
    status = Consent.AGREE if msgtype == "agree" else Consent.DISAGREE
    return ConsentFact(entry.account, customer, counterpart, status, at, "archive_message")


def _size(value: object) -> int:
    return min(value, LARGEST_SIZE) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
