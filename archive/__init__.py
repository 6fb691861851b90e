"""What was said, may we use it, and what does it teach? First: one transcript of all that was said, sealed.

Front door: `Archive` (append, transcript, of_customer, search, settle, remove), `Entry`, `Vault` over `KeyRing`,
`Rotation` of its keys, `expire`, `export`, `mask`, `define_tables`. Each room behind it has a door of its own:
`archive.finance` (WeCom's session archive comes in), `archive.history` (files do), `archive.consent` (may we use it),
`archive.sentiment` and `archive.words` (how a text feels, what it is about), `archive.analysis` (sessions, findings,
reports), `archive.tagging` (customers' tags), `archive.playback` (sessions found and read), `archive.reviews` (people
judge them).
"""

from archive.entry import Entry, Voice, opened, sealed_of
from archive.errors import ArchiveError, KeyLost, KeyRingBroken, Unsealable
from archive.exporting import Exported, May, export, nobody_agreed
from archive.masking import KINDS as MASKED_KINDS
from archive.masking import Span, mask
from archive.record import Archive
from archive.retention import Expired, Retention, expire
from archive.ring import KeyRing, new_secret
from archive.rotation import Rotation
from archive.sealing import DataKey
from archive.search import Page, Query, Saying
from archive.tables import ArchiveTables, Sealed, define_tables
from archive.vault import Vault, subject_of

__all__ = [
    "MASKED_KINDS",
    "Archive",
    "ArchiveError",
    "ArchiveTables",
    "DataKey",
    "Entry",
    "Expired",
    "Exported",
    "KeyLost",
    "KeyRing",
    "KeyRingBroken",
    "May",
    "Page",
    "Query",
    "Retention",
    "Rotation",
    "Saying",
    "Sealed",
    "Span",
    "Unsealable",
    "Vault",
    "Voice",
    "define_tables",
    "expire",
    "export",
    "mask",
    "new_secret",
    "nobody_agreed",
    "opened",
    "sealed_of",
    "subject_of",
]
