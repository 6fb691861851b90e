"""What was said, may we use it, and what does it teach? First: one transcript of all that was said, sealed.

Front door: `Archive` (append, transcript, of_customer, fresh, settle, erase), `Entry`, `Vault` over a `KeyRing`,
`define_tables`.
"""

from archive.entry import Entry, Voice, opened, sealed_of
from archive.errors import ArchiveError, KeyLost, KeyRingBroken, Unsealable
from archive.record import Archive, Erased
from archive.ring import KeyRing, new_secret
from archive.sealing import DataKey
from archive.search import Page, Query
from archive.tables import ArchiveTables, define_tables
from archive.vault import Vault, subject_of

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveTables",
    "DataKey",
    "Entry",
    "Erased",
    "KeyLost",
    "KeyRing",
    "KeyRingBroken",
    "Page",
    "Query",
    "Unsealable",
    "Vault",
    "Voice",
    "define_tables",
    "new_secret",
    "opened",
    "sealed_of",
    "subject_of",
]
