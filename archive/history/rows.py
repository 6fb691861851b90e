"""What does a row of a history file say, and what is wrong with one that cannot be read?"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from importlib.resources import files
from typing import Final

from typing_extensions import override

from archive.entry import Entry, Voice

# As wide as the columns of the archive; a longer value would be cut, and two people become one.
WIDEST: Final = {"account": 32, "customer": 128, "room": 128, "who": 128, "kind": 32, "id": 128}
FUTURE: Final = timedelta(days=1)  # clocks differ; what lies further ahead was not said yet
_ROLES: Final[Mapping[str, Voice]] = {
    word: Voice(voice)
    for voice, words in tomllib.loads(files("archive.history").joinpath("roles.toml").read_text("utf-8")).items()
    for word in words
}
_MILLISECONDS_FROM: Final = 10**11  # a number of seconds that large lies in the year 5138
_KNOWN: Final = frozenset({"account", "customer", "role", "at", "text", "who", "room", "kind", "id"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what a file is. name: of the source ("import:NAME"); account: of rows that name none.

    zone: of times that name none. now: nothing was said after it.
    """

    name: str
    account: str
    zone: tzinfo
    now: datetime

    @property
    def source(self) -> str:
        """The source of its entries."""
        return f"import:{self.name}"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out. row: 1-based line of the file. message: what is wrong, and what to do."""

    row: int
    message: str

    @override
    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"


def entry_of(fields: Mapping[str, object], row: int, origin: Origin) -> Entry | RowProblem:
    """The entry of a row's fields: customer, role, at, text; perhaps account, who, room, kind, id."""
    try:
        return _entry(fields, origin)
    except _Wrong as wrong:
        return RowProblem(row, str(wrong))


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    pass


def _entry(fields: Mapping[str, object], origin: Origin) -> Entry:
    if strangers := sorted(set(fields) - _KNOWN):
        raise _Wrong(f"no field is called {strangers[0]!r}; there are {', '.join(sorted(_KNOWN))}")
    account = _text(fields, "account") or origin.account
    customer, room = _text(fields, "customer"), _text(fields, "room")
    if not account:
        raise _Wrong("account is missing; add it, or give --account for all rows")
    if not customer:
        raise _Wrong("customer is missing; give each customer an id, the same in all rows")
    role = _text(fields, "role").lower()
    voice = _ROLES.get(role)
    if voice is None:
        raise _Wrong(f"role {role[:20]!r} is unknown; write customer, agent, servicer, bot or system")
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _Wrong("text is missing or empty; write what was said, or leave the row out")
    at = _moment(fields.get("at"), origin)
    entry = Entry(
        source=origin.source,
        source_id=_text(fields, "id"),
        conversation_id=None,
        account=account,
        customer=customer,
        voice=voice,
        kind=_text(fields, "kind") or "text",
        at=at,
        text=text,
        who=_text(fields, "who") if voice is not Voice.CUSTOMER else "",
        room=room,
    )
    return entry if entry.source_id else _with_digest(entry)


def _with_digest(entry: Entry) -> Entry:
    """The entry with an id made of all it says, so that reading the file again finds the same one."""
    said = (entry.account, entry.customer, entry.room, entry.voice.value, entry.who, entry.at.isoformat(), entry.text)
    digest = hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()
    return replace(entry, source_id=digest[:32])


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Wrong(f"{name} must be text; put it in quotes")
    said = str(value).strip()
    if len(said) > WIDEST.get(name, len(said)):
        raise _Wrong(f"{name} has {len(said)} characters, at most {WIDEST[name]} are kept; use a shorter one")
    return said


def _moment(value: object, origin: Origin) -> datetime:
    if value is None or value == "":
        raise _Wrong("at is missing; write when it was said, e.g. 2026-03-02 18:00:05")
    try:
        at = _read_moment(value, origin.zone)
    except (ValueError, OverflowError, OSError) as error:
        raise _Wrong("at cannot be read; write e.g. 2026-03-02 18:00:05, or seconds since 1970") from error
    if at > origin.now + FUTURE:
        raise _Wrong("at lies in the future; check the year, and whether seconds were taken for milliseconds")
    return at


def _read_moment(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, str) and not value.strip().isdigit():
        said = datetime.fromisoformat(value.strip().replace("/", "-"))
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("no moment")  # noqa: TRY004 - as for every other value that is none
    number = float(value)
    return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
