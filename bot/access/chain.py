"""How does each row of the audit log vouch for all before it? By a hash over its content and the hash before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

BEGINNING: Final = "0" * 64  # what the first row names as the hash before it


@dataclass(frozen=True, slots=True)
class Record:
    """One row. number: from 1, without gaps. at: UTC, whole milliseconds. object: what it was done to, "" if nothing.

    previous, hash: hexadecimal SHA-256.
    """

    number: int
    at: datetime
    who: str
    action: str
    object: str
    reason: str
    address: str
    previous: str = BEGINNING
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not fit. why: "gap" (a number is missing), "link" (the hash before), "content"."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain is whole: the number and hash of its last row. Noted elsewhere, it betrays rows cut off."""

    number: int = 0
    hash: str = BEGINNING


def hash_of(record: Record) -> str:
    """SHA-256 of the previous hash and the content as canonical JSON: an array, no spaces, UTF-8."""
    content = [
        record.number, round(record.at.timestamp() * 1000), record.who, record.action, record.object, record.reason,
        record.address,
    ]  # fmt: skip
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{record.previous}\n{canonical}".encode()).hexdigest()


def follow(head: Head, records: Iterable[Record]) -> Head | Broken:
    """Go on from `head` along these rows, in order."""
    for record in records:
        if record.number != head.number + 1:
            return Broken(head.number + 1, "gap")
        if record.previous != head.hash:
            return Broken(record.number, "link")
        if record.hash != hash_of(record):
            return Broken(record.number, "content")
        head = Head(record.number, record.hash)
    return head
