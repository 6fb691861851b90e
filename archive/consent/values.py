"""What do we say about consent: who, how she stands, since when, and how we know?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from archive.entry import Entry

ARCHIVE_SOURCE: Final = "wecom_archive"  # what the Finance SDK brings
IMPORT_PREFIX: Final = "import:"
EVERYWHERE: Final = ""  # a counterpart: whoever it is


class Consent(StrEnum):
    """How a person stands to what is kept of her; the first three in the platform's words (wechat-platform §5.1)."""

    AGREE = "Agree"
    DISAGREE = "Disagree"
    DEFAULT_AGREE = "Default_Agree"  # she was told and said nothing: not the same as a yes
    WITHDRAWN = "Withdrawn"  # she took back what she had agreed to, or the contract ended


class Gate(StrEnum):
    """What is to be done with her words."""

    STORE = "store"
    ANALYSE = "analyse"
    TRAIN = "train"  # and export


class Provenance(StrEnum):
    """By which way words came: each has legal bases of its own."""

    ARCHIVE = "archive"  # WeCom's session archive
    SERVICE = "service"  # 微信客服, official accounts, what we sent
    IMPORT = "imported"  # history from a file


@dataclass(frozen=True, slots=True)
class Party:
    """Whose words they are and with whom they were exchanged.

    customer: "" for what staff says to a whole group. counterpart: a member's userid, or a group's id, "" for the shop.
    is_group: whether it is a group's.
    """

    account: str
    customer: str
    counterpart: str
    provenance: Provenance
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Somebody said how she stands. counterpart: the member's userid, or the group's id; "": towards all of the shop.

    changed_at: when she said so. source: how we know: poll | event | archive_message | operator | customer.
    """

    account: str
    customer: str
    counterpart: str
    status: Consent
    changed_at: datetime
    source: str


def provenance_of(source: str) -> Provenance:
    """By which way an entry of this source came."""
    if source == ARCHIVE_SOURCE:
        return Provenance.ARCHIVE
    return Provenance.IMPORT if source.startswith(IMPORT_PREFIX) else Provenance.SERVICE


def party_of(entry: Entry) -> Party:
    """Whose words an entry holds, and towards whom."""
    provenance = provenance_of(entry.source)
    if provenance is not Provenance.ARCHIVE:
        return Party(entry.account, entry.customer, EVERYWHERE, provenance)
    counterpart = entry.room or entry.who
    if not counterpart:
        to = entry.body.get("to")
        named = [str(each) for each in to if each != entry.customer] if isinstance(to, list | tuple) else []
        counterpart = named[0] if named else EVERYWHERE
    return Party(entry.account, entry.customer, counterpart, provenance, bool(entry.room))
